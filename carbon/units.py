"""Every conversion factor, once.

The house stores energy in kWh, mass in kgCO2e, power in W, water in L, time in hours.
A factor here converts *one of the named unit* into the house's unit: `value * FACTOR[unit]`.

Unit names are matched case-sensitively, because case carries meaning: `mWh` is not `MWh`,
AWS's `MTCO2e` is a metric ton and Ember's `MtCO2e` a megatonne.
"""

from typing import Final

LB_TO_KG: Final = 0.45359237
"""Kilogram per avoirdupois pound (exact, international yard and pound agreement 1959)."""

SHORT_TON_TO_KG: Final = 907.18474
"""Kilogram per short ton of 2000 lb (exact)."""

J_PER_KWH: Final = 3.6e6
"""Joule per kilowatt-hour (exact)."""

W_PER_KW: Final = 1000.0
SECONDS_PER_HOUR: Final = 3600.0

ENERGY_KWH: Final[dict[str, float]] = {
    "kWh": 1.0,
    "KWh": 1.0,
    "kwh": 1.0,
    "KWH": 1.0,
    "Wh": 1e-3,
    "wh": 1e-3,
    "MWh": 1e3,
    "MWH": 1e3,
    "GWh": 1e6,
    "TWh": 1e9,
    "J": 1 / J_PER_KWH,
    "kJ": 1e3 / J_PER_KWH,
    "MJ": 1e6 / J_PER_KWH,
    "GJ": 1e9 / J_PER_KWH,
    "mJ": 1e-3 / J_PER_KWH,
    "µJ": 1e-6 / J_PER_KWH,
    "uJ": 1e-6 / J_PER_KWH,
}
"""Unit of energy -> kWh."""

POWER_W: Final[dict[str, float]] = {
    "W": 1.0,
    "w": 1.0,
    "kW": 1e3,
    "KW": 1e3,
    "MW": 1e6,
    "mW": 1e-3,
}
"""Unit of power -> W."""

MASS_KG: Final[dict[str, float]] = {
    "kg": 1.0,
    "kgCO2e": 1.0,
    "kgCO2eq": 1.0,
    "g": 1e-3,
    "gCO2e": 1e-3,
    "t": 1e3,
    "tCO2e": 1e3,
    "MTCO2e": 1e3,
    "mtCO2e": 1e3,
    "lb": LB_TO_KG,
    "short ton": SHORT_TON_TO_KG,
}
"""Unit of mass -> kg. `MTCO2e` (AWS) and `mtCO2e` (Microsoft) are metric tons; `MtCO2e`
(Ember, megatonne) is deliberately absent: a reader that meets it must name it itself."""

INTENSITY_KG_PER_KWH: Final[dict[str, float]] = {
    "kg/kWh": 1.0,
    "kgCO2e/kWh": 1.0,
    "kg/MWh": 1e-3,
    "kgCO2e/MWh": 1e-3,
    "g/kWh": 1e-3,
    "gCO2e/kWh": 1e-3,
    "gCO2/kWh": 1e-3,
    "t/MWh": 1.0,
    "tCO2e/MWh": 1.0,
    "lb/MWh": LB_TO_KG / 1e3,
    "lb/kWh": LB_TO_KG,
    "lb/GWh": LB_TO_KG / 1e6,
}
"""Unit of carbon intensity -> kgCO2e per kWh."""

HOURS: Final[dict[str, float]] = {
    "h": 1.0,
    "hr": 1.0,
    "hrs": 1.0,
    "Hrs": 1.0,
    "hour": 1.0,
    "hours": 1.0,
    "min": 1 / 60,
    "minutes": 1 / 60,
    "s": 1 / SECONDS_PER_HOUR,
    "sec": 1 / SECONDS_PER_HOUR,
    "seconds": 1 / SECONDS_PER_HOUR,
    "d": 24.0,
    "days": 24.0,
}
"""Unit of time -> hours."""

COUNT: Final[dict[str, float]] = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9}
"""Suffix of a bare count (requests, tokens) -> ones."""

CELSIUS: Final[dict[str, float]] = {"°C": 1.0, "C": 1.0, "degC": 1.0}
"""Unit of temperature -> °C. Fahrenheit has another zero and is deliberately absent."""
