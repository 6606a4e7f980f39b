"""What sources propose, and what decisions on it write."""

import json

import pytest
from discovery_files import KWH, USD, bill, kubernetes, machines, node_group, state, state_file

from carbon.portfolio import Portfolio, PortfolioError
from carbon.schema import UNASSIGNED


@pytest.fixture
def portfolio(tmp_path):
    return Portfolio(tmp_path / "ws")


def take(portfolio, **files):
    result = portfolio.import_files(
        [(name.replace("__", "."), data) for name, data in files.items()]
    )
    assert not result.refused, result.refused
    return portfolio


def one_cluster(portfolio):
    tags = {"aws_eks_cluster_name": "ml-eks"}
    return take(portfolio, state__json=state(node_group()), cur__csv=bill(tags))


def energy(portfolio):
    rows = portfolio.footprint(["workload"], scope="all").rows
    return dict(rows.select("workload", "energy_facility_kwh").iter_rows())


def open_ones(portfolio):
    return portfolio.proposals(status="open")


def test_a_cluster_of_a_state_and_its_bill_are_one_workload(portfolio):
    (found,) = open_ones(one_cluster(portfolio))
    assert found.kind == "new"
    assert found.sources == ("billing", "terraform")
    assert found.unclaimed_kwh == pytest.approx(KWH)
    assert found.cost == {"USD": pytest.approx(USD)}
    assert found.metadata["region"] == "us-west-2"
    assert (found.metadata["owner"], found.owner_why) == ("nlp", "tag team")
    assert energy(portfolio) == {UNASSIGNED: pytest.approx(KWH)}

    name = portfolio.accept(found.proposal_id, workload="pretraining", who="ana")
    assert energy(portfolio) == {name: pytest.approx(KWH)}
    assert portfolio.workloads()["workload_id"].to_list() == ["pretraining"]
    assert portfolio.workloads()["owner"].to_list() == ["nlp"]
    assert open_ones(portfolio) == ()
    assert [each.status for each in portfolio.proposals()] == ["accepted"]
    assert portfolio.shadow() == ()
    assert portfolio.verify()["ok"]


def test_machines_are_matched_by_their_ids_without_any_tag(portfolio):
    take(portfolio, state__json=state(*machines()), cur__csv=bill({}))
    (found,) = open_ones(portfolio)
    assert found.sources == ("billing", "terraform")
    assert any("i-0aaa1111" in words for words in found.why)
    portfolio.accept(found.proposal_id)
    assert energy(portfolio) == {found.workload: pytest.approx(KWH)}
    # Another machine of that kind, in that account, may be anybody's.
    take(portfolio, later__csv=bill({}, {"i-0ddd9999": 10.0}))
    assert energy(portfolio)[UNASSIGNED] > 0
    assert energy(portfolio)[found.workload] == pytest.approx(KWH)


def test_rules_that_discovery_wrote_and_took_back_stand_in_the_history(portfolio):
    take(portfolio, state__json=state(*machines()), cur__csv=bill({}))
    (found,) = open_ones(portfolio)
    portfolio.accept(found.proposal_id)
    written = len(portfolio.rules())
    portfolio.reopen(found.proposal_id)
    history = portfolio.rule_history()["what"].to_list()
    assert history.count("added") == written > 0
    assert history.count("deleted") == written


def test_names_that_are_only_alike_are_a_suggestion(portfolio):
    tags = {"aws_eks_cluster_name": "ml_eks"}
    take(portfolio, state__json=state(node_group("ml-eks")), cur__csv=bill(tags))
    found = {each.sources: each for each in open_ones(portfolio)}
    assert set(found) == {("billing",), ("terraform",)}
    of_bill = found[("billing",)]
    (match,) = of_bill.matches
    assert match["proposal"] == found[("terraform",)].proposal_id
    # 1 - (1 - 0.6 x 1) x (1 - 0.3): alike in name, and the same machines in the same region.
    assert match["score"] == pytest.approx(1 - 0.4 * 0.7)
    portfolio.accept(of_bill.proposal_id)
    assert energy(portfolio) == {"ml_eks": pytest.approx(KWH)}


def test_a_cluster_of_that_name_in_another_region_is_another(portfolio):
    arn = "arn:aws:eks:eu-west-1:001122334455:nodegroup/ml-eks/gpu/1ac0ffee"
    tags = {"aws_eks_cluster_name": "ml-eks"}
    take(portfolio, state__json=state(node_group(arn=arn)), cur__csv=bill(tags))
    found = open_ones(portfolio)
    assert sorted(each.sources for each in found) == [("billing",), ("terraform",)]
    assert all(each.matches == () for each in found)


