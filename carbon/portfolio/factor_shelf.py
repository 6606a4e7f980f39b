"""The factors at hand: the shipped library and the workspace's own."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from carbon.factors import check, resolver
from carbon.factors.library import Library, context_maps
from carbon.policy import Policy

MARKET_RUNGS: Final = ("supplier", "residual", "location")
"""What a zone's market-based factor may be, best first. Instruments belong to an organisation, not
to a zone, and so are not among them."""

ANSWER: Final = (
    "factor_id",
    "kg_co2e_per_kwh",
    "basis",
    "gwp_set",
    "publisher",
    "release",
    "vintage",
    "licence",
    "document",
)
"""Columns of a resolved factor that are handed on as they are."""


@dataclass(frozen=True)
class FactorShelf:
    """Every factor that may apply.

    Attributes:
        library: the shipped tables.
        own: the factors that the user imported and that count.
        policy: preference and GWP set are used.
    """

    library: Library
    own: pl.DataFrame
    policy: Policy

    def all(self) -> pl.DataFrame:
        """Library and own factors; what a publisher's own file confirmed is marked so."""
        own = self.own.with_columns(origin=pl.lit("workspace"))
        shipped = self.library.factors
        if own.height:
            confirmed = check.confirmed(shipped, own)
            checked = pl.col("checked_against_original") | pl.col("factor_id").is_in(confirmed)
            shipped = shipped.with_columns(checked_against_original=checked)
        return pl.concat([shipped, own.select(shipped.columns)])

    def listed(self, zone: str | None, year: int | None) -> pl.DataFrame:
        """Factors of a zone that apply in a year; None asks for every one."""
        factors = self.all()
        if zone is not None:
            factors = factors.filter(pl.col("zone") == self.zone(zone))
        if year is not None:
            first = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
            after = dt.datetime(year + 1, 1, 1, tzinfo=dt.UTC)
            factors = factors.filter(pl.col("valid_from") < after, pl.col("valid_to") > first)
        return factors.sort("zone", "method", "basis", "valid_from", "factor_id")

    def resolve(self, zone: str, year: int, method: str, month: int | None) -> dict[str, Any]:
        """Which factor applies to a zone and period, and why.

        Args:
            zone: a zone's id or name, a country code, or a US ZIP code.
            year: year of the consumption.
            method: "location", or "market": supplier factor, else residual mix, else the grid
                average with that disclosed.
            month: 1 to 12, or None for the whole year.

        Raises:
            LookupError: no factor fits; the message says why.
        """
        rungs = MARKET_RUNGS if method == "market" else ("location",)
        period = f"{year:04d}" if month is None else f"{year:04d}-{month:02d}"
        requests = pl.DataFrame({"method": rungs}).with_columns(
            zone=pl.lit(self.zone(zone)), month=pl.lit(period)
        )
        library = self.library
        answers = {
            row["method"]: row
            for row in resolver.resolve(
                self.all(), library.zones, library.gwp, requests, self.policy
            ).iter_rows(named=True)
        }
        for rung in rungs:
            if answers[rung]["factor_id"]:
                return _answer(answers[rung], year, method)
        raise LookupError(answers["location"]["why"])

    def zone(self, name: str) -> str:
        """The zone that an id, a name, a country code or a US ZIP code means; else the name."""
        maps = context_maps(self.library, self.own)
        zone: str = maps["zip_zones"].get(name) or maps["zones"].get(name.lower()) or name
        return zone


def _answer(row: Mapping[str, Any], year: int, method: str) -> dict[str, Any]:
    why = row["why"]
    if method == "market" and row["method"] == "location":
        why = f"No supplier factor or residual mix is known: grid average, disclosed. {why}"
    return {
        **{column: row[column] for column in ANSWER},
        "zone": row["factor_zone"],
        "year": year,
        "method": method,
        "why": why,
    }
