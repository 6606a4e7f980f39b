"""The closed lists: one word, one meaning, everywhere."""

from typing import Final

UNASSIGNED: Final = "(unassigned)"
"""The workload of activity that nobody claims."""

LIFECYCLES: Final = (
    "training",
    "fine_tuning",
    "inference_batch",
    "inference_realtime",
    "development",
    "shared",
)

QUANTITY_KINDS: Final = (
    "energy_facility_kwh",
    "energy_it_kwh",
    "accelerator_hours",
    "instance_hours",
    "vcpu_hours",
    "gb_hours",
    "gb_transferred",
    "requests",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost",
)
"""What a row states. Cached tokens are part of the input tokens, reasoning tokens of the output."""

ENERGY_KINDS: Final = QUANTITY_KINDS[:7]
"""Kinds from which energy is computed, best first: of one source row only the first that is
there counts, so that kWh and hours of the same run are never added up."""

METERED_KINDS: Final = QUANTITY_KINDS[:2]
"""Kinds that are energy already."""

HOUR_KINDS: Final = QUANTITY_KINDS[2:4]
"""Hours of machines and of accelerators."""

SUPPORT_KINDS: Final = QUANTITY_KINDS[4:7]
"""Kinds of supporting services (processors, memory, storage, network), from which energy follows by
published coefficients, at tier T6. They are parts of a whole: of one source row all of them
count, where nothing better is there."""

USAGE_KINDS: Final = ("output_tokens", "requests")
"""Kinds of use from which energy follows where energy of a token or of a request is stated or
published, at tier T6, and nothing better is there."""

BILL_FORMATS: Final = ("aws-cur", "gcp-billing", "azure-costs", "focus")
"""Formats of bills, whose lines are AI or general IT; every other format holds what is declared to
be AI."""

MEDIA: Final = ("ssd", "hdd")
"""What data is stored on, where the source says."""

RUN_STATUSES: Final = ("finished", "failed", "preempted", "search", "running")
"""How a run of training ended: it gave what it was for; it failed; somebody or something else ended
it; it was one trial of a search; it goes on. All of them are part of the model's training."""

BOUNDARIES: Final = ("chip", "board", "node", "rack", "facility")
"""What the meter sees, from the smallest to the whole building."""

FIGURE_BOUNDARIES: Final = ("chip", "board", "node", "node_idle", "facility")
"""The boundary ladder of a figure per request, per token or per training: chip; accelerator board;
node (host, memory, network card); node and provisioned idle; facility, with cooling and power
distribution. Source: methodology, section 3."""

PER_UNITS: Final = ("query", "1k_output_tokens", "1k_tokens", "training_run", "gpu_hour")
"""What energy and emissions are stated per."""

TIERS: Final = ("T1", "T2", "T3", "T4", "T5", "T6", "T7")
"""How the energy is known, best first. T1 facility meter; T2 node or PDU meter x PUE; T3 board or
chip telemetry x PUE; T4 hours x measured or modelled watts x PUE; T5 hours x TDP x PUE; T6 tokens,
requests or resource coefficients x benchmark; T7 spend. Source: methodology, section 3."""

COMPONENTS: Final = (
    "it",
    "accelerator",
    "host",
    "cpu",
    "memory",
    "storage",
    "network",
    "idle",
    "gap_estimate",
    "facility",
    "overhead",
)
"""Parts of a footprint row. `it`: IT equipment metered as a whole; `host`: the server around its
accelerators; `cpu`, `memory`, `storage` and `network`: supporting services that a bill lists on
their own; `gap_estimate`: energy estimated for the time that a meter did not see; `facility`:
metered with its overhead where no PUE tells them apart; `overhead`: cooling and power distribution
(PUE - 1)."""

SCOPE_CATEGORIES: Final = ("scope_2", "scope_3_cat_1")
"""Scope 2: own and colocated hardware. Scope 3 category 1: purchased compute (cloud)."""