def test_what_was_accepted_before_its_bill_takes_the_bill(portfolio):
    take(portfolio, state__json=state(*machines()))
    (found,) = open_ones(portfolio)
    assert (found.unclaimed_rows, found.energy_kwh) == (0, None)
    portfolio.accept(found.proposal_id, workload="pretraining")
    assert portfolio.workloads()["workload_id"].to_list() == ["pretraining"]
    take(portfolio, cur__csv=bill({}))
    assert energy(portfolio) == {"pretraining": pytest.approx(KWH)}
    assert open_ones(portfolio) == ()


def test_a_decision_outlives_what_comes_later_and_more_use_opens_it_again(portfolio):
    one_cluster(portfolio)
    (found,) = open_ones(portfolio)
    portfolio.accept(found.proposal_id, workload="pretraining")
    # A machine of the cluster in another account: the rule asks for the account too.
    more = bill({"aws_eks_cluster_name": "ml-eks"}, {"i-0ccc3333": 2.0})
    take(portfolio, more__csv=more.replace(b"001122334455", b"009988776655"))
    (again,) = open_ones(portfolio)
    assert again.sources == ("billing",)
    portfolio.merge(again.proposal_id, "pretraining")
    assert energy(portfolio) == {"pretraining": pytest.approx(KWH * 18 / 16)}


def test_ignoring_needs_a_reason_and_the_energy_stays_unassigned(portfolio):
    one_cluster(portfolio)
    (found,) = open_ones(portfolio)
    with pytest.raises(PortfolioError, match="Say why"):
        portfolio.ignore(found.proposal_id, " ")
    portfolio.ignore(found.proposal_id, "a customer's cluster", who="ana")
    assert open_ones(portfolio) == ()
    assert energy(portfolio) == {UNASSIGNED: pytest.approx(KWH)}
    (left,) = portfolio.shadow()
    assert left.ignored == "a customer's cluster"


@pytest.mark.parametrize("decide", ["accept", "ignore"])
def test_reopening_puts_everything_back(portfolio, decide):
    one_cluster(portfolio)
    (found,) = open_ones(portfolio)
    before = portfolio.workloads()
    if decide == "accept":
        portfolio.accept(found.proposal_id, workload="x", changes={"business_unit": "research"})
        assert portfolio.workloads()["business_unit"].to_list() == ["research"]
    else:
        portfolio.ignore(found.proposal_id, "because")
    portfolio.reopen(found.proposal_id)
    assert energy(portfolio) == {UNASSIGNED: pytest.approx(KWH)}
    assert portfolio.workloads().equals(before)
    assert [each.proposal_id for each in open_ones(portfolio)] == [found.proposal_id]
    with pytest.raises(PortfolioError, match="Nobody decided"):
        portfolio.reopen(found.proposal_id)


def test_a_decided_proposal_is_not_decided_twice(portfolio):
    one_cluster(portfolio)
    (found,) = open_ones(portfolio)
    portfolio.accept(found.proposal_id)
    with pytest.raises(PortfolioError, match="accepted already"):
        portfolio.ignore(found.proposal_id, "late")
    with pytest.raises(PortfolioError, match="no proposal"):
        portfolio.accept("proposal-0")


MANY_NAMES = b"""\
workload,zone,period_start,period_end,energy_kwh
chat,FR,2025-01-01,2025-01-31,10
"""


def test_merging_into_a_workload_that_is_not_there_is_refused(portfolio):
    one_cluster(portfolio)
    (found,) = open_ones(portfolio)
    with pytest.raises(PortfolioError, match="No workload is called 'nobody'"):
        portfolio.merge(found.proposal_id, "nobody")
    take(portfolio, chat__csv=MANY_NAMES)
    portfolio.merge(found.proposal_id, "chat")
    # 10 kWh IT x the default PUE, beside the cluster's energy.
    assert set(energy(portfolio)) == {"chat"}
    assert portfolio.proposals()[0].status == "merged"


def test_the_ledger_of_events_tells_what_was_decided(portfolio):
    one_cluster(portfolio)
    (found,) = open_ones(portfolio)
    portfolio.accept(found.proposal_id, workload="pretraining", who="ana")
    events = portfolio._workspace.events.all().filter(who="ana")
    assert events["action"].to_list()[-1] == "accept"
    assert "rule" in events["action"].to_list()


