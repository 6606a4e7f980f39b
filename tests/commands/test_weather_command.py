"""`carbon weather`: a site's months in a normal year's weather.

PUE = 1.1 + 0.02 x max(0, T - 12); from April to September every day has 17 °C to 27 °C, else 2 °C.
Normal year: 22 °C from April to September, else 2 °C -> PUE 1.30 and 1.10.
"""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio


def degrees(day: dt.date) -> float:
    return 17.0 + day.day % 11 if 4 <= day.month <= 9 else 2.0


def weather() -> bytes:
    rows = ["site,date,mean_temp_c,pue,normal"]
    for number in range(365):
        day = dt.date(2025, 1, 1) + dt.timedelta(days=number)
        rows.append(f"Lyon,{day},{degrees(day)},{1.1 + 0.02 * max(0, degrees(day) - 12):.6f},")
    rows += [f"Lyon,2010-{m:02d}-01,{22 if 4 <= m <= 9 else 2},,true" for m in range(1, 13)]
    return "\n".join(rows).encode()


ACTIVITY = b"""\
workload,site,zone,period_start,period_end,energy_kwh,energy_boundary,pue,location_factor_kg_per_kwh,factor_source
chat,Lyon,FR,2025-01-01,2025-01-31,1000,it,1.1,0.1,meter.pdf
chat,Lyon,FR,2025-07-01,2025-07-31,1000,it,1.4,0.1,meter.pdf
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "ws"
    Portfolio(path).import_files([("w.csv", weather()), ("a.csv", ACTIVITY)], who="ana")
    return path


def run(path, *options):
    return CliRunner().invoke(app, ["weather", *options, "--workspace", str(path)])


def test_places_are_listed_with_what_is_known_of_them(path):
    (row,) = json.loads(run(path, "--json").stdout)["places"]
    assert row == {
        "place": "Lyon",
        "spans": 365,
        "with_pue": 365,
        "first": "2025-01-01",
        "last": "2025-12-31",
        "normal_years": 1,
        "wet_bulb": False,
    }


def test_a_normal_year_is_no_part_of_a_files_period(tmp_path):
    (file,) = Portfolio(tmp_path / "ws").import_files([("w.csv", weather())]).files
    assert (file.period_start, file.period_end) == ("2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z")


def test_a_place_is_normalised_beside_what_it_was(path):
    told = json.loads(run(path, "--place", "Lyon", "--json").stdout)
    assert told["refusal"] is None
    # 1 000 kWh IT x 1.10 and x 1.30, where 1 100 and 1 400 kWh were used.
    assert [row["normalised_kwh"] for row in told["months"]] == pytest.approx([1100.0, 1300.0])
    assert told["facility_kwh"] == pytest.approx(2500.0)
    assert told["adjustment_kwh"] == pytest.approx(-100.0)
    assert told["adjustment_share"] == pytest.approx(-0.04)
    # 0.1 kg/kWh: 10 kg less; rows' own factors have no season, so that both agree.
    assert told["adjustment_kg"] == pytest.approx(-10.0)
    assert told["seasonless_kg"] == pytest.approx(240.0)


def test_the_model_and_its_gates_are_said_in_words(path):
    said = run(path, "--place", "Lyon").stdout
    assert "PUE = 1.100 + 0.0200 per K above 12 °C" in said
    assert "CV(RMSE) of months left out" in said
    assert "no totals of the inventory" in said


def test_a_place_that_nobody_knows_is_refused(path):
    result = run(path, "--place", "Paris")
    assert result.exit_code == 1
    assert "Known: Lyon" in str(result.exception)


def test_an_empty_workspace_says_what_to_bring(tmp_path):
    assert "import a weather template" in run(tmp_path / "none").stdout
