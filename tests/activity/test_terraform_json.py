"""Terraform's state, plan and state file: which resources are AI, where, how many accelerators."""

import json
from typing import Any

import pytest
from terraform_files import payload_of, reading, reading_of, sighting, world

from carbon.activity import read
from carbon.activity.source import RefusalError
from carbon.schema import Sighting
from carbon.tables.payload import Correction

FORMAT = "terraform-json"


def state(*resources: dict[str, Any]) -> bytes:
    return json.dumps(
        {"format_version": "1.0", "values": {"root_module": {"resources": list(resources)}}}
    ).encode()


def resource(type_: str, values: Any, **more: Any) -> dict[str, Any]:
    return {"address": f"{type_}.x", "mode": "managed", "type": type_, "values": values, **more}


def test_the_example_of_a_state() -> None:
    found = reading_of("terraform_state.json", FORMAT)
    Sighting.validate(found.sightings)
    # two trainers, the group, the endpoint configuration, Bedrock, a node pool, a TPU, a scale
    # set that is set aside, and a deployment
    assert found.rows == 9
    assert found.sightings["row_number"].n_unique() == 8
    # the web server, the pool without accelerators and the account for speech
    assert "not AI as far as told: 3." in found.notes[0].reason
    counts = dict(found.sightings.select("reference", "accelerator_count").iter_rows())
    assert counts == {
        "aws_instance.trainer[0]": 8.0,  # p5.48xlarge: 8
        "aws_instance.trainer[1]": 8.0,
        "aws_autoscaling_group.render": 12.0,  # 3 machines x 4 of a g5.12xlarge
        "aws_sagemaker_endpoint_configuration.rank blue": 2.0,  # 2 machines x 1
        "aws_sagemaker_endpoint_configuration.rank green": None,  # no accelerator
        "aws_bedrock_provisioned_model_throughput.help": None,
        "module.gke.google_container_node_pool.gpu": 8.0,  # 2 nodes x 4 attached
        "module.gke.module.tpu.google_tpu_v2_vm.ft": 16.0,  # v5litepod-16: 16 chips
        "module.azure.azurerm_cognitive_deployment.chat": None,
    }


def test_what_identifies_a_machine() -> None:
    found = sighting(reading_of("terraform_state.json", FORMAT), "aws_instance.trainer[0]")
    assert json.loads(found["names"]) == [
        "10.0.1.11",
        "arn:aws:ec2:us-east-1:001122334455:instance/i-0f1e2d3c4b5a60001",
        "i-0f1e2d3c4b5a60001",
        "ip-10-0-1-11.ec2.internal",
        "trainer-0",
    ]
    assert (found["provider"], found["account"], found["region"]) == (
        "aws",
        "001122334455",
        "us-east-1",
    )
    assert (found["workload"], found["business_unit"], found["lifecycle"]) == (
        "T5-11B",
        "nlp",
        "training",
    )
    assert json.loads(found["tags"])["cost-center"] == "4711"
    assert found["why"] == "aws_instance: p5.48xlarge carries 8 × NVIDIA H100 SXM5 80GB."


def test_a_stopped_machine_and_a_service() -> None:
    found = reading_of("terraform_state.json", FORMAT)
    assert sighting(found, "aws_instance.trainer[1]")["state"] == "stopped"
    bedrock = sighting(found, "aws_bedrock_provisioned_model_throughput.help")
    assert (bedrock["model"], bedrock["note"]) == ("example.model-v1", "model_units: 2")


def test_the_example_of_a_plan() -> None:
    found = reading_of("terraform_plan.json", FORMAT)
    states = dict(found.sightings.select("reference", "state").iter_rows())
    assert states == {
        "aws_instance.trainer[0]": "running",
        "aws_instance.trainer[1]": "destroyed",
        "aws_eks_node_group.neuron": "planned",
    }
    planned = sighting(found, "aws_eks_node_group.neuron")
    # 2 machines x 12 of an inf2.48xlarge; the region is the provider's
    assert (planned["accelerator_count"], planned["region"]) == (24.0, "eu-west-3")
    assert planned["last_seen"].isoformat() == "2026-10-05T08:30:00+00:00"


