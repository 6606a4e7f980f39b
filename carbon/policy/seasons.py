"""Choices on seasonal normalisation: `[seasonal]`."""

from typing import Literal

from pydantic import Field

from carbon.policy.section import Section


class Seasonal(Section):
    """How a month of a grid is compared with its year; nothing here changes an inventory figure."""

    method: Literal["ratio", "stl"] = Field(
        "ratio",
        description="ratio: the median ratio of a month to its centred moving average; stl: a "
        "robust decomposition of the logarithms (STL).",
    )
    least_years: int = Field(
        2, ge=2, description="Full years of monthly factors that an index needs; three are better."
    )
    weak_spread: float = Field(
        0.10,
        gt=0,
        description="An index is weak where a month's ratio varies more than this between years "
        "(coefficient of variation).",
    )
