"""What others published of their models, and what emissions are in everyday terms.

Shipped in `data/references/`, each row with its document and its boundary. Shown beside figures,
never part of one.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import dataframely as dy
import polars as pl

from carbon.factors.library import DATA
from carbon.schema import Equivalent, Reference

FOLDER: Final = DATA / "references"


@dataclass(frozen=True)
class References:
    """The shipped tables.

    Attributes:
        published: figures of models (schema Reference).
        equivalents: emissions in everyday terms (schema Equivalent).
    """

    published: pl.DataFrame
    equivalents: pl.DataFrame


@lru_cache(maxsize=1)
def references() -> References:
    """The shipped references, read on first use and shared afterwards."""
    return References(
        published=_table("published", Reference), equivalents=_table("equivalents", Equivalent)
    )


def with_own(own: pl.DataFrame) -> pl.DataFrame:
    """Published figures that the user brought, then the shipped ones.

    Args:
        own: `OwnReference` rows that count.

    Returns:
        the columns of `Reference` and own (true: the user brought it); the user's first, by
        publisher, edition, task and model. A licence that the user's file does not say is
        "not stated".
    """
    columns = list(Reference.columns())
    mine = (
        own.select(columns)
        .with_columns(pl.col("licence").fill_null("not stated"), own=pl.lit(True))
        .sort("publisher", "release", "task", "model", "reference_id", nulls_last=True)
    )
    return pl.concat([mine, references().published.with_columns(own=pl.lit(False))])


def _table(name: str, schema: type[dy.Schema]) -> pl.DataFrame:
    types = schema.create_empty().schema
    return pl.read_csv(FOLDER / f"{name}.csv", schema_overrides=types).select(types.names())
