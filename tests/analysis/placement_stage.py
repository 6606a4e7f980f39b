"""Placements of rows by hand, on the places of the what-if tests."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounting_rows import Row
from whatif_rows import WHATIF_LIBRARY, stage

from carbon.analysis.placement.optimum import Optimum, Stage, TradeOff, least_carbon, trade_off
from carbon.analysis.whatif.scenario_file import scenario_from_dict


def placement_stage(rows: Sequence[Row], **given: Any) -> Stage:
    """What scenarios of rows are computed on."""
    _, now, candidates, policy = stage(rows, **given)
    return Stage(now, candidates, policy, WHATIF_LIBRARY)


def least(rows: Sequence[Row], scenario: Mapping[str, Any], *, given=None, **options) -> Optimum:
    """The placement of rows that emits least."""
    on = placement_stage(rows, **(given or {}))
    return least_carbon(on, scenario_from_dict(scenario), **options)


def traded(rows: Sequence[Row], scenario: Mapping[str, Any], **options) -> TradeOff:
    """Carbon against cost of rows."""
    return trade_off(placement_stage(rows), scenario_from_dict(scenario), **options)
