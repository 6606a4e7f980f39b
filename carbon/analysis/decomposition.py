"""Why emissions changed between two periods: additive LMDI-I in two levels.

The emissions C of a workload w are

    C_w = Q_w (E_w / Q_w) R_w             work, energy per unit of work, emissions per energy
    R_w = sum over its zones z of  s u c g (p)

    s = E_wz / E_w   share of the workload's IT energy in the zone              (place)
    u = F_wz / E_wz  facility energy per IT energy                              (overhead)
    c                share of the facility energy that found a factor           (coverage)
    g                location-based emissions per facility energy               (grid)
    p                market-based over location-based emissions per energy      (procurement)

Work and energy per unit of work belong to the workload as a whole, so they stand on the first
level; what a kWh emits is told apart by zone on the second, and scaled by L(C) / L(R) with the
logarithmic mean L, so that the parts add up to the change without a rest. A zone that a workload
enters or leaves is place by the analytical limit; had everything stood on one level, growth of a
workload that moves at the same time would count as place too.

Shares of a mix move against each other: the place effect has a meaning for a workload as a whole,
and none for one zone (Roux and Plank, MethodsX 9 (2022) 101698). It is never given by zone.

Sources: Ang, Energy Policy 86 (2015) 233-238, for LMDI-I; as `carbon.analysis.log_mean` for zeros.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.analysis.log_mean import Values, effects, log_mean
from carbon.analysis.observed import CELL, UNITS, Observed

EFFECTS: Final = (
    *("new", "gone", "boundary"),
    *("activity", "efficiency", "overhead", "place", "grid", "procurement", "coverage"),
)
"""What may change a figure. The first three take a workload as a whole."""

METHODS: Final = ("location", "market")

BEHIND: Final = 0.95
"""Work is taken where it is known behind at least this share of a workload's energy."""

DUST: Final = 1e-12
"""A part that is no larger a share of its workload's figures is rounding [1]."""

_SIDES: Final = ("before", "after")


@dataclass(frozen=True)
class Decomposition:
    """A change, told apart.

    Attributes:
        parts: workload, effect, kg_co2e [kg]; what is 0 to rounding has no row; sorted.
        workloads: one row a workload: workload, status (`both`, or the effect that takes it whole),
            unit (what its work is counted in), and before and after of work, it_kwh, facility_kwh,
            kg; sorted.
    """

    parts: pl.DataFrame
    workloads: pl.DataFrame


