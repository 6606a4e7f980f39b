"""A cluster as Terraform states it and as its bill does, to be found as one.

Two p4d.24xlarge (8 A100 40GB each) ran 10 h and 6 h in us-west-2:

    16 h x 8 x (400 W TDP + 150 W of the host) / 1000 = 70.4 kWh IT
    x PUE 1.12 (AWS us-west-2, as the bill's other tests)  = 78.848 kWh
"""

import csv
import io
import json
from typing import Any

KWH = 16 * 8 * (400 + 150) / 1000 * 1.12
USD = 16 * 32.7726

_COLUMNS = (
    *("bill_payer_account_id", "bill_billing_period_start_date", "line_item_usage_account_id"),
    *("line_item_line_item_type", "line_item_usage_start_date", "line_item_usage_end_date"),
    *("line_item_product_code", "line_item_usage_type", "line_item_operation"),
    *("line_item_availability_zone", "line_item_resource_id", "line_item_usage_amount"),
    *("line_item_currency_code", "line_item_unblended_cost", "line_item_line_item_description"),
    *("product_region_code", "pricing_unit", "resource_tags"),
)


def bill(tags: dict[str, str], machines: dict[str, float] | None = None) -> bytes:
    """A Cost and Usage Report of machine -> hours, each line with these tags."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(_COLUMNS)
    for machine, hours in (machines or {"i-0aaa1111": 10.0, "i-0bbb2222": 6.0}).items():
        lines.writerow(
            [
                *("012345678901", "2026-09-01T00:00:00Z", "001122334455", "Usage"),
                *("2026-09-03T00:00:00Z", "2026-09-03T12:00:00Z", "AmazonEC2"),
                *("USW2-BoxUsage:p4d.24xlarge", "RunInstances", "us-west-2a", machine),
                *(str(hours), "USD", str(hours * 32.7726), "p4d.24xlarge Instance Hour"),
                *("us-west-2", "Hrs", json.dumps(tags)),
            ]
        )
    return out.getvalue().encode()


def resource(type: str, name: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": f"{type}.{name}",
        "mode": "managed",
        "type": type,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 1,
        "values": values,
        "sensitive_values": {},
    }


def state(*resources: dict[str, Any]) -> bytes:
    """`terraform show -json` of some resources."""
    return json.dumps(
        {
            "format_version": "1.0",
            "terraform_version": "1.9.5",
            "values": {"root_module": {"resources": list(resources)}},
        }
    ).encode()


def node_group(cluster: str = "ml-eks", **more: Any) -> dict[str, Any]:
    """A node group of two machines."""
    arn = f"arn:aws:eks:us-west-2:001122334455:nodegroup/{cluster}/gpu/1ac0ffee"
    return resource(
        "aws_eks_node_group",
        "gpu",
        {
            "id": f"{cluster}:gpu",
            "arn": arn,
            "cluster_name": cluster,
            "node_group_name": "gpu",
            "instance_types": ["p4d.24xlarge"],
            "scaling_config": [{"desired_size": 2, "max_size": 4, "min_size": 0}],
            "tags": {"team": "nlp"},
            **more,
        },
    )


def machines() -> list[dict[str, Any]]:
    """The two machines by themselves."""
    return [
        resource(
            "aws_instance",
            name,
            {
                "id": machine,
                "arn": f"arn:aws:ec2:us-west-2:001122334455:instance/{machine}",
                "instance_type": "p4d.24xlarge",
                "availability_zone": "us-west-2a",
                "tags": {"team": "nlp", "app": "pretraining"},
            },
        )
        for name, machine in (("first", "i-0aaa1111"), ("second", "i-0bbb2222"))
    ]


def kubernetes(jobs: dict[str, dict[str, str]]) -> bytes:
    """`kubectl get nodes,pods -o json`: job -> node -> machine, a pod of eight on each."""
    machines = {node: machine for nodes in jobs.values() for node, machine in nodes.items()}
    items: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": node,
                "labels": {
                    "node.kubernetes.io/instance-type": "p4d.24xlarge",
                    "topology.kubernetes.io/region": "us-west-2",
                },
            },
            "spec": {"providerID": f"aws:///us-west-2a/{machine}"},
            "status": {"capacity": {"nvidia.com/gpu": "8"}},
        }
        for node, machine in machines.items()
    ]
    items += [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{job}-{node}",
                "namespace": "research",
                "ownerReferences": [{"kind": "Job", "name": job, "controller": True}],
            },
            "spec": {
                "nodeName": node,
                "containers": [{"resources": {"limits": {"nvidia.com/gpu": "8"}}}],
            },
            "status": {"phase": "Running"},
        }
        for job, nodes in jobs.items()
        for node in nodes
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()


def state_file(serial: int, *resources: dict[str, Any], lineage: str = "7f3c-prod") -> bytes:
    """`terraform.tfstate` of some resources."""
    listed = [
        {
            **{key: each[key] for key in ("mode", "type", "name")},
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 1, "attributes": each["values"]}],
        }
        for each in resources
    ]
    head = {"version": 4, "terraform_version": "1.9.5", "serial": serial, "lineage": lineage}
    return json.dumps({**head, "resources": listed}).encode()
