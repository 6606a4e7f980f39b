"""Codes of the ENTSO-E Transparency Platform: areas and production types.

As published in the platform's own code lists (checked against entsoe-py 0.8.1).
"""

from typing import Final

import polars as pl

from carbon.factors.generation_mix import STORAGE

TYPES: Final = {
    "B01": ("Biomass", "biomass"),
    "B02": ("Fossil Brown coal/Lignite", "lignite"),
    "B03": ("Fossil Coal-derived gas", None),
    "B04": ("Fossil Gas", "gas"),
    "B05": ("Fossil Hard coal", "coal"),
    "B06": ("Fossil Oil", "oil"),
    "B07": ("Fossil Oil shale", None),
    "B08": ("Fossil Peat", None),
    "B09": ("Geothermal", "geothermal"),
    "B10": ("Hydro Pumped Storage", STORAGE),
    "B11": ("Hydro Run-of-river and pondage", "hydro"),
    "B12": ("Hydro Water Reservoir", "hydro"),
    "B13": ("Marine", None),
    "B14": ("Nuclear", "nuclear"),
    "B15": ("Other renewable", None),
    "B16": ("Solar", "solar"),
    "B17": ("Waste", None),
    "B18": ("Wind Offshore", "wind offshore"),
    "B19": ("Wind Onshore", "wind onshore"),
    "B20": ("Other", None),
    "B25": ("Energy storage", STORAGE),
}
"""PSR type -> its name, and its fuel in the set IPCC; None: no figure."""

OLDER_NAMES: Final = {"Hydro Run-of-river and poundage": "B11"}
"""Names of earlier versions of entsoe-py."""

ZONES: Final = {
    "10YAL-KESH-----5": "AL",
    "10YAT-APG------L": "AT",
    "10Y1001A1001A51S": "BY",
    "10YBE----------2": "BE",
    "10YBA-JPCC-----D": "BA",
    "10YCA-BULGARIA-R": "BG",
    "10YHR-HEP------M": "HR",
    "10YCY-1001A0003J": "CY",
    "10YCZ-CEPS-----N": "CZ",
    "10Y1001A1001A82H": "DE",
    "10Y1001A1001A83F": "DE",
    "10Y1001A1001A65H": "DK",
    "10YDK-1--------W": "DK-DK1",
    "10YDK-2--------M": "DK-DK2",
    "10Y1001A1001A39I": "EE",
    "10YFI-1--------U": "FI",
    "10YMK-MEPSO----8": "MK",
    "10YFR-RTE------C": "FR",
    "10YGR-HTSO-----Y": "GR",
    "10YHU-MAVIR----U": "HU",
    "10YIE-1001A00010": "IE",
    "10Y1001A1001A59C": "IE",
    "10YIT-GRTN-----B": "IT",
    "10YLV-1001A00074": "LV",
    "10YLT-1001A0008Q": "LT",
    "10YLU-CEGEDEL-NQ": "LU",
    "10Y1001A1001A93C": "MT",
    "10YCS-CG-TSO---S": "ME",
    "10YGB----------A": "GB",
    "10Y1001A1001A92E": "GB",
    "10Y1001A1001B012": "GE",
    "10YNL----------L": "NL",
    "10YNO-0--------C": "NO",
    "10YNO-1--------2": "NO-NO1",
    "10YNO-2--------T": "NO-NO2",
    "10YNO-3--------J": "NO-NO3",
    "10YNO-4--------9": "NO-NO4",
    "10Y1001A1001A48H": "NO-NO5",
    "10YPL-AREA-----S": "PL",
    "10YPT-REN------W": "PT",
    "10Y1001A1001A990": "MD",
    "10YRO-TEL------P": "RO",
    "10Y1001A1001A44P": "SE-SE1",
    "10Y1001A1001A45N": "SE-SE2",
    "10Y1001A1001A46L": "SE-SE3",
    "10Y1001A1001A47J": "SE-SE4",
    "10YSE-1--------K": "SE",
    "10YCS-SERBIATSOV": "RS",
    "10YSK-SEPS-----K": "SK",
    "10YSI-ELES-----O": "SI",
    "10YES-REE------0": "ES",
    "10YCH-SWISSGRIDZ": "CH",
    "10YTR-TEIAS----W": "TR",
    "10Y1001C--00003F": "UA",
    "10Y1001C--00100H": "XK",
    "10YDE-VE-------2": "DE-50HZ",
    "10YDE-RWENET---I": "DE-AMPRION",
    "10YDE-EON------1": "DE-TENNET",
    "10YDE-ENBW-----N": "DE-TRANSNET",
}
"""EIC of a bidding zone, country or control area -> zone. DE-LU is taken as Germany: Luxembourg
generates about one percent of it. Parts of a country are named as Electricity Maps names them."""

NAMES: Final = {
    "DE_LU": "DE",
    "IE_SEM": "IE",
    "DE_50HZ": "DE-50HZ",
    "DE_AMPRION": "DE-AMPRION",
    "DE_TENNET": "DE-TENNET",
    "DE_TRANSNET": "DE-TRANSNET",
    "UK": "GB",
    **{
        f"{country}_{number}": f"{country}-{country}{number}"
        for country, count in (("DK", 2), ("NO", 5), ("SE", 4))
        for number in range(1, count + 1)
    },
    **{zone: zone for zone in ZONES.values() if "-" not in zone},
}
"""entsoe-py's name of an area -> zone."""

FUELS: Final = {code: fuel for code, (_, fuel) in TYPES.items() if fuel}
"""PSR type -> fuel, of those that have one."""


def coded() -> tuple[pl.Expr, pl.Expr]:
    """`code` and `fuel` of the columns code and draws; what plants draw is none of the mix."""
    fuel = pl.col("code").replace_strict(FUELS, default=None, return_dtype=pl.String)
    name = pl.col("code").fill_null("not stated")
    return (
        pl.when("draws").then(name + " (drawn)").otherwise(name).alias("code"),
        pl.when("draws").then(pl.lit(STORAGE)).otherwise(fuel).alias("fuel"),
    )
