"""The analyst's words for the codes in the tables. One word, one meaning, on every screen."""

from typing import Final

METHODS: Final = {"both": "Both methods", "location": "Location-based", "market": "Market-based"}

METHODS_SHORT: Final = {"both": "Both", "location": "Location", "market": "Market"}

SCOPES: Final = {"in": "In scope", "all": "Everything"}

SCOPE_CATEGORIES: Final = {
    "scope_2": "Scope 2",
    "scope_3_cat_1": "Category 1, electricity part only",
}

LIFECYCLES: Final = {
    "training": "Training",
    "fine_tuning": "Fine-tuning",
    "inference_batch": "Inference, batch",
    "inference_realtime": "Inference, real time",
    "development": "Development",
    "shared": "Shared",
    None: "Not stated",
}

RUNGS: Final = {
    "row_factor": "Factor on the row",
    "instrument": "Contractual instrument",
    "supplier": "Supplier rate",
    "residual": "Residual mix",
    "grid_average": "Grid average (no residual mix)",
    "row_location": "Location factor on the row (no residual mix)",
}

TIERS: Final = {
    "T1": "Metered, facility",
    "T2": "Metered, server or rack",
    "T3": "Metered, board or chip",
    "T4": "Hours × measured watts",
    "T5": "Hours × TDP",
    "T6": "Per token or request",
    "T7": "From spend",
    None: "Energy not known",
}

PER_UNITS: Final = {
    "query": "Request",
    "1k_output_tokens": "1,000 output tokens",
    "1k_tokens": "1,000 tokens, input and output",
    "training_run": "Training",
    "gpu_hour": "Accelerator-hour",
}
"""What a figure is per."""

WHOSE: Final = {
    "imported": "Brought by you",
    "portfolio": "Others here",
    "published": "Published",
}
"""Whose a figure is that stands beside a model's own."""

FIGURE_BOUNDARIES: Final = {
    "chip": "Chip alone",
    "board": "Accelerator board, no host",
    "node": "Server, no idle capacity",
    "node_idle": "Server and idle capacity",
    "facility": "Full stack: server, idle, cooling",
    None: "Boundary not said",
}
"""How much of the machine a figure sees."""

ENDINGS: Final = {
    "finished": "Finished",
    "failed": "Failed",
    "preempted": "Preempted",
    "search": "Search trials",
    "running": "Still running",
    "not_stated": "Not stated",
}
"""How runs of training ended."""

QUANTITIES: Final = {
    "energy_facility_kwh": ("Energy, facility", "kWh"),
    "energy_it_kwh": ("Energy, IT equipment", "kWh"),
    "accelerator_hours": ("Accelerator-hours", "h"),
    "instance_hours": ("Instance-hours", "h"),
    "vcpu_hours": ("vCPU-hours", "h"),
    "gb_hours": ("Gigabyte-hours stored", "GB h"),
    "gb_transferred": ("Data transferred", "GB"),
    "requests": ("Requests", "1"),
    "input_tokens": ("Input tokens", "1"),
    "output_tokens": ("Output tokens", "1"),
    "cached_tokens": ("Cached input tokens", "1"),
    "reasoning_tokens": ("Reasoning tokens", "1"),
    "cost": ("Cost", "as billed"),
}
"""What a quantity is, and its unit."""

COMPONENTS: Final = {
    "it": "IT equipment",
    "accelerator": "Accelerators",
    "host": "Host servers",
    "cpu": "Processors",
    "memory": "Memory",
    "storage": "Storage",
    "network": "Network",
    "idle": "Idle",
    "gap_estimate": "Estimated gap",
    "facility": "Facility",
    "overhead": "Cooling and power distribution",
}

PROVIDERS: Final = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Microsoft Azure"}

INSTRUMENT_KINDS: Final = {
    "eac": "Certificate (EAC)",
    "ppa": "Power purchase agreement",
    "supplier_rate": "Supplier rate",
    "green_tariff": "Green tariff",
}

CRITERIA: Final = {
    "q1": "Conveys the direct emission rate",
    "q2": "Is the only instrument with that claim",
    "q3": "Tracked and retired for the reporter",
    "q4": "Issued and redeemed close to the consumption",
    "q5": "From the market of the consumption",
    "q6": "Supplier rate: delivered electricity, all sales",
    "q7": "Direct purchase: all claims transferred",
    "q8": "A residual mix is used, or its absence disclosed",
}

INPUT_KINDS: Final = {
    "workload": "Energy",
    "factor": "Emission factor",
    "pue": "PUE",
    "embodied": "Embodied figure",
}
"""Inputs whose doubt is shared by all that rests on them."""

NEXT_STEPS: Final = {
    "workload": "Measure the energy of",
    "factor": "Import a newer factor for",
    "pue": "State the PUE in place of",
}
"""What would make an input surer."""

