"""What is put together: machines, work on them, and what is shared."""

import random

from trace_rows import bill, declared, named

from carbon.inventory.discovery.clusters import groups
from carbon.inventory.discovery.matching import links


def together(*traces, decided=None):
    """References of each group, and the workload that it belongs to."""
    found = groups(traces, links(traces), decided or {})
    return {tuple(t.reference for t in group.traces): group.workload for group in found}


NODE = {"names": ("node-17",)}


def test_a_machine_joins_the_only_work_on_it():
    job = declared("kubernetes:job", sighted_as="job", **NODE)
    assert together(bill(**NODE), job) == {("kubernetes:job", "billing:kind/a"): None}


def test_a_machine_that_two_jobs_share_joins_neither():
    one = declared("kubernetes:one", sighted_as="job", names=("one-x1",))
    two = declared("kubernetes:two", sighted_as="job", names=("two-x2",))
    machine = bill(names=("node-17", "one-x1", "two-x2"))
    assert together(one, two, machine) == {
        ("kubernetes:one",): None,
        ("kubernetes:two",): None,
        ("billing:kind/a",): None,
    }
    assert together(one, machine) == {("kubernetes:one", "billing:kind/a"): None}


def test_what_a_workloads_machine_names_belongs_to_the_workload():
    assert together(declared(**NODE), named("chat", **NODE)) == {
        ("terraform:aws_instance.a",): "chat"
    }


def test_a_machine_of_two_workloads_is_of_neither_and_both_are_named():
    traces = (bill(**NODE), named("chat", **NODE), named("rag", **NODE))
    (group,) = groups(traces, links(traces), {})
    assert group.workload is None
    assert sorted(maybe.owner for maybe in group.maybe) == [
        ("workload", "chat"), ("workload", "rag"),
    ]  # fmt: skip


def test_what_was_decided_holds_without_other_evidence():
    assert together(bill(), decided={"billing:kind/a": "chat"}) == {("billing:kind/a",): "chat"}


def test_the_order_of_traces_changes_nothing():
    traces = [
        bill(names=("i-0a1", "i-0a2")),
        declared("terraform:a", names=("i-0a1",)),
        declared("terraform:b", names=("i-0a2",)),
        bill("billing:other", names=("i-0b1",)),
        named("chat", names=("i-0b1",)),
        declared("kubernetes:job", sighted_as="job", names=("i-0a2",)),
    ]
    first = together(*traces)
    assert first == {
        ("kubernetes:job", "terraform:a", "terraform:b", "billing:kind/a"): None,
        ("billing:other",): "chat",
    }
    for seed in range(5):
        random.Random(seed).shuffle(traces)
        assert together(*traces) == first


def test_a_cluster_with_its_bill_is_not_said_to_be_every_machine_of_its_kind():
    cluster = declared(names=("ml-eks",), instance_type="p5.48xlarge")
    own = bill(groups=frozenset({"ml-eks"}), instance_type="p5.48xlarge")
    other = bill("billing:kind/other", instance_type="p5.48xlarge", name="b")
    traces = (cluster, own, other)
    assert [group.maybe for group in groups(traces, links(traces), {})] == [(), ()]
    alone = (cluster, other)
    assert [len(group.maybe) for group in groups(alone, links(alone), {})] == [1, 1]
