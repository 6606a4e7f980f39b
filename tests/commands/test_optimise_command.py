"""`carbon optimise`: the document that scripts rely on, and the scenario that it writes.

chat: 1 000 kWh of IT energy in January 2025, PUE 1.2, in France with a factor of its own of
0.05 kg/kWh.
"""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.analysis.placement.optimum import Optimum, TradeOff
from carbon.cli import app
from carbon.portfolio import Portfolio, PortfolioError

PAGE = Path(__file__).parents[2] / "docs" / "optimise.md"

ACTIVITY = b"""\
workload,site,zone,period_start,period_end,energy_kwh,energy_boundary,pue,location_factor_kg_per_kwh,factor_source
chat,Lyon,FR,2025-01-01,2025-01-31,1000,it,1.2,0.05,meter.pdf
"""

LIMITED = """\
name = "North"

[constraints]
allowed_regions = ["zone:SE"]
forbidden = ["aws:*", "gcp:*", "azure:*"]
movable_share = 0.5
"""

PRICED = 'currency = "EUR"\n' + LIMITED + '[prices]\n"zone:FR" = 0.1\n"zone:SE" = 0.3\n'


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / "ws"
    Portfolio(path).import_files([("a.csv", ACTIVITY)], who="ana")
    return path


@pytest.fixture
def optimise(workspace, tmp_path):
    def run(text, *options):
        file = tmp_path / "scenario.toml"
        file.write_text(text, "utf-8")
        return CliRunner().invoke(
            app, ["optimise", str(file), "--workspace", str(workspace), *options]
        )

    return run


@pytest.fixture
def sweden(workspace):
    return Portfolio(workspace).resolve_factor("SE", 2025, "location", 1)["kg_co2e_per_kwh"]


def test_the_document_and_the_scenario_that_it_writes(optimise, workspace, tmp_path, sweden):
    out = tmp_path / "out.toml"
    done = optimise(LIMITED, "--json", "--out", str(out))
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert set(document) == set(Optimum.__dataclass_fields__)
    assert document["before"]["location_kg_co2e"] == pytest.approx(1200 * 0.05)
    # to a zone load takes its own PUE with it
    kg = 600 * 0.05 + 600 * sweden
    assert document["after"]["location_kg_co2e"] == pytest.approx(kg)
    (price,) = [p for p in document["shadow_prices"] if p["constraint"] == "movable_share"]
    assert price["kg"] == pytest.approx(120 * (0.05 - sweden))
    assert price["words"].startswith("10 percentage points more of chat that may move would lower")
    told = (
        CliRunner()
        .invoke(app, ["whatif", str(out), "--workspace", str(workspace), "--json"])
        .stdout
    )
    assert json.loads(told)["scenario"] == document["after"]
    assert json.loads(told)["violations"] == []


def test_the_same_question_gives_the_same_bytes(optimise):
    assert optimise(LIMITED, "--json").stdout == optimise(LIMITED, "--json").stdout


def test_a_frontier_and_a_budget(optimise, sweden):
    done = optimise(PRICED, "--json", "--frontier", "3", "--budget", "150")
    document = json.loads(done.stdout)
    # half of it in Sweden costs 60 + 180 = 240 instead of 120; 30 more pay for an eighth
    assert document["after"]["location_kg_co2e"] == pytest.approx(1050 * 0.05 + 150 * sweden)
    assert set(document["frontier"]) == set(TradeOff.__dataclass_fields__)
    assert [point["cost"] for point in document["frontier"]["points"]] == pytest.approx(
        [120, 135, 150]
    )
    free = json.loads(optimise(PRICED, "--json", "--frontier", "2").stdout)["frontier"]
    assert [point["cost"] for point in free["points"]] == pytest.approx([120, 240])


def test_what_cannot_be_kept_is_told_and_fails(optimise, tmp_path):
    text = LIMITED + 'residency = { chat = ["JP"] }\n'
    done = optimise(text, "--out", str(tmp_path / "out.toml"))
    assert done.exit_code == 1
    assert "No placement keeps every limit:\n- " in done.stdout
    assert "Residency leaves no place for chat: widen it." in done.stdout
    assert not (tmp_path / "out.toml").exists()


def test_as_a_person_reads_it(optimise):
    said = optimise(PRICED, "--frontier", "2", "--whole").stdout
    assert "North, 2025-01 to 2025-01" in said
    assert "Nothing moves." in said
    assert "Least carbon [kg CO2e] for each cost [EUR]" in said
    said = optimise(PRICED, "--method", "market").stdout
    assert re.search(r"chat +0\.500 +site:Lyon +zone:SE", said)
    assert "would lower your market-based figure by" in said


def test_other_months_and_faults_in_words(workspace):
    portfolio = Portfolio(workspace)
    found = portfolio.optimise(LIMITED, month_from="2025-01", month_to="2025-01")
    assert (found.month_from, found.month_to) == ("2025-01", "2025-01")
    with pytest.raises(PortfolioError, match="There is no activity from 2024-01"):
        portfolio.optimise(LIMITED, month_from="2024-01", month_to="2024-02")
    with pytest.raises(PortfolioError, match="max_cost needs prices"):
        portfolio.optimise(LIMITED, budget=5.0)
    with pytest.raises(PortfolioError, match="max_cost needs prices"):
        portfolio.frontier(LIMITED, budget=5.0)
    with pytest.raises(PortfolioError, match="2 to 100 points; 1 were asked"):
        portfolio.frontier(PRICED, points=1)
    version = portfolio.version
    portfolio.optimise(PRICED)
    assert portfolio.version == version


def test_the_page_names_every_part_of_the_answer():
    page = PAGE.read_text("utf-8")
    for name in (*Optimum.__dataclass_fields__, *TradeOff.__dataclass_fields__):
        assert f"`{name}`" in page, name
