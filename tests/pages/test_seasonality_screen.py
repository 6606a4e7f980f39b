"""Seasonality: a grid whose season is known by construction, one kWh an hour.

Factor of month m = 0.4 x S_m kg/kWh in 2023, 2024 and 2025 and the first months of 2026.

Jul to Sep 2025   744 x 0.85 + 744 x 0.87 + 720 x 0.93 = 1 949.28;  x 0.4 = 779.712 kg, 2 208 h
Jan to Mar 2026   744 x 1.20 + 672 x 1.15 + 744 x 1.05 = 2 446.80;  x 0.4 = 978.720 kg, 2 160 h
change an hour    (978.720 / 2 160) / (779.712 / 2 208) - 1 = +28.3 %; without season 0
2026 by hours     978.720 x 8 760 / 2 160 = 3 969 kg;  by season 0.4 x sum of hours x S = 3 500 kg
"""

import datetime as dt

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"
SEASON = (1.2, 1.15, 1.05, 1.0, 0.93, 0.87, 0.85, 0.87, 0.93, 1.0, 1.05, 1.1)
HOURS_2026 = (744, 672, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744)
MONTHS = [(2025, 7), (2025, 8), (2025, 9), (2026, 1), (2026, 2), (2026, 3)]


def factors(season: tuple[float, ...] = SEASON) -> bytes:
    rows = ["zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,gwp_set,publisher,document"]
    for number in range(39):
        month = f"{2023 + number // 12}-{number % 12 + 1:02d}"
        factor = 0.4 * season[number % 12]
        rows.append(f"DE,{month},{month},location,direct,{factor:.6f},AR5,Operator,grid.csv")
    return "\n".join(rows).encode()


def activity(zone: str = "DE") -> bytes:
    rows = [
        "workload,model,lifecycle,site,zone,period_start,period_end,energy_kwh,energy_boundary,"
        "pue,requests"
    ]
    for year, month in MONTHS:
        first = dt.date(year, month, 1)
        last = dt.date(year, month + 1, 1) - dt.timedelta(days=1)
        pue = 1.1 if month < 4 else 1.3
        rows.append(
            f"chat,Helix,inference_realtime,Leipzig,{zone},{first},{last},"
            f"{last.day * 24 / pue:.9f},it,{pue},{last.day * 2400}"
        )
    return "\n".join(rows).encode()


def weather() -> bytes:
    """PUE = 1.1 + 0.02 x K above 12 °C; 20 °C and more in summer, 17 °C in a normal one."""
    rows = ["site,date,mean_temp_c,pue,normal"]
    for number in range(365):
        day = dt.date(2025, 4, 1) + dt.timedelta(days=number)
        warm = 20.0 + day.day % 5 if 4 <= day.month <= 9 else 2.0
        rows.append(f"Leipzig,{day},{warm},{1.1 + 0.02 * max(0.0, warm - 12):.6f},")
    rows += [f"Leipzig,2010-{m:02d}-01,{17 if 4 <= m <= 9 else 2},,true" for m in range(1, 13)]
    return "\n".join(rows).encode()


@pytest.fixture
def seasonal(tmp_path, monkeypatch):
    """A workspace with a season in its factors."""
    path = tmp_path / "seasonal"
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    portfolio = Portfolio(path)
    result = portfolio.import_files([("grid.csv", factors()), ("use.csv", activity())], who="test")
    assert [file.quarantined for file in result.files] == [0, 0]
    return portfolio


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def test_the_answer_stands_first(seasonal):
    app = open_app("seasonality.py")
    assert not app.exception
    text = words(app)
    assert (
        f"Jan 2026 to Mar 2026 against Jul 2025 to Sep 2025: **+28.3{THIN}%** per hour as it is, "
        f"**0{THIN}%** without season. It is season" in text
    )
    assert metrics(app)["Energy per hour"] == f"0{THIN}%"
    assert metrics(app)["Per kWh, without season"] == f"0{THIN}%"


def test_a_part_of_a_year_is_annualised_beside_what_hours_alone_would_give(seasonal):
    by_season = 0.4 * sum(h * s for h, s in zip(HOURS_2026, SEASON, strict=True))
    assert by_season == pytest.approx(3500, rel=0.002)
    app = open_app("seasonality.py")
    app.selectbox(key="season_year").select("2026").run()
    text = words(app)
    # 978.72 / 2 160 h is 13.3 % above 3 499 / 8 760 h; too high by 3 969 - 3 499 kg.
    assert f"**2026** by season: **3.50{THIN}t**" in text
    assert f"lie **13.3{THIN}% above** their year: by hours alone it would be 3.97{THIN}t" in text
    assert "too high" in text


