"""One thing in the AI inventory."""

from typing import Final

import dataframely as dy

from carbon.schema.columns import text
from carbon.schema.terms import LIFECYCLES

WORKLOAD_TEXT_COLUMNS: Final = (
    "model",
    "lifecycle",
    "architecture",
    "parameters",
    "dataset_size",
    "accelerator",
    "accelerator_count",
    "provider",
    "region",
    "site",
    "project",
    "business_unit",
    "owner",
)
"""What an analyst may state about a workload; null leaves what the sources say."""


class Workload(dy.Schema):
    """A workload: what the sources say of it, overlaid with what the analyst stated."""

    workload_id = text("the name under which activity refers to it", nullable=False)
    name = text("display name")
    model = text("model")
    lifecycle = text("one of LIFECYCLES", check=lambda c: c.is_in(LIFECYCLES))
    architecture = text("model architecture")
    parameters = text("number of parameters, as stated")
    dataset_size = text("size of the data set, as stated")
    accelerator = text("accelerator")
    accelerator_count = text("number of accelerators, as stated")
    provider = text("provider")
    region = text("region")
    site = text("own site")
    project = text("project")
    business_unit = text("business unit")
    owner = text("owner")
    in_scope = dy.Bool(nullable=True, description="inside the boundary; null = policy's default")
    boundary_reason = text("why it is in or out")
