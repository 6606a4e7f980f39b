"""Evidence that two traces are of one thing: its weights, and what speaks against it."""

import pytest
from trace_rows import bill, day, declared, named

from carbon.inventory.discovery.matching import compare, contradict, links
from carbon.inventory.discovery.words import ids_of, similarity

EKS = frozenset({"ml-eks"})


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        (bill(names=("i-0abc",)), declared(names=("i-0abc",)), 0.95),
        (bill(groups=EKS), declared(groups=EKS), 1 - 0.1 * 0.4),  # their names are alike, too
        (bill(labels=frozenset({"rank"})), declared(labels=frozenset({"rank"})), 0.75),
        (bill(name="ml_eks"), declared(name="ml-eks"), 0.6),
        (bill(instance_type="p5.48xlarge"), declared(instance_type="p5.48xlarge"), 0.3),
        (
            bill(labels=frozenset({"rank"}), instance_type="p5.48xlarge"),
            declared(labels=frozenset({"rank"}), instance_type="p5.48xlarge"),
            1 - 0.25 * 0.7,
        ),
        (
            bill(name="ml_eks", instance_type="p5.48xlarge"),
            declared(name="ml-eks", instance_type="p5.48xlarge"),
            1 - 0.4 * 0.7,
        ),
        (
            named("a", "mlflow", runs=frozenset({"r1"})),
            named("b", "wandb", runs=frozenset({"r1"})),
            0.98,
        ),
        (named("llm-ft"), named("LLM ft", "mlflow"), 0.85),
        (named("a", names=("i-0abc",)), named("b", names=("i-0abc",)), 0.4),
    ],
    ids=[
        *("a resource", "a cluster", "a label", "names alike", "circumstances alone"),
        *("label and circumstances", "names and circumstances", "a run", "one name twice"),
        "machines that are shared",
    ],
)
def test_the_score_is_what_the_formula_gives(one, other, score):
    found = compare(one, other)
    assert found is not None
    assert found[0] == pytest.approx(score)
    assert compare(other, one)[0] == pytest.approx(score)


def test_names_alone_are_never_strong():
    (link,) = links([bill(name="ranker"), declared(name="ranker", instance_type="x")])
    assert not link.strong
    assert link.why == ("'ranker' and 'ranker' are called alike",)


@pytest.mark.parametrize(
    "place", [{"region": "eu-west-1"}, {"provider": "gcp"}], ids=["region", "provider"]
)
def test_another_place_speaks_against_a_cluster_and_a_name(place):
    here, there = bill(groups=EKS, name="ml-eks"), declared(groups=EKS, name="ml-eks", **place)
    assert contradict(here, there)
    assert compare(here, there) is None


def test_a_workload_may_run_in_several_places():
    here, there = named("chat", region="us-west-2"), declared(workload="chat", region="eu-west-1")
    assert compare(here, there)[0] == pytest.approx(0.95)


def test_times_that_do_not_overlap_are_no_circumstance():
    one = bill(instance_type="p5.48xlarge", first=day(1), last=day(5))
    other = declared(instance_type="p5.48xlarge", first=day(5), last=day(9))
    assert compare(one, other) is None


def test_one_bill_tells_its_machines_apart_by_itself():
    assert compare(bill(instance_type="p5"), bill("billing:b", instance_type="p5")) is None


def test_traces_of_one_workload_are_not_compared():
    assert links([named("chat"), named("chat", "mlflow")]) == ()


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("arn:aws:ec2:us-west-2:1:instance/i-0ABC", {"arn:aws:ec2:us-west-2:1:instance/i-0abc"}),
        ("aws:///us-east-1a/i-0abc", {"aws:///us-east-1a/i-0abc"}),
        ("node-7.cluster.local:9400", {"node-7.cluster.local", "node-7"}),
        ("10.0.0.7", {"10.0.0.7"}),
        ("localhost", set()),
        ("default", set()),
        (None, set()),
    ],
    ids=["arn", "provider id", "host with a port", "address", "this machine", "common", "none"],
)
def test_names_as_other_systems_may_spell_them(name, ids):
    tail = {"i-0abc"} if name and "i-0" in name else set()
    assert ids_of(name) == ids | tail


def test_similarity_is_of_letters_and_digits():
    assert similarity("LLM ft", "llm_ft") == 1
    # 2 x 4 equal characters of 5 + 4
    assert similarity("abcde", "abcd") == pytest.approx(8 / 9)
    assert similarity(None, "a") == 0
