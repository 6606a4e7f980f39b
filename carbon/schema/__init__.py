"""The vocabulary: every table's columns, types, units and row rules, as dataframely schemas.

A schema class *is* the documentation of a frame. Names carry units; times are UTC; energy is
kWh, mass kgCO2e, water L; identifiers are strings, because account ids have leading zeros.
"""

from carbon.schema.activity import Activity, Quarantine, Reported
from carbon.schema.factor import FACTOR_METHODS, Factor, Instrument
from carbon.schema.footprint import MEASURES, FootprintLine, MarketLine
from carbon.schema.plan import PLAN_KINDS, Plan
from carbon.schema.reference import (
    Accelerator,
    CloudInstance,
    CloudRegion,
    Embodied,
    Equivalent,
    OwnReference,
    Reference,
    RegionEfficiency,
    Zone,
)
from carbon.schema.sighting import (
    DECISIONS,
    SIGHTED_AS,
    TAKES,
    WHOLE_LISTING,
    Asset,
    AssignmentRule,
    Decision,
    Sighting,
)
from carbon.schema.terms import (
    BILL_FORMATS,
    BOUNDARIES,
    COMPONENTS,
    ENERGY_KINDS,
    FIGURE_BOUNDARIES,
    HOUR_KINDS,
    LIFECYCLES,
    MEDIA,
    METERED_KINDS,
    PER_UNITS,
    QUANTITY_KINDS,
    RUN_STATUSES,
    SCOPE_CATEGORIES,
    SUPPORT_KINDS,
    TIERS,
    UNASSIGNED,
    USAGE_KINDS,
)
from carbon.schema.weather import WEATHER_SPANS, Weather
from carbon.schema.workload import (
    WORKLOAD_NUMBERS,
    WORKLOAD_STATED_COLUMNS,
    WORKLOAD_TEXT_COLUMNS,
    Workload,
)
from carbon.schema.workspace import Correction, Discard, Event, Evidence, Import

__all__ = [
    "BILL_FORMATS",
    "BOUNDARIES",
    "COMPONENTS",
    "DECISIONS",
    "ENERGY_KINDS",
    "FACTOR_METHODS",
    "FIGURE_BOUNDARIES",
    "HOUR_KINDS",
    "LIFECYCLES",
    "MEASURES",
    "MEDIA",
    "METERED_KINDS",
    "PER_UNITS",
    "PLAN_KINDS",
    "QUANTITY_KINDS",
    "RUN_STATUSES",
    "SCOPE_CATEGORIES",
    "SIGHTED_AS",
    "SUPPORT_KINDS",
    "TAKES",
    "TIERS",
    "UNASSIGNED",
    "USAGE_KINDS",
    "WEATHER_SPANS",
    "WHOLE_LISTING",
    "WORKLOAD_NUMBERS",
    "WORKLOAD_STATED_COLUMNS",
    "WORKLOAD_TEXT_COLUMNS",
    "Accelerator",
    "Activity",
    "Asset",
    "AssignmentRule",
    "CloudInstance",
    "CloudRegion",
    "Correction",
    "Decision",
    "Discard",
    "Embodied",
    "Equivalent",
    "Event",
    "Evidence",
    "Factor",
    "FootprintLine",
    "Import",
    "Instrument",
    "MarketLine",
    "OwnReference",
    "Plan",
    "Quarantine",
    "Reference",
    "RegionEfficiency",
    "Reported",
    "Sighting",
    "Weather",
    "Workload",
    "Zone",
]
