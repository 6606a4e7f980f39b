"""Scenarios of a workspace: computed, kept, and as a report lists them.

forge: 1 000 kWh of IT energy in January and in February 2025, PUE 1.2, in France.
"""

import pytest

from carbon.portfolio import Portfolio, PortfolioError

ACTIVITY = b"""\
workload,site,zone,period_start,period_end,energy_kwh,energy_boundary,pue
forge,Lyon,FR,2025-01-01,2025-01-31,1000,it,1.2
forge,Lyon,FR,2025-02-01,2025-02-28,1000,it,1.2
"""

NORTH = {"name": "North", "moves": [{"workload": "forge", "share": 0.5, "to_zone": "SE"}]}


@pytest.fixture
def portfolio(tmp_path):
    found = Portfolio(tmp_path / "ws")
    found.import_files([("a.csv", ACTIVITY)], who="ana")
    return found


def test_a_scenario_without_moves_is_the_footprint_to_the_last_digit(portfolio):
    done = portfolio.whatif({})
    assert done.scenario == done.baseline
    footprint = portfolio.footprint(()).rows.row(0, named=True)
    assert done.baseline == {measure: footprint[measure] for measure in done.baseline}


def test_scenarios_are_kept_renamed_listed_and_taken_back(portfolio):
    version = portfolio.version
    assert portfolio.save_scenario(NORTH, who="ana") == "North"
    assert portfolio.rename_scenario("North", "Far  north") == "Far north"
    move = {"workload": ["forge"], "share": 0.5, "to_zone": "SE"}
    assert portfolio.scenarios() == {"Far north": {"name": "Far north", "moves": [move]}}
    (compared,) = portfolio.compare_scenarios(["Far north"])
    assert compared.moves[0]["energy_kwh"] == pytest.approx(1000)
    assert portfolio.whatif(portfolio.scenario_toml("Far north")).scenario == compared.scenario
    portfolio.delete_scenario("Far north")
    assert portfolio.scenarios() == {}
    assert portfolio.version == version


def test_a_report_lists_what_is_marked_or_named_on_its_own_months(portfolio):
    portfolio.save_scenario(NORTH)
    assert portfolio.report_content()["scenarios"] == []
    portfolio.scenario_in_report("North", True)
    (listed,) = portfolio.report_content("2025-01", "2025-01")["scenarios"]
    assert (listed["month_from"], listed["month_to"]) == ("2025-01", "2025-01")
    assert listed["today"]["energy_facility_kwh"] == pytest.approx(1000 * 1.2)
    assert listed["words"] == ["50 % of forge to zone:SE."]
    assert listed["scenario"]["location_kg_co2e"] < listed["today"]["location_kg_co2e"]
    (named,) = portfolio.report_content(scenarios=["North"])["scenarios"]
    assert named["month_to"] == "2025-02"
    with pytest.raises(PortfolioError, match="No scenario is called 'South'; there are: North"):
        portfolio.report("data", scenarios=["South"])


def test_a_scenario_that_no_longer_holds_is_listed_with_the_reason(portfolio):
    portfolio.save_scenario(NORTH)
    (listed,) = portfolio.report_content(scenarios=[{**NORTH, "from": "2030-01"}])["scenarios"]
    assert listed["fault"].startswith("There is no activity from 2030-01")
    assert portfolio.report("pdf", scenarios=[{**NORTH, "from": "2030-01"}]).startswith(b"%PDF")


def test_more_than_four_do_not_stand_side_by_side(portfolio):
    with pytest.raises(PortfolioError, match="At most 4 scenarios"):
        portfolio.compare_scenarios(["North"] * 5)


def test_the_same_state_and_scenarios_give_the_same_bytes(portfolio):
    portfolio.save_scenario(NORTH, in_report=True)
    assert portfolio.report("pdf") == Portfolio(portfolio.path).report("pdf")
    assert portfolio.report("pdf") != portfolio.report("pdf", scenarios=[])
