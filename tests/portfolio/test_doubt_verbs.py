"""Scores and choices of doubt are kept, named in the history, and move the interval they should."""

import json

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio, PortfolioError

ROWS = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,pue,location_factor_kg_per_kwh
meter,FR,2025-01-01,2025-01-31,100,facility,,0.5
rack,FR,2025-02-01,2025-02-28,100,it,1.0,0.5
"""
FAIR = dict.fromkeys(
    ("reliability", "completeness", "temporal", "geographical"), 2
) | {"technological": 3}  # fmt: skip


@pytest.fixture
def mine(tmp_path) -> Portfolio:
    portfolio = Portfolio(tmp_path / "ws")
    portfolio.import_files([("rows.csv", ROWS)], who="ana")
    return portfolio


def test_a_score_widens_what_it_is_of_and_is_taken_back(mine):
    before = mine.uncertainty("location", ["workload"], draws=100)
    gsd2 = dict(before.rows.select("workload", "gsd2").iter_rows())
    # Energy T1 1.05 and a factor that the row brings, 1.05; energy T2 1.10.
    mine.score_input("energy", "rack", FAIR, "a clamp meter", evidence="clamp.pdf", who="ana")
    after = mine.uncertainty("location", ["workload"], draws=100).rows
    now = dict(after.select("workload", "gsd2").iter_rows())
    assert now["meter"] == pytest.approx(gsd2["meter"])
    assert now["rack"] > gsd2["rack"]
    assert mine.scores().row(0, named=True)["gsd2"] == pytest.approx(1.2195, abs=5e-5)
    mine.score_input("energy", "rack", FAIR | {"technological": 1}, "a better one", who="ana")
    assert mine.scores().height == 1
    mine.unscore_input("energy", "rack", who="ana")
    assert mine.scores().is_empty()
    again = mine.uncertainty("location", ["workload"], draws=100)
    assert again.rows.equals(before.rows)


def test_what_cannot_be_scored_is_said(mine):
    with pytest.raises(PortfolioError, match="reason"):
        mine.score_input("energy", "rack", FAIR, " ")
    with pytest.raises(PortfolioError, match="technological"):
        mine.score_input("energy", "rack", FAIR | {"technological": 6}, "seen")
    with pytest.raises(PortfolioError, match="no score of energy 'rack'"):
        mine.unscore_input("energy", "rack")


def test_the_set_is_chosen_and_shown(mine):
    assert mine.pedigree().row(0) == ("reliability", 1.0, 1.05, 1.10, 1.20, 1.50)
    mine.choose_uncertainty("pedigree_set", "empirical", who="ana")
    # Published as GSD; a 95 % factor is its square: 1.54^2 = 2.3716.
    assert mine.pedigree().row(0)[:3] == ("reliability", 1.0, pytest.approx(2.3716))
    assert mine.uncertainty(draws=100).pedigree_set == "empirical"
    with pytest.raises(PortfolioError, match="pedigree_set"):
        mine.choose_uncertainty("pedigree_set", "guessed")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "both"}, "location, market, embodied"),
        ({"by": ["colour"]}, "colour"),
        ({"draws": 5}, "100 to 1000000"),
        ({"seed": -1}, "0 or more"),
    ],
    ids=["method", "column", "draws", "seed"],
)
def test_a_question_that_makes_no_sense_is_refused(mine, asked, said):
    with pytest.raises(PortfolioError, match=said):
        mine.uncertainty(**asked)


def test_the_command_line_gives_the_same_bytes_for_the_same_seed(mine):
    options = ["uncertainty", "--workspace", str(mine.path), "--by", "workload", "--draws", "500"]

    def ask(*more: str) -> str:
        answer = CliRunner().invoke(app, [*options, *more])
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    once = ask("--seed", "3", "--json")
    assert once == ask("--seed", "3", "--json")
    document = json.loads(once)
    assert (document["seed"], document["draws"]) == (3, 500)
    assert document["total"]["kg"] == pytest.approx(100.0)
    assert [row["workload"] for row in document["rows"]] == ["meter", "rack"]
    assert document["measured_kg"] == 1.0
    assert "0.5 kg/kWh, stated on rows" in [row["label"] for row in document["drivers"]]
    assert "meter" in ask()
    assert json.loads(ask("--from", "2025-02", "--json"))["total"]["kg"] == pytest.approx(50.0)
    wrong = CliRunner().invoke(app, [*options, "--from", "2025-2"])
    assert wrong.exit_code == 2
