"""Cooling normalised by degree days, on a site whose PUE is known by construction.

PUE = 1.10 + 0.02 x max(0, T - 12)                                         every day of 2025
T   = 12 + 10 x sin(2 pi (day - 100) / 365)                                 [°C]
IT  = 100 kWh a day
normal year: 17 °C on every day -> PUE 1.10 + 0.02 x 5 = 1.20
"""

import datetime as dt
import math
import random
from typing import Any

import polars as pl
import pytest

from carbon.analysis.cooling import Cooling, cooling
from carbon.policy import Policy
from carbon.schema import FootprintLine, Weather

DAYS = [dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(365)]
NOTHING = FootprintLine.create_empty()


def temperature(day: int) -> float:
    return 12 + 10 * math.sin(2 * math.pi * (day - 100) / 365)


def pue(celsius: float) -> float:
    return 1.10 + 0.02 * max(0.0, celsius - 12)


def row(at: dt.datetime, celsius: float, *, normal: bool = False, **more: Any) -> dict[str, Any]:
    return {"site": "Lyon", "at": at, "mean_temp_c": celsius, "normal": normal, **more}


def weather(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of Weather; what a row leaves out is a day at Lyon of some file."""
    blank = dict.fromkeys(Weather.create_empty().columns)
    told = {"evidence_id": "e" * 64, "format": "weather-template", "place": "Lyon", "span": "day"}
    return Weather.validate(
        pl.DataFrame(
            [
                {**blank, **told, "row_number": number + 2, "key": str(number), **each}
                for number, each in enumerate(rows)
            ],
            schema=Weather.create_empty().schema,
        )
    )


def year(noise: float = 0.0, days: int = 365, **more: Any) -> list[dict[str, Any]]:
    """The days of 2025, with PUE and energies."""
    chance = random.Random(1)
    rows = []
    for day in range(days):
        ratio = max(pue(temperature(day)) + chance.gauss(0, noise), 1.0)
        energies = {"pue": ratio, "it_kwh": 100.0, "facility_kwh": 100.0 * ratio}
        rows.append(row(DAYS[day], temperature(day), **{**energies, **more}))
    return rows


def normal(celsius: float = 17.0, months: int = 12, year: int = 2010) -> list[dict[str, Any]]:
    return [
        row(dt.datetime(year, month + 1, 1, tzinfo=dt.UTC), celsius, normal=True)
        for month in range(months)
    ]


def line(month: int, **columns: Any) -> dict[str, Any]:
    """A footprint line of one month at Lyon: 1 000 kWh IT at PUE 1.15, 0.1 kg a kWh."""
    blank = dict.fromkeys(NOTHING.columns)
    return {
        **blank,
        "line_id": f"l{month}",
        "month": f"2025-{month:02d}",
        "site": "lyon",
        "month_share": 1.0,
        "boundary": "node",
        "pue_source": "row",
        "pue": 1.15,
        "energy_it_kwh": 1000.0,
        "energy_facility_kwh": 1150.0,
        "location_kg": 115.0,
        **columns,
    }


def lines(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=NOTHING.schema)


def of(rows: list[dict[str, Any]], mine: pl.DataFrame = NOTHING, **options: Any) -> Cooling:
    return cooling(weather(rows), mine, mine, "Lyon", Policy(), **options)


def test_the_base_temperature_and_the_slope_are_found() -> None:
    found = of([*year(), *normal()])
    assert found.refusal is None
    assert found.fit is not None
    assert found.fit.base_cooling_c == 12.0
    assert found.fit.base_heating_c is None
    assert found.fit.intercept == pytest.approx(1.10, abs=1e-9)
    assert found.fit.per_cooling == pytest.approx(0.02, abs=1e-9)
    assert found.fit.r_squared == pytest.approx(1.0)
    assert (found.fit.n, found.fit.span, found.source, found.of) == (365, "day", "file", "file")
    assert all(gate.passed for gate in found.fit.gates)


def test_a_normal_year_gives_the_energy_of_its_degree_days() -> None:
    found = of([*year(), *normal()])
    # 365 days x 100 kWh x 1.20 = 43 800 kWh.
    assert found.totals["normalised_kwh"] == pytest.approx(43_800)
    actual = sum(100 * pue(temperature(day)) for day in range(365))
    assert found.totals["facility_kwh"] == pytest.approx(actual)
    assert found.totals["modelled_kwh"] == pytest.approx(actual)
    assert found.totals["adjustment_kwh"] == pytest.approx(43_800 - actual)
    assert found.totals["adjustment_share"] == pytest.approx(43_800 / actual - 1)
    assert found.totals["location_kg"] is None


def test_years_of_a_normal_year_are_averaged_by_degree_days_and_not_by_temperature() -> None:
    found = of([*year(), *normal(22.0, year=2010), *normal(2.0, year=2011)])
    # 10 K and 0 K above 12 °C: 5 K on average, PUE 1.20; the mean of 12 °C would give 1.10.
    assert found.normal_years == 2
    assert found.totals["normalised_kwh"] == pytest.approx(43_800)


def test_energy_of_the_portfolio_is_normalised_and_its_emissions_with_it() -> None:
    mine = lines(line(1, pue=1.10, energy_facility_kwh=1100.0, location_kg=110.0),
                 line(7, pue=1.30, energy_facility_kwh=1300.0, location_kg=260.0))  # fmt: skip
    found = of([*year(), *normal()], mine)
    assert found.of == "portfolio"
    # 1 000 kWh x 1.20 = 1 200 kWh in both; January 1 200 x 0.1, July 1 200 x 0.2 kg.
    assert found.months["normalised_kwh"].to_list() == pytest.approx([1200.0, 1200.0])
    assert found.months["normalised_kg"].to_list() == pytest.approx([120.0, 240.0])
    assert found.totals["adjustment_kwh"] == pytest.approx(100 - 100, abs=1e-6)
    assert found.totals["adjustment_kg"] == pytest.approx(10 - 20)


def test_a_facilitys_meter_takes_its_it_energy_from_the_metered_pue() -> None:
    mine = lines(line(1, boundary="facility", pue_source=None, pue=None, energy_it_kwh=None))
    found = of([*year(), *normal()], mine)
    # 1 150 kWh / PUE of January (1.10: never above 12 °C) x 1.20.
    assert found.months["normalised_kwh"].to_list() == pytest.approx([1150 / 1.10 * 1.20])


@pytest.mark.parametrize(
    "flat",
    [
        [line(1, pue_source="policy default"), line(7, pue_source="policy default")],
        [line(1), line(7)],
        [line(1, month_share=0.5), line(7, month_share=0.5, pue=1.2)],
    ],
    ids=["default", "one-for-all-months", "long-rows"],
)
def test_a_pue_of_the_year_has_no_weather_in_it(flat: list[dict[str, Any]]) -> None:
    rows = year(it_kwh=None, facility_kwh=None)
    found = of([*rows, *normal()], lines(*flat))
    assert found.untouched_kwh == 2300.0
    assert found.months.is_empty()
    assert found.refusal is not None
    assert "no energy of the place has weather in its PUE" in found.refusal


def test_noise_is_left_out_and_the_intervals_say_how_well_it_is_known() -> None:
    found = of([*year(noise=0.01), *normal()])
    assert found.fit is not None
    assert found.fit.per_cooling_low < 0.02 < found.fit.per_cooling_high
    assert found.fit.base_cooling_c == pytest.approx(12.0, abs=1.0)
    assert found.totals["normalised_kwh"] == pytest.approx(43_800, rel=0.005)


def test_a_stated_base_is_used_as_it_is() -> None:
    found = of([*year(), *normal()], base_c=10.0)
    assert found.fit is not None
    assert found.fit.base_cooling_c == 10.0
    assert found.fit.r_squared < 1


def test_wet_bulb_is_taken_where_it_explains_more() -> None:
    rows = [
        {**each, "mean_temp_c": 20.0 + number * 7919 % 11 / 2, "wet_bulb_c": temperature(number)}
        for number, each in enumerate(year())
    ]  # fmt: skip
    usual = [{**each, "wet_bulb_c": 17.0} for each in normal(20.0)]
    found = of([*rows, *usual])
    assert found.fit is not None
    assert (found.fit.driver, found.fit.base_cooling_c) == ("wet_bulb_c", 12.0)
    assert found.totals["normalised_kwh"] == pytest.approx(43_800)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*year(days=200), *normal()], "200 days of PUE and temperature in 7 calendar months"),
        ([*year(), *normal(months=11)], "No normal year of this place is known"),
        ([*year(pue=None, it_kwh=None, facility_kwh=None), *normal()], "No PUE of this place"),
        ([*year(pue=1.2, facility_kwh=120.0), *normal()], "does not rise with the temperature"),
        (
            [
                row(DAYS[day], temperature(day), pue=1.5 - 0.02 * max(0.0, temperature(day) - 12))
                for day in range(365)
            ]
            + normal(),
            "does not rise with the temperature",
        ),
    ],
    ids=["short", "no-normal-year", "no-pue", "flat", "falling"],
)
def test_what_cannot_be_said_is_refused_in_words(rows: list[dict[str, Any]], said: str) -> None:
    found = of(rows)
    assert found.refusal is not None
    assert said in found.refusal
    assert found.months.is_empty()


def test_a_fit_that_fails_the_gates_normalises_nothing() -> None:
    # From July on the PUE is three times what it was: no weather explains it.
    rows = [
        {**each, "pue": each["pue"] * (3 if number >= 181 else 1), "it_kwh": None,
         "facility_kwh": None}
        for number, each in enumerate(year())
    ]  # fmt: skip
    found = of([*rows, *normal()])
    assert found.fit is not None
    assert found.refusal is not None
    assert "fails the gates of ASHRAE Guideline 14" in found.refusal
    assert not all(gate.passed for gate in found.fit.gates)
    assert found.months.is_empty()


def test_months_that_rows_state_need_two_years() -> None:
    was = [row(at, temperature(day)) for day, at in enumerate(DAYS)]
    by_month = [
        line(month, pue=1.1 + month / 100, energy_facility_kwh=1100.0 + 10 * month)
        for month in range(1, 13)
    ]
    found = of([*was, *normal()], lines(*by_month))
    assert found.source == "activity"
    assert found.refusal is not None
    assert "12 months of PUE and temperature are known; monthly data need 24" in found.refusal


def test_gates_are_computed_by_month_from_their_definition() -> None:
    found = of([*year(noise=0.02), *normal()])
    assert found.fit is not None
    named = {gate.name: gate.value for gate in found.fit.gates}
    rows = year(noise=0.02)
    by_month: dict[int, list[float]] = {}
    for day, each in enumerate(rows):
        above = max(0.0, each["mean_temp_c"] - found.fit.base_cooling_c)
        below = max(0.0, (found.fit.base_heating_c or -99.0) - each["mean_temp_c"])
        said = found.fit.intercept + found.fit.per_cooling * above + found.fit.per_heating * below
        total = by_month.setdefault(DAYS[day].month, [0.0, 0.0, 0.0])
        total[0] += each["pue"]
        total[1] += said
        total[2] += 1
    actual = [a / n for a, _, n in by_month.values()]
    off = [(a - s) / n for a, s, n in by_month.values()]
    parameters = 2 if found.fit.base_heating_c is None else 3
    mean = sum(actual) / 12
    assert named["NMBE"] == pytest.approx(sum(off) / (12 - parameters) / mean, abs=1e-12)
    assert named["CV(RMSE)"] == pytest.approx(
        math.sqrt(sum(o * o for o in off) / (12 - parameters)) / mean
    )
