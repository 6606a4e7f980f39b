"""Objects of Kubernetes: who asks for accelerators, what belongs together, what it is used for."""

import json
from typing import Any

import pytest
from terraform_files import payload_of, reading, reading_of, sighting

from carbon.activity import recognise
from carbon.activity.source import RefusalError
from carbon.schema import Sighting
from carbon.tables.payload import Correction

FORMAT = "kubectl-json"


def listed(*items: Any) -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}).encode()


def pod_of(*counts: str, name: str = "nvidia.com/gpu", **more: Any) -> dict[str, Any]:
    return {"containers": [{"resources": {"limits": {name: n}}} for n in counts], **more}


def thing(kind: str, name: str, spec: Any, **meta: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **meta}, "spec": spec}


def deployment(name: str, replicas: Any, spec: dict[str, Any], **meta: Any) -> dict[str, Any]:
    return thing("Deployment", name, {"replicas": replicas, "template": {"spec": spec}}, **meta)


def test_the_example() -> None:
    found = reading_of("kubectl_list.json", FORMAT)
    Sighting.validate(found.sightings)
    counts = {
        row["reference"]: (row["accelerator_count"], row["lifecycle"], row["state"])
        for row in found.sightings.to_dicts()
    }
    assert counts == {
        "Node/ip-10-0-1-11.ec2.internal": (8.0, None, "running"),
        "serving/Deployment/chat": (6.0, "inference_realtime", "running"),  # 3 pods x 2
        "research/Job/llm-finetune": (16.0, "fine_tuning", "stopped"),  # 2 pods x 8
        "research/PyTorchJob/ranker": (16.0, "training", "running"),  # (1 + 3) pods x 4
        "serving/InferenceService/sentiment": (None, "inference_realtime", "running"),
        "search/Deployment/embed": (None, "inference_realtime", "running"),  # a MIG slice
        "search/CronJob/nightly-batch-inference": (1.0, "inference_batch", "running"),
    }
    # and the Deployment that asks for "two"
    assert found.rows == 8
    assert found.quarantine["value"].to_list() == ["two"]
    notes = [note.reason for note in found.notes]
    # a replica set, its three pods and the pod of the job; a node and a web server
    assert notes[0].endswith("made them: 5.")
    assert notes[1].endswith("no accelerator: 2.")


def test_a_deployment_with_its_pods_is_one() -> None:
    found = sighting(reading_of("kubectl_list.json", FORMAT), "serving/Deployment/chat")
    assert {"chat", "chat-7d9f8b6c5", "chat-7d9f8b6c5-aaaaa"} <= set(json.loads(found["names"]))
    assert (found["model"], found["workload"], found["business_unit"]) == (
        "example/model-7b",
        "chat",
        "assist",
    )
    assert (found["instance_type"], found["accelerator"]) == ("g5.12xlarge", "NVIDIA A10G")


def test_a_node_bears_the_names_of_its_machine() -> None:
    found = sighting(reading_of("kubectl_list.json", FORMAT), "Node/ip-10-0-1-11.ec2.internal")
    assert {"i-0f1e2d3c4b5a60001", "10.0.1.11", "train"} <= set(json.loads(found["names"]))
    assert (found["provider"], found["region"]) == ("aws", "us-east-1")
    assert found["accelerator"] == "NVIDIA-H100-80GB-HBM3"


def test_a_machine_of_another_workload_is_no_name_of_a_pod() -> None:
    found = sighting(reading_of("kubectl_list.json", FORMAT), "research/Job/llm-finetune")
    assert "ip-10-0-1-11.ec2.internal" not in json.loads(found["names"])
    assert found["note"] == "on ip-10-0-1-11.ec2.internal"
    assert found["instance_type"] == "p5.48xlarge"


def node(name: str, machine: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {"providerID": f"aws:///us-west-2a/{machine}"},
        "status": {"capacity": {"nvidia.com/gpu": "8"}},
    }


def pod(name: str, job: str, on: str, gpus: str | None, phase: str = "Running") -> dict[str, Any]:
    limits = {"nvidia.com/gpu": gpus} if gpus else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "ownerReferences": [{"kind": "Job", "name": job}]},
        "spec": {"nodeName": on, "containers": [{"resources": {"limits": limits}}]},
        "status": {"phase": phase},
    }


