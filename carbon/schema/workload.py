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
"""What sources say of a workload, and an analyst may state; null leaves what the sources say."""

WORKLOAD_STATED_COLUMNS: Final = (
    "zone",
    "endpoint",
    "active_parameters",
    "training_hours",
    "accelerator_memory_gb",
    "mean_power_w",
    "wh_per_request",
    "wh_per_1k_output_tokens",
    "api_model",
    "expected_requests",
    "evidence",
    "boundary_decided_on",
)
"""What only an analyst states about a workload."""

WORKLOAD_NUMBERS: Final = (
    "accelerator_count",
    "training_hours",
    "accelerator_memory_gb",
    "mean_power_w",
    "wh_per_request",
    "wh_per_1k_output_tokens",
    "expected_requests",
)
"""Columns that are kept as stated, and that must be numbers of 0 or more."""


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
    boundary_decided_on = text("YYYY-MM-DD of the boundary decision")
    zone = text("grid zone where it runs, where no source says")
    endpoint = text("endpoint or route that it serves")
    active_parameters = text("parameters that take part in a token (mixture of experts), as stated")
    training_hours = text("wall-clock hours of the training, as stated [h]")
    accelerator_memory_gb = text("memory of one accelerator [GB]")
    mean_power_w = text("mean power of one machine or accelerator of it [W], where hours are known")
    wh_per_request = text("IT energy of a request [Wh], where requests are known and no meter is")
    wh_per_1k_output_tokens = text("IT energy of 1,000 output tokens [Wh], likewise")
    api_model = text("provider/model of an API that it calls, as openai/gpt-4o-mini")
    expected_requests = text("requests over the model's life, to spread its training over [1]")
    evidence = text("document or link behind what is stated")
