"""A part of a year -> what the whole year would be, by the index instead of by hours alone.

    L            = sum over observed months of w x EF / S       level without season, w = energy
    seasonal     = actual + sum over unobserved months of E x L x S
    naive        = actual x hours of the year / hours observed
    bias         = mean of S over the observed months, by hours

What bears no season (annual factors, rows with factors of their own, zones without an index) is
annualised by hours in both. The result is normalised: it is an estimate of a year and no total of
an inventory. Months that were observed count as they are; no index touches them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.accounting.sums import ordered_sum, sum_by
from carbon.analysis.seasonal_cells import INDEXED, with_index
from carbon.analysis.seasonal_index import SERIES, Indices
from carbon.analysis.windows import Window

PART: Final = (*SERIES, "treatment")
"""What is annualised on its own."""

FIGURES: Final = (
    "actual_kg",
    "annualised_naive_kg",
    "annualised_seasonal_kg",
    "annualised_low_kg",
    "annualised_high_kg",
)


@dataclass(frozen=True)
class Annualised:
    """Twelve months from the part of them that was observed; normalised, never a total.

    Attributes:
        parts: PART, kwh (observed) [kWh], level [kgCO2e/kWh without season], bias [1] and FIGURES
            [kgCO2e], one row a zone, publisher and treatment. Low and high are what the index of
            each single year alone would give.
        figures: FIGURES of all parts together [kgCO2e].
        bias: what the observed months lie above their year, weighed by what each part emits in a
            year without season [1]; 1 where nothing is indexed.
    """

    parts: pl.DataFrame
    figures: dict[str, float]
    bias: float


def annualise(
    cells: pl.DataFrame,
    indices: Indices,
    window: Window,
    volumes: Mapping[str, float] | None = None,
) -> Annualised:
    """Annualise by zone, with the index where one applies and by hours elsewhere.

    Args:
        cells: as `seasonal_cells` gives them, of the observed part of the window.
        indices: as `seasonal_index` gives them.
        window: the twelve months and their observed hours.
        volumes: month -> activity (requests, tokens, any one unit), of all twelve months; the
            unobserved months then take energy by activity. None: energy flat by hours.

    Raises:
        ValueError: nothing was observed, or volumes are missing for a month or are 0 in all
            observed ones.
    """
    if window.observed <= 0:
        raise ValueError(f"no hour of {window.label} is observed: there is nothing to annualise")
    shares = _energy_shares(window, volumes)
    scale = window.hours / window.observed
    level = (
        with_index(cells, indices)
        .group_by(PART, maintain_order=True)
        .agg(
            kwh=ordered_sum(pl.col("kwh")),
            actual_kg=ordered_sum(pl.col("kg")),
            # kg / S = energy x EF / S, summed and divided by the energy: the level.
            _kg=ordered_sum(pl.col("kg") / pl.col("index")),
        )
        .with_columns(level=pl.when(pl.col("kwh") > 0).then(pl.col("_kg") / pl.col("kwh")))
    )
    parts = level.join(
        _seasons(indices.rows, window, shares),
        on=SERIES,
        how="left",
        validate="m:1",
        nulls_equal=True,
        maintain_order="left",
    )
    indexed = pl.col("treatment") == INDEXED
    flat = float(shares["share"].sum())
    ahead = pl.when(indexed).then(pl.col("_ahead")).otherwise(flat)
    parts = parts.with_columns(
        bias=pl.when(indexed).then("_bias").otherwise(1.0),
        annualised_naive_kg=pl.col("actual_kg") * scale,
        # Energy ahead = observed energy x share; times the level and the season of each month.
        annualised_seasonal_kg=pl.when(indexed | pl.lit(volumes is not None))
        .then(pl.col("actual_kg") + pl.col("_kg") * ahead)
        .otherwise(pl.col("actual_kg") * scale),
    )
    parts = parts.join(
        _range(cells, indices, window, shares),
        on=PART,
        how="left",
        validate="1:1",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns(
        annualised_low_kg=pl.min_horizontal("annualised_seasonal_kg", "_low"),
        annualised_high_kg=pl.max_horizontal("annualised_seasonal_kg", "_high"),
    )
    weight = float(parts["_kg"].sum())
    biased = float((parts["_kg"] * parts["bias"]).sum())
    return Annualised(
        parts.select(*PART, "kwh", "level", "bias", *FIGURES).sort(PART, nulls_last=True),
        {name: float(parts[name].sum()) for name in FIGURES},
        biased / weight if weight > 0 else 1.0,
    )


def _energy_shares(window: Window, volumes: Mapping[str, float] | None) -> pl.DataFrame:
    """Energy of each month's unobserved part, as a share of all energy observed: month, share."""
    ahead = pl.col("hours") - pl.col("observed")
    if volumes is None:
        return window.months.select("month", share=ahead / window.observed)
    missing = [month for month in window.months["month"] if month not in volumes]
    if missing:
        raise ValueError(f"no volume is given for {missing[0]}; give one for each month")
    months = window.months.with_columns(
        volume=pl.col("month").replace_strict(dict(volumes), return_dtype=pl.Float64)
    )
    seen = float((months["volume"] * months["observed"] / months["hours"]).sum())
    if seen <= 0:
        raise ValueError("the volumes of the observed months are 0: energy has nothing to follow")
    return months.select("month", share=pl.col("volume") * ahead / pl.col("hours") / seen)


def _seasons(rows: pl.DataFrame, window: Window, shares: pl.DataFrame) -> pl.DataFrame:
    """Of each index: _bias, its mean over the observed hours, and _ahead, sum of share x S."""
    months = window.months.join(shares, on="month", validate="1:1").with_columns(
        calendar=pl.col("month").str.slice(5, 2).cast(pl.Int64)
    )
    joined = rows.rename({"month": "calendar"}).join(
        months, on="calendar", how="inner", validate="m:1", maintain_order="left"
    )
    season, observed = pl.col("index"), pl.col("observed")
    return joined.group_by(SERIES, maintain_order=True).agg(
        _bias=ordered_sum(season * observed) / window.observed,
        _ahead=ordered_sum(season * pl.col("share")),
    )


def _range(
    cells: pl.DataFrame, indices: Indices, window: Window, shares: pl.DataFrame
) -> pl.DataFrame:
    """The least and the greatest annual figure that the index of one year alone would give."""
    calendar = pl.col("month").str.slice(5, 2).cast(pl.Int64)
    years = indices.by_year.rename({"month": "calendar", "ratio": "index"})
    months = window.months.join(shares, on="month", validate="1:1").with_columns(calendar=calendar)
    ahead = (
        years.join(months, on="calendar", how="inner", validate="m:1", maintain_order="left")
        .group_by(*SERIES, "year", maintain_order=True)
        .agg(_ahead=ordered_sum(pl.col("index") * pl.col("share")))
    )
    indexed = sum_by(
        cells.filter(pl.col("treatment") == INDEXED).with_columns(calendar=calendar),
        [*PART, "calendar"],
        ["kg"],
    )
    figures = (
        indexed.join(years, on=[*SERIES, "calendar"], how="inner", maintain_order="left")
        .group_by(*PART, "year", maintain_order=True)
        .agg(_actual=ordered_sum(pl.col("kg")), _level=ordered_sum(pl.col("kg") / pl.col("index")))
        .join(ahead, on=[*SERIES, "year"], how="left", validate="m:1", maintain_order="left")
        .with_columns(_figure=pl.col("_actual") + pl.col("_level") * pl.col("_ahead"))
    )
    return figures.group_by(PART, maintain_order=True).agg(
        _low=pl.col("_figure").min(), _high=pl.col("_figure").max()
    )
