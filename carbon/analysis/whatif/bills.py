"""What bills state of load, shared out among its rows."""

import numpy as np
import polars as pl

from carbon.analysis.whatif.grids import Array, codes, grids


def billed(
    costs: pl.DataFrame | None, rows: pl.DataFrame, months: tuple[str, ...], facility: Array
) -> tuple[Array, Array, str | None]:
    """What bills state of each row, shared out among the rows of a workload and place by energy."""
    cost, cost_kwh = np.zeros(facility.shape), np.zeros(facility.shape)
    if costs is None or costs.is_empty():
        return cost, cost_kwh, None
    currencies = (
        costs["currency"]
        .drop_nulls()
        .value_counts(sort=True)
        .sort("count", "currency", descending=[True, False])
    )
    currency = None if currencies.is_empty() else str(currencies["currency"][0])
    counted = costs.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    key = ["workload", "provider", "region"]
    groups = rows.select(key).unique().sort(key, nulls_last=True).with_row_index("_group")
    at = (
        rows.join(
            groups, on=key, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
        )["_group"]
        .to_numpy()
        .astype(np.int64)
    )
    placed = counted.join(
        groups, on=key, how="inner", validate="m:1", nulls_equal=True, maintain_order="left"
    )
    placed = placed.with_columns(_month=codes(placed["month"], list(months)), _row="_group")
    placed = placed.filter(pl.col("_month") >= 0)
    stated = grids(placed, ("cost",), (groups.height, len(months)))["cost"]
    energy = np.zeros(stated.shape)
    np.add.at(energy, at, facility)
    priced = (stated != 0)[at] & (energy[at] > 0)
    share = np.divide(facility, energy[at], out=np.zeros(facility.shape), where=priced)
    return stated[at] * share, np.where(priced, facility, 0.0), currency
