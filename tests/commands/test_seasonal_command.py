"""`carbon seasonal`: the shape that scripts rely on, and the figures of a zone by hand.

A flat load of 10 kW from January to March 2025 in a zone with S = 1.20, 1.15, 1.05 there and a
level of 0.4 kg/kWh: 9787.2 kg; by hours x 8760 / 2160; by index 4 kg/h x 8752.8 h of S.
"""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio

SEASON = (1.20, 1.15, 1.05, 0.95, 0.90, 0.85, 0.85, 0.85, 0.95, 1.00, 1.10, 1.15)
CONTRACT = {
    *("rows", "basis", "actual_kg", "annualised_naive_kg", "annualised_seasonal_kg", "bias"),
}


def files() -> list[tuple[str, bytes]]:
    factors = ["zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,publisher,licence,document"]
    for number in range(36):
        year, month = 2023 + number // 12, number % 12 + 1
        later = f"{year + month // 12}-{month % 12 + 1:02d}-01"
        factors.append(
            f"ZZ1,{year}-{month:02d}-01,{later},location,direct,{0.4 * SEASON[month - 1]:.4f},"
            "Grid,own,letter"
        )
    use = (
        "workload,zone,period_start,period_end,energy_kwh,energy_boundary\n"
        "chat,ZZ1,2025-01-01,2025-02-01,7440,facility\n"
        "chat,ZZ1,2025-02-01,2025-03-01,6720,facility\n"
        "chat,ZZ1,2025-03-01,2025-04-01,7440,facility\n"
    )
    return [("factors.csv", "\n".join(factors).encode()), ("use.csv", use.encode())]


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    Portfolio(tmp_path / "ws").import_files(files())

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["seasonal", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    return run


QUARTER = ("--from", "2025-01", "--to", "2025-03")


@pytest.mark.parametrize("more", [(), ("--stl",), ("--zone", "ZZ1"), ("--workload", "chat")])
def test_the_document_of_the_contract(carbon, more):
    document = json.loads(carbon(*QUARTER, *more, "--json"))
    assert set(document) >= CONTRACT
    assert document["basis"] == "monthly factors"
    assert document["actual_kg"] == pytest.approx(9787.2)
    assert document["annualised_naive_kg"] == pytest.approx(9787.2 * 8760 / 2160)
    assert document["annualised_seasonal_kg"] == pytest.approx(35_011.2, rel=1e-6)
    assert document["bias"] == pytest.approx(2446.8 / 2160)
    assert [row["month"] for row in document["rows"]] == [*range(1, 13)]
    assert all(set(row) >= {"zone", "month", "index", "years"} for row in document["rows"])
    assert [row["index"] for row in document["rows"]] == pytest.approx(SEASON)
    assert {(row["zone"], row["years"]) for row in document["rows"]} == {("ZZ1", 3)}


def test_a_person_reads_index_zones_and_the_bias(carbon):
    said = carbon(*QUARTER)
    assert "bias 1.1328" in said
    assert "normalised (no totals)" in said
    assert re.search(r"ZZ1 +1 +1\.200", said)
    assert "index of 3 years of monthly factors of Grid (2023-01 to 2025-12)" in said


def test_years_before_a_break_are_left_out(carbon):
    document = json.loads(carbon(*QUARTER, "--years", "2024-2025", "--json"))
    assert {row["years"] for row in document["rows"]} == {2}
    document = json.loads(carbon(*QUARTER, "--years", "2025-2025", "--json"))
    assert (document["rows"], document["basis"]) == ([], "annual factors")
    assert document["annualised_seasonal_kg"] == document["annualised_naive_kg"]
    assert "by hours alone, no index applies." in carbon(*QUARTER, "--years", "2025-2025")


def test_hours_of_a_day_beside_their_mean(carbon, tmp_path):
    days = ["zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,publisher,licence,document"]
    for hour in range(48):
        # Nights at 0.2 and days at 0.6 kg/kWh: half of the mean of 0.4, and half as much again.
        begin, end = (f"2025-01-{1 + h // 24:02d}T{h % 24:02d}:00Z" for h in (hour, hour + 1))
        value = 0.6 if 6 <= hour % 24 < 18 else 0.2
        days.append(f"ZZ2,{begin},{end},location,direct,{value},Grid,own,letter")
    Portfolio(tmp_path / "ws").import_files([("hours.csv", "\n".join(days).encode())])
    document = json.loads(carbon("--hours", "--zone", "ZZ2", "--json"))
    assert [row["hour"] for row in document["rows"]] == [*range(24)]
    assert document["rows"][0]["ratio"] == pytest.approx(0.5)
    assert document["rows"][12]["ratio"] == pytest.approx(1.5)
    assert {(row["month"], row["days"], row["weak"]) for row in document["rows"]} == {(1, 2, True)}
    assert "No hourly factors of ZZ1 are known" in carbon("--hours", "--zone", "ZZ1")
    assert "needs a grid zone" in carbon("--hours", code=2)


def test_wrong_usage_is_named(carbon):
    assert "lies before" in carbon("--from", "2025-03", "--to", "2025-01", code=2)
    assert "is a month as" in carbon("--from", "2025", code=2)
    assert "a first and a last year as" in carbon("--years", "2025-2023", code=2)
    assert "is in or all" in carbon("--boundary", "some", code=2)
