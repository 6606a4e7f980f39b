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


def grams_per_request(lines, usage):
    """kWh and kg of what serves and of the idle capacity beside it, by workload and month."""
    reserved = defaultdict(lambda: defaultdict(float))
    for line in lines:
        if line["workload"] != "(unassigned)" and line["accelerator_hours"]:
            for pool in pools(line):
                reserved[pool][line["workload"]] += line["accelerator_hours"]
    amounts = defaultdict(lambda: [0.0, 0.0])
    for line in lines:
        shares = {line["workload"]: 1.0}
        if line["workload"] == "(unassigned)":
            beside = next((reserved[pool] for pool in pools(line) if pool in reserved), {})
            shares = {name: hours / sum(beside.values()) for name, hours in beside.items()}
        elif line["lifecycle"] in ("training", "fine_tuning", "development"):
            continue
        for name, share in shares.items():
            amounts[name, line["month"]][0] += (line["energy_facility_kwh"] or 0.0) * share
            amounts[name, line["month"]][1] += (line["location_kg"] or 0.0) * share
    by_workload = defaultdict(lambda: [0.0, 0.0, 0.0])
    for (name, month), requests in usage.items():
        if (name, month) in amounts:
            for at, amount in enumerate((requests, *amounts[name, month])):
                by_workload[name][at] += amount
    return by_workload


def pools(line):
    """Where idle capacity may be shared, the narrowest place first."""
    account = line["provider"] and line["account"] and (line["provider"], line["account"])
    places = {"host": line["host"], "site": line["site"], "account": account}
    return [(kind, name, line["month"]) for kind, name in places.items() if name]


def test_every_figure_per_request_of_the_sample(sample):
    usage = defaultdict(float)
    for row in sample._ai_activity().filter(quantity_kind="requests").to_dicts():
        # Every period of use in the sample lies within a month.
        usage[row["workload"], f"{row['period_start']:%Y-%m}"] += (
            row["quantity"] * row["assigned_share"]
        )
    by_hand = grams_per_request(sample._footprint().lines.to_dicts(), usage)
    found = sample.intensity(scope="all").filter(per="query").to_dicts()
    assert len(found) >= 10
    for row in found:
        requests, kwh, kg = by_hand[row["workload"]]
        assert agree(row["units"], requests), row
        assert agree(row["energy_wh"], kwh * 1000 / requests), row
        assert agree(row["location_g"] or 0.0, kg * 1000 / requests), row


def test_every_run_of_the_sample(sample):
    kwh, spans = defaultdict(float), defaultdict(list)
    for line in sample._footprint().lines.filter(run_status="failed").to_dicts():
        if line["lifecycle"] in ("training", "fine_tuning", "development"):
            run = (line["workload"], line["resource"])
            kwh[run] += line["energy_facility_kwh"]
            spans[run].append((line["use_start"], line["use_end"]))
    found = sample.training(scope="all").filter(ended="failed").to_dicts()
    assert {(row["workload"], row["run"]) for row in found} == set(kwh)
    for row in found:
        run = (row["workload"], row["run"])
        assert agree(row["energy_facility_kwh"], kwh[run])
        hours, until = 0.0, min(spans[run])[0]
        for start, end in sorted(spans[run]):
            hours += max((end - max(start, until)).total_seconds(), 0.0) / 3600
            until = max(until, end)
        assert agree(row["wall_hours"], hours)
