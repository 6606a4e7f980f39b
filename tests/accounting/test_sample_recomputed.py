"""Every figure of the sample portfolio, recomputed from the output of `carbon explain` alone."""

from collections import defaultdict

import pytest
from recompute import agree, recompute

from carbon.portfolio import Portfolio


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Portfolio:
    return Portfolio.sample(tmp_path_factory.mktemp("sample"))


def test_every_workload_and_month_of_the_sample(sample):
    published = sample.footprint(["workload", "month"], scope="all").rows
    assert published["workload"].n_unique() >= 40
    checked = 0
    for workload in published["workload"].unique().sort():
        by_month = defaultdict(list)
        for line in sample.explain(workload)["lines"]:
            by_month[line["month"]].append(line)
        for row in published.filter(workload=workload).to_dicts():
            for measure, value in recompute(by_month[row["month"]]).items():
                assert agree(row[measure], value), (row, measure)
            checked += 1
    assert checked == published.height


def test_every_factor_of_the_sample_has_a_document(sample):
    workloads = sample.footprint(["workload"], scope="all").rows["workload"]
    for workload in workloads:
        answer = sample.explain(workload)
        for factor in answer["factors"]:
            stated = factor.get("document") or "no document" in factor["why"]
            assert stated, (workload, factor)
        assert all(file["name"] and file["rows"] for file in answer["evidence"])
