"""Resource types of Terraform that are, or may be, AI, and how each says so.

Argument names are those of the providers' registry documentation (hashicorp/aws, hashicorp/google,
hashicorp/azurerm). A machine is AI where its type carries accelerators (data/hardware/
cloud_instances.csv, or a family of such types) or accelerators are attached; managed AI services
are AI whatever they run on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Kind:
    """How a type of resource says what it is; paths are dotted, lists on the way are walked.

    Attributes:
        provider: aws, gcp or azure.
        sighted_as: of SIGHTED_AS.
        types: paths of machine types.
        counts: paths of the number of machines, the first that is there counts; empty for one
            machine, None where a resource of this type does not say it.
        attached: path of blocks of attached accelerators, with their type and number.
        each: path of the blocks of which each is a sighting of its own.
        ai: why it is AI whatever it runs on; empty for machines.
        model: paths of the model that is served.
        lifecycle: what it is used for, where the type of resource says it.
        only: path and values that it must have to count.
        template: others are made from it; it counts where no other resource of the file uses it.
        uses: paths that name a template.
        services: paths of a number of units that are no machines, for the note.
    """

    provider: str
    sighted_as: str = "machine"
    types: tuple[str, ...] = ()
    counts: tuple[str, ...] | None = ()
    attached: str = ""
    each: str = ""
    ai: str = ""
    model: tuple[str, ...] = ()
    lifecycle: str | None = None
    only: tuple[str, tuple[str, ...]] | None = None
    template: bool = False
    uses: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


_AWS: Final = {
    "aws_instance": Kind("aws", types=("instance_type",), uses=("launch_template.id",)),
    "aws_spot_instance_request": Kind("aws", types=("instance_type",)),
    "aws_spot_fleet_request": Kind(
        "aws",
        "cluster",
        ("launch_specification.instance_type", "launch_template_config.overrides.instance_type"),
        ("target_capacity",),
    ),
    "aws_ec2_fleet": Kind(
        "aws",
        "cluster",
        ("launch_template_config.override.instance_type",),
        ("target_capacity_specification.total_target_capacity",),
    ),
    **dict.fromkeys(
        ("aws_launch_template", "aws_launch_configuration"),
        Kind("aws", types=("instance_type",), counts=None, template=True),
    ),
    "aws_autoscaling_group": Kind(
        "aws",
        "cluster",
        ("mixed_instances_policy.launch_template.override.instance_type",),
        ("desired_capacity", "min_size"),
        uses=(
            "launch_template.id",
            "launch_template.name",
            "launch_configuration",
            "mixed_instances_policy.launch_template.launch_template_specification."
            "launch_template_id",
        ),
    ),
    "aws_eks_node_group": Kind(
        "aws",
        "cluster",
        ("instance_types",),
        ("scaling_config.desired_size", "scaling_config.min_size"),
        uses=("launch_template.id", "launch_template.name"),
    ),
    **dict.fromkeys(
        ("aws_ec2_capacity_reservation", "aws_ec2_capacity_block_reservation"),
        Kind("aws", "cluster", ("instance_type",), ("instance_count",)),
    ),
    "aws_batch_compute_environment": Kind(
        "aws",
        "cluster",
        ("compute_resources.instance_type",),
        None,
        uses=("compute_resources.launch_template.launch_template_id",),
    ),
    "aws_sagemaker_endpoint_configuration": Kind(
        "aws",
        "endpoint",
        ("instance_type",),
        ("initial_instance_count",),
        each="production_variants",
        ai="a configuration of a SageMaker endpoint",
        model=("model_name",),
        lifecycle="inference_realtime",
        template=True,
    ),
    "aws_sagemaker_endpoint": Kind(
        "aws",
        "endpoint",
        counts=None,
        ai="a SageMaker endpoint",
        lifecycle="inference_realtime",
        uses=("endpoint_config_name",),
    ),
    "aws_sagemaker_notebook_instance": Kind(
        "aws", types=("instance_type",), ai="a SageMaker notebook", lifecycle="development"
    ),
    "aws_sagemaker_domain": Kind(
        "aws",
        "service",
        (
            "default_user_settings.kernel_gateway_app_settings.default_resource_spec.instance_type",
            "default_user_settings.jupyter_lab_app_settings.default_resource_spec.instance_type",
            "default_user_settings.code_editor_app_settings.default_resource_spec.instance_type",
        ),
        None,
        ai="a SageMaker domain",
        lifecycle="development",
    ),
    "aws_sagemaker_app": Kind(
        "aws",
        "service",
        ("resource_spec.instance_type",),
        ai="a SageMaker app",
        lifecycle="development",
    ),
    "aws_bedrock_provisioned_model_throughput": Kind(
        "aws",
        "service",
        counts=None,
        ai="provisioned throughput of Bedrock",
        model=("model_arn",),
        services=("model_units",),
    ),
    "aws_bedrock_custom_model": Kind(
        "aws",
        "job",
        counts=None,
        ai="a customisation of a model by Bedrock",
        model=("base_model_identifier",),
        lifecycle="fine_tuning",
    ),
    "aws_bedrock_inference_profile": Kind(
        "aws",
        "service",
        counts=None,
        ai="an inference profile of Bedrock",
        model=("model_source.copy_from",),
    ),
    "aws_bedrockagent_agent": Kind(
        "aws", "service", counts=None, ai="an agent of Bedrock", model=("foundation_model",)
    ),
}

_GOOGLE: Final = {
    "google_compute_instance": Kind("gcp", types=("machine_type",), attached="guest_accelerator"),
    **dict.fromkeys(
        ("google_compute_instance_template", "google_compute_region_instance_template"),
        Kind("gcp", "machine", ("machine_type",), None, "guest_accelerator", template=True),
    ),
    **dict.fromkeys(
        ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager"),
        Kind("gcp", "cluster", counts=("target_size",), uses=("version.instance_template",)),
    ),
    "google_compute_reservation": Kind(
        "gcp",
        "cluster",
        ("specific_reservation.instance_properties.machine_type",),
        ("specific_reservation.count",),
        "specific_reservation.instance_properties.guest_accelerators",
    ),
    "google_container_node_pool": Kind(
        "gcp",
        "cluster",
        ("node_config.machine_type",),
        ("node_count", "initial_node_count", "autoscaling.min_node_count"),
        "node_config.guest_accelerator",
    ),
    "google_container_cluster": Kind(
        "gcp",
        "cluster",
        ("node_config.machine_type",),
        ("node_count", "initial_node_count"),
        "node_config.guest_accelerator",
    ),
    **dict.fromkeys(("google_tpu_v2_vm", "google_tpu_node"), Kind("gcp", ai="a Cloud TPU")),
    "google_vertex_ai_endpoint": Kind(
        "gcp",
        "endpoint",
        ("deployed_models.dedicated_resources.machine_spec.machine_type",),
        ("deployed_models.dedicated_resources.min_replica_count",),
        ai="a Vertex AI endpoint",
        model=("deployed_models.display_name",),
        lifecycle="inference_realtime",
    ),
    "google_vertex_ai_endpoint_with_model_garden_deployment": Kind(
        "gcp",
        "endpoint",
        ("deploy_config.dedicated_resources.machine_spec.machine_type",),
        ("deploy_config.dedicated_resources.min_replica_count",),
        ai="a Vertex AI endpoint",
        model=("publisher_model_name", "hugging_face_model_id"),
        lifecycle="inference_realtime",
    ),
    "google_workbench_instance": Kind(
        "gcp",
        types=("gce_setup.machine_type",),
        attached="gce_setup.accelerator_configs",
        ai="a Vertex AI Workbench instance",
        lifecycle="development",
    ),
    "google_notebooks_instance": Kind(
        "gcp",
        types=("machine_type",),
        attached="accelerator_config",
        ai="a notebook instance",
        lifecycle="development",
    ),
}

_AZURE: Final = {
    **dict.fromkeys(
        ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine"),
        Kind("azure", types=("size",)),
    ),
    "azurerm_virtual_machine": Kind("azure", types=("vm_size",)),
    **dict.fromkeys(
        (
            "azurerm_linux_virtual_machine_scale_set",
            "azurerm_windows_virtual_machine_scale_set",
        ),
        Kind("azure", "cluster", ("sku",), ("instances",)),
    ),
    "azurerm_orchestrated_virtual_machine_scale_set": Kind(
        "azure", "cluster", ("sku_name",), ("instances",)
    ),
    "azurerm_kubernetes_cluster": Kind(
        "azure",
        "cluster",
        ("default_node_pool.vm_size",),
        ("default_node_pool.node_count", "default_node_pool.min_count"),
    ),
    "azurerm_kubernetes_cluster_node_pool": Kind(
        "azure", "cluster", ("vm_size",), ("node_count", "min_count")
    ),
    "azurerm_machine_learning_compute_cluster": Kind(
        "azure",
        "cluster",
        ("vm_size",),
        ("scale_settings.min_node_count",),
        ai="a compute cluster of Azure Machine Learning",
        services=("scale_settings.max_node_count",),
    ),
    "azurerm_machine_learning_compute_instance": Kind(
        "azure",
        types=("virtual_machine_size",),
        ai="a compute instance of Azure Machine Learning",
        lifecycle="development",
    ),
    "azurerm_cognitive_account": Kind(
        "azure",
        "service",
        counts=None,
        ai="an account of Azure OpenAI or AI Services",
        only=("kind", ("openai", "aiservices")),
    ),
    "azurerm_ai_services": Kind("azure", "service", counts=None, ai="an account of AI Services"),
    "azurerm_cognitive_deployment": Kind(
        "azure",
        "endpoint",
        counts=None,
        ai="a deployment of a model of Azure OpenAI",
        model=("model.name",),
        services=("sku.capacity",),
    ),
}

KINDS: Final[Mapping[str, Kind]] = {**_AWS, **_GOOGLE, **_AZURE}
"""Resource type -> how it says what it is."""

PROVIDER_BLOCKS: Final = {
    "aws": "aws",
    "google": "gcp",
    "google-beta": "gcp",
    "azurerm": "azure",
}
"""Name of a provider's block -> house name."""

