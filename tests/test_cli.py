"""The command line, as the contract states it: verbs, JSON shapes, exit codes."""

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from carbon.cli import main

LB_TO_KG = 0.45359237
CAMX_2023 = 429.983 * LB_TO_KG / 1000  # eGRID2023, CAMX total output rate in lb/MWh -> kg/kWh


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def carbon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run the command line on a workspace of the test's own."""
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "workspace"))

    def run(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["carbon", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return Answer(int(stop.value.code or 0), captured.out, captured.err)

    return run


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")
    return path


def metered(workload: str, **given: object) -> dict[str, object]:
    """One row of the activity template: 1,000 kWh of IT energy in Reno's grid, January 2023."""
    return {
        "workload": workload,
        "site": "Hall A",
        "zone": "CAMX",
        "period_start": "2023-01-01",
        "period_end": "2023-01-31",
        "energy_kwh": 1000,
        "pue": 1.2,
        **given,
    }


def test_import_then_footprint_gives_the_hand_calculation(carbon, tmp_path):
    file = write_csv(tmp_path / "runs.csv", [metered("chat"), metered("search", energy_kwh=500)])

    imported = carbon("import", file, "--json")
    assert imported.code == 0
    (entry,) = imported.json["files"]
    assert (entry["name"], entry["format"]) == ("runs.csv", "activity-template")
    assert (entry["rows"], entry["accepted"], entry["quarantined"], entry["duplicates"]) == (
        2,
        2,
        0,
        0,
    )
    assert (entry["period_start"], entry["period_end"]) == (
        "2023-01-01T00:00:00Z",
        "2023-02-01T00:00:00Z",
    )

    answer = carbon("footprint", "--by", "workload,month", "--json")
    assert answer.code == 0
    totals = answer.json["totals"]
    assert totals["energy_it_kwh"] == pytest.approx(1500)
    assert totals["energy_facility_kwh"] == pytest.approx(1500 * 1.2)
    assert totals["location_kg_co2e"] == pytest.approx(1500 * 1.2 * CAMX_2023)
    assert totals["location_coverage"] == pytest.approx(1)
    assert totals["tier"] == "T2"
    by_workload = {(row["workload"], row["month"]): row for row in answer.json["rows"]}
    assert by_workload["chat", "2023-01"]["location_kg_co2e"] == pytest.approx(1200 * CAMX_2023)
    assert (answer.json["period_start"], answer.json["period_end"]) == ("2023-01", "2023-01")


def test_the_same_file_twice_changes_nothing(carbon, tmp_path):
    file = write_csv(tmp_path / "runs.csv", [metered("chat")])
    carbon("import", file)
    before = carbon("footprint", "--json").out

    again = carbon("import", file, "--json")

    (entry,) = again.json["files"]
    assert (entry["accepted"], entry["duplicates"]) == (0, 1)
    assert carbon("footprint", "--json").out == before


def test_a_later_file_supersedes_the_same_workload_place_and_period(carbon, tmp_path):
    carbon("import", write_csv(tmp_path / "first.csv", [metered("chat"), metered("search")]))
    carbon("import", write_csv(tmp_path / "restated.csv", [metered("chat", energy_kwh=900)]))

    totals = carbon("footprint", "--json").json["totals"]

    assert totals["energy_it_kwh"] == pytest.approx(900 + 1000)


def test_bad_rows_are_set_aside_with_exit_3_and_good_ones_count(carbon, tmp_path):
    file = write_csv(
        tmp_path / "runs.csv",
        [
            metered("chat"),
            metered("search", energy_kwh=-5),
            metered("", energy_kwh=7),
            metered("late", period_start="2023-03-01", period_end="2023-02-01"),
            metered("lost", zone="ATLANTIS"),
        ],
    )

    answer = carbon("import", file, "--json")

    assert answer.code == 3
    (entry,) = answer.json["files"]
    assert (entry["rows"], entry["accepted"], entry["quarantined"]) == (5, 1, 4)
    aside = {row["row"]: row for row in carbon("quarantine", "--json").json["rows"]}
    assert sorted(aside) == [3, 4, 5, 6]  # the header is row 1
    assert (aside[3]["file"], aside[3]["column"], aside[3]["value"]) == (
        "runs.csv",
        "energy_kwh",
        "-5",
    )
    assert aside[4]["column"] == "workload"
    assert aside[6]["value"] == "ATLANTIS"
    assert carbon("footprint", "--json").json["totals"]["energy_it_kwh"] == pytest.approx(1000)


def test_a_row_set_aside_is_tried_again_once_its_zone_is_known(carbon, tmp_path):
    runs = write_csv(tmp_path / "runs.csv", [metered("chat", zone="OURGRID"), metered("search")])
    assert carbon("import", runs).code == 3
    factor = {
        "zone": "OURGRID",
        "valid_from": "2023-01-01",
        "valid_to": "2024-01-01",
        "method": "location",
        "basis": "direct",
        "kg_co2e_per_kwh": 0,
        "gwp_set": "AR5",
        "publisher": "Our utility",
        "release": "2023",
        "vintage": "2023",
        "licence": "own data",
        "document": "Letter of 3 March 2024",
    }
    assert carbon("factors", "import", write_csv(tmp_path / "factors.csv", [factor])).code == 0

    answer = carbon("import", runs, "--json")

    (entry,) = answer.json["files"]
    assert (entry["accepted"], entry["duplicates"], entry["quarantined"]) == (1, 1, 0)
    assert carbon("quarantine", "--json").json["rows"] == []
    by_workload = {
        row["workload"]: row
        for row in carbon("footprint", "--by", "workload", "--json").json["rows"]
    }
    # A factor of 0 is a factor: the coverage is whole and the figure is 0, not missing.
    assert by_workload["chat"]["location_kg_co2e"] == 0
    assert by_workload["chat"]["location_coverage"] == 1


def test_an_unreadable_file_is_refused_and_the_others_are_taken(carbon, tmp_path):
    good = write_csv(tmp_path / "runs.csv", [metered("chat")])
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")

    answer = carbon("import", empty, good, tmp_path / "absent.csv", "--json")

    assert answer.code == 1
    refused, taken, absent = answer.json["files"]
    assert refused["format"] is None
    assert "empty" in refused["problems"][0]["reason"]
    assert "does not exist" in absent["problems"][0]["reason"]
    assert taken["accepted"] == 1
    assert "Traceback" not in answer.err


def test_market_based_energy_without_instrument_is_disclosed_not_dropped(carbon, tmp_path):
    carbon("import", write_csv(tmp_path / "runs.csv", [metered("chat")]))

    totals = carbon("footprint", "--json").json["totals"]

    assert totals["market_kg_co2e"] == pytest.approx(totals["location_kg_co2e"])
    assert totals["market_coverage"] == pytest.approx(1)


def test_explain_names_factor_document_file_and_row(carbon, tmp_path):
    carbon("import", write_csv(tmp_path / "runs.csv", [metered("chat")]))

    lineage = carbon("explain", "--workload", "chat", "--month", "2023-01", "--json").json

    assert lineage["figure"]["location_kg_co2e"] == pytest.approx(1200 * CAMX_2023)
    assert [(file["name"], file["rows"]) for file in lineage["evidence"]] == [("runs.csv", [2])]
    assert any("eGRID2023" in (factor.get("release") or "") for factor in lineage["factors"])
    assert "1000 kWh IT x (1.2 - 1)" in lineage["formula"].replace("\N{NARROW NO-BREAK SPACE}", "")


def test_explain_of_an_unknown_workload_says_so_in_one_line(carbon):
    answer = carbon("explain", "--workload", "nobody", "--json")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "nobody" in answer.err


@pytest.mark.parametrize("zone", ["CAMX", "94103", "camx"])
def test_resolve_says_which_factor_and_why(carbon, zone):
    answer = carbon(
        "factors", "resolve", "--zone", zone, "--year", "2023", "--method", "location", "--json"
    )
    found = answer.json
    assert found["kg_co2e_per_kwh"] == pytest.approx(0.195037, abs=5e-7)
    assert (found["zone"], found["year"], found["method"]) == ("CAMX", 2023, "location")
    assert found["basis"] == "direct"
    assert set(found) == {
        "factor_id",
        "kg_co2e_per_kwh",
        "zone",
        "year",
        "method",
        "basis",
        "gwp_set",
        "publisher",
        "release",
        "vintage",
        "licence",
        "document",
        "why",
    }


def test_resolve_refuses_rather_than_guesses(carbon):
    answer = carbon(
        "factors", "resolve", "--zone", "CAMX", "--year", "1990", "--method", "location", "--json"
    )
    assert answer.code == 1
    assert answer.out == ""
    assert "1990" in answer.err


def test_deleting_nothing_known_gives_null_not_zero(carbon):
    totals = carbon("footprint", "--json").json["totals"]
    assert totals["location_kg_co2e"] is None
    assert totals["energy_facility_kwh"] is None


def test_reports_are_the_same_bytes_in_any_workspace(carbon, tmp_path, monkeypatch):
    file = write_csv(tmp_path / "runs.csv", [metered("chat"), metered("=cmd|'/c calc'!A1")])
    written = []
    for place in ("here", "there"):
        monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / place))
        carbon("import", file)
        out = tmp_path / f"{place}-out"
        out.mkdir()
        answer = carbon(
            "report",
            *("--pdf", out / "r.pdf", "--xlsx", out / "r.xlsx", "--data", out / "r.json", "--json"),
        )
        assert answer.code == 0
        written.append([entry["sha256"] for entry in answer.json["written"]])
    assert len(written[0]) == 3
    assert written[0] == written[1]


