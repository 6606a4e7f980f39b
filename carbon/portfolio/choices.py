"""Choices of the policy that already shape how a file is read.

Most choices apply when the footprint is computed. How samples of meters become energy is decided
when they are read; a file that was read under other choices is read again (`carbon reread`).
"""

import json
from collections.abc import Mapping

import polars as pl

from carbon.policy import Policy


def reading_choices(policy: Policy) -> str:
    """The choices that readers of meters go by, as JSON: limits of gaps, and the span of a row."""
    chosen = policy.telemetry.model_dump(mode="json", exclude={"estimate_gaps"})
    return json.dumps(chosen, sort_keys=True)


def metered(frames: Mapping[str, pl.DataFrame]) -> bool:
    """Whether a file's rows are of meters, whose samples were reduced when it was read."""
    activity = frames.get("activity")
    return activity is not None and bool(activity["coverage"].is_not_null().any())
