"""Regions as bills write them -> the provider's region codes."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from carbon.activity.places import region_code
from carbon.activity.source import Context

NOWHERE: Final = (
    "global",
    "any",
    "unassigned",
    "unknown",
    "intercontinental",
    "all regions",
    "n/a",
)
"""What bills write for services without a region."""

AZURE_LANDS: Final[Mapping[str, str]] = {
    "us": "us",
    "eu": "europe",
    "ap": "asia",
    "uk": "uk",
    "ca": "canada",
    "in": "india",
    "ja": "japan",
    "jp": "japan",
    "kr": "korea",
    "au": "australia",
    "br": "brazil",
    "fr": "france",
    "de": "germany",
    "za": "southafrica",
    "ae": "uae",
    "ch": "switzerland",
    "no": "norway",
    "se": "sweden",
}
"""First word of Azure's older names of regions (`EU West`) -> how its codes name the land."""


def regions(texts: pl.Series, provider: str, context: Context) -> pl.Series:
    """Region codes of a provider; a name that nobody knows stays as it is written.

    Args:
        texts: codes, availability zones or names, as the bill writes them.
        provider: aws, gcp or azure.
        context: of which the provider's regions are used.
    """
    known = context.regions.get(provider, {})
    distinct = texts.drop_nulls().unique().sort()
    codes = {text: _code(text, provider, known) for text in distinct}
    return texts.replace_strict(codes, default=None, return_dtype=pl.String)


def _code(text: str, provider: str, known: Mapping[str, str]) -> str | None:
    word = text.strip().casefold()
    if not word or word in NOWHERE:
        return None
    code, _ = region_code(text, known)
    if code is None and provider == "azure":
        code = _azure_code(word, known)
    return code or text.strip()


def _azure_code(word: str, known: Mapping[str, str]) -> str | None:
    """`US East 2` -> eastus2, `EU West` -> westeurope, `UK South` -> uksouth, `IN Central` ->
    centralindia: the land stands before or behind the direction."""
    joined = "".join(word.split())
    first, *rest = word.split()
    land = AZURE_LANDS.get(first)
    tries = [joined]
    if land and rest:
        number = rest.pop() if rest[-1].isdigit() else ""
        way = "".join(rest)
        tries += [f"{way}{land}{number}", f"{land}{way}{number}"]
    return next((known[name] for name in tries if name in known), None)
