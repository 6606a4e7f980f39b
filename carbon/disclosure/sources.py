"""What stands behind the results: factors, instruments, files, rows not taken, open questions."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl

from carbon.accounting.phrases import source_lines
from carbon.accounting.pipeline import Footprint
from carbon.accounting.sums import ordered_known_sum, ordered_sum
from carbon.disclosure.breakdown import RUNGS
from carbon.disclosure.calendar import first_day, last_day

FACTOR_COLUMNS: Final = (
    "factor_id",
    "factor_zone",
    "basis",
    "gwp_set",
    "kg_co2e_per_kwh",
    "publisher",
    "release",
    "vintage",
    "licence",
    "document",
    "valid_from",
    "valid_to",
    "lag_years",
    "checked_against_original",
    "note",
    "why",
)

ROW_FACTOR: Final = "row:"
"""How the id of a factor begins that a row of a file brought itself."""

CRITERIA: Final = tuple(f"q{i}" for i in range(1, 9))

SHOWN_QUARANTINE: Final = 500
"""Rows not taken that a report lists one by one; the counts are of all of them."""

METHODS: Final = ("location", "market", "unspecified")

SEVERITIES: Final = ("block", "warn", "info")


def factors(footprint: Footprint) -> list[dict[str, Any]]:
    """Every published factor that a figure rests on, with its document and what it carried.

    `location_kwh` and `market_kwh` are the facility energy that each method multiplied by it.
    """
    location = (
        footprint.lines.filter(pl.col("location_kg").is_not_null())
        .group_by(pl.col("location_factor_id").alias("factor_id"))
        .agg(ordered_sum(pl.col("energy_facility_kwh")).alias("location_kwh"))
    )
    market = (
        footprint.market.filter(pl.col("rung").is_in(["supplier", "residual", "grid_average"]))
        .group_by(pl.col("source_id").alias("factor_id"))
        .agg(
            ordered_sum(pl.col("kwh")).alias("market_kwh"),
            pl.col("rung").unique().sort().alias("market_rungs"),
        )
    )
    used = footprint.factors_used.filter(pl.col("factor_id").is_not_null())
    present = [c for c in FACTOR_COLUMNS if c in used.columns and c != "factor_id"]
    described = (
        used.sort("factor_id", *(c for c in ("month", "method", "zone") if c in used.columns))
        .group_by("factor_id", maintain_order=True)
        .agg(pl.col(present).first())
    )
    rows = (
        location.join(market, on="factor_id", how="full", coalesce=True, validate="1:1")
        .filter(~pl.col("factor_id").str.starts_with(ROW_FACTOR))
        .join(described, on="factor_id", how="left", validate="1:1")
        .sort("factor_id")
        .to_dicts()
    )
    return [
        {
            **{c: _plain(row.get(c)) for c in FACTOR_COLUMNS},
            "location_kwh": row["location_kwh"],
            "market_kwh": row["market_kwh"],
            "market_rungs": [RUNGS[r] for r in row["market_rungs"] or []],
        }
        for row in rows
    ]


def row_factors(footprint: Footprint, evidence: pl.DataFrame) -> list[dict[str, Any]]:
    """Factors that rows of the files brought themselves: by method, file, place and value."""
    location = footprint.lines.filter(
        pl.col("location_factor_id").str.starts_with(ROW_FACTOR)
        & pl.col("location_kg").is_not_null()
    ).select(
        pl.lit("location").alias("method"),
        "evidence_id",
        "row_number",
        "zone",
        pl.col("location_why").alias("document"),
        pl.col("location_factor_kg_per_kwh").alias("kg_co2e_per_kwh"),
        pl.col("energy_facility_kwh").alias("kwh"),
        pl.lit(False).alias("asserted"),
    )
    market = (
        footprint.market.filter(pl.col("rung") == "row_factor")
        .join(
            footprint.lines.select("line_id", "evidence_id", "row_number", "zone"),
            on="line_id",
            how="inner",
            validate="m:1",
        )
        .select(
            pl.lit("market").alias("method"),
            "evidence_id",
            "row_number",
            "zone",
            pl.lit(None, pl.String).alias("document"),
            "kg_co2e_per_kwh",
            "kwh",
            "asserted",
        )
    )
    names = evidence.select("evidence_id", pl.col("name").alias("file")).unique("evidence_id")
    return (
        pl.concat([location, market])
        .group_by("method", "evidence_id", "zone", "document", "kg_co2e_per_kwh", "asserted")
        .agg(
            pl.col("row_number").unique().sort().alias("rows"),
            ordered_known_sum("kwh").alias("energy_facility_kwh"),
        )
        .join(names, on="evidence_id", how="left", validate="m:1")
        .sort(
            *("method", "file", "evidence_id", "zone", "kg_co2e_per_kwh", "asserted", "document"),
            nulls_last=True,
        )
        .to_dicts()
    )


def instruments(footprint: Footprint, months: Sequence[str]) -> list[dict[str, Any]]:
    """Instruments that overlap the period, their quality criteria, and what they cover of it.

    `used_kwh` is the Scope 2 load of the period on the instrument; `criteria` gives q1 … q8 as
    true, false or null (not applicable); `failed` says in words why it covers nothing.
    """
    frame = footprint.instruments
    if frame.is_empty():
        return []
    start, end = first_day(months[0]), last_day(months[-1]) + dt.timedelta(days=1)
    used = (
        footprint.market.filter(pl.col("rung") == "instrument")
        .group_by(pl.col("source_id").alias("instrument_id"))
        .agg(ordered_sum(pl.col("kwh")).alias("used_kwh"))
    )
    rows = (
        frame.filter((pl.col("period_start") < end) & (pl.col("period_end") > start))
        .join(used, on="instrument_id", how="left", validate="m:1")
        .with_columns(pl.col("used_kwh").fill_null(0.0))
        .sort("market", "kind", "instrument_id")
        .to_dicts()
    )
    kept = (
        "instrument_id",
        "kind",
        "market",
        "period_start",
        "period_end",
        "kwh",
        "kg_co2e_per_kwh",
        "technology",
        "registry",
        "vintage",
        "retired_on",
        "beneficiary",
        "document",
        "used_kwh",
    )
    return [
        {
            **{c: _plain(row[c]) for c in kept},
            "criteria": {q: row[q] for q in CRITERIA},
            "failed": row["failed"],
            "matched": row["matched"],
        }
        for row in rows
    ]


def evidence(footprint: Footprint, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Every file with its sha256, its rows, and how many of them carry a figure of the report."""
    used = footprint.lines.group_by("evidence_id").agg(
        pl.col("row_number").n_unique().alias("rows_used")
    )
    return (
        frame.select("evidence_id", "name", "format", "rows")
        .unique("evidence_id", keep="first", maintain_order=True)
        .join(used, on="evidence_id", how="left", validate="1:1")
        .with_columns(pl.col("rows_used").fill_null(0))
        .sort("name", "evidence_id")
        .to_dicts()
    )