def test_report_of_nothing_fails_in_one_line(carbon, tmp_path):
    answer = carbon("report", "--pdf", tmp_path / "r.pdf")
    assert answer.code == 1
    assert "nothing to report" in answer.err


def test_verify_names_what_was_tampered_with(carbon, tmp_path):
    carbon("import", write_csv(tmp_path / "runs.csv", [metered("chat")]))
    clean = carbon("verify", "--json")
    assert (clean.code, clean.json["ok"], clean.json["evidence"]) == (0, True, 1)

    (evidence,) = (p for p in (tmp_path / "workspace" / "evidence").rglob("*") if p.is_file())
    evidence.chmod(0o644)
    evidence.write_bytes(evidence.read_bytes().replace(b"1000", b"9999"))

    spoiled = carbon("verify", "--json")
    assert (spoiled.code, spoiled.json["ok"]) == (1, False)
    assert evidence.name in spoiled.json["problems"][0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("footprint", "--by", "colour"),
        ("footprint", "--from", "2025"),
        ("factors", "resolve", "--zone", "GB", "--year", "2025", "--method", "marginal"),
        ("report",),
        ("frobnicate",),
        ("import", "x.csv", "--format", "nope"),
        ("import", "x.csv", "--timezone", "Nowhere/Land"),
        ("footprint", "--from", "2024-05", "--to", "2024-01"),
    ],
)
def test_wrong_usage_exits_2(carbon, arguments):
    assert carbon(*arguments).code == 2


