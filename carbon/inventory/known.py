"""What the reference tables know, as the inventory needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


def _none(*columns: str) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


@dataclass(frozen=True)
class Known:
    """Names that may stand in the inventory, and what follows from them.

    Attributes:
        zones: lower-case id, alpha-3 code or name -> grid zone.
        regions: provider -> {lower-case region code or name -> region code}.
        region_zones: provider, region, zone: the grid zone of each region.
        instances: schema `CloudInstance`: provider, instance_type, accelerator, accelerator_count.
    """

    zones: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    region_zones: pl.DataFrame = field(default_factory=lambda: _none("provider", "region", "zone"))
    instances: pl.DataFrame = field(
        default_factory=lambda: _none("provider", "instance_type", "accelerator").with_columns(
            accelerator_count=pl.lit(None, pl.Float64)
        )
    )
