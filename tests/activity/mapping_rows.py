"""A mapping with the parts that every test needs, and its rows."""

from datetime import UTC, datetime

import polars as pl

from carbon import activity
from carbon.activity.mapping.model import Mapping
from carbon.activity.source import Payload

BASE = """
name = "meters"
{settings}
[fields.workload]
column = "job"
[fields.start]
column = "date"
[fields.zone]
constant = "FR"
{fields}
"""


def mapping(fields: str, settings: str = 'period = "month"') -> Mapping:
    return Mapping.from_toml(BASE.format(fields=fields, settings=settings))


def text(rows: list[str], name: str = "meters.csv") -> Payload:
    return Payload(name, "text", "\n".join(rows) + "\n")


def energies(reading: activity.Reading) -> list[float]:
    rows = reading.activity.filter(pl.col("quantity_kind").str.starts_with("energy"))
    return rows["quantity"].to_list()


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
