"""The least-carbon placement of workloads under constraints, and what each constraint costs.

Linear programming, solved by HiGHS (Huangfu and Hall 2018, "Parallelizing the dual revised simplex
method", Mathematical Programming Computation 10) as scipy brings it. Pure: arrays in, arrays out.
"""

from carbon.analysis.placement.conflicts import Conflict, conflicts
from carbon.analysis.placement.frontier import FrontierPoint, frontier
from carbon.analysis.placement.prices import ShadowPrice, shadow_prices
from carbon.analysis.placement.problem import Barrier, Cap, Placement, Problem
from carbon.analysis.placement.solve import place

__all__ = [
    "Barrier",
    "Cap",
    "Conflict",
    "FrontierPoint",
    "Placement",
    "Problem",
    "ShadowPrice",
    "conflicts",
    "frontier",
    "place",
    "shadow_prices",
]