def test_formats_lists_every_reader(carbon):
    names = {row["name"] for row in carbon("formats", "--json").json["formats"]}
    assert names >= {
        "activity-template",
        "codecarbon",
        "aws-carbon-export",
        "google-carbon-footprint",
        "azure-carbon-optimization",
        "instrument-template",
        "factor-template",
    }


def test_workloads_lists_the_inventory_with_all_columns(carbon, tmp_path):
    carbon(
        "import",
        write_csv(
            tmp_path / "runs.csv",
            [metered("chat", model="m-7b", owner="Ana", lifecycle="training")],
        ),
    )
    (row,) = carbon("workloads", "--json").json["workloads"]
    assert (row["workload_id"], row["model"], row["owner"], row["in_scope"]) == (
        "chat",
        "m-7b",
        "Ana",
        True,
    )


def test_the_import_says_what_it_supersedes(carbon, tmp_path):
    carbon("import", write_csv(tmp_path / "first.csv", [metered("chat"), metered("search")]))
    answer = carbon(
        "import", write_csv(tmp_path / "new.csv", [metered("chat", energy_kwh=900)]), "--json"
    )
    (entry,) = answer.json["files"]
    assert "1 row of earlier files" in entry["problems"][0]["reason"]


def test_factors_import_takes_nothing_but_factors(carbon, tmp_path):
    answer = carbon("factors", "import", write_csv(tmp_path / "runs.csv", [metered("chat")]))
    assert answer.code == 1
    assert "no emission factors" in answer.err
    assert carbon("workloads", "--json").json["workloads"] == []


