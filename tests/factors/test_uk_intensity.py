"""UK Carbon Intensity: actual half-hours become hours; forecasts are not taken."""

import json

import pytest
from factor_files import figures, read_bytes, read_example, said

from carbon.tables import RefusalError

FORMAT = "uk-carbon-intensity"


def test_two_half_hours_become_an_hour():
    reading = read_example("uk_carbon_intensity.json", FORMAT)
    # (88 + 84) / 2 = 86 g/kWh; the hours before and after have one actual half-hour each
    assert figures(reading) == {
        ("GB", "direct", "2026-09-30T23"): pytest.approx(0.091),
        ("GB", "direct", "2026-10-01T00"): pytest.approx(0.086),
        ("GB", "direct", "2026-10-01T01"): pytest.approx(0.080),
    }
    assert "2 of 3 hours lack some of their points" in said(reading)


def test_a_forecast_is_no_actual_figure():
    aside = read_example("uk_carbon_intensity.json", FORMAT).quarantine
    assert aside.select("row_number", "column").rows() == [(5, "intensity.actual")]
    assert "forecast and no actual" in aside["reason"][0]


def test_an_answer_of_forecasts_alone_is_refused():
    point = {"from": "2026-10-01T00:00Z", "to": "2026-10-01T00:30Z", "intensity": {"forecast": 90}}
    with pytest.raises(RefusalError, match=r"lacks intensity\.actual"):
        read_bytes(json.dumps({"data": [point, point]}).encode(), FORMAT)
