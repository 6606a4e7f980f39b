"""The formats of factor files, by name."""

from collections.abc import Mapping
from typing import Final

from carbon.factors import (
    aib,
    egrid,
    eia,
    electricity_maps,
    ember,
    entsoe,
    greene,
    iea,
    template,
    uk_desnz,
    uk_intensity,
    watttime,
)
from carbon.factors.source import FactorReader

READERS: Final[Mapping[str, FactorReader]] = {
    module.NAME: module
    for module in (
        template,
        egrid,
        electricity_maps,
        watttime,
        uk_intensity,
        eia,
        entsoe,
        ember,
        uk_desnz,
        iea,
        aib,
        greene,
    )
}
"""Format name -> reader. To add a format, write its module and name it here."""