def test_a_state_file_is_read_too() -> None:
    instance = {"index_key": "a", "attributes": {"instance_type": "g6.12xlarge", "name": "n"}}
    document = {
        "version": 4,
        "terraform_version": "1.9.8",
        "serial": 3,
        "lineage": "l",
        "resources": [
            {"mode": "data", "type": "aws_instance", "name": "d", "instances": [instance]},
            {
                "module": "module.m",
                "mode": "managed",
                "type": "aws_instance",
                "name": "x",
                "instances": [instance, {**instance, "index_key": 1}],
            },
        ],
    }
    found = read(payload_of(json.dumps(document).encode()), world())
    assert found.sightings["reference"].to_list() == [
        'module.m.aws_instance.x["a"]',
        "module.m.aws_instance.x[1]",
    ]
    assert found.sightings["accelerator_count"].to_list() == [4.0, 4.0]


@pytest.mark.parametrize(
    ("type_", "values", "accelerator", "count"),
    [
        # v4-32: TensorCores, two a chip
        ("google_tpu_node", {"accelerator_type": "v4-32"}, "TPU v4", 16.0),
        (
            "google_tpu_v2_vm",
            {"accelerator_config": [{"type": "V4", "topology": "2x2x4"}]},
            "TPU v4",
            16.0,
        ),
        (
            "google_compute_instance",
            {
                "machine_type": "n1-standard-8",
                "guest_accelerator": [{"type": "nvidia-l4", "count": 2}],
            },
            "nvidia-l4",
            2.0,
        ),
        (
            "aws_batch_compute_environment",
            {"compute_resources": [{"instance_type": ["p5.48xlarge"]}]},
            "NVIDIA H100 SXM5 80GB",
            None,
        ),
        (
            "azurerm_kubernetes_cluster_node_pool",
            {"vm_size": "Standard_NC24ads_A100_v4", "node_count": 3},
            "NVIDIA A100 PCIe 80GB",
            3.0,
        ),
        # of a family with accelerators that the table does not list
        ("aws_instance", {"instance_type": "p99.48xlarge"}, None, None),
    ],
    ids=["tpu-cores", "tpu-topology", "attached", "batch", "aks", "family"],
)
def test_resources_of_the_clouds(
    type_: str, values: dict[str, Any], accelerator: str | None, count: float | None
) -> None:
    found = sighting(reading(state(resource(type_, values)), FORMAT), f"{type_}.x")
    assert (found["accelerator"], found["accelerator_count"]) == (accelerator, count)


def test_what_is_no_ai_is_counted_and_no_row() -> None:
    found = reading(
        state(
            resource("aws_instance", {"instance_type": "m6i.large"}),
            resource(
                "google_compute_instance", {"guest_accelerator": [{"type": "t4", "count": 0}]}
            ),
            resource("aws_s3_bucket", {"bucket": "b"}),
        ),
        FORMAT,
    )
    assert (found.rows, found.sightings.height, found.quarantine.height) == (0, 0, 0)
    assert "not AI as far as told: 3." in found.notes[0].reason


def test_ai_that_cannot_be_understood_is_set_aside_and_can_be_mended() -> None:
    data = state(
        resource("aws_sagemaker_endpoint", None),
        resource(
            "azurerm_linux_virtual_machine_scale_set",
            {"sku": "Standard_ND96isr_H100_v5", "instances": "four"},
        ),
    )
    found = reading(data, FORMAT)
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (1, None, None),
        (2, "values.instances", "four"),
    ]
    mended = reading(data, FORMAT, Correction(2, "values.instances", "four", "4"))
    # 4 machines x 8
    assert mended.sightings["accelerator_count"].to_list() == [32.0]
    assert mended.rows == 2


def test_secrets_stay_in_the_file() -> None:
    values = {"instance_type": "p5.48xlarge", "user_data": "s3cret", "password_data": "s3cret"}
    found = reading(state(resource("aws_instance", values)), FORMAT)
    assert "s3cret" not in found.sightings.write_csv()


def test_a_later_version_is_refused_with_the_remedy() -> None:
    data = json.dumps({"format_version": "2.0", "values": {"root_module": {}}}).encode()
    with pytest.raises(RefusalError, match="of which only 1 is known"):
        reading(data, FORMAT)


def test_a_state_without_resources_is_refused() -> None:
    with pytest.raises(RefusalError, match="no managed resource"):
        reading(state(), FORMAT)
