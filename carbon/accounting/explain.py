"""Lineage of a figure: formula with its numbers, factors with their documents, rows, files."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from carbon.accounting.result import Footprint
from carbon.accounting.summary import select, summarise
from carbon.policy import Policy
from carbon.schema import ENERGY_KINDS, MarketLine

PARTS: Final = 12
"""How many terms of a sum a formula spells out; the lines hold every one."""

RATE: Final = {
    "energy_facility_kwh": "kWh facility",
    "energy_it_kwh": "kWh IT",
    "accelerator_hours": "accelerator-hours",
    "instance_hours": "instance-hours",
}
"""How a formula names the quantity that a row states."""


def explain(
    footprint: Footprint,
    activity: pl.DataFrame,
    workload: str,
    month: str | None,
    policy: Policy,
    *,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything behind a workload's figure.

    `lines` alone is enough to recompute it: per line, with `counted = quantity x month_share x
    equity_share`,

    * IT energy: `counted` (kWh IT), `counted / pue` (kWh facility), `counted x power_w / 1000`
      (hours); 0 on an overhead line;
    * facility energy: the IT energy; on an overhead line IT energy of its source row x (pue - 1),
      that is `counted x (pue - 1)`, `counted x (1 - 1 / pue)` or
      `counted x power_w / 1000 x (pue - 1)`; on a facility meter without a PUE `counted`;
    * location_kg: facility energy x location_factor_kg_per_kwh;
    * market_kg: the sum of kwh x kg_co2e_per_kwh over `market_slices`;
    * embodied_kg: accelerator_hours x embodied_kg_per_hour;
    * water_l: IT energy x wue_l_per_kwh + facility energy x source_water_l_per_kwh.

    Args:
        footprint: the footprint, already cut to the boundary.
        activity: the `Activity` rows that it was computed from, for the documents of factors that
            rows bring themselves.
        workload: its name, or `(unassigned)`.
        month: one month (YYYY-MM); None for all of them.
        policy: the choices under which it was computed.
        names: evidence_id -> file name.

    Returns:
        figure (the measures R, workload, month), formula (sentences, one a line), factors,
        evidence (evidence_id, name, rows: row numbers) and lines; plain JSON values.

    Raises:
        KeyError: the workload has no line (in that month).
    """
    part = select(footprint, month, month, "all")
    lines = part.lines.filter(pl.col("workload") == workload)
    if lines.is_empty():
        raise KeyError(workload)
    part = _only(part, lines)
    figure = summarise(part, [], policy).row(0, named=True)
    return {
        "figure": {"workload": workload, "month": month, **figure},
        "formula": "\n".join(_formula(part, figure)),
        "factors": [*_published(part), *_of_rows(part, activity), *_contracts(part)],
        "evidence": _evidence(lines, names or {}),
        "lines": _lines(part),
    }


def _only(part: Footprint, lines: pl.DataFrame) -> Footprint:
    sliced = part.market.join(lines, on="line_id", how="semi", maintain_order="left")
    return Footprint(lines, sliced, part.factors_used, instruments=part.instruments)


