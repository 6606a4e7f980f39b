"""Seasons in the sample: France by the month, Ireland by the hour, all else by the year; and Lyon's
weather."""

from pathlib import Path

import pytest

from carbon.portfolio import Portfolio
from data.sample.generator.factors import DAY, SEASON
from data.sample.generator.weather import BASE_C, PUE_COOL, PUE_PER_K


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    path: Path = tmp_path_factory.mktemp("sample")
    return Portfolio.sample(path / "ws")


def test_france_has_an_index_near_the_season_that_it_was_made_of(sample):
    found = sample.seasonal("2026-01", "2026-03", zone="FR")
    # Made with a few per cent of weather around the season.
    assert found.rows["index"].to_list() == pytest.approx(SEASON, rel=0.05)
    assert found.rows["years"].unique().to_list() == [3]
    assert not found.rows["weak"].any()
    assert found.rows["publisher"].unique().to_list() == ["Sample grid operator (fictitious)"]
    # The first quarter is winter: by hours alone the year would be far too high.
    assert found.bias > 1.15
    assert found.adjustment_kg < 0


def test_places_with_annual_factors_are_left_as_they_are(sample):
    found = sample.seasonal("2026-01", "2026-03", zone="SE")
    assert found.annualised_seasonal_kg == found.annualised_naive_kg
    assert "SE: annual factor: no seasonal adjustment of intensity." in found.notes


def test_ireland_has_hours_but_no_index(sample):
    refused = sample.seasonal_indices().refused
    (reason,) = refused.filter(zone="IE")["reason"]
    assert reason.startswith("3 monthly factors in a row are known")
    profile = sample.hourly_profile("IE")
    assert profile["month"].unique().to_list() == [7, 8, 9]
    july = profile.filter(month=7)["ratio"].to_list()
    assert july == pytest.approx(DAY, abs=0.08)


def test_a_part_and_the_whole_of_the_sample_agree(sample):
    whole = sample.seasonal_series()
    assert whole["actual_kg"].sum() == pytest.approx(
        sample.footprint().totals["location_kg_co2e"], rel=1e-9
    )


def test_the_hall_in_lyon_has_the_cooling_that_it_was_made_of(sample):
    found = sample.weather_normalised("Lyon DC")
    fit = found.cooling.fit
    # 426 days of August 2025 to September 2026, made with a little noise around the line.
    assert (fit.n, found.cooling.refusal) == (31 + 30 + 31 + 30 + 31 + 273, None)
    assert fit.intercept == pytest.approx(PUE_COOL, abs=0.005)
    assert fit.per_cooling == pytest.approx(PUE_PER_K, rel=0.03)
    assert fit.base_cooling_c == pytest.approx(BASE_C, abs=0.5)
    # The record is warmer than the typical year: in its weather the hall takes less.
    assert found.cooling.totals["normalised_kwh"] < found.cooling.totals["modelled_kwh"]
