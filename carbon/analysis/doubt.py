"""How sure a figure is: its interval by both ways, what it comes from, what would narrow it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from carbon.accounting import pedigree
from carbon.accounting.result import Footprint
from carbon.accounting.sums import sum_by
from carbon.accounting.uncertainty import interval
from carbon.analysis.drivers import MEASURED_TIERS, drivers, measure_next
from carbon.analysis.montecarlo import montecarlo
from carbon.analysis.parts import Method, measured, parts
from carbon.policy import Policy

FIGURES: Final = (
    *("kg", "gsd2", "low_kg", "high_kg"),
    *("mc_low_kg", "mc_median_kg", "mc_mean_kg", "mc_high_kg", "mc_gsd2"),
)
"""Of a sum: the deterministic figure [kgCO2e] with its analytic 95 % factor [1] and ends [kgCO2e];
what was drawn; and the 95 % factor of that, sqrt(high / low)."""


METERED: Final = "T2"
"""Tier of a workload that is measured next: a meter at the server or the rack."""


@dataclass(frozen=True)
class Doubt:
    """The interval of a footprint's sum under one method.

    Attributes:
        method: "location", "market" or "embodied".
        total: FIGURES of the whole; None where nothing is known.
        rows: the columns asked for and FIGURES, sorted.
        drivers: inputs by their share of the variance, as `analysis.drivers.drivers`, and `label`,
            what a person calls them.
        measure_next: as `analysis.drivers.measure_next`, with `label`.
        tiers: tier, kwh [kWh], kg [kgCO2e] and their shares [1], sorted; what it rests on.
        measured_kwh, measured_kg: share at tiers T1 to T3, by energy and by emissions [1].
        draws, seed: of the Monte Carlo run.
        inputs, pedigree_set: where the 95 % factors of inputs are from.
    """

    method: Method
    total: dict[str, float | None]
    rows: pl.DataFrame
    drivers: pl.DataFrame
    measure_next: pl.DataFrame
    tiers: pl.DataFrame
    measured_kwh: float | None
    measured_kg: float | None
    draws: int
    seed: int
    inputs: str
    pedigree_set: str

    def to_dict(self) -> dict[str, Any]:
        """The answer of `carbon uncertainty`."""
        frames = ("rows", "drivers", "measure_next", "tiers")
        return {
            name: value.to_dicts() if name in frames else value
            for name, value in vars(self).items()
        }


def doubt(
    footprint: Footprint,
    policy: Policy,
    method: Method = "location",
    by: Sequence[str] = (),
    *,
    draws: int | None = None,
    seed: int | None = None,
) -> Doubt:
    """The 95 % interval of a sum and of its groups, analytic and drawn, and what it comes from.

    Both ways take the same 95 % factors and share the same inputs. The figure itself is the median
    of each part; a sum's draws lie higher (mean above median), so that the two ways are compared
    by their 95 % factors, `gsd2` and `mc_gsd2`: alike for one part, within 3 % for usual sums.

    Args:
        footprint: the lines that count; `summary.select` cuts them to a period and a boundary.
        policy: the choices under `uncertainty`; its draws and seed unless told otherwise.
        method: "location", "market" or "embodied", which is no part of the other two.
        by: columns of FootprintLine.
        draws: iterations.
        seed: of the random numbers.

    Raises:
        ValueError: the method is not known, or there are fewer than 2 draws.
    """
    choice = policy.uncertainty
    draws = choice.draws if draws is None else draws
    seed = choice.seed if seed is None else seed
    found = parts(footprint, method, by)
    share = measured(found, MEASURED_TIERS)
    whole = _figures(found, [], draws, seed)
    return Doubt(
        method=method,
        total=whole.row(0, named=True) if whole.height else dict.fromkeys(FIGURES),
        rows=_figures(found, list(dict.fromkeys(by)), draws, seed) if by else whole,
        drivers=_labelled(drivers(found), footprint.factors_used),
        measure_next=_labelled(measure_next(found, _would_be(policy)), footprint.factors_used),
        tiers=_tiers(found),
        measured_kwh=share["kwh"],
        measured_kg=share["kg"],
        draws=draws,
        seed=seed,
        inputs=choice.inputs,
        pedigree_set=choice.pedigree_set,
    )


def _would_be(policy: Policy) -> dict[str, float]:
    """95 % factors of inputs that are measured or looked up next, by kind [1]."""
    by_tier = pedigree.by_tier(policy)
    return {
        "workload": by_tier.get(METERED, min(by_tier.values(), default=1.0)),
        "factor": pedigree.of_its_year(policy),
        "pue": 1.0,
    }


def _labelled(inputs: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Inputs with what a person calls them: of a grid factor its zone, year and publisher."""
    called = pl.format(
        "{} {}, {}", "factor_zone", pl.col("valid_from").dt.year(), pl.col("publisher")
    )
    known = (
        factors.select(name="factor_id", label=called)
        .unique("name", keep="first", maintain_order=True)
        .with_columns(kind=pl.lit("factor"))
    )
    stated = pl.col("name").str.extract(r"^row:[^:]*:(.*)$")
    return inputs.join(
        known, on=["kind", "name"], how="left", validate="m:1", maintain_order="left"
    ).with_columns(
        label=pl.coalesce("label", pl.format("{}, stated on rows", stated), "name"),
    )


def _figures(found: pl.DataFrame, groups: list[str], draws: int, seed: int) -> pl.DataFrame:
    """FIGURES of each group, sorted; no row where nothing is known."""
    whole = "_everything"
    keyed = found if groups else found.with_columns(pl.lit("").alias(whole))
    keys = groups or [whole]
    rows = sum_by(keyed, keys, ["kg"])
    for part in (interval(keyed, keys), montecarlo(keyed, keys, draws=draws, seed=seed)):
        rows = rows.join(
            part, on=keys, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
        )
    # Nothing emitted for certain: a sum of zero has no spread.
    nothing = pl.col("kg") == 0
    spread = pl.when(nothing).then(1.0).otherwise("gsd2")
    drawn = (pl.col("mc_high_kg") / pl.col("mc_low_kg")).sqrt()
    return (
        rows.with_columns(gsd2=spread)
        .with_columns(
            low_kg=pl.col("kg") / pl.col("gsd2"),
            high_kg=pl.col("kg") * pl.col("gsd2"),
            mc_gsd2=pl.when(nothing).then(1.0).otherwise(drawn),
        )
        .sort(keys, nulls_last=True)
        .select(*groups, *FIGURES)
    )


def _tiers(found: pl.DataFrame) -> pl.DataFrame:
    """Energy and emissions by tier, and their shares of the whole."""
    sums = sum_by(found, ["tier"], ["kwh", "kg"]).sort("tier", nulls_last=True)
    return sums.with_columns(
        (pl.col(amount) / whole if (whole := math.fsum(sums[amount])) > 0 else pl.lit(None)).alias(
            f"{amount}_share"
        )
        for amount in ("kwh", "kg")
    )
