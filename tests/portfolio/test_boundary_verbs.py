"""The boundary and the data collection policy of a workspace."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio, PortfolioError

# chat 100 kWh x 0.5 = 50 kg; toy 40 kWh x 0.5 = 20 kg; a laptop 3 kWh x 0.5 = 1.5 kg.
FILE = b"""\
workload,project,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,pue,location_factor_kg_per_kwh,device
chat,assist,inference_realtime,FR,2025-01-01,2025-01-31,100,facility,,0.5,rack-1
toy,labs,development,FR,2025-01-01,2025-01-31,40,facility,,0.5,rack-2
chat,assist,inference_realtime,FR,2025-02-01,2025-02-28,3,facility,,0.5,laptop-7
"""


@pytest.fixture
def mine(tmp_path):
    portfolio = Portfolio(tmp_path / "ws")
    portfolio.import_files([("meters.csv", FILE)], who="ana")
    return portfolio


def kwh(portfolio, scope="in"):
    return portfolio.footprint(scope=scope).totals["energy_facility_kwh"]


def test_a_decision_moves_a_project_out_and_back(mine):
    assert kwh(mine) == 143.0
    mine.decide_boundary("project", "lab*", "out", "no AI", decided_on="2026-01-31", who="ana")
    assert kwh(mine) == 103.0
    assert kwh(mine, "all") == 143.0
    row = mine.boundary_decisions().row(0, named=True)
    assert (row["workloads"], row["energy_facility_kwh"]) == (1, 40.0)
    toy = mine.workloads().filter(workload_id="toy").row(0, named=True)
    assert toy["boundary_reason"] == "policy: project lab*: no AI"
    # The last word on a name replaces the one before.
    mine.decide_boundary("project", "lab*", "in", "it is AI after all", who="ana")
    assert mine.boundary_decisions().height == 1
    assert kwh(mine) == 143.0
    mine.undecide_boundary("project", "lab*", who="ana")
    assert mine.boundary_decisions().is_empty()
    assert mine.verify()["ok"]


def test_what_the_analyst_states_on_a_workload_stands_above(mine):
    mine.decide_boundary("project", "labs", "out", "no AI")
    mine.edit_workloads(
        [{"workload_id": "toy", "in_scope": True, "boundary_reason": "sold"}], who="ana"
    )
    assert kwh(mine) == 143.0
    assert mine.boundary_decisions()["workloads"].to_list() == [0]


def test_a_lifecycle_and_declared_activity_are_left_out(mine):
    mine.set_boundary("lifecycles", {"development": "out"})
    assert kwh(mine) == 103.0
    mine.leave_out("tag:device", "laptop-*", "laptops are not in the AI baseline")
    assert kwh(mine) == 100.0
    gone = mine.left_out().row(0, named=True)
    assert (gone["reason"], gone["rows"], gone["kwh"]) == ("declared", 1, 3.0)
    mine.take_back_in("tag:device", "laptop-*")
    assert kwh(mine) == 103.0


@pytest.mark.parametrize(
    ("verb", "args", "says"),
    [
        ("decide_boundary", ("project", "labs", "out", " "), "without a reason"),
        ("decide_boundary", ("projects", "labs", "out", "x"), "boundary.decisions"),
        ("leave_out", ("hots", "a", "x"), "hots"),
        ("undecide_boundary", ("project", "labs"), "no decision"),
        ("take_back_in", ("host", "a"), "Nothing is left out"),
        ("set_boundary", ("colour", "blue"), "no choice 'colour'"),
        ("set_boundary", ("components_out", ["fan"]), "components_out"),
    ],
)
def test_what_cannot_be_declared_is_said(mine, verb, args, says):
    before = mine.version
    with pytest.raises(PortfolioError, match=says):
        getattr(mine, verb)(*args)
    assert mine.version == before


def test_the_collection_policy_follows_from_the_sources(mine):
    row = mine.collection().row(0, named=True)
    assert row["source"] == "activity-template · meters"
    assert row["what"] == "energy of the building"
    assert row["where"] == "FR"
    assert row["workloads"] == 2
    assert "sees the building; Facility meter" in row["meter"]
    # T1: a factor of 1.05 spans 1 / 1.05 - 1 = -4.8 % to +5 %.
    assert row["error"] == "T1: −5% to +5%"
    assert row["responsible"] is None


def test_versions_stay_readable(mine):
    source = mine.collection()["source"][0]
    assert mine.state_collection([{"source": source, "responsible": " Ana  Roux "}], "first") == 1
    second = [{"source": source, "retention": "7 years", "meter": "PDU of row 3"}]
    assert mine.state_collection(second, "second", who="ben") == 2
    now = mine.collection().row(0, named=True)
    assert (now["responsible"], now["retention"], now["meter"]) == (
        "Ana Roux",
        "7 years",
        "PDU of row 3",
    )
    assert now["stated"] == "responsible, meter, retention"
    then = mine.collection_version(1).row(0, named=True)
    assert (then["responsible"], then["retention"]) == ("Ana Roux", None)
    versions = mine.collection_versions()
    assert versions["version"].to_list() == [2, 1]
    assert versions["hash"].n_unique() == 2
    # An emptied statement gives the derived words back.
    mine.state_collection([{"source": source, "meter": ""}])
    assert "Facility meter" in mine.collection()["meter"][0]
    assert mine.verify()["ok"]


def test_a_source_or_field_that_nobody_knows(mine):
    with pytest.raises(PortfolioError, match="no source 'x'"):
        mine.state_collection([{"source": "x", "note": "y"}])
    source = mine.collection()["source"][0]
    with pytest.raises(PortfolioError, match="cannot be stated"):
        mine.state_collection([{"source": source, "what": "y"}])
    with pytest.raises(PortfolioError, match="no version 4"):
        mine.collection_document("md", 4)
    with pytest.raises(PortfolioError, match="not 'pdf'"):
        mine.collection_document("pdf")


def test_the_policy_as_a_file(mine, tmp_path):
    source = mine.collection()["source"][0]
    mine.state_collection([{"source": source, "responsible": "=cmd()", "note": "a | *b*"}])
    text = mine.collection_document("md", 1).decode()
    assert "- Responsible: =cmd()" in text
    assert r"- Note: a \| \*b\*" in text
    assert "- Kept for: not stated" in text
    assert "'=cmd()" in mine.collection_document("csv").decode()
    file = tmp_path / "policy.xlsx"
    file.write_bytes(mine.collection_document("xlsx"))
    sheet = pl.read_excel(file, has_header=False)
    cells = {cell for row in sheet.rows() for cell in row}
    assert "=cmd()" in cells
    assert mine.collection_document("md", 1) == mine.collection_document("md", 1)


def test_the_command_line_says_the_same(mine, tmp_path):
    def run(*args):
        result = CliRunner().invoke(app, [*args, "--workspace", str(mine.path)])
        assert result.exit_code == 0, result.output
        return result.stdout

    run("boundary", "decide", "project", "labs", "out", "--reason", "no AI")
    run("boundary", "set", "components_out", '["idle"]')
    run("boundary", "leave-out", "tag:device", "laptop-*", "--reason", "laptops")
    shown = json.loads(run("boundary", "show", "--json"))
    assert shown["boundary"]["components_out"] == ["idle"]
    assert shown["decisions"][0]["name"] == "labs"
    assert shown["left_out"][0]["kwh"] == 3.0
    assert "Missing, by estimate" in run("boundary", "show")
    source = mine.collection()["source"][0]
    run("collection", "set", source, "responsible", "Ana")
    run("collection", "export", str(tmp_path / "policy.md"))
    assert "- Responsible: Ana" in (tmp_path / "policy.md").read_text("utf-8")
    rows = json.loads(run("collection", "show", "--json", "--version", "1"))["collection"]
    assert rows[0]["responsible"] == "Ana"