TWICE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,site
LLM ft,FR,2025-01-01,2025-01-31,10,facility,Lyon
llm-ft,FR,2025-02-01,2025-02-28,30,facility,Lyon
"""


def test_two_workloads_that_look_like_one_are_merged_and_parted_again(portfolio):
    take(portfolio, energy__csv=TWICE)
    portfolio.edit_workloads([{"workload_id": "LLM ft", "owner": "ana"}])
    (merge,) = open_ones(portfolio)
    assert merge.kind == "merge"
    assert (merge.workload, merge.other) == ("llm-ft", "LLM ft")
    before = energy(portfolio)
    assert before["LLM ft"] == pytest.approx(10)
    portfolio.accept(merge.proposal_id)
    after = energy(portfolio)
    assert "LLM ft" not in after
    assert after["llm-ft"] == pytest.approx(before["llm-ft"] + 10)
    (row,) = portfolio.workloads().to_dicts()
    assert (row["workload_id"], row["owner"]) == ("llm-ft", "ana")
    portfolio.reopen(merge.proposal_id)
    assert energy(portfolio) == pytest.approx(before)
    owners = dict(portfolio.workloads().select("workload_id", "owner").iter_rows())
    assert owners["LLM ft"] == "ana"


ORDERS = [(0, 1, 2), (2, 1, 0), (1, 0, 2)]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(map(str, order)))
def test_two_jobs_of_one_cluster_are_told_apart_by_their_nodes(portfolio, order):
    """Of 78.848 kWh, 10 of 16 h are of `i-0aaa1111`, and 6 h of `i-0bbb2222`."""
    jobs = {"ranker": {"ip-10-0-1-11": "i-0aaa1111"}, "tuner": {"ip-10-0-1-12": "i-0bbb2222"}}
    files = [
        ("kube.json", kubernetes(jobs)),
        ("cur.csv", bill({"aws_eks_cluster_name": "ml-eks"})),
        ("state.json", state(node_group())),
    ]
    for at in order:
        assert not portfolio.import_files([files[at]]).refused
    found = {each.title: each for each in open_ones(portfolio)}
    assert {"ranker", "tuner"} <= found.keys()
    assert found["ranker"].unclaimed_kwh == pytest.approx(KWH * 10 / 16)
    assert found["tuner"].unclaimed_kwh == pytest.approx(KWH * 6 / 16)
    for name in ("ranker", "tuner"):
        portfolio.accept(found[name].proposal_id)
    assert energy(portfolio) == {
        "ranker": pytest.approx(KWH * 10 / 16),
        "tuner": pytest.approx(KWH * 6 / 16),
    }
    assert portfolio.shadow() == ()
    assert {"ranker", "tuner"}.isdisjoint(each.title for each in open_ones(portfolio))


def test_a_machine_of_two_jobs_stays_with_its_cluster(portfolio):
    jobs = {"ranker": {"ip-10-0-1-11": "i-0aaa1111"}, "tuner": {"ip-10-0-1-11": "i-0aaa1111"}}
    take(portfolio, kube__json=kubernetes(jobs), cur__csv=bill({"aws_eks_cluster_name": "ml-eks"}))
    found = {each.title: each.unclaimed_kwh for each in open_ones(portfolio)}
    assert (found["ranker"], found["tuner"]) == (0, 0)
    assert sum(kwh for kwh in found.values()) == pytest.approx(KWH)


def there(portfolio):
    return {
        each["reference"].rsplit("/", 1)[-1] for p in open_ones(portfolio) for each in p.evidence
    }


@pytest.mark.parametrize(
    "wrote", [state_file, lambda serial, *some: state(*some)], ids=["tfstate", "show"]
)
def test_what_a_later_state_no_longer_holds_is_there_no_more(portfolio, wrote):
    first, second = machines()
    take(portfolio, one__json=wrote(3, first, second))
    assert there(portfolio) == {"aws_instance.first", "aws_instance.second"}
    take(portfolio, two__json=wrote(4, first))
    assert there(portfolio) == {"aws_instance.first"}


def test_an_older_state_that_comes_later_brings_nothing_back(portfolio):
    first, second = machines()
    take(portfolio, two__json=state_file(4, first))
    take(portfolio, one__json=state_file(3, first, second))
    assert there(portfolio) == {"aws_instance.first"}


def test_states_of_two_estates_stand_beside_each_other(portfolio):
    first, second = machines()
    take(portfolio, one__json=state_file(3, first), two__json=state_file(9, second, lineage="b"))
    take(portfolio, three__json=state(node_group()))
    assert there(portfolio) == {
        *("aws_instance.first", "aws_instance.second", "aws_eks_node_group.gpu")
    }


def test_a_plan_of_a_part_replaces_no_state(portfolio):
    first, second = machines()
    change = {
        **first,
        "change": {"actions": ["no-op"], **dict.fromkeys(("before", "after"), first["values"])},
    }
    plan = {"format_version": "1.2", "terraform_version": "1.9.5", "resource_changes": [change]}
    take(portfolio, state__json=state(first, second), plan__json=json.dumps(plan).encode())
    assert there(portfolio) == {"aws_instance.first", "aws_instance.second"}


def test_a_newer_state_changes_no_decision(portfolio):
    first, second = machines()
    take(portfolio, one__json=state(first, second), cur__csv=bill({}))
    for each in open_ones(portfolio):
        portfolio.accept(each.proposal_id, "pretraining")
    before = [(e.title, e.status, e.decided["workload"]) for e in portfolio.proposals()]
    shares = energy(portfolio)
    take(portfolio, two__json=state(first))
    assert energy(portfolio) == shares
    assert [(e.title, e.status, e.decided["workload"]) for e in portfolio.proposals()] == before
