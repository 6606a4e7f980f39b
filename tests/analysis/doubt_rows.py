"""Parts of a sum by hand, as `analysis.parts.parts` gives them."""

import polars as pl

COLUMNS = {
    "workload": pl.String,
    "energy_gsd2": pl.Float64,
    "factor": pl.String,
    "factor_gsd2": pl.Float64,
    "pue": pl.String,
    "pue_gsd2": pl.Float64,
    "embodied": pl.String,
    "embodied_gsd2": pl.Float64,
    "tier": pl.String,
    "kg": pl.Float64,
    "kwh": pl.Float64,
}


def part(kg: float, **columns: object) -> dict[str, object]:
    """A part: T5 unless told otherwise, and certain of all that is not named."""
    return {**dict.fromkeys(COLUMNS), "workload": "w", "tier": "T5", "kg": kg, "kwh": kg, **columns}


def parts(*rows: dict[str, object]) -> pl.DataFrame:
    """Parts as a frame, with a column `all` of one group."""
    extra = {key: pl.String for row in rows for key in row if key not in COLUMNS}
    return pl.DataFrame(list(rows), schema={**COLUMNS, **extra}).with_columns(all=pl.lit("all"))