def test_nodes_that_nobody_else_runs_on_are_names_of_a_job() -> None:
    found = reading(
        listed(
            *(node(f"node-{n}", f"i-{n}") for n in (1, 2, 3, 4)),
            pod("train-1", "train", "node-1", "8"),
            pod("agent-1", "agent", "node-1", None),  # asks for no accelerator
            pod("train-2", "train", "node-2", "4"),
            pod("other-2", "other", "node-2", "4"),  # shares node-2
            pod("other-3", "other", "node-3", "4"),
            pod("gone-3", "gone", "node-3", "4", "Succeeded"),  # was on node-3
            pod("gone-4", "gone", "node-4", "4", "Succeeded"),  # node-4 is free again
        ),
        FORMAT,
    )
    names = {
        row["name"]: set(json.loads(row["names"]))
        & {f"{w}-{n}" for w in ("i", "node") for n in "1234"}
        for row in found.sightings.iter_rows(named=True)
        if row["sighted_as"] == "job"
    }
    assert names == {"train": {"node-1", "i-1"}, "other": set(), "gone": set()}


def test_pods_alone_belong_to_the_deployment_of_their_replica_set() -> None:
    owner = [{"kind": "ReplicaSet", "name": "chat-5c", "controller": True}]
    pods = [
        thing(
            "Pod",
            f"chat-5c-{n}",
            pod_of("2"),
            ownerReferences=owner,
            labels={"pod-template-hash": "5c"},
        )
        | {"status": {"phase": phase}}
        for n, phase in enumerate(("Running", "Pending", "Failed"))
    ]
    (row,) = reading(listed(*pods), FORMAT).sightings.to_dicts()
    assert row["reference"] == "Deployment/chat"
    # the two that run or wait x 2
    assert row["accelerator_count"] == 4.0


def test_containers_add_up_and_those_before_them_do_not() -> None:
    spec = pod_of("1", "2", initContainers=[{"resources": {"requests": {"nvidia.com/gpu": "2"}}}])
    (row,) = reading(listed(deployment("a", 2, spec)), FORMAT).sightings.to_dicts()
    # the larger of 1 + 2 and 2, x 2 pods
    assert row["accelerator_count"] == 6.0


def test_no_replicas_is_stopped_and_has_no_accelerators() -> None:
    (row,) = reading(listed(deployment("a", 0, pod_of("4"))), FORMAT).sightings.to_dicts()
    assert (row["state"], row["accelerator_count"]) == ("stopped", 0.0)
    assert "4 × nvidia.com/gpu" in row["why"]


@pytest.mark.parametrize(
    ("item", "lifecycle", "why"),
    [
        (
            thing("Job", "nightly", {"template": {"spec": pod_of("1")}}),
            "training",
            "guessed to train",
        ),
        (
            thing("CronJob", "x", {"jobTemplate": {"spec": {"template": {"spec": pod_of("1")}}}}),
            None,
            "asks",
        ),
        (deployment("a", 1, pod_of("1")), "inference_realtime", "guessed to answer"),
        (deployment("lora-runs", 1, pod_of("1")), "fine_tuning", "guessed from its name"),
        (
            deployment("a", 1, pod_of("1"), labels={"lifecycle": "batch inference"}),
            "inference_batch",
            "asks",
        ),
    ],
    ids=["job", "cronjob", "deployment", "name", "stated"],
)
def test_the_use_is_stated_or_guessed_with_the_reason(
    item: dict[str, Any], lifecycle: str | None, why: str
) -> None:
    (row,) = reading(listed(item), FORMAT).sightings.to_dicts()
    assert row["lifecycle"] == lifecycle
    assert why in row["why"]


def test_a_quantity_can_be_mended() -> None:
    data = listed(deployment("a", 3, pod_of("two")))
    (aside,) = reading(data, FORMAT).quarantine.select("row_number", "column", "value").rows()
    assert aside == (1, "spec.template.spec.containers.0.resources.limits.nvidia.com/gpu", "two")
    mended = reading(data, FORMAT, Correction(*aside, "2"))
    # 3 pods x 2
    assert mended.sightings["accelerator_count"].to_list() == [6.0]


def test_replicas_can_be_mended() -> None:
    data = listed(deployment("a", "three", pod_of("2")))
    (aside,) = reading(data, FORMAT).quarantine.select("row_number", "column", "value").rows()
    assert aside == (1, "spec.replicas", "three")
    mended = reading(data, FORMAT, Correction(*aside, "3"))
    assert mended.sightings["accelerator_count"].to_list() == [6.0]


def test_secrets_stay_in_the_file() -> None:
    spec = pod_of("1")
    spec["containers"][0] |= {
        "args": ["--api-key", "s3cret"],
        "env": [{"name": "K", "value": "s3cret"}],
    }
    assert "s3cret" not in reading(listed(deployment("a", 1, spec)), FORMAT).sightings.write_csv()


def test_one_object_is_recognised_too() -> None:
    name, _, _ = recognise(payload_of(json.dumps(deployment("a", 1, pod_of("1"))).encode()))
    assert name == FORMAT


def test_an_empty_list_is_refused_with_the_remedy() -> None:
    with pytest.raises(RefusalError, match="kubectl get"):
        reading(listed(), FORMAT)
