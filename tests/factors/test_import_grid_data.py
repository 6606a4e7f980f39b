"""Grid data through the command line: imported, listed, resolved, and never counted twice."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from factor_files import DATA

from carbon.cli import main

ELECTRICITY_MAPS = (
    "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
    "Carbon intensity gCO₂eq/kWh (Life cycle),Data source,Data estimated"
)


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command line on a workspace of the test's own, and read its JSON."""
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "workspace"))

    def run(*arguments: str | Path) -> Any:
        monkeypatch.setattr(sys, "argv", ["carbon", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        # 3: some rows were set aside
        assert (stop.value.code or 0) in (0, 3), captured.err
        return json.loads(captured.out)

    return run


def january(zone: str) -> str:
    """Each hour of January 2025: 20 g by night (12 h), 40 g by day; life-cycle 30 g more."""
    lines = [ELECTRICITY_MAPS]
    for day in range(1, 32):
        for hour in range(24):
            grams = 40 if 6 <= hour < 18 else 20
            start = f"2025-01-{day:02}T{hour:02}:00:00".replace("T", " ")
            lines.append(f"{start},X,X,{zone},{grams},{grams + 30},tso,false")
    return "\n".join([*lines, ""])


def resolved(carbon, zone: str, *period: str) -> dict[str, Any]:
    return carbon("factors", "resolve", "--zone", zone, *period, "--method", "location")


def test_a_month_of_hours_resolves_to_their_mean_direct_before_life_cycle(carbon, tmp_path):
    file = tmp_path / "hours.csv"
    file.write_text(january("US-CAL-CISO"), "utf-8")
    (entry,) = carbon("factors", "import", file)["files"]
    # 31 days x 24 hours
    assert (entry["format"], entry["rows"], entry["accepted"]) == ("electricity-maps", 744, 744)
    answer = resolved(carbon, "US-CAL-CISO", "--year", "2025", "--month", "1")
    # (12 x 20 + 12 x 40) / 24 = 30 g/kWh
    assert answer["kg_co2e_per_kwh"] == pytest.approx(0.030)
    assert (answer["basis"], answer["publisher"]) == ("direct", "Electricity Maps")


def test_the_same_file_again_changes_nothing(carbon, tmp_path):
    file = tmp_path / "aoer.json"
    file.write_bytes((DATA / "uk_carbon_intensity.json").read_bytes())
    (first,) = carbon("import", file)["files"]
    (again,) = carbon("import", file)["files"]
    assert (first["rows"], first["accepted"], first["quarantined"]) == (5, 4, 1)
    assert (again["accepted"], again["duplicates"]) == (0, 4)
    assert len(carbon("factors", "list", "--zone", "GB", "--year", "2026")["factors"]) >= 3


def test_a_year_of_ember_is_the_factor_where_nothing_direct_is_known(carbon):
    carbon("factors", "import", DATA / "ember_yearly.csv")
    answer = resolved(carbon, "XK", "--year", "2025")
    assert answer["kg_co2e_per_kwh"] == pytest.approx(0.950)
    assert (answer["basis"], answer["publisher"]) == ("lifecycle", "Ember")


def test_a_licensed_table_is_taken_where_its_format_is_named(carbon, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("Country,2023\nJapan,450\n", "utf-8")
    (entry,) = carbon("factors", "import", file, "--format", "iea-emission-factors")["files"]
    assert (entry["rows"], entry["accepted"]) == (1, 1)
    answer = resolved(carbon, "JP", "--year", "2023")
    assert answer["kg_co2e_per_kwh"] == pytest.approx(0.450)


def test_every_format_is_listed(carbon):
    listed = {row["name"] for row in carbon("formats")["formats"]}
    assert {
        "aib-residual-mix",
        "eia-fuel-type",
        "electricity-maps",
        "ember",
        "entsoe-generation",
        "green-e-residual-mix",
        "iea-emission-factors",
        "uk-carbon-intensity",
        "uk-desnz",
        "watttime",
    } <= listed
