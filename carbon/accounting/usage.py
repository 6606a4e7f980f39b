"""What was served: requests and tokens of each workload, month by month.

Usage and energy may stand in different files; what brings them together is the workload, the
month, and the endpoint and model where both know them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from carbon.accounting import months
from carbon.accounting.describe import describe
from carbon.accounting.sums import known_sum_by
from carbon.inventory.left_out import reasons
from carbon.inventory.workloads import inventory
from carbon.policy import Policy

VOLUMES: Final = (
    "requests",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
)
"""Kinds of usage. Cached tokens are part of the input, reasoning tokens of the output."""

DIMENSIONS: Final = ("endpoint", "batch_size", "accelerator", "provider", "region")
"""Columns by which usage may be told apart, besides workload, model and month."""

TRAINS: Final = ("training", "fine_tuning", "development")
"""Lifecycles whose energy makes a model; the others use it."""


def usage(
    activity: pl.DataFrame,
    overlay: pl.DataFrame,
    lines: pl.DataFrame,
    policy: Policy,
    files: Mapping[str, str] = MappingProxyType({}),
) -> pl.DataFrame:
    """Requests and tokens by workload, model, month and where they were served.

    A period over several months is spread by hours; a row that rules share among workloads gives
    each its share. What is not stated is null; a stated 0 is 0.

    Args:
        activity: AI activity as `carbon.inventory.assignment.assign` gives it.
        overlay: `Workload` rows: what the analyst stated.
        lines: `FootprintLine` rows: a row that states hours and requests was served on the
            accelerator that its line names.
        policy: of the inventory; what `boundary.left_out` declares out is no use, as it is no
            energy.
        files: evidence_id -> name of the file, for what is declared out by file.

    Returns:
        workload, model, lifecycle, in_scope, month, the columns of DIMENSIONS, formats (comma
        between them) and VOLUMES [1], sorted; usage that nobody claims is left out.
    """
    served = activity.filter(
        pl.col("quantity_kind").is_in(VOLUMES), pl.col("workload").is_not_null()
    )
    known = inventory(activity, overlay, policy)
    described = describe(served, known, overlay)
    described = described.filter(reasons(described, policy, files).is_null())
    rows = months.spread(described).filter(~pl.col("lifecycle").is_in(TRAINS).fill_null(False))
    machine = (
        lines.filter(pl.col("accelerator").is_not_null())
        .sort("line_id")
        .unique(["evidence_id", "row_number"], keep="first", maintain_order=True)
        .select("evidence_id", "row_number", _accelerator="accelerator")
    )
    keys = ["workload", "model", "lifecycle", "in_scope", "month", *DIMENSIONS]
    amount = pl.col("quantity") * pl.col("month_share") * pl.col("assigned_share")
    volumes = (
        rows.join(
            machine,
            on=["evidence_id", "row_number"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(accelerator=pl.coalesce("_accelerator", "accelerator"))
        .sort("evidence_id", "row_number", "quantity_kind", "use_start", "quantity")
        .with_columns(
            pl.when(pl.col("quantity_kind") == kind).then(amount).alias(kind) for kind in VOLUMES
        )
    )
    formats = volumes.group_by(keys).agg(formats=pl.col("format").unique().sort().str.join(", "))
    return (
        known_sum_by(volumes, keys, VOLUMES)
        .join(formats, on=keys, how="left", validate="1:1", nulls_equal=True)
        .sort(keys, nulls_last=True)
        .select(*keys, "formats", *VOLUMES)
    )