def test_the_sample_sets_its_deliberate_rows_aside(carbon):
    answer = carbon("sample", "--json")
    assert answer.code == 3
    files = {entry["name"]: entry for entry in answer.json["files"]}
    assert files["research-team-log.csv"]["quarantined"] == 5
    assert sum(entry["quarantined"] for entry in files.values()) == 5


def test_energy_that_is_not_known_is_said_beside_the_figures(carbon, tmp_path):
    run = metered("mystery", energy_kwh="", accelerator="Foo 9000", accelerator_hours=10)
    carbon("import", write_csv(tmp_path / "runs.csv", [run]))
    answer = carbon("footprint", "--json")
    assert answer.json["totals"]["energy_facility_kwh"] is None
    assert "not known" in answer.err


def test_a_failure_nobody_foresaw_is_one_line(carbon, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is made of cheese")

    monkeypatch.setattr("carbon.cli.Portfolio.quarantine", broken)
    answer = carbon("quarantine")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "cheese" in answer.err


def test_a_corrected_version_of_a_file_settles_the_rows_that_it_mends(carbon, tmp_path):
    good = metered("chat")
    first = [good, metered("search", energy_kwh=-5), metered("late", zone="ATLANTIS")]
    carbon("import", write_csv(tmp_path / "runs.csv", first))
    mended = [good, metered("search", energy_kwh=5), metered("late", zone="ATLANTIS")]
    carbon("import", write_csv(tmp_path / "runs.csv", mended))

    left = carbon("quarantine", "--json").json["rows"]

    # Row 3 is mended; row 4 is wrong in both versions and stands once.
    assert [row["row"] for row in left] == [4]


def test_another_file_of_the_same_name_mends_nothing(carbon, tmp_path):
    (tmp_path / "june").mkdir()
    carbon("import", write_csv(tmp_path / "runs.csv", [metered("a"), metered("b", energy_kwh=-5)]))
    carbon("import", write_csv(tmp_path / "june" / "runs.csv", [metered("c"), metered("d")]))
    assert [row["row"] for row in carbon("quarantine", "--json").json["rows"]] == [3]


def test_a_workload_that_two_kinds_of_source_describe_is_a_finding(carbon, tmp_path):
    run = metered("ft", zone="FR", period_start="2026-02-01", period_end="2026-02-28")
    carbon("import", write_csv(tmp_path / "runs.csv", [run]))
    tracked = {
        "timestamp": "2026-02-03T12:00:00",
        "project_name": "ft",
        "run_id": "r1",
        "duration": 3600,
        "emissions": 1,
        "emissions_rate": 0.1,
        "cpu_power": 50,
        "gpu_power": 300,
        "ram_power": 10,
        "cpu_energy": 50,
        "gpu_energy": 900,
        "ram_energy": 50,
        "energy_consumed": 1000,
        "country_name": "France",
        "country_iso_code": "FRA",
        "region": "",
        "cloud_provider": "",
        "cloud_region": "",
        "on_cloud": "N",
        "pue": 1.2,
    }
    carbon("import", write_csv(tmp_path / "emissions.csv", [tracked]))
    written = tmp_path / "result.json"
    carbon("report", "--data", written)
    codes = {finding["code"] for finding in json.loads(written.read_text())["findings"]}
    assert "several_sources" in codes