def decompose(before: Observed, after: Observed, method: str) -> Decomposition:
    """Tell the change of a total apart into effects.

    Args:
        before: the first period.
        after: the second, in the same units (both whole, or both a day).
        method: "location" or "market".

    Returns:
        the parts, which add up to the change of the total to rounding.

    Raises:
        ValueError: method is neither of the two.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not known; use 'location' or 'market'")
    cells = _side_by_side(before, after)
    workloads = _work(_status(_sums(cells, method), before, after), before, after)
    in_both = workloads.filter(pl.col("status") == "both").with_row_index("number")
    told = [_whole(workloads), *_ordinary(cells, in_both, method)]
    parts = pl.concat(told).sort("workload", pl.col("effect").cast(pl.Enum(EFFECTS)))
    return Decomposition(_without_dust(parts, workloads), workloads)


def _without_dust(parts: pl.DataFrame, workloads: pl.DataFrame) -> pl.DataFrame:
    """Parts that are not merely the last digits of sums; the largest of a workload takes those.

    Two sums of the same factors over other rows differ in their last digits, and a step of 1e-13 kg
    would read as a change that nobody made.
    """
    size = workloads.select("workload", _size=pl.col("kg_before") + pl.col("kg_after"))
    kg = pl.col("kg_co2e")
    sized = parts.join(size, on="workload", how="left", validate="m:1", maintain_order="left")
    marked = sized.with_columns(
        _dust=kg.abs() <= DUST * pl.col("_size"),
        _largest=pl.int_range(pl.len()).over("workload") == kg.abs().arg_max().over("workload"),
    )
    swept = pl.when("_dust").then(kg).otherwise(0.0).sum().over("workload")
    return (
        marked.with_columns(pl.when("_largest").then(kg + swept).otherwise(kg))
        .filter(~pl.col("_dust"))
        .select(parts.columns)
    )


def _side_by_side(before: Observed, after: Observed) -> pl.DataFrame:
    """Workload x zone with each sum before and after, and the energy that overhead stands upon.

    Where a meter of either period holds the overhead and nobody says which part it is, overhead
    cannot be told apart in that zone: facility energy stands for IT energy in both.
    """
    sides = [
        observed.cells.rename({name: f"{name}_{side}" for name in CELL})
        for observed, side in ((before, "before"), (after, "after"))
    ]
    keys = ["workload", "zone"]
    cells = (
        sides[0]
        .join(sides[1], on=keys, how="full", coalesce=True, validate="1:1")
        .sort(keys)
        .with_columns(pl.selectors.float().fill_null(0.0))
    )
    unclear = pl.any_horizontal(
        condition
        for side in _SIDES
        for condition in (
            pl.col(f"whole_kwh_{side}") > 0,
            (pl.col(f"it_kwh_{side}") <= 0) & (pl.col(f"facility_kwh_{side}") > 0),
        )
    )
    return cells.with_columns(
        pl.when(unclear)
        .then(f"facility_kwh_{side}")
        .otherwise(f"it_kwh_{side}")
        .alias(f"it_kwh_{side}")
        for side in _SIDES
    )


def _sums(cells: pl.DataFrame, method: str) -> pl.DataFrame:
    names = {"it_kwh": "it_kwh", "facility_kwh": "facility_kwh", f"{method}_kg": "kg"}
    return cells.group_by("workload", maintain_order=True).agg(
        pl.col(f"{name}_{side}").cum_sum().last().alias(f"{shown}_{side}")
        for name, shown in names.items()
        for side in _SIDES
    )


def _status(sums: pl.DataFrame, before: Observed, after: Observed) -> pl.DataFrame:
    """Whether a workload is in both periods; if not, what that is called."""
    there = {side: pl.col(f"it_kwh_{side}") > 0 for side in _SIDES}
    name = pl.col("workload")

    def missing(side: Observed, otherwise: str) -> pl.Expr:
        return (
            pl.when(name.is_in(sorted(side.beyond)))
            .then(pl.lit("boundary"))
            .when(name.is_in(sorted(side.unmeasured)))
            .then(pl.lit("coverage"))
            .otherwise(pl.lit(otherwise))
        )

    return sums.with_columns(
        status=pl.when(there["before"] & there["after"])
        .then(pl.lit("both"))
        .when(there["after"])
        .then(missing(before, "new"))
        .when(there["before"])
        .then(missing(after, "gone"))
        .otherwise(pl.lit("coverage"))
    )


def _work(workloads: pl.DataFrame, before: Observed, after: Observed) -> pl.DataFrame:
    """The first unit of work that both periods know; else energy itself."""
    known = [
        side.work.filter(pl.col("behind") >= BEHIND).select(
            "workload", "unit", work=pl.col("amount")
        )
        for side in (before, after)
    ]
    rank = pl.col("unit").replace_strict(list(UNITS), range(len(UNITS)), return_dtype=pl.Int64)
    met = (
        known[0]
        .join(known[1], on=["workload", "unit"], how="inner", suffix="_after", validate="1:1")
        .rename({"work": "work_before"})
        .sort("workload", rank)
        .unique("workload", keep="first", maintain_order=True)
    )
    both = pl.col("status") == "both"
    joined = workloads.join(met, on="workload", how="left", validate="1:1", maintain_order="left")
    none = both & pl.col("unit").is_null()
    return joined.select(
        "workload",
        "status",
        unit=pl.when(none).then(pl.lit("energy")).when(both).then("unit"),
        **{
            f"work_{side}": pl.when(none).then(f"it_kwh_{side}").when(both).then(f"work_{side}")
            for side in _SIDES
        },
        **{
            f"{name}_{side}": pl.col(f"{name}_{side}")
            for name in ("it_kwh", "facility_kwh", "kg")
            for side in _SIDES
        },
    )


def _whole(workloads: pl.DataFrame) -> pl.DataFrame:
    """Workloads of one period only: the whole change is one effect."""
    return workloads.filter(pl.col("status") != "both").select(
        "workload", effect="status", kg_co2e=pl.col("kg_after") - pl.col("kg_before")
    )


def _ordinary(cells: pl.DataFrame, workloads: pl.DataFrame, method: str) -> list[pl.DataFrame]:
    """The effects of workloads that are in both periods, a frame an effect."""
    energy, work, kg = (_pair(workloads, name) for name in ("it_kwh", "work", "kg"))
    rate = kg[0] / energy[0], kg[1] / energy[1]
    first = effects(
        {
            "activity": work,
            "efficiency": (energy[0] / work[0], energy[1] / work[1]),
            "rate": rate,
        }
    )
    inner = cells.join(
        workloads.select("workload", "number"),
        on="workload",
        how="inner",
        validate="m:1",
        maintain_order="left",
    )
    number = inner["number"].to_numpy().astype(np.intp)
    second = effects(_factors(inner, energy, number, method))
    scale = _scale(kg, rate, first.pop("rate"))
    found = first | {
        name: scale * np.bincount(number, weights=effect, minlength=workloads.height)
        for name, effect in second.items()
    }
    return [
        workloads.select(
            "workload", effect=pl.lit(name), kg_co2e=pl.Series(kg_of, dtype=pl.Float64)
        )
        for name, kg_of in found.items()
    ]


def _scale(kg: tuple[Values, Values], rate: tuple[Values, Values], effect: Values) -> Values:
    """kg per change of the rate: L(C) / L(R), and its limit where one of the two rates is 0."""
    mean = log_mean(rate[1], rate[0])
    change = rate[1] - rate[0]
    limit = np.where(change != 0, effect / np.where(change != 0, change, 1.0), 0.0)
    return np.where(mean > 0, log_mean(kg[1], kg[0]) / np.where(mean > 0, mean, 1.0), limit)


def _factors(
    cells: pl.DataFrame, energy: tuple[Values, Values], number: NDArray[np.intp], method: str
) -> dict[str, tuple[Values, Values]]:
    """The factors of what a kWh of a workload emits, zone by zone."""
    it, facility = _pair(cells, "it_kwh"), _pair(cells, "facility_kwh")
    covered, kg = _pair(cells, f"{method}_kwh"), _pair(cells, f"{method}_kg")
    rate = _over(kg, covered)
    factors = {
        "place": _over(it, (energy[0][number], energy[1][number])),
        "overhead": _over(facility, it),
        "coverage": _over(covered, facility),
    }
    if method == "location":
        return factors | {"grid": rate}
    grid = _over(_pair(cells, "location_kg"), _pair(cells, "location_kwh"))
    # What was bought is told from the grid only where the grid's figure is known and not 0, or
    # where both are 0 at once; elsewhere the whole change of the rate is what was bought.
    apart = [
        np.isnan(mine) | (grids > 0) | ((grids == 0) & (mine == 0))
        for mine, grids in zip(rate, grid, strict=True)
    ]
    clear = apart[0] & apart[1]
    grid = np.where(clear, grid[0], 1.0), np.where(clear, grid[1], 1.0)
    return factors | {"grid": grid, "procurement": _over(rate, grid)}


def _pair(frame: pl.DataFrame, name: str) -> tuple[Values, Values]:
    before, after = (frame[f"{name}_{side}"].to_numpy().astype(np.float64) for side in _SIDES)
    return before, after


def _over(part: tuple[Values, Values], whole: tuple[Values, Values]) -> tuple[Values, Values]:
    """part / whole before and after; nan where there is no whole, or it is not known."""
    before, after = (
        np.divide(a, b, out=np.full_like(a, np.nan), where=b > 0)
        for a, b in zip(part, whole, strict=True)
    )
    return before, after
