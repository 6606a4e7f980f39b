"""A sum of emissions as parts, each with the uncertain inputs that it is a product of.

    kg_i = median_i x W^(s_W,i) x F^(s_F,i) x P^(s_P,i),   ln W, ln F, ln P normal, sd ln(G) / 2

with W the energy of the part's workload, F its factor, P its PUE, or, of embodied carbon, the
published figure of the hardware. Parts that name the same input rest on the same draw of it.
"""

from collections.abc import Sequence
from typing import Final, Literal

import polars as pl

from carbon.accounting.embodied import shared
from carbon.accounting.result import Footprint
from carbon.accounting.summary import location_parts, market_parts
from carbon.accounting.sums import sum_by
from carbon.accounting.uncertainty import INPUTS

Method = Literal["location", "market", "embodied"]

METHODS: Final[tuple[Method, ...]] = ("location", "market", "embodied")

KINDS: Final = tuple(INPUTS)
"""Kinds of input, as columns of parts: workload (its energy), factor, pue, embodied."""

DIGITS: Final = 12
"""Significant digits of a 95 % factor: what is taken apart and put together again stays one."""


def parts(footprint: Footprint, method: Method, by: Sequence[str] = ()) -> pl.DataFrame:
    """The parts of a footprint's sum under a method; embodied carbon is a sum of its own.

    Args:
        footprint: the lines that count; `summary.select` cuts them to a period and a boundary.
        method: "location", "market" or "embodied".
        by: columns of FootprintLine that groups are to be made of.

    Returns:
        by, tier, and for each of KINDS its name and its 95 % factor [1] (null where it plays no
        part), kg [kgCO2e] and kwh [kWh] (null for embodied), added up where all else is equal,
        sorted. What is not known is in no part.

    Raises:
        ValueError: the method is not known.
    """
    groups = [column for column in dict.fromkeys(by) if column not in KINDS]
    keys = [*groups, "tier"]
    lines = footprint.lines
    if method == "location":
        found = location_parts(lines).with_columns(kwh="energy_facility_kwh")
    elif method == "market":
        found = market_parts(footprint.market, lines, keys)
    elif method == "embodied":
        found = lines.with_columns(kg="embodied_kg", embodied=shared())
    else:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(METHODS)}")
    used = ("embodied",) if method == "embodied" else ("workload", "factor", "pue")
    shaped = found.filter(pl.col("kg").is_not_null()).select(
        *keys,
        pl.col("workload"),
        *(_name(kind, kind in used) for kind in KINDS if kind != "workload"),
        *(_gsd2(kind, kind in used) for kind in KINDS),
        "kg",
        kwh=pl.lit(None, pl.Float64) if method == "embodied" else pl.col("kwh"),
    )
    columns = [column for column in shaped.columns if column not in ("kg", "kwh")]
    # Sorted before they are added up: another order of the rows gives the same last digits.
    ordered = shaped.sort(*columns, "kg", nulls_last=True)
    return sum_by(ordered, columns, ["kg", "kwh"])


def _name(kind: str, used: bool) -> pl.Expr:
    return (pl.col(kind) if used else pl.lit(None, pl.String)).alias(kind)


def _gsd2(kind: str, used: bool) -> pl.Expr:
    """The factor where the input adds any doubt; null, and no part, where it adds none."""
    column = INPUTS[kind]
    if not used:
        return pl.lit(None, pl.Float64).alias(column)
    rounded = pl.col(column).round_sig_figs(DIGITS)
    return pl.when(rounded > 1).then(rounded).alias(column)


def measured(parts: pl.DataFrame, tiers: Sequence[str]) -> dict[str, float | None]:
    """Share of a sum that rests on measurement, by its energy and by its emissions.

    Args:
        parts: as `parts` gives them.
        tiers: those that count as measured.

    Returns:
        kwh and kg, each a share [1]; None where the sum is 0.
    """
    shares: dict[str, float | None] = {}
    at = parts["tier"].is_in(list(tiers))
    for amount in ("kwh", "kg"):
        whole = float(parts[amount].sum())
        shares[amount] = float(parts.filter(at)[amount].sum()) / whole if whole > 0 else None
    return shares
