"""What there is of each source, worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from carbon.portfolio import Portfolio, PortfolioError
from carbon.portfolio.source_list import calendar, covered, rhythm
from carbon.portfolio.sources import source_of

HEADER = "workload,zone,period_start,period_end,energy_kwh\n"


def activity(*rows: tuple[str, str, str, float | None]) -> pl.DataFrame:
    """(file, first day, last day, coverage)."""
    return pl.DataFrame(
        [
            (
                file,
                datetime.fromisoformat(first).replace(tzinfo=UTC),
                datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=1),
                share,
            )
            for file, first, last, share in rows
        ],
        schema={
            "evidence_id": pl.String,
            "period_start": pl.Datetime("us", "UTC"),
            "period_end": pl.Datetime("us", "UTC"),
            "coverage": pl.Float64,
        },
        orient="row",
    )


def reported(*rows: tuple[str, date]) -> pl.DataFrame:
    schema = {"evidence_id": pl.String, "month": pl.Date}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def files(**source: str) -> pl.DataFrame:
    return pl.DataFrame({"evidence_id": list(source), "source": list(source.values())})


def shares(frame: pl.DataFrame) -> dict[str, float]:
    return dict(frame.select("month", "coverage").iter_rows())


def test_the_days_of_a_month_that_rows_lie_on_are_its_coverage():
    """1 to 15 June, and twice 10 to 20 June: 20 of 30 days. July: 31 of 31."""
    rows = activity(
        ("a", "2026-06-01", "2026-06-15", None),
        ("a", "2026-06-10", "2026-06-20", None),
        ("b", "2026-06-10", "2026-06-20", None),
        ("b", "2026-07-01", "2026-07-31", None),
    )
    found = covered(rows, reported(), files(a="s", b="s"))
    assert shares(found) == pytest.approx({"2026-06": 20 / 30, "2026-07": 1.0})


def test_what_a_meter_saw_of_its_days_weighs_them():
    """Ten days seen to 0.9 and 0.5 (two devices: mean 0.7), of 30 days: 7 / 30."""
    rows = activity(("a", "2026-06-01", "2026-06-10", 0.9), ("a", "2026-06-01", "2026-06-10", 0.5))
    assert shares(covered(rows, reported(), files(a="s"))) == pytest.approx({"2026-06": 7 / 30})


def test_a_providers_own_figure_covers_its_month():
    found = covered(activity(), reported(("a", date(2026, 6, 1))), files(a="s"))
    assert found.rows() == [("s", "a", "2026-06", 1.0, 1)]


def test_a_month_between_two_that_are_there_is_a_gap():
    rows = activity(
        ("a", "2026-03-01", "2026-03-31", None), ("a", "2026-06-01", "2026-06-30", None)
    )
    found = calendar(covered(rows, reported(), files(a="s")))
    assert found.select("month", "coverage", "state").rows() == [
        ("2026-03", 1.0, "covered"),
        ("2026-04", 0.0, "gap"),
        ("2026-05", 0.0, "gap"),
        ("2026-06", 1.0, "covered"),
    ]


def months(*ends: tuple[str, str], step: int = 1) -> pl.DataFrame:
    """(file, month)."""
    return pl.DataFrame(
        [("s", file, month, 1.0, step) for file, month in ends],
        schema=["source", "evidence_id", "month", "coverage", "step"],
        orient="row",
    )


@pytest.mark.parametrize(
    ("found", "every"),
    [
        # One file of fourteen months is no rhythm: its rows are of a month each.
        (months(("a", "2025-01"), ("a", "2026-02")), 1),
        (months(("a", "2025-01"), step=12), 12),
        # Files that end in March, June, September: every three months.
        (months(("a", "2026-03"), ("b", "2026-06"), ("c", "2026-09")), 3),
        (months(("a", "2026-01"), ("b", "2026-02"), ("c", "2026-04"), ("d", "2026-05")), 1),
    ],
    ids=["one file", "rows of a year", "quarters", "months with a gap"],
)
def test_the_rhythm_is_that_of_the_files_where_they_tell(found, every):
    assert rhythm(found) == every


def test_what_is_due_and_did_not_come_is_overdue():
    """Quarters: the last ended in September, so that of October to December is due on 1 January."""
    found = months(("a", "2026-03"), ("b", "2026-06"), ("c", "2026-09"))
    asked = {
        day: calendar(found, day).filter(state="overdue")["month"].to_list()
        for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 3))
    }
    assert asked == {
        date(2026, 12, 31): [],
        date(2027, 1, 1): ["2026-10", "2026-11", "2026-12"],
        date(2027, 2, 3): ["2026-10", "2026-11", "2026-12", "2027-01"],
    }


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    """January and March in two files, of which the second restates January; one row is bad."""
    mine = Portfolio(tmp_path / "ws")
    january = "chat,CAMX,2026-01-01,2026-01-31,10\n"
    march = "chat,CAMX,2026-03-01,2026-03-31,10\nchat,CAMX,2026-04-01,2026-04-30,-1\n"
    mine.import_files(
        [
            ("meters-2026-01.csv", (HEADER + january).encode()),
            ("meters-2026-03.csv", (HEADER + january + march).encode()),
        ],
        who="ana",
    )
    return mine


def test_files_of_one_family_are_one_source(portfolio):
    rows = portfolio.sources(date(2026, 4, 15)).to_dicts()
    assert len(rows) == 1
    row = rows[0]
    assert (row["source"], row["title"][:17]) == ("activity-template · meters", "Activity template")
    assert (row["files"], row["last_file"], row["last_by"]) == (2, "meters-2026-03.csv", "ana")
    assert (row["first_month"], row["last_month"], row["months"]) == ("2026-01", "2026-03", 2)
    # January and March whole, February not at all: (1 + 0 + 1) / 3.
    assert row["coverage"] == pytest.approx(2 / 3)
    assert (row["gaps"], row["overdue"]) == ("2026-02", 0)
    # One row of the first file, two of the second; its January replaces that of the first.
    assert (row["taken"], row["set_aside"], row["superseded"]) == (3, 1, 1)
    assert row["next_expected"] == date(2026, 5, 1)


def test_without_a_day_nothing_is_overdue(portfolio):
    assert portfolio.sources()["overdue"].to_list() == [0]
    assert portfolio.sources(date(2026, 5, 1))["overdue"].to_list() == [1]
    assert portfolio.source_calendar(date(2026, 5, 1))["month"].to_list()[-1] == "2026-04"


def test_model_versions_and_restated_months_are_named(tmp_path):
    data = (Path(__file__).parents[1] / "data" / "google_carbon.jsonl").read_bytes()
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("google.jsonl", data)])
    row = mine.sources().row(0, named=True)
    versions = mine._workspace.ledger.read("reported")["model_version"].unique().sort()
    assert row["model_versions"] == ", ".join(versions.to_list())
    assert row["provider"] == "gcp"


def test_an_empty_workspace_has_no_source(tmp_path):
    mine = Portfolio(tmp_path / "ws")
    assert mine.sources().is_empty()
    assert mine.source_calendar().is_empty()
    assert mine.places_wanted().is_empty()


@pytest.mark.parametrize(
    ("stated", "kept"), [("fr", "FR"), ("AWS:eu-west-1", "aws:eu-west-1"), ("CAMX", "CAMX")]
)
def test_a_place_is_kept_in_the_policy_as_the_library_writes_it(portfolio, stated, kept):
    portfolio.place("gpu-*", stated, who="ana")
    assert portfolio.policy.boundary.places == {"gpu-*": kept}
    assert portfolio._workspace.events.all()["action"].to_list()[-1] == "policy"
    portfolio.place("rack-1", "DE")
    assert portfolio.policy.boundary.places == {"gpu-*": kept, "rack-1": "DE"}


def test_a_place_that_nobody_knows_is_refused(portfolio):
    with pytest.raises(PortfolioError, match="Place 'Mars' is not known"):
        portfolio.place("gpu-1", "Mars")
    assert portfolio.policy.boundary.places == {}


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("emissions-2026-01.csv", "emissions"),
        ("aws-carbon-v2.csv.gz", "aws-carbon"),
        ("aws-carbon-v3.csv.gz", "aws-carbon"),
        ("dev2.csv", "dev"),
        ("bills.zip › cur_v10_2026-01.csv", "cur"),
    ],
)
def test_a_source_is_named_without_dates_counters_and_versions(name, family):
    assert source_of("a", name) == f"a · {family}"
