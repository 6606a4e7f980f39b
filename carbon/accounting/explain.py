"""Lineage of a figure: formula with its numbers, factors with their documents, rows, files."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from carbon.accounting.formula import formula
from carbon.accounting.result import Footprint
from carbon.accounting.summary import select, summarise
from carbon.policy import Policy
from carbon.schema import MarketLine

INSTANT: Final = "%Y-%m-%dT%H:%M:%SZ"


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

    `lines` alone is enough to recompute it: per line, with `counted = quantity x counted_share x
    month_share x assigned_share x equity_share`,

    * IT energy: `counted` (kWh IT), `counted / pue` (kWh facility), `counted x power_w / 1000`
      (hours, quantities of supporting services, tokens and requests); 0 on an overhead line;
    * facility energy: the IT energy; on an overhead line IT energy of its source row x (pue - 1),
      that is `counted x (pue - 1)`, `counted x (1 - 1 / pue)` or
      `counted x power_w / 1000 x (pue - 1)`; on a facility meter without a PUE `counted`;
    * location_kg: facility energy x location_factor_kg_per_kwh;
    * market_kg: the sum of kwh x kg_co2e_per_kwh over `market_slices`;
    * embodied_kg: embodied_hours x embodied_kg_per_hour;
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
        evidence (evidence_id, name, rows: row numbers), lines, and superseded (what the workload's
        rows state and another source states better); plain JSON values.

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
        "formula": "\n".join(formula(part, figure)),
        "factors": [*_published(part), *_of_rows(part, activity), *_contracts(part)],
        "evidence": _evidence(lines, names or {}),
        "lines": _lines(part),
        "superseded": _superseded(footprint.superseded, workload, month),
    }


def _superseded(rows: pl.DataFrame, workload: str, month: str | None) -> list[dict[str, Any]]:
    """What of the workload counts from another source, and which one."""
    if rows.is_empty():
        return []
    of_month = pl.lit(True) if month is None else pl.col("month") == month
    return (
        rows.filter(pl.col("workload") == workload, of_month)
        .with_columns(pl.col("period_start", "period_end").dt.strftime(INSTANT))
        .to_dicts()
    )


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
        .with_columns(pl.col("use_start", "use_end").dt.strftime(INSTANT))
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


def _published(part: Footprint) -> list[dict[str, Any]]:
    """The resolver's answers that these lines rest on, and the months that each one serves."""
    answers = _answers(part)
    grouped_by = ("factor_id", "month", "why", "use_start", "use_end")
    rest = [column for column in answers.columns if column not in grouped_by]
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
        .with_columns(pl.col(instants).dt.strftime(INSTANT))
        .to_dicts()
    )


def _answers(part: Footprint) -> pl.DataFrame:
    """The resolver's answers that the lines and their slices use: of the month or of a span."""
    span = ["use_start", "use_end"]
    by_location = part.lines.filter(pl.col("location_basis") != "row").select(
        "zone", "month", *span, method=pl.lit("location"), factor_id="location_factor_id"
    )
    by_market = part.market.join(
        part.lines.select("line_id", "zone", "month", *span),
        on="line_id",
        how="inner",
        validate="m:1",
    ).select(
        "zone",
        "month",
        *span,
        method=pl.col("rung").replace("grid_average", "location"),
        factor_id="source_id",
    )
    used = pl.concat([by_location, by_market]).unique()
    key = ["zone", "month", "method", "factor_id"]
    by_month = pl.col("use_start").is_null()
    return pl.concat(
        [
            part.factors_used.filter(by_month).join(used, on=key, how="semi"),
            part.factors_used.filter(~by_month).join(used, on=[*key, *span], how="semi"),
        ]
    )


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
