"""Energy of rows of files, for those who ask what a row amounts to."""

import polars as pl

from carbon.accounting.sums import known_sum_by

ROW = ("evidence_id", "row_number", "resource", "workload")


def by_row(lines: pl.DataFrame) -> pl.DataFrame:
    """Facility energy and location-based emissions of each row of a file and workload.

    Args:
        lines: `FootprintLine` rows.

    Returns:
        The columns of ROW, kwh [kWh] and kg [kgCO2e] (null where not known), accelerator (as the
        library names it), first and last month (YYYY-MM).
    """
    named = lines.sort("line_id").rename({"energy_facility_kwh": "kwh", "location_kg": "kg"})
    about = named.group_by(ROW, maintain_order=True).agg(
        pl.col("accelerator").drop_nulls().first(),
        first_month=pl.col("month").min(),
        last_month=pl.col("month").max(),
    )
    return known_sum_by(named, ROW, ["kwh", "kg"]).join(
        about, on=ROW, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
    )