INDICATORS: Final = {
    "reliability": "Reliability",
    "completeness": "Completeness",
    "temporal": "Age",
    "geographical": "Place",
    "technological": "Technology",
}
"""Indicators of the pedigree matrix."""

SCORES: Final = {
    "reliability": (
        "measured and verified",
        "measured, or verified in part",
        "partly a qualified estimate",
        "a qualified estimate",
        "an unqualified estimate",
    ),
    "completeness": (
        "all of it, over a fair period",
        "more than half of it",
        "less than half, or shorter",
        "one site, or some and shorter",
        "not known",
    ),
    "temporal": (
        "less than 3 years apart",
        "less than 6 years apart",
        "less than 10 years apart",
        "less than 15 years apart",
        "older, or not known",
    ),
    "geographical": (
        "the place itself",
        "a wider place that holds it",
        "a place much like it",
        "a place somewhat like it",
        "another place, or not known",
    ),
    "technological": (
        "this very equipment",
        "the same technology elsewhere",
        "the same process, other technology",
        "a related process",
        "a related process, other technology",
    ),
}
"""What scores 1 to 5 mean (Weidema and Wesnaes 1996)."""

PEDIGREE_SETS: Final = {
    "expert": "Expert set, ecoinvent 2",
    "empirical": "Empirical set, Ciroth et al. 2016",
    "ghg_protocol": "GHG Protocol, four levels",
}

DOUBT_INPUTS: Final = {
    "by_tier": "The policy's factors by tier and basis",
    "pedigree": "Default scores by tier, age, place and basis",
}

MEASURES: Final = {
    "energy_it_kwh": "IT energy [kWh]",
    "energy_facility_kwh": "Facility energy [kWh]",
    "location_kg_co2e": "Location-based [kgCO₂e]",
    "market_kg_co2e": "Market-based [kgCO₂e]",
    "embodied_kg_co2e": "Embodied hardware [kgCO₂e]",
    "water_l": "Water [L]",
    "location_low_kg": "Location-based, low [kgCO₂e]",
    "location_high_kg": "Location-based, high [kgCO₂e]",
    "market_low_kg": "Market-based, low [kgCO₂e]",
    "market_high_kg": "Market-based, high [kgCO₂e]",
    "location_coverage": "Share with a location-based factor [1]",
    "market_coverage": "Share with a market-based factor [1]",
    "tier": "Tier",
}


CHANGE_STEPS: Final = {
    "restated_data": "Restated activity data",
    "restated_factors": "Restated factors",
    "restated_scope": "Restated boundary",
    "new": "New workloads",
    "gone": "Workloads gone",
    "boundary": "Boundary decisions",
    "activity": "Activity",
    "efficiency": "Energy per unit of work",
    "overhead": "Overhead (PUE)",
    "place": "Place",
    "grid": "Grid intensity",
    "procurement": "Procurement",
    "coverage": "Newly known or lost",
}
"""Why a figure is up or down."""

CHANGE_MEANINGS: Final = {
    "restated_data": "The first period's own activity data were completed or corrected.",
    "restated_factors": "The first period was computed again with other factors.",
    "restated_scope": "The first period was computed again with another boundary.",
    "new": "Workloads that used energy in the second period only.",
    "gone": "Workloads that used energy in the first period only.",
    "boundary": "Workloads that stand inside the boundary in one period only.",
    "activity": "More or less work: requests, tokens, runs or accelerator-hours, whichever both "
    "periods know; where neither knows any, energy itself.",
    "efficiency": "IT energy for each request, token, run or accelerator-hour.",
    "overhead": "Facility energy for each kWh of IT energy: cooling and power distribution.",
    "place": "The same work in other grid zones.",
    "grid": "The location-based factor of the same zone, as the use was spread over its months.",
    "procurement": "What was bought against the grid average of the same place: instruments, "
    "supplier rates, residual mix.",
    "coverage": "Energy or a factor is known in one period only: no change of what was emitted.",
}
"""What each step is."""

WORK_UNITS: Final = {
    "requests": "Requests",
    "output_tokens": "Output tokens",
    "runs": "Training runs",
    "accelerator_hours": "Accelerator-hours",
    "energy": "Not known; IT energy [kWh]",
    None: "–",
}
"""What the work of a workload is counted in."""

TARGET_MEASURES: Final = {
    "location": "Location-based emissions",
    "market": "Market-based emissions",
    "energy": "Energy",
}

TARGET_PER: Final = {
    "year": "a year",
    "1k_requests": "per 1,000 requests",
    "1k_output_tokens": "per 1,000 output tokens",
    "kwh_it": "per kWh of IT energy",
}

TARGET_PATHS: Final = {
    "linear": "The same amount each year",
    "geometric": "The same share each year",
}


def name_of(table: dict, code: object) -> str:
    """The word for a code; a code without one stands as it is."""
    return str(table.get(code, code if code not in (None, "") else "Not stated"))
