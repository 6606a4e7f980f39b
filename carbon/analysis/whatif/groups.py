"""Which places a name means: a place, a zone, a country, or the EU and the EEA."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.analysis.whatif.places import Places

EU: Final = frozenset(
    {
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    }
)
"""Member states of the European Union, ISO 3166-1 alpha-2. Source: Publications Office of the EU,
Interinstitutional style guide, annex A5 (which writes EL for Greece)."""

EEA: Final = EU | {"IS", "LI", "NO"}
"""The European Economic Area: the EU, and three states of EFTA. Source: EEA Agreement."""

COUNTRIES: Final = {"EU": EU, "EEA": EEA}


def matches(places: Places, name: str) -> NDArray[np.bool_]:
    """The places that a name means.

    `aws:eu-north-1` and `site:Lyon` mean that place; `aws:*` every region of a provider; `zone:FR`
    or `FR` every place in that zone or country, whoever runs it; `EU` and `EEA` every place in
    their states. A name that means nothing gives no place.
    """
    known: dict[str, NDArray[np.bool_]] = places.memory.setdefault("groups", {})
    if name not in known:
        known[name] = _matches(places, name)
    return known[name]


def _matches(places: Places, name: str) -> NDArray[np.bool_]:
    table = places.table
    if name.upper() in COUNTRIES:
        hit = table["country"].is_in(sorted(COUNTRIES[name.upper()]))
    elif name.endswith(":*"):
        hit = table["provider"] == name[:-2]
    elif name.startswith("zone:") or ":" not in name:
        zone = name.removeprefix("zone:").upper()
        hit = table.select(
            (pl.col("zone").str.to_uppercase() == zone).fill_null(False)
            | (pl.col("country") == zone).fill_null(False)
        ).to_series()
    else:
        hit = table["place"].str.to_lowercase() == name.lower()
    return np.asarray(hit.fill_null(False).to_numpy(), dtype=bool)


def any_of(places: Places, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """The places that any of the names means."""
    hit = np.zeros(len(places.ids), dtype=bool)
    for name in names:
        hit |= matches(places, name)
    return hit
