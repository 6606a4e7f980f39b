"""What a period shows of each workload: energy, emissions and work, as a decomposition takes them.

A period is that of any footprint, today's or a frozen one. Everything is summed over the period by
workload and grid zone; work (requests, tokens, runs, accelerator-hours) by workload.
"""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from carbon.accounting.result import Footprint
from carbon.accounting.sums import known_sum_by, sum_by
from carbon.accounting.training import of_training

UNITS: Final = ("requests", "output_tokens", "runs", "accelerator_hours", "energy")
"""What work is counted in, the first that both periods know; energy where neither knows any."""

NO_ZONE: Final = ""
"""The zone of what has none: its factor stands on its row."""

CELL: Final = (
    *("it_kwh", "facility_kwh", "whole_kwh"),
    *("location_kwh", "location_kg", "market_kwh", "market_kg"),
)
"""Sums of a workload in a zone: IT energy, facility energy, that of meters whose IT energy is not
known, and of each method the energy that found a factor [kWh] and the emissions [kgCO2e]."""

_KG: Final = ("location_kg", "market_kg")


@dataclass(frozen=True)
class Period:
    """A footprint, the months of it that are meant, and what was served in them.

    Attributes:
        footprint: the whole, or at least these months, in scope or not.
        month_from: first month, YYYY-MM.
        month_to: last month, YYYY-MM.
        usage: requests and tokens as `carbon.accounting.usage.usage` gives them; other months play
            no part.
    """

    footprint: Footprint
    month_from: str
    month_to: str
    usage: pl.DataFrame = field(default_factory=pl.DataFrame)

    def lines(self, scope: str) -> pl.DataFrame:
        """Its footprint lines, inside the boundary or all, in order."""
        lines = self.within(self.footprint.lines)
        return lines.filter("in_scope") if scope == "in" else lines

    def within(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame whose month is one of its."""
        month = pl.col("month")
        return frame.filter(month >= self.month_from, month <= self.month_to)

    def days(self) -> int:
        """Calendar days from the first of its first month to the last of its last."""
        ends = pl.Series([f"{self.month_from}-01", f"{self.month_to}-01"]).str.to_date()
        return int((ends.dt.month_end()[1] - ends[0]).days) + 1


@dataclass(frozen=True)
class Observed:
    """The sums of a period.

    Attributes:
        cells: workload, zone and CELL, one row each, sorted.
        work: workload, unit (one of UNITS, without energy), amount, and behind [1]: the share of
            the workload's energy behind which that work is known; sorted.
        by_category: scope_category, location_kg and market_kg, sorted.
        beyond: workloads with energy outside the boundary.
        unmeasured: workloads with use of which no energy is known.
    """

    cells: pl.DataFrame
    work: pl.DataFrame
    by_category: pl.DataFrame
    beyond: frozenset[str] = frozenset()
    unmeasured: frozenset[str] = frozenset()

    def categories(self, method: str) -> pl.DataFrame:
        """scope_category and kg [kgCO2e] under a method; null where nothing is known."""
        return self.by_category.select("scope_category", kg=f"{method}_kg")


def observe(period: Period, scope: str = "in", *, days: int | None = None) -> Observed:
    """Sum a period.

    Args:
        period: which lines and which use.
        scope: "in" the declared boundary, or "all".
        days: divide every sum by so many days, so that periods of unequal length compare.

    Raises:
        ValueError: scope is neither of the two.
    """
    if scope not in ("in", "all"):
        raise ValueError(f"scope {scope!r} is not known; use 'in' or 'all'")
    lines = period.lines(scope)
    per = float(days or 1)
    everywhere = period.lines("all")
    inside = lines.select("workload").unique()
    unknown = [everywhere.filter(pl.col("energy_facility_kwh").is_null())["workload"]]
    if period.footprint.unmetered.width:
        unknown.append(period.within(period.footprint.unmetered)["workload"])
    return Observed(
        cells=_cells(lines).with_columns(pl.col(CELL) / per),
        by_category=known_sum_by(lines, ["scope_category"], _KG)
        .with_columns(pl.col(_KG) / per)
        .sort("scope_category"),
        work=_work(lines, period).with_columns(pl.col("amount") / per),
        beyond=frozenset(everywhere.join(inside, on="workload", how="anti")["workload"]),
        unmeasured=frozenset(pl.concat(unknown).drop_nulls()),
    )


def _cells(lines: pl.DataFrame) -> pl.DataFrame:
    kwh, known = pl.col("energy_facility_kwh"), pl.col("energy_it_kwh").is_not_null()
    whole = ~known & (pl.col("component") != "overhead")
    values = {
        "it_kwh": pl.col("energy_it_kwh"),
        "facility_kwh": kwh,
        "whole_kwh": pl.when(whole).then(kwh),
        "location_kwh": pl.when(pl.col("location_kg").is_not_null()).then(kwh),
        "location_kg": pl.col("location_kg"),
        "market_kwh": pl.col("market_kwh_covered"),
        "market_kg": pl.col("market_kg"),
    }
    keys = ["workload", "zone"]
    summed = sum_by(
        lines.select("workload", pl.col("zone").fill_null(NO_ZONE), **values), keys, CELL
    )
    return summed.sort(keys)


def _work(lines: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Work of each workload, with the share of its energy that it stands behind."""
    energy = sum_by(lines, ["workload"], ["energy_facility_kwh"])
    parts = [
        _hours(lines),
        _runs(lines),
        *(_served(lines, period, unit) for unit in ("requests", "output_tokens")),
    ]
    return (
        pl.concat(parts)
        .join(energy, on="workload", how="inner", validate="m:1")
        .filter(pl.col("amount") > 0, pl.col("energy_facility_kwh") > 0)
        .select("workload", "unit", "amount", behind=pl.col("kwh") / pl.col("energy_facility_kwh"))
        .sort("workload", "unit")
    )


def _hours(lines: pl.DataFrame) -> pl.DataFrame:
    """Accelerator-hours; behind them stands the energy of the rows that state them."""
    row = ["evidence_id", "row_number", "month"]
    stated = lines.filter(pl.col("accelerator_hours") > 0).select(row).unique()
    behind = lines.join(stated, on=row, how="semi", maintain_order="left")
    return _as_work(behind, pl.col("accelerator_hours"), "accelerator_hours")


def _runs(lines: pl.DataFrame) -> pl.DataFrame:
    """Runs of training that bear a name; one over two months counts in each by its share."""
    named = of_training(lines).filter(pl.col("run") != pl.col("workload"))
    first = pl.int_range(pl.len()).over("workload", "run", "month") == 0
    share = (pl.col("month_share") * pl.col("assigned_share")).max()
    counted = named.with_columns(_runs=pl.when(first).then(share.over("workload", "run", "month")))
    return _as_work(counted, pl.col("_runs"), "runs")


def _served(lines: pl.DataFrame, period: Period, unit: str) -> pl.DataFrame:
    """Requests or tokens; behind them stands the energy of the months in which they are known."""
    if not period.usage.width:
        return _as_work(lines.clear(), pl.lit(None, pl.Float64), unit)
    key = ["workload", "month"]
    amount = sum_by(
        period.usage.filter(pl.col(unit) > 0).sort(pl.all(), nulls_last=True), key, [unit]
    )
    energy = sum_by(lines, key, ["energy_facility_kwh"])
    met = energy.join(amount, on=key, how="inner", validate="1:1", maintain_order="left")
    return _as_work(met, pl.col(unit), unit)


def _as_work(rows: pl.DataFrame, amount: pl.Expr, unit: str) -> pl.DataFrame:
    summed = sum_by(
        rows.select("workload", amount=amount.cast(pl.Float64), kwh="energy_facility_kwh"),
        ["workload"],
        ["amount", "kwh"],
    )
    return summed.select("workload", "amount", "kwh", unit=pl.lit(unit))
