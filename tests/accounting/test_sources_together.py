"""Files of several formats in one portfolio: what is counted, what is not, and who tells."""

from pathlib import Path

import pytest

from carbon.portfolio import Portfolio

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory) -> Portfolio:
    made = Portfolio(tmp_path_factory.mktemp("bills"))
    names = ("aws_cur_2.csv", "focus_aws.csv", "prometheus_query_range.json")
    made.import_files([(name, DATA / name) for name in names])
    return made


def test_two_bills_of_one_machine_count_once(portfolio):
    found = portfolio.superseded()
    machine = found.filter(format="focus", resource="i-0a1")
    assert machine["superseded_by_format"].unique().to_list() == ["aws-cur"]
    assert (machine["counted_share"] < 1).all()
    assert machine.height == found.filter(format="focus").height


def test_a_node_holds_its_accelerators(portfolio):
    found = portfolio.superseded().filter(format="prometheus-json")
    assert found["component"].unique().to_list() == ["accelerator"]
    assert found["counted_share"].to_list() == [0.0] * found.height


def test_general_it_is_no_workload_and_no_figure(portfolio):
    general = portfolio.general_it()
    assert "AmazonS3" in general["service"].to_list()
    assert "general_it" in [finding.code for finding in portfolio.findings(scope="all")]
    figures = portfolio.footprint(["workload"], scope="all").rows["workload"]
    unclaimed = {"(unassigned)"}
    assert set(portfolio.workloads()["workload_id"]) - unclaimed == set(figures) - unclaimed


def test_hosts_without_a_place_are_named(portfolio):
    hosts = portfolio.unplaced().filter(kind="host")["name"].unique().to_list()
    assert hosts == ["dgx-07"]