def _lines(part: Footprint) -> list[dict[str, Any]]:
    """Every line with its market slices."""
    columns = [column for column in MarketLine.column_names() if column != "line_id"]
    sliced = part.market.group_by("line_id", maintain_order=True).agg(
        market_slices=pl.struct(columns)
    )
    return (
        part.lines.join(sliced, on="line_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("market_slices").fill_null([]))
        .to_dicts()
    )


def _evidence(lines: pl.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    files = (
        lines.group_by("evidence_id")
        .agg(pl.col("row_number").unique().sort().alias("rows"))
        .sort("evidence_id")
    )
    return [
        {
            "evidence_id": file["evidence_id"],
            "name": names.get(file["evidence_id"]),
            "rows": file["rows"],
        }
        for file in files.to_dicts()
    ]


# --- factors -----------------------------------------------------------------------------------


def _published(part: Footprint) -> list[dict[str, Any]]:
    """The resolver's answers that these lines rest on, and the months that each one serves."""
    used = _requests(part)
    answers = part.factors_used.join(used, on=["zone", "month", "method", "factor_id"], how="semi")
    rest = [column for column in answers.columns if column not in ("factor_id", "month", "why")]
    grouped = (
        answers.sort("method", "factor_id", "zone", "month")
        .group_by("factor_id", "method", "zone", "why", maintain_order=True)
        .agg(pl.col(column).first() for column in rest if column not in ("method", "zone"))
    )
    months = answers.group_by("factor_id", "method", "zone", "why").agg(
        months=pl.col("month").unique().sort()
    )
    instants = [c for c, kind in grouped.schema.items() if isinstance(kind, pl.Datetime)]
    return (
        grouped.join(
            months,
            on=["factor_id", "method", "zone", "why"],
            how="left",
            validate="1:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(pl.col(instants).dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
        .to_dicts()
    )


def _requests(part: Footprint) -> pl.DataFrame:
    """zone, month, method, factor_id of what the lines and their slices use."""
    by_location = part.lines.filter(pl.col("location_basis") != "row").select(
        "zone", "month", method=pl.lit("location"), factor_id="location_factor_id"
    )
    by_market = part.market.join(
        part.lines.select("line_id", "zone", "month"), on="line_id", how="inner", validate="m:1"
    ).select(
        "zone",
        "month",
        method=pl.col("rung").replace("grid_average", "location"),
        factor_id="source_id",
    )
    return pl.concat([by_location, by_market]).unique()


def _of_rows(part: Footprint, activity: pl.DataFrame) -> list[dict[str, Any]]:
    """Factors that rows bring themselves, with the document that the row names."""
    documents = activity.group_by("evidence_id", "row_number").agg(
        document=pl.col("factor_source").drop_nulls().sort().first()
    )
    place = part.lines.select("line_id", "evidence_id", "row_number", "zone")
    location = part.lines.filter(pl.col("location_basis") == "row").select(
        "evidence_id",
        "row_number",
        "zone",
        factor_id="location_factor_id",
        method=pl.lit("location"),
        kg_co2e_per_kwh="location_factor_kg_per_kwh",
        asserted=pl.lit(False),
    )
    market = (
        part.market.filter(pl.col("rung") == "row_factor")
        .join(place, on="line_id", how="inner", validate="m:1")
        .select(
            "evidence_id",
            "row_number",
            "zone",
            factor_id="source_id",
            method=pl.lit("market"),
            kg_co2e_per_kwh="kg_co2e_per_kwh",
            asserted="asserted",
        )
    )
    return (
        pl.concat([location, market])
        .unique()
        .join(documents, on=["evidence_id", "row_number"], how="left", validate="m:1")
        .sort("evidence_id", "row_number", "method", "kg_co2e_per_kwh")
        .with_columns(
            basis=pl.lit("row"),
            why=pl.when("asserted")
            .then(pl.lit("The row's own factor; no document stands behind it."))
            .otherwise(pl.lit("The row's own factor, used as given.")),
        )
        .to_dicts()
    )


def _contracts(part: Footprint) -> list[dict[str, Any]]:
    """Instruments that cover some of the energy."""
    used = part.market.filter(pl.col("rung") == "instrument")["source_id"].unique()
    if used.is_empty():
        return []
    return [
        {
            "factor_id": row["instrument_id"],
            "method": "instrument",
            "zone": row["market"],
            "kg_co2e_per_kwh": row["kg_co2e_per_kwh"],
            "kwh": row["kwh"],
            "used_kwh": row["used_kwh"],
            "valid_from": row["period_start"].isoformat(),
            "valid_to": row["period_end"].isoformat(),
            "document": row["document"],
            "why": f"Instrument ({row['kind']}) of this market and period; meets the criteria.",
        }
        for row in part.instruments.filter(
            pl.col("instrument_id").is_in(used.implode()), pl.col("used_kwh") > 0
        ).iter_rows(named=True)
    ]


# --- formula -----------------------------------------------------------------------------------


def _formula(part: Footprint, figure: Mapping[str, Any]) -> Iterator[str]:
    """The calculation in sentences, with the numbers in it."""
    yield from _energy(part.lines)
    if figure["energy_facility_kwh"] is not None:
        yield (
            f"Facility energy {_n(figure['energy_facility_kwh'])} kWh"
            f" = the parts above, of which IT {_n(figure['energy_it_kwh'])} kWh."
        )
    yield _product_sum(
        "Location-based",
        part.lines.filter(pl.col("location_kg").is_not_null()).select(
            kwh="energy_facility_kwh",
            rate="location_factor_kg_per_kwh",
            source="location_factor_id",
            kg="location_kg",
        ),
        figure["location_kg_co2e"],
    )
    yield _product_sum(
        "Market-based",
        part.market.select(
            "kwh",
            rate="kg_co2e_per_kwh",
            source=pl.format("{}, {}", pl.col("rung").str.replace("_", " "), "source_id"),
            kg="kg_co2e",
        ),
        figure["market_kg_co2e"],
    )
    yield from _beside(part.lines, figure)


def _energy(lines: pl.DataFrame) -> Iterator[str]:
    counted = pl.col("quantity") * pl.col("month_share") * pl.col("equity_share")
    keys = ["component", "quantity_kind", "power_w", "power_source", "pue", "pue_source"]
    parts = lines.group_by(keys, maintain_order=True).agg(
        counted=counted.sum(),
        kwh=pl.col("energy_facility_kwh").sum(),
        known=pl.col("energy_facility_kwh").count(),
    )
    for row in parts.head(PARTS).iter_rows(named=True):
        yield _energy_sentence(row)
    if parts.height > PARTS:
        yield f"and {parts.height - PARTS} more parts, listed below."


def _energy_sentence(row: Mapping[str, Any]) -> str:
    kind, pue = row["quantity_kind"], row["pue"]
    amount = f"{_n(row['counted'])} {RATE[kind]}"
    if not row["known"]:
        return f"{row['component']}: {amount}; its energy is not known."
    if kind in ENERGY_KINDS[2:]:
        amount = f"{amount} x {_n(row['power_w'])} W / 1000 ({row['power_source']})"
    if row["component"] == "overhead":
        share = f"(1 - 1 / {_n(pue)})" if kind == ENERGY_KINDS[0] else f"({_n(pue)} - 1)"
        amount = f"{amount} x {share} (PUE: {row['pue_source']})"
    elif kind == ENERGY_KINDS[0] and pue is not None:
        amount = f"{amount} / PUE {_n(pue)} ({row['pue_source']})"
    return f"{row['component']}: {amount} = {_n(row['kwh'])} kWh."


def _product_sum(method: str, terms: pl.DataFrame, total: float | None) -> str:
    if total is None:
        return f"{method}: not known; no factor fits."
    parts = terms.group_by("source", "rate", maintain_order=True).agg(pl.col("kwh", "kg").sum())
    spelled = [
        f"{_n(row['kwh'])} kWh x {_n(row['rate'])} kg/kWh ({row['source']})"
        for row in parts.head(PARTS).iter_rows(named=True)
    ]
    if parts.height > PARTS:
        spelled.append(f"{parts.height - PARTS} more terms")
    return f"{method}: {' + '.join(spelled)} = {_n(total)} kgCO2e."


def _beside(lines: pl.DataFrame, figure: Mapping[str, Any]) -> Iterator[str]:
    if figure["embodied_kg_co2e"] is not None:
        parts = (
            lines.filter(pl.col("embodied_kg").is_not_null())
            .group_by("embodied_kg_per_hour", "embodied_source", maintain_order=True)
            .agg(pl.col("accelerator_hours").sum())
        )
        spelled = " + ".join(
            f"{_n(row['accelerator_hours'])} accelerator-hours x "
            f"{_n(row['embodied_kg_per_hour'])} kg/h ({row['embodied_source']})"
            for row in parts.head(PARTS).iter_rows(named=True)
        )
        yield f"Embodied, amortised: {spelled} = {_n(figure['embodied_kg_co2e'])} kgCO2e."
    if figure["water_l"] is not None:
        yield (
            "Water: IT energy x WUE of the site + facility energy x water of generation"
            f" = {_n(figure['water_l'])} L."
        )
    for method in ("location", "market"):
        low, high = figure[f"{method}_low_kg"], figure[f"{method}_high_kg"]
        if low is not None:
            yield f"95 % interval, {method}-based: {_n(low)} to {_n(high)} kgCO2e."


def _n(value: float | None) -> str:
    """A number as a sentence gives it: six significant digits, thousands apart."""
    if value is None:
        return "not known"
    digits = f"{value:.6g}"
    return (
        digits if "e" in digits else f"{float(digits):,}".removesuffix(".0").replace(",", "\u202f")
    )
