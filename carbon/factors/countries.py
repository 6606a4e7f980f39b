"""Countries as statistics offices name them."""

from typing import Final

import polars as pl

from carbon.factors.figures import known_zone
from carbon.factors.source import Context
from carbon.tables import Rejections, Table

OTHER_NAMES: Final = {
    "bolivarian republic of venezuela": "VE",
    "chinese taipei": "TW",
    "czech republic": "CZ",
    "democratic people's republic of korea": "KP",
    "democratic republic of the congo": "CD",
    "dpr of korea": "KP",
    "el": "GR",
    "hong kong (china)": "HK",
    "islamic republic of iran": "IR",
    "ivory coast": "CI",
    "korea": "KR",
    "lao people's democratic republic": "LA",
    "people's republic of china": "CN",
    "people's republic of china (excl. hong kong)": "CN",
    "plurinational state of bolivia": "BO",
    "republic of moldova": "MD",
    "republic of north macedonia": "MK",
    "republic of türkiye": "TR",
    "republic of turkiye": "TR",
    "russian federation": "RU",
    "slovak republic": "SK",
    "syrian arab republic": "SY",
    "türkiye": "TR",
    "turkey": "TR",
    "uk": "GB",
    "united republic of tanzania": "TZ",
    "viet nam": "VN",
}
"""Names and codes of official tables that are no English name or ISO code -> alpha-2."""


def country_zone(table: Table, column: str, context: Context) -> pl.DataFrame:
    """row_number, `zone` (null where the country is not known) and `raw` of a column."""
    name = pl.col(column).str.strip_chars().str.strip_chars("*")
    other = name.str.to_lowercase().replace_strict(
        OTHER_NAMES, default=None, return_dtype=pl.String
    )
    return table.numbered().select(
        "row_number",
        pl.coalesce(other, known_zone(name, context)).alias("zone"),
        pl.col(column).alias("raw"),
    )


def reject_unknown(places: pl.DataFrame, column: str, rejections: Rejections) -> None:
    """Set aside rows whose country is not known: groups of countries among them."""
    rejections.add_where(
        places,
        pl.col("zone").is_null() & pl.col("raw").is_not_null(),
        "this is no country that is known; write its ISO code. Groups of countries give no factor",
        column=column,
        value="raw",
    )
