"""Targets and the register of measures of a workspace: kept beside the footprint, in hand figures.

chat, France, PUE 1, 0.5 kg/kWh location-based, 0.4 market-based, 2024 and 2025. 1, 2, 3, 1, 2, 3 …
thousand requests a month, 24 thousand a year; 2 kWh per thousand in 2024 and 1.6 in 2025:

    2024   48 kWh     24 kg      19.2 kg market-based     1.0 kg per 1k requests
    2025   38.4 kWh   19.2 kg    15.36 kg                 0.8 kg per 1k requests
"""

import calendar

import pytest

from carbon.portfolio import Portfolio, PortfolioError

HEAD = (
    "workload,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,pue,requests,"
    "location_factor_kg_per_kwh,market_factor_kg_per_kwh"
)
HALVE = {"base_from": "2024-01", "base_to": "2024-12", "until": "2026-12", "reduction": 0.5}
DISTILLED = {
    **{"workloads": ["chat"], "taken": "2025-01-15", "done": "A distilled model serves"},
    **{"of": "energy", "expected_share": -0.2, "evidence": "ticket 12"},
}


def rows(months):
    lines = [HEAD]
    for at in range(months):
        year, month = 2024 + at // 12, at % 12 + 1
        thousands = 1 + at % 3
        kwh = thousands * (2.0 if year == 2024 else 1.6)
        ends = calendar.monthrange(year, month)[1]
        lines.append(
            f"chat,inference_realtime,FR,{year}-{month:02d}-01,{year}-{month:02d}-{ends},{kwh},it,"
            f"1.0,{1000 * thousands},0.5,0.4"
        )
    return "\n".join(lines).encode()


def workspace(path, months):
    made = Portfolio(path)
    made.import_files([("rows.csv", rows(months))], who="ana")
    return made


@pytest.fixture
def portfolio(tmp_path):
    return workspace(tmp_path / "ws", 24)


@pytest.mark.parametrize(
    ("said", "base", "actual"),
    [
        ({}, 24.0, 19.2),
        ({"measure": "market"}, 19.2, 15.36),
        ({"measure": "energy"}, 48.0, 38.4),
        ({"per": "1k_requests"}, 1.0, 0.8),
        ({"per": "1k_requests", "measure": "energy"}, 2.0, 1.6),
        ({"per": "kwh_it"}, 0.5, 0.5),
        ({"per": "kwh_it", "measure": "market"}, 0.4, 0.4),
    ],
    ids=["kg", "market", "kwh", "per-request", "kwh-per-request", "per-kwh", "market-per-kwh"],
)
def test_base_path_and_record(portfolio, said, base, actual):
    target = portfolio.save_target(" halve  it ", {**HALVE, **said}, who="ana")
    assert target.name == "halve it"
    assert target.base_value == pytest.approx(base)
    assert target.level == pytest.approx(base / 2)
    assert target.policy_hash == portfolio.policy.hash
    assert portfolio.targets() == {"halve it": target}
    found = portfolio.progress("halve it")
    assert found.month == "2025-12"
    assert found.actual.value == pytest.approx(actual)
    # Half of the 24 months are over: three quarters of the base.
    assert found.path == pytest.approx(0.75 * base)
    assert found.status == "above path"
    assert found.difference == pytest.approx(actual - 0.75 * base)
    assert not found.actual.estimated


def test_a_level_is_stated_instead_of_a_reduction(portfolio):
    said = {**HALVE, "reduction": None, "level": 14.4, "path": "geometric"}
    target = portfolio.save_target("level", said)
    assert target.reduction == pytest.approx(1 - 14.4 / 24)
    assert portfolio.progress("level").path == pytest.approx((24 * 14.4) ** 0.5)


def test_a_base_of_part_of_a_year_is_scaled_and_says_so(portfolio):
    target = portfolio.save_target("part", {**HALVE, "base_from": "2024-10"})
    # October to December: 6 thousand requests, 12 kWh, 6 kg in 2 208 h; the year 2024 has 8 784.
    assert target.base_value == pytest.approx(6 * 8784 / 2208)
    assert target.base_how.startswith("estimated: 2024-10 to 2024-12, 2,208 of 8,784 hours")
    assert any("3 of the twelve months" in note for note in portfolio.progress("part").notes)


def test_what_must_stand_beside_a_flattering_figure(portfolio):
    portfolio.save_target("market", {**HALVE, "measure": "market"})
    portfolio.save_target("requests", {**HALVE, "per": "1k_requests"})
    assert portfolio.progress("market").notes == (
        "The location-based figure changed by -20.0% since the base period.",
    )
    assert portfolio.progress("requests").notes == (
        "In absolute terms the figure changed by -20.0% since the base period.",
    )


