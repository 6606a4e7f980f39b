"""Scenarios, targets and measures are kept, replaced and taken back, with their history."""

import pytest

from carbon.portfolio import Portfolio, PortfolioError


@pytest.fixture
def portfolio(tmp_path):
    return Portfolio(tmp_path / "workspace")


def test_a_plan_is_kept_under_its_name_and_replaced_by_the_next_of_it(portfolio):
    portfolio.save_plan("scenario", " North  first ", {"growth": 1.1})
    portfolio.save_plan("scenario", "North first", {"growth": 1.2})
    portfolio.save_plan("target", "Halve", {"reduction": 0.5})

    assert portfolio.plans("scenario") == {"North first": {"growth": 1.2}}
    assert portfolio.plans("target") == {"Halve": {"reduction": 0.5}}


def test_a_plan_that_is_taken_back_is_gone_and_can_be_saved_again(portfolio):
    portfolio.save_plan("measure", "Cap watts", {"expected": 3})
    portfolio.delete_plan("measure", "Cap watts")
    assert portfolio.plans("measure") == {}

    portfolio.save_plan("measure", "Cap watts", {"expected": 4})
    assert portfolio.plans("measure") == {"Cap watts": {"expected": 4}}


def test_plans_change_no_figure_and_stand_in_the_event_log(portfolio):
    version = portfolio.version
    portfolio.save_plan("scenario", "North", {"growth": 1.1}, who="ada")

    assert portfolio.version == version
    assert portfolio.verify()["events"] == 1
    assert portfolio.verify()["ok"]


def test_what_cannot_be_kept_is_refused_in_words(portfolio):
    with pytest.raises(PortfolioError, match="needs a name"):
        portfolio.save_plan("target", "  ", {})
    with pytest.raises(PortfolioError, match="No target is called 'Halve'; there are: none"):
        portfolio.delete_plan("target", "Halve")
