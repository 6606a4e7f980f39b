"""Every methodological choice, in one frozen object <-> `policy.toml`.

Nothing else may hold a choice: a constant that an analyst could reasonably set otherwise is here,
with the reason for its default beside it, and the methodology chapter of the report is printed
from these very fields.
"""

from carbon.policy.boundary import LEAVES_OUT_BY, Boundary, BoundaryDecision, LeftOut, Part
from carbon.policy.confidence import Score
from carbon.policy.energy import Support
from carbon.policy.policy import Policy, PolicyError
from carbon.policy.reading import Telemetry

__all__ = [
    "LEAVES_OUT_BY",
    "Boundary",
    "BoundaryDecision",
    "LeftOut",
    "Part",
    "Policy",
    "PolicyError",
    "Score",
    "Support",
    "Telemetry",
]