NAME_PATHS: Final = (
    *("id", "arn", "name", "self_link", "instance_id", "server_id", "virtual_machine_id"),
    *("private_ip", "private_ip_address", "private_dns", "network_interface.network_ip"),
    *("hostname", "host_name", "computer_name", "cluster_name", "cluster", "node_group_name"),
    *("resources.autoscaling_groups.name", "provisioned_model_name", "provisioned_model_arn"),
    *("custom_model_name", "job_name", "agent_name", "agent_id", "domain_name"),
    *("compute_environment_name", "kubernetes_cluster_id", "endpoint"),
    *("managed_instance_group_urls", "instance_group_urls", "network_endpoints.ip_address"),
)
"""Attributes under which a bill, a meter or an API may speak of the resource."""

TAG_PATHS: Final = (
    *("tags_all", "tags", "tag", "effective_labels", "terraform_labels", "labels"),
    *("resource_labels", "node_config.labels", "node_config.resource_labels", "user_labels"),
)
"""Where resources keep tags and labels; a later one counts over an earlier one of the same key."""

REGION_PATHS: Final = (
    *("region", "location", "availability_zone", "availability_zones", "zone", "zones"),
    *("node_locations", "distribution_policy_zones"),
)

STATE_PATHS: Final = ("instance_state", "current_status", "state", "status", "power_state")
"""Attributes that say whether it runs."""

STOPPED: Final = ("stopped", "stopping", "terminated", "deallocated", "suspended", "paused")

MOMENT_PATHS: Final = ("creation_timestamp", "create_time", "created_date", "creation_time")

TPU_CHIPS: Final = {"v2": 2, "v3": 2, "v4": 2, "v5p": 2, "v5litepod": 1, "v6e": 1}
"""Generation of a TPU -> what the number in `v4-8` counts, per chip: TensorCores (2 a chip) or
chips. Google, Cloud TPU documentation: system architecture and configurations of v4, v5e, v5p."""
