"""Electricity Maps: two bases a row, every spelling of the columns, and how long a row applies."""

import json

import pytest
from factor_files import DATA, figures, read_bytes, read_example, said

FORMAT = "electricity-maps"
OLD = (
    "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),"
    "Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,"
    "Data Estimated,Data Estimation Method"
)


def rows(header: str, *lines: str) -> bytes:
    return "\n".join((header, *lines, "")).encode()


def row(start: str, direct: object, lca: object, zone: str = "FR") -> str:
    return f"{start},France,France,{zone},{direct},{lca},97,31,entsoe.eu,false,"


def test_a_row_gives_a_direct_and_a_life_cycle_factor():
    reading = read_example("electricity_maps.csv", FORMAT)
    found = figures(reading)
    # 18.5 g/kWh = 0.0185 kg/kWh direct, 33.5 g/kWh = 0.0335 kg/kWh life-cycle
    assert found["FR", "direct", "2025-01-01T00"] == pytest.approx(0.0185)
    assert found["FR", "lifecycle", "2025-01-01T00"] == pytest.approx(0.0335)
    assert found["US-CAL-CISO", "lifecycle", "2025-01-01T01"] == pytest.approx(0.270)
    assert ("US-CAL-CISO", "direct", "2025-01-01T01") not in found
    assert set(reading.factors["granularity"]) == {"hour"}
    assert set(reading.factors["publisher"]) == {"Electricity Maps"}
    assert set(reading.factors["licence"]) == {"user-supplied; Electricity Maps terms"}


def test_a_negative_intensity_is_set_aside_and_an_estimate_says_so():
    reading = read_example("electricity_maps.csv", FORMAT)
    assert reading.quarantine.select("row_number", "value").rows() == [(7, "-4")]
    estimated = reading.factors.filter(reading.factors["note"].is_not_null())
    assert set(estimated["row_number"]) == {4}


def test_the_old_spelling_is_read_alike():
    reading = read_bytes(
        rows(OLD, row("2023-05-01 00:00:00", 20, 40), row("2023-05-01 01:00:00", 30, 50)), FORMAT
    )
    assert figures(reading)["FR", "lifecycle", "2023-05-01T01"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("starts", "granularity", "ends"),
    [
        (("2024-01-01 00:00:00", "2024-02-01 00:00:00"), "month", ["2024-02-01", "2024-03-01"]),
        (("2023-01-01 00:00:00", "2024-01-01 00:00:00"), "year", ["2024-01-01", "2025-01-01"]),
    ],
    ids=["monthly", "yearly"],
)
def test_the_step_between_rows_tells_how_long_a_figure_applies(starts, granularity, ends):
    reading = read_bytes(rows(OLD, *(row(start, 20, 40) for start in starts)), FORMAT)
    direct = reading.factors.filter(basis="direct")
    assert set(direct["granularity"]) == {granularity}
    assert direct["valid_to"].dt.strftime("%Y-%m-%d").to_list() == ends


def test_the_figure_of_a_day_is_taken_for_each_of_its_hours():
    reading = read_bytes(
        rows(OLD, row("2024-01-01 00:00:00", 20, 40), row("2024-01-02 00:00:00", 30, 60)), FORMAT
    )
    # 2 days x 24 hours x 2 bases
    assert (reading.rows, reading.factors.height) == (2, 96)
    assert figures(reading)["FR", "direct", "2024-01-01T23"] == pytest.approx(0.02)
    assert figures(reading)["FR", "direct", "2024-01-02T00"] == pytest.approx(0.03)
    assert set(reading.factors["release"]) == {"daily"}
    assert "each of its 24 hours" in said(reading)


def test_quarters_of_an_hour_become_its_mean():
    minutes = ("00", "15", "30", "45")
    lines = [
        row(f"2025-03-01 10:{m}:00", d, 100) for m, d in zip(minutes, (10, 20, 30, 44), strict=True)
    ]
    reading = read_bytes(rows(OLD, *lines), FORMAT)
    # (10 + 20 + 30 + 44) / 4 = 26 g/kWh
    assert figures(reading)["FR", "direct", "2025-03-01T10"] == pytest.approx(0.026)
    assert set(reading.factors["source_rows"]) == {4}
    assert reading.rows == 4


def test_one_row_alone_is_asked_about_unless_the_name_tells():
    alone = rows(OLD, row("2024-01-01 00:00:00", 20, 40))
    assert "cannot be told" in read_bytes(alone, FORMAT).quarantine["reason"][0]
    named = read_bytes(alone, FORMAT, "FR_2024_yearly.csv")
    assert set(named.factors["granularity"]) == {"year"}


def test_two_figures_for_one_hour_are_a_contradiction():
    lines = ("2025-01-01 00:00:00", "2025-01-01 01:00:00", "2025-01-01 01:00:00")
    reading = read_bytes(
        rows(OLD, *(row(s, d, 40) for s, d in zip(lines, (20, 30, 31), strict=True))), FORMAT
    )
    column = "Carbon Intensity gCO₂eq/kWh (direct)"
    assert reading.quarantine.select("row_number", "column", "value").rows() == [(4, column, "31")]
    assert "row 3 gives this figure already" in reading.quarantine["reason"][0]


def answer(basis: str | None) -> bytes:
    point = {"zone": "DE", "updatedAt": "2026-05-22T00:00:00.000Z", "isEstimated": False}
    points = [
        {**point, "carbonIntensity": g, "datetime": f"2026-05-21T0{hour}:00:00.000Z"}
        for hour, g in enumerate((322, 318))
    ]
    if basis:
        points = [{**p, "emissionFactorType": basis} for p in points]
    return json.dumps({"zone": "DE", "data": points, "temporalGranularity": "hourly"}).encode()


@pytest.mark.parametrize(
    ("basis", "expected"),
    [("direct", "direct"), ("lifecycle", "lifecycle"), (None, "lifecycle")],
    ids=["direct", "lifecycle", "not-stated"],
)
def test_the_api_gives_the_basis_that_was_asked_for(basis, expected):
    reading = read_bytes(answer(basis), FORMAT)
    assert figures(reading) == {
        ("DE", expected, "2026-05-21T00"): pytest.approx(0.322),
        ("DE", expected, "2026-05-21T01"): pytest.approx(0.318),
    }


def test_the_example_is_not_changed_by_the_order_of_its_rows():
    lines = (DATA / "electricity_maps.csv").read_text("utf-8").splitlines()
    turned = rows(lines[0], *reversed(lines[1:]))
    assert figures(read_bytes(turned, FORMAT)) == figures(
        read_example("electricity_maps.csv", FORMAT)
    )