def superseded(footprint: Footprint) -> dict[str, Any]:
    """Energy that a source states and that counts from another one, before any PUE [kWh].

    `by_format` names the pairs; `rest_kwh` is of rows of which what counts sees only a part.
    """
    frame = footprint.superseded
    if frame.is_empty():
        return {"rows": 0, "kwh": 0.0, "rest_kwh": 0.0, "by_format": []}
    pairs = (
        frame.group_by("format", "superseded_by_format")
        .agg(
            rows=pl.struct("evidence_id", "row_number").n_unique(),
            kwh=ordered_sum(pl.col("kwh_not_counted")),
        )
        .sort("format", "superseded_by_format")
    )
    return {
        "rows": frame.select(pl.struct("evidence_id", "row_number").n_unique()).item(),
        "kwh": float(frame["kwh_not_counted"].sum()),
        "rest_kwh": float(frame.filter("rest_not_counted")["kwh_not_counted"].sum()),
        "by_format": pairs.to_dicts(),
    }


def general_it(footprint: Footprint) -> dict[str, Any]:
    """Lines of bills that no rule of the policy calls AI, and what they cost, by currency."""
    frame = footprint.general_it
    if frame.is_empty():
        return {"lines": 0, "costs": []}
    costs = (
        frame.filter(pl.col("quantity_kind") == "cost")
        .group_by("currency")
        .agg(cost=ordered_sum(pl.col("quantity")))
        .sort("currency", nulls_last=True)
    )
    return {"lines": source_lines(frame), "costs": costs.to_dicts()}


def quarantine(frame: pl.DataFrame) -> dict[str, Any]:
    """Rows not taken: how many, by file and reason, and the first of them one by one."""
    rows = frame.select("file", "row", "column", "value", "reason").sort(
        "file", "row", "column", "reason", nulls_last=True
    )
    counts = (
        rows.group_by("file", "reason")
        .agg(pl.struct("file", "row").n_unique().alias("rows"), pl.col("row").min().alias("first"))
        .sort("file", "rows", "reason", descending=[False, True, False])
    )
    return {
        "rows": rows.select(pl.struct("file", "row").n_unique()).item() if rows.height else 0,
        "by_reason": counts.to_dicts(),
        "listed": rows.head(SHOWN_QUARANTINE).to_dicts(),
        "not_listed": max(0, rows.height - SHOWN_QUARANTINE),
    }


def reported(frame: pl.DataFrame | None, months: Sequence[str]) -> list[dict[str, Any]]:
    """The providers' own figures in the period. They are shown beside and never added."""
    if frame is None or frame.is_empty():
        return []
    rows = (
        frame.filter(pl.col("month").is_in(list(months)))
        .group_by("provider", "method")
        .agg(
            ordered_sum(pl.col("kg_co2e")),
            pl.col("month").n_unique().alias("months"),
            pl.col("month").min().alias("first_month"),
            pl.col("month").max().alias("last_month"),
        )
        .to_dicts()
    )
    order = {m: i for i, m in enumerate(METHODS)}
    return sorted(rows, key=lambda r: (r["provider"], order.get(r["method"], len(METHODS))))


def findings(found: Iterable[Any]) -> list[dict[str, Any]]:
    """What a reader should know before relying on the figures, gravest first."""
    rows = [
        {
            "code": f.code,
            "severity": f.severity,
            "title": f.title,
            "detail": f.detail,
            "kwh": f.kwh,
            "workloads": list(f.workloads),
        }
        for f in found
    ]
    order = {s: i for i, s in enumerate(SEVERITIES)}
    return sorted(rows, key=lambda r: (order.get(r["severity"], 9), r["code"], r["title"]))


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return value


def left_out(footprint: Footprint) -> list[dict[str, Any]]:
    """What the policy or the model leaves out: reason, why, rows and kwh, sorted."""
    gone = footprint.left_out
    if gone.is_empty():
        return []
    return (
        gone.group_by("reason", "why")
        .agg(
            rows=pl.struct("evidence_id", "row_number").n_unique(),
            kwh=ordered_known_sum("kwh"),
        )
        .sort("reason", "why", nulls_last=True)
        .to_dicts()
    )
