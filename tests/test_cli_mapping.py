"""`carbon import --mapping` and time zones of sources: by file, by name, and by themselves."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from carbon.cli import main
from carbon.workspace import Workspace

MAPPING = """\
name = "hall-meters"
title = "Meters of the halls"
columns = ["Monat", "Job", "Verbrauch"]
numbers = "1.234,5"
dates = "%m/%Y"
period = "month"

[fields.start]
column = "Monat"

[fields.workload]
column = "Job"

[fields.energy]
column = "Verbrauch"
unit = "MWh"

[fields.zone]
constant = "FR"

[fields.pue]
constant = 1.5
"""
JANUARY = "Monat;Job;Verbrauch\n01/2025;chat;1.234,5\n"
FEBRUARY = "Monat;Job;Verbrauch\n02/2025;chat;2\n"
LOCAL = """\
name = "runs"
period = "hour"
columns = ["at", "job", "kwh"]
[fields.start]
column = "at"
[fields.workload]
column = "job"
[fields.energy]
column = "kwh"
[fields.zone]
constant = "FR"
"""


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def file(self) -> Any:
        (entry,) = json.loads(self.out)["files"]
        return entry


@pytest.fixture
def carbon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run the command line on a workspace of the test's own."""
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "workspace"))

    def run(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["carbon", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return Answer(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def one(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return one


def kwh(carbon: Callable[..., Answer]) -> float:
    totals = json.loads(carbon("footprint").out)["totals"]
    return float(totals["energy_facility_kwh"])


def test_by_file_then_recognised_then_by_name(carbon, write):
    unknown = carbon("import", write("january.csv", JANUARY))
    assert unknown.code == 1
    assert "is not recognised" in unknown.err

    first = carbon("import", write("january.csv", JANUARY), "--mapping", write("m.toml", MAPPING))
    assert first.code == 0
    assert (first.file["format"], first.file["accepted"]) == ("mapping:hall-meters", 1)
    # 1 234.5 MWh behind a PUE of 1.5.
    assert kwh(carbon) == pytest.approx(1_234_500 * 1.5)

    next_month = carbon("import", write("february.csv", FEBRUARY))
    assert next_month.code == 0
    assert (next_month.file["format"], next_month.file["confidence"]) == (
        "mapping:hall-meters",
        1.0,
    )
    assert kwh(carbon) == pytest.approx((1_234_500 + 2_000) * 1.5)

    again = carbon("import", write("february.csv", FEBRUARY), "--mapping", "hall-meters")
    assert (again.file["accepted"], again.file["duplicates"]) == (0, 1)
    listed = {row["name"]: row for row in json.loads(carbon("formats").out)["formats"]}
    assert listed["mapping:hall-meters"]["title"] == "Meters of the halls"
    assert "mapping:openai-usage" in listed


def test_a_mapping_that_was_wrong_is_mended_by_reading_anew(carbon, write, tmp_path):
    file = write("january.csv", JANUARY)
    carbon("import", file, "--mapping", write("m.toml", MAPPING))
    mended = MAPPING.replace('unit = "MWh"', 'unit = "kWh"')
    answer = carbon("import", file, "--mapping", write("m.toml", mended))
    assert (answer.file["accepted"], answer.file["duplicates"]) == (1, 0)
    assert "counts in the place of that one" in answer.file["problems"][0]["reason"]
    assert kwh(carbon) == pytest.approx(1_234.5 * 1.5)
    # Each import says by which mapping it read, and the log what the mapping was before.
    workspace = Workspace(tmp_path / "workspace")
    used = [json.loads(text) for text in workspace.ledger.read("imports")["mapping"]]
    assert [meaning["fields"]["energy"]["unit"] for meaning in used] == ["MWh", "kWh"]
    events = workspace.events.all().filter(action="mapping").to_dicts()
    assert [event["object"] for event in events] == ["hall-meters", "hall-meters"]
    assert "MWh" in json.loads(events[1]["before"])
    assert json.loads(carbon("verify").out)["ok"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nobody-knows-it", "There is no mapping 'nobody-knows-it'"),
        ("missing.toml", "cannot be read"),
    ],
)
def test_a_mapping_that_is_not_there_is_one_line(carbon, write, given, said):
    answer = carbon("import", write("january.csv", JANUARY), "--mapping", given)
    assert answer.code == 1
    assert said in answer.err


def test_a_mapping_that_cannot_be_used_is_one_line(carbon, write):
    bad = write("bad.toml", 'name = "x"\n[fields.energy]\nunit = "kg"')
    answer = carbon("import", write("january.csv", JANUARY), "--mapping", bad)
    assert answer.code == 1
    assert "unit 'kg' of energy is not known" in answer.err


def test_a_file_without_the_columns_is_refused_and_the_mapping_not_kept(carbon, write):
    other = write("other.csv", "a,b\n1,2\n")
    answer = carbon("import", other, "--mapping", write("m.toml", MAPPING))
    assert answer.code == 1
    assert "lacks the columns" in answer.err
    listed = [row["name"] for row in json.loads(carbon("formats").out)["formats"]]
    assert "mapping:hall-meters" not in listed


def test_the_zone_of_a_source_is_named_once(carbon, write):
    # 2025-07-01 00:30 in Paris is 30 June, 22:30 UTC.
    first = write("runs-2025-07.csv", "at,job,kwh\n2025-07-01 00:30,chat,1\n")
    unsaid = carbon("import", first, "--mapping", write("m.toml", LOCAL))
    assert unsaid.file["period_start"] == "2025-07-01T00:30:00Z"
    assert "--timezone" in unsaid.file["problems"][0]["reason"]

    said = carbon("import", first, "--timezone", "Europe/Paris")
    assert said.file["period_start"] == "2025-06-30T22:30:00Z"
    assert (said.file["accepted"], said.file["duplicates"]) == (1, 0)
    assert kwh(carbon) == pytest.approx(1 * 1.56)  # the policy's default PUE; counted once

    later = carbon("import", write("runs-2025-08.csv", "at,job,kwh\n2025-08-01 00:30,chat,1\n"))
    assert later.file["period_start"] == "2025-07-31T22:30:00Z"
    assert later.file["problems"] == []

    # The same bytes under another name are no news, and are read as they were.
    copy = carbon("import", write("copy.csv", "at,job,kwh\n2025-08-01 00:30,chat,1\n"))
    assert (copy.file["accepted"], copy.file["duplicates"]) == (0, 1)

    other = carbon("import", write("cluster.csv", "at,job,kwh\n2025-08-01 00:30,ocr,1\n"))
    assert other.file["period_start"] == "2025-08-01T00:30:00Z"
    assert "--timezone" in other.file["problems"][0]["reason"]

    changed = carbon(
        "import",
        write("runs-2025-09.csv", "at,job,kwh\n2025-09-01 00:30,chat,1\n"),
        "--timezone",
        "UTC",
    )
    assert changed.file["period_start"] == "2025-09-01T00:30:00Z"