def test_the_trend_and_what_is_planned(portfolio):
    portfolio.save_target("energy", {**HALVE, "measure": "energy", "per": "1k_requests"})
    # A quarter less energy per unit of activity, whatever else stays.
    portfolio.save_scenario({"name": "Leaner", "changes": {"energy_per_unit": {"chat": 0.75}}})
    plain = portfolio.forecast("energy")
    assert plain.rows["month"].to_list() == [f"2026-{month:02d}" for month in range(1, 13)]
    assert plain.rows["planned"].equals(plain.rows["value"].alias("planned"))
    row = portfolio.forecast("energy", [{"scenario": "Leaner", "start": "2026-01"}]).at("2026-12")
    assert row["value"] == pytest.approx(plain.at("2026-12")["value"])
    assert row["planned"] == pytest.approx(0.75 * row["value"])
    # A target that names it counts it in without being asked.
    planned = [{"scenario": "Leaner", "start": "2026-01"}]
    said = {**HALVE, "measure": "energy", "per": "1k_requests", "planned": planned}
    portfolio.save_target("energy", said)
    assert portfolio.forecast("energy").at("2026-12") == row
    assert portfolio.forecast("energy", []).rows.equals(plain.rows)


def test_too_few_months_carry_no_trend(tmp_path):
    few = workspace(tmp_path / "few", 5)
    few.save_target("halve", {**HALVE, "base_to": "2024-05"})
    with pytest.raises(PortfolioError, match="No forecast: a trend needs 6 months"):
        few.forecast("halve")


def test_names_that_nobody_gave_are_refused_with_those_there_are(portfolio):
    with pytest.raises(PortfolioError, match="No target is called 'x'; there are: none"):
        portfolio.progress("x")
    portfolio.save_target("halve", HALVE)
    with pytest.raises(PortfolioError, match="No target is called 'x'; there are: halve"):
        portfolio.forecast("x")
    with pytest.raises(PortfolioError, match="No scenario is called 'North'; there are: none"):
        portfolio.forecast("halve", [{"scenario": "North", "start": "2026-01"}])
    with pytest.raises(PortfolioError, match="No measure is called 'y'; there are: none"):
        portfolio.measure_result("y")