def test_winter_against_summer_is_warned_of_where_the_season_is_left_in(seasonal):
    app = open_app("seasonality.py")
    assert not app.warning
    app.toggle(key="season_out").set_value(False).run()
    assert "are not the same months of a year" in words(app)
    assert metrics(app)["Per hour, as it is"] == f"+28.3{THIN}%"
    assert metrics(app)["Per hour, without season"] == "not known"


def test_per_request_demand_plays_no_part(seasonal):
    app = open_app("seasonality.py")
    table = next(frame.value for frame in app.dataframe if "first_g" in frame.value.columns)
    row = table[table["per"] == "Request"].iloc[0]
    # 100 requests an hour: 779 712 g / 220 800 requests, then 978 720 g / 216 000.
    assert row["first_g"] == pytest.approx(779_712 / 220_800)
    assert row["change"] == pytest.approx(100 * (978_720 / 216_000 / (779_712 / 220_800) - 1))
    assert row["normalised_change"] == pytest.approx(0, abs=1e-3)


def test_another_zone_is_shown_as_it_is_with_what_is_missing(seasonal):
    seasonal.import_files([("more.csv", activity("GB").replace(b"chat", b"search"))], who="test")
    app = open_app("seasonality.py")
    place = app.selectbox(key="place")
    assert place.value == "DE"
    assert place.options == ["DE", "GB (no index)", "All places"]
    place.select("GB").run()
    assert not app.exception
    assert "Monthly factors of at least two years for one zone of yours are missing" in words(app)
    assert "no season" in words(app)
    assert metrics(app)["Per hour, without season"] == "not known"
    assert "No index applies to both" in words(app)
    assert "by hours alone: " in words(app)
    assert "by season" not in words(app)


def test_hours_of_a_day_stand_where_they_are_known(seasonal):
    rows = ["zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,gwp_set,publisher,document"]
    for hour in range(24):
        begin = dt.datetime(2025, 7, 1, hour, tzinfo=dt.UTC)
        end = begin + dt.timedelta(hours=1)
        # The day's mean is 0.25: 0.05 and 0.45 cancel.
        value = {3: 0.05, 19: 0.45}.get(hour, 0.25)
        rows.append(
            f"GB,{begin.isoformat()},{end.isoformat()},location,direct,{value},AR5,Op,h.csv"
        )
    hours = "\n".join(rows).encode()
    use = activity("GB").replace(b"chat", b"search")
    seasonal.import_files([("hours.csv", hours), ("more.csv", use)], who="test")
    app = open_app("seasonality.py")
    assert "Hours of the day" not in words(app)
    app.selectbox(key="place").select("GB").run()
    assert not app.exception
    # 0.05 / 0.25 = 0.2 and 0.45 / 0.25 = 1.8.
    assert "Cleanest is 03:00 UTC in Jul with 0.20 times its day" in words(app)
    assert "dirtiest 19:00 UTC in Jul with 1.80 times" in words(app)


def test_without_weather_the_template_is_offered(seasonal):
    app = open_app("seasonality.py")
    assert "Bring twelve months of daily mean temperatures" in words(app)
    labels = [button.label for button in app.get("download_button")]
    assert "weather-template.csv" in labels


def test_weather_is_normalised_beside_what_it_was(seasonal):
    seasonal.import_files([("weather.csv", weather())], who="test")
    app = open_app("seasonality.py")
    assert not app.exception
    # Facility: 2 208 kWh in summer, 2 160 kWh in winter. Normal: summer 2 208 / 1.3 x 1.2.
    normal = 2208 / 1.3 * 1.2 + 2160
    assert metrics(app)["As it was"] == f"4.37{THIN}MWh"
    assert metrics(app)["In a normal year's weather"] == f"{normal / 1e3:.2f}{THIN}MWh"
    assert metrics(app)["Adjustment"] == f"\u2212{100 * (1 - normal / 4368):.1f}{THIN}%"
    assert "per K" in words(app)


def test_an_empty_workspace_says_what_is_missing(sample):
    app = open_app("seasonality.py")
    app.selectbox(key="workspace").select("own").run()
    assert not app.exception
    assert "monthly factors of at least two years" in words(app)
