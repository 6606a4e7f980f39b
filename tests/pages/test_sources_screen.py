"""Sources: the calendar says what is missing, and a place is stated where no file does."""

import datetime as dt
import json
from pathlib import Path

import pytest
from screens import go_to, open_app, words

from carbon.portfolio import Portfolio
from pages.ui import coverage

DATA = Path(__file__).parents[1] / "data"
HEADER = "workload,zone,period_start,period_end,energy_kwh\n"
TODAY = dt.datetime.now(dt.UTC).date()


def file(month: str, last: int = 28) -> tuple[str, bytes]:
    row = f"<b>chat</b>,FR,{month}-01,{month}-{last},10\n"
    return f"<i>lyon-{month}.csv", (HEADER + row).encode()


@pytest.fixture
def lyon(tmp_path: Path) -> Portfolio:
    """February whole, March missing, ten of thirty days of April."""
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([file("2025-02"), file("2025-04", 10)], who="ana")
    return mine


def chart(app):
    return next(found.proto for found in app.get("plotly_chart"))


def test_the_calendar_says_what_is_missing(lyon):
    app = open_app("sources.py")
    assert not app.exception
    said = chart(app).alt
    assert "1 month missing between others: <i>lyon Mar 2025" in said
    assert "overdue: <i>lyon" in said
    assert "the least <i>lyon Apr 2025 with 33" in said
    specs = json.dumps(json.loads(chart(app).spec))
    assert "<i>" not in specs
    # March has a solid outline; each month since is dotted, to the last whole one.
    shapes = json.loads(chart(app).spec)["layout"]["shapes"]
    assert [shape["line"]["dash"] for shape in shapes].count("solid") == 1
    months_since = (TODAY.year - 2025) * 12 + TODAY.month - 5
    assert [shape["line"]["dash"] for shape in shapes].count("dot") == months_since


def test_every_source_stands_with_its_last_import(lyon):
    app = open_app("sources.py")
    row = next(
        frame.value.iloc[0] for frame in app.dataframe if "last_import" in frame.value.columns
    )
    assert (row["name"], row["last_by"], row["files"]) == ("<i>lyon", "ana", 2)
    assert (row["gaps"], row["next_expected"].isoformat()[:10]) == ("2025-03", "2025-06-01")
    # February whole, March not at all, a third of April: (1 + 0 + 1/3) / 3 = 0.4444, which shows
    # to a tenth of a per cent.
    assert row["coverage"] == pytest.approx(0.444)


def test_the_period_of_the_bar_cuts_the_calendar(lyon):
    app = open_app("sources.py")
    app.selectbox(key="from").set_value("2025-04").run()
    assert "missing between" not in chart(app).alt


def test_of_the_sample_nothing_becomes_due(sample):
    app = open_app("sources.py")
    assert "Sample portfolio" in words(app)
    assert "overdue" not in chart(app).alt


def test_a_place_is_stated_where_no_file_says_one(tmp_path):
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("dgx.json", DATA / "prometheus_query_range.json")])
    wanted = mine.places_wanted()["name"].to_list()
    assert wanted
    app = open_app("sources.py")
    assert "no file says where the power is drawn" in words(app)
    app.text_input(key="place_where").set_value("Mars")
    button(app).click().run()
    assert "Place 'Mars' is not known" in app.error[0].value.replace("\\", "")
    app.text_input(key="place_where").set_value("fr")
    button(app).click().run()
    assert mine.policy.boundary.places == {wanted[0]: "FR"}
    assert mine.places_wanted()["name"].to_list() == wanted[1:]
    assert "The policy keeps it" in words(app)


def test_what_bills_hold_beside_ai_is_said(tmp_path):
    """Of the nineteen lines nine: m5.large, disk, bucket, two of Fargate, data sent and received,
    tax, and the credit."""
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("cur.csv", DATA / "aws_cur_2.csv")])
    app = open_app("sources.py")
    assert not app.exception
    assert "General IT on the bills: 9 lines not counted" in [e.label for e in app.expander]
    shown = next(frame.value for frame in app.dataframe if "sku" in frame.value.columns)
    assert shown["lines"].sum() == 9
    assert "BoxUsage:m5.large" in shown["sku"].to_list()


def test_energy_that_two_meters_saw_names_the_files(tmp_path):
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("dgx.json", DATA / "prometheus_query_range.json")])
    app = open_app("sources.py")
    assert not app.exception
    found = mine.stated_better()
    assert found["instead"].unique().to_list() == ["dgx.json"]
    rows = int(found["rows"].sum())
    said = f"Energy that several sources saw: {rows} row{'s' if rows != 1 else ''} not counted"
    assert said in [part.label for part in app.expander]


def test_an_empty_workspace_says_what_is_missing(sample):
    app = open_app()
    app.button(key="leave_sample").click().run()
    app = go_to(app, "sources.py")
    assert "was imported yet" in words(app)


def test_every_state_of_a_month_has_a_word(lyon):
    states = set(lyon.source_calendar(TODAY)["state"])
    assert states == set(coverage.STATES)


def button(app):
    return next(found for found in app.button if found.label == "State the place")