def test_all_that_is_wrong_with_a_target_is_said_at_once(portfolio):
    said = {
        **{"measure": "water", "per": "head", "path": "steep", "scope": "some", "colour": "green"},
        **{"base_from": "2024-13", "base_to": "2024-12", "until": "2024-06", "reduction": 1.5},
        "planned": [{"scenario": "North", "start": "soon"}],
    }
    with pytest.raises(PortfolioError) as refused:
        portfolio.save_target(" ", said)
    for words in (
        "A target needs a name",
        "'colour' is nothing that a target states",
        "measure 'water' is none of location, market, energy",
        "per 'head' is none of",
        "path 'steep' is none of linear, geometric",
        "scope 'some' is none of in, all",
        "base_from '2024-13' is no month",
        "The target's month 2024-06 is not after the base period, which ends 2024-12",
        "The reduction 1.5 is no share above 0 and up to 1",
        "No scenario is called 'North'",
        "The start 'soon' of a planned scenario is no month",
    ):
        assert words in str(refused.value)
    assert portfolio.targets() == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"level": 3.0}, "either as a reduction or as a level"),
        ({"reduction": None}, "either as a reduction or as a level"),
        ({"reduction": None, "level": -1.0}, "no amount of 0 or more"),
        ({"reduction": 1.0, "path": "geometric"}, "never reaches 0"),
        ({"base_from": "2024-12", "base_to": "2024-01"}, "before it begins"),
        ({"base_from": "2020-01", "base_to": "2020-12"}, "there is: 2024-01 to 2025-12"),
        ({"base_from": "2024-01", "base_to": "2025-06"}, "longer than twelve months"),
        ({"base_from": "2024-02", "base_to": "2024-02"}, "fewer than 90 days"),
        ({"per": "1k_output_tokens"}, "The base period gives no figure"),
    ],
    ids=[
        *("both", "neither", "negative", "geometric-0", "backwards"),
        *("no-activity", "long", "short", "no-tokens"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(portfolio, said, words):
    with pytest.raises(PortfolioError, match=words):
        portfolio.save_target("halve", {**HALVE, **said})


def test_a_planted_change_is_shown_beside_what_was_expected(portfolio):
    measure = portfolio.save_measure("Distilled ", DISTILLED, who="ana")
    assert portfolio.measures() == {"Distilled": measure}
    result = portfolio.measure_result("Distilled")
    found = result.main
    assert (result.missing, found.of, found.unit) == (None, "energy", "requests")
    # February to December of both years; 1.6 against 2 kWh per thousand requests.
    assert (found.before, found.after) == (("2024-02", "2024-12"), ("2025-02", "2025-12"))
    assert found.before_value == pytest.approx(2.0 / 1000)
    assert found.after_value == pytest.approx(1.6 / 1000)
    assert (found.change, found.low, found.high) == pytest.approx((-0.2, -0.2, -0.2))
    # 23 000 requests in 334 days, as of 365; 0.4 kWh less per thousand.
    assert found.a_year == pytest.approx(-0.4 * 23 * 365 / 334)
    assert found.verdict == "as expected"
    # Emissions fell with the energy, and carry no verdict of an expectation that is not of them.
    shown = {one.of: one for one in result.results}
    assert shown["location"].change == pytest.approx(-0.2)
    assert shown["market"].change == pytest.approx(-0.2)
    assert shown["location"].verdict == ""


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [(-0.3, "less than expected"), (-0.1, "more than expected"), (0.1, "less than expected")],
    ids=["more-hoped", "less-hoped", "a-rise"],
)
def test_less_and_more_than_expected(portfolio, expected, verdict):
    portfolio.save_measure("Distilled", {**DISTILLED, "expected_share": expected})
    assert portfolio.measure_result("Distilled").main.verdict == verdict


def test_too_early_is_said_and_the_latest_stands_first(portfolio):
    portfolio.save_measure("Distilled", DISTILLED)
    portfolio.save_measure("Capped", {**DISTILLED, "taken": "2025-11-02"})
    late, early = portfolio.measure_results()
    assert (late.measure.name, early.measure.name) == ("Capped", "Distilled")
    assert (late.results, late.main) == ((), None)
    assert late.missing.startswith("Too early, or too little is known: 1 months are known after")


def test_all_that_is_wrong_with_a_measure_is_said_at_once(portfolio):
    said = {
        **{"workloads": ["chat", "ghost"], "taken": "15.1.2025", "done": " ", "of": "water"},
        **{"expected_share": -1.0, "expected_kg": 3.0, "scenario": "North", "colour": "green"},
    }
    with pytest.raises(PortfolioError) as refused:
        portfolio.save_measure("", said)
    for words in (
        "A measure needs a name",
        "'colour' is nothing that a measure states",
        "No workload is called 'ghost'",
        "taken '15.1.2025' is no day",
        "Say what was done",
        "of 'water' is none of location, market, energy",
        "either as a share or as an amount a year",
        "would leave nothing",
        "No scenario is called 'North'",
    ):
        assert words in str(refused.value)
    assert "'chat'" not in str(refused.value)
    with pytest.raises(PortfolioError, match="at least one workload"):
        portfolio.save_measure("Distilled", {**DISTILLED, "workloads": []})
    assert portfolio.measures() == {}


def test_targets_and_measures_change_no_footprint(portfolio):
    def everything():
        return portfolio.footprint(("month", "workload")).rows

    before, version, policy = everything(), portfolio.version, portfolio.policy.hash
    portfolio.save_scenario({"name": "Leaner", "changes": {"energy_per_unit": {"chat": 0.75}}})
    planned = [{"scenario": "Leaner", "start": "2026-01"}]
    portfolio.save_target("halve", {**HALVE, "planned": planned})
    portfolio.save_measure("Distilled", {**DISTILLED, "scenario": "Leaner"})
    portfolio.progress("halve")
    portfolio.forecast("halve")
    portfolio.measure_results()
    assert everything().equals(before)
    assert (portfolio.version, portfolio.policy.hash) == (version, policy)
    # Nor does a second look at the workspace, from its files.
    assert Portfolio(portfolio.path).footprint(("month", "workload")).rows.equals(before)


def test_a_workspace_without_activity_says_so(tmp_path):
    empty = Portfolio(tmp_path / "empty")
    assert (empty.targets(), empty.measures(), empty.measure_results()) == ({}, {}, ())
    with pytest.raises(PortfolioError, match="there is: none yet"):
        empty.save_target("halve", HALVE)
    with pytest.raises(PortfolioError, match="No workload is called 'chat'"):
        empty.save_measure("Distilled", DISTILLED)
