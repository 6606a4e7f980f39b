"""What an organisation intends or did about its footprint: scenarios, targets and measures."""

from typing import Final

import dataframely as dy

from carbon.schema.columns import text

PLAN_KINDS: Final = ("scenario", "target", "measure")
"""Kinds of plan. None of them is ever netted against the footprint."""


class Plan(dy.Schema):
    """A scenario, a target or a measure, as it was saved."""

    plan_id = text("unique", nullable=False)
    kind = text("one of PLAN_KINDS", nullable=False, check=lambda c: c.is_in(list(PLAN_KINDS)))
    name = text("what a person calls it", nullable=False)
    body = text("the plan itself, JSON", nullable=False)
    deleted = dy.Bool(nullable=False, description="it was taken back")
    edit = dy.Int64(min=1, description="the latest edit of a plan counts")
