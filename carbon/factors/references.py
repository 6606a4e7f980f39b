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


def _table(name: str, schema: type[dy.Schema]) -> pl.DataFrame:
    types = schema.create_empty().schema
    return pl.read_csv(FOLDER / f"{name}.csv", schema_overrides=types).select(types.names())
