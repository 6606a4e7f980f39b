"""Changes between periods of a footprint that files make, each figure worked out beside it."""

import polars as pl
import pytest

from carbon.analysis.changes import compare
from carbon.analysis.observed import Period, observe
from carbon.portfolio import Portfolio

HEAD = (
    "workload,model,lifecycle,provider,zone,period_start,period_end,energy_kwh,energy_boundary,pue,"
    "accelerator_hours,requests,location_factor_kg_per_kwh,market_factor_kg_per_kwh,factor_source"
)

FILE = f"""{HEAD}
chat,Chat,inference_realtime,,DE,2024-01-01,2024-01-31,100,it,1.2,,1000,0.5,0.6,a.pdf
chat,Chat,inference_realtime,,DE,2025-01-01,2025-01-31,150,it,1.1,,2000,0.4,0.1,a.pdf
old,Old,training,,DE,2024-01-01,2024-01-31,10,it,1.0,,,0.5,0.5,a.pdf
fresh,New,training,,FR,2025-01-01,2025-01-31,40,it,1.0,,,0.1,0.1,a.pdf
"""


def opened(path, text=FILE):
    portfolio = Portfolio(path)
    (result,) = portfolio.import_files([("figures.csv", text.encode())], who="test").files
    assert result.quarantined == 0, result.problems
    return portfolio


def period(portfolio, first, last):
    return Period(portfolio._footprint(), first, last, portfolio._changes_served())


def steps(change):
    return dict(change.steps.iter_rows())


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("changes") / "ws")


def test_the_steps_lead_from_total_to_total(portfolio):
    change = portfolio.changed("2024-01", "2024-01", "2025-01", "2025-01")
    # chat 100 x 1.2 x 0.5 = 60 kg, old 10 x 0.5 = 5 kg; chat 150 x 1.1 x 0.4 = 66 kg,
    # fresh 40 x 0.1 = 4 kg.
    assert change.before["kg_co2e"] == pytest.approx(65.0)
    assert change.after["kg_co2e"] == pytest.approx(70.0)
    # Of chat as in the hand example of the decomposition: L(66, 60) = 6 / ln 1.1.
    mean = 6.0 / 0.09531017980432493
    assert steps(change) == pytest.approx(
        {
            "new": 4.0,
            "gone": -5.0,
            "activity": mean * 0.6931471805599453,
            "efficiency": mean * -0.2876820724517809,
            "overhead": mean * -0.08701137698962981,
            "grid": mean * -0.2231435513142097,
        }
    )
    assert change.difference == pytest.approx(sum(steps(change).values()), rel=1e-9)
    assert change.share == pytest.approx(5.0 / 65.0)
    assert change.largest == "activity"
    assert change.of("new") == pytest.approx(4.0)
    assert change.of("procurement") == 0.0


def test_the_market_based_steps_are_its_own(portfolio):
    change = portfolio.changed("2024-01", "2024-01", "2025-01", "2025-01", method="market")
    # chat 120 x 0.6 = 72 kg, then 165 x 0.1 = 16.5 kg; what was bought against the grid:
    # 0.6 / 0.5 = 1.2, then 0.1 / 0.4 = 0.25.  L(16.5, 72) = -55.5 / ln(16.5 / 72)
    mean = 55.5 / 1.4733057381095205  # ln(72 / 16.5)
    found = steps(change)
    assert found["procurement"] == pytest.approx(mean * -1.5686159179138452)  # ln(0.25 / 1.2)
    assert found["grid"] == pytest.approx(mean * -0.2231435513142097)  # ln(0.4 / 0.5)
    assert sum(found.values()) == pytest.approx((16.5 + 4.0) - (72.0 + 5.0))


def test_who_is_behind_a_step(portfolio):
    change = portfolio.changed("2024-01", "2024-01", "2025-01", "2025-01")
    activity = change.behind("activity")
    assert activity.select("workload", "unit", "work_before", "work_after").row(0) == (
        "chat", "requests", 1000.0, 2000.0,
    )  # fmt: skip
    assert activity.select("facility_kwh_before", "facility_kwh_after").row(0) == pytest.approx(
        (120.0, 165.0)
    )
    gone = change.behind("gone", "model")
    assert gone.rows() == [("Old", pytest.approx(-5.0))]
    # What was not there before has no figure of before, rather than 0.
    assert change.behind("new")["kg_before"].to_list() == [None]
    with pytest.raises(ValueError, match="use one of workload, model"):
        change.by("zone")


def test_by_sums_to_the_steps(portfolio):
    change = portfolio.changed("2024-01", "2024-01", "2025-01", "2025-01")
    for name in ("workload", "model", "project", "business_unit", "lifecycle"):
        assert change.by(name)["kg_co2e"].sum() == pytest.approx(5.0)


def test_the_day_makes_unequal_periods_alike(tmp_path):
    text = f"""{HEAD}
chat,Chat,inference_realtime,,DE,2025-01-01,2025-01-31,310,it,1.0,,,0.5,,a.pdf
chat,Chat,inference_realtime,,DE,2025-02-01,2025-02-28,280,it,1.0,,,0.5,,a.pdf
"""
    portfolio = opened(tmp_path / "ws", text)
    # 10 kWh a day in both: 31 days 155 kg, 28 days 140 kg.
    months = ("2025-01", "2025-01", "2025-02", "2025-02")
    whole = portfolio.changed(*months)
    assert steps(whole) == pytest.approx({"activity": -15.0})
    assert any("31 days and the second 28" in note.text and note.warns for note in whole.notes)
    daily = portfolio.changed(*months, per_day=True)
    assert daily.steps.is_empty()
    assert daily.unit == "kg a day"
    assert daily.before["kg_co2e"] == pytest.approx(5.0)
    assert not any("days and the second" in note.text for note in daily.notes)


def test_a_restatement_stands_apart(tmp_path):
    """A frozen January against today's February: January itself was corrected since."""
    rows = [
        "chat,Chat,inference_realtime,,DE,2025-01-01,2025-01-31,{kwh},it,1.0,,,{factor},,a.pdf",
        "chat,Chat,inference_realtime,,DE,2025-02-01,2025-02-28,300,it,1.0,,,0.4,,a.pdf",
    ]
    old, now = (
        opened(tmp_path / name, "\n".join([HEAD, *rows]).format(kwh=kwh, factor=factor) + "\n")
        for name, kwh, factor in (("old", 100, 0.5), ("now", 200, 0.4))
    )
    change = compare(
        period(old, "2025-01", "2025-01"),
        period(now, "2025-02", "2025-02"),
        restated=period(now, "2025-01", "2025-01"),
    )
    # 100 x 0.5 = 50 kg became 200 x 0.4 = 80 kg: L(80, 50) = 30 / ln 1.6; twice the energy,
    # 0.8 of the factor. Then 300 x 0.4 = 120 kg: 40 kg more.
    mean = 30.0 / 0.47000362924573563
    assert steps(change) == pytest.approx(
        {
            "restated_data": mean * 0.6931471805599453,
            "restated_factors": mean * -0.2231435513142097,
            "activity": 40.0,
        }
    )
    assert change.before["kg_co2e"] == pytest.approx(50.0)
    assert sum(steps(change).values()) == pytest.approx(70.0)


def test_the_boundary_is_no_end_of_a_workload(portfolio):
    whole = portfolio._footprint()
    lines = whole.lines.with_columns(
        in_scope=~((pl.col("workload") == "chat") & (pl.col("month") == "2025-01"))
    )
    moved = Period(type(whole)(**{**vars(whole), "lines": lines}), "2025-01", "2025-01")
    before = period(portfolio, "2024-01", "2024-01")
    assert steps(compare(before, moved))["boundary"] == pytest.approx(-60.0)
    assert "boundary" not in steps(compare(before, moved, scope="all"))


def test_energy_that_becomes_known_is_no_new_workload(tmp_path):
    text = f"""{HEAD}
chat,Chat,inference_realtime,,DE,2024-01-01,2024-01-31,,,,,1000,,,
chat,Chat,inference_realtime,,DE,2025-01-01,2025-01-31,100,it,1.0,,1000,0.5,,a.pdf
other,Other,training,,DE,2024-01-01,2024-01-31,10,it,1.0,,,0.5,,a.pdf
other,Other,training,,DE,2025-01-01,2025-01-31,10,it,1.0,,,0.5,,a.pdf
"""
    change = opened(tmp_path / "ws", text).changed("2024-01", "2024-01", "2025-01", "2025-01")
    assert steps(change) == pytest.approx({"coverage": 50.0})


def test_seasons_and_silent_months_are_said(portfolio):
    months = ("2024-01", "2024-02", "2024-12", "2025-01")
    texts = [note.text for note in portfolio.changed(*months).notes if note.warns]
    assert any("not the same months of the year" in text for text in texts)
    assert any("first period holds no activity in 2024-02" in text for text in texts)
    assert any("second period holds no activity in 2024-12" in text for text in texts)
    like = portfolio.changed("2024-01", "2024-01", "2025-01", "2025-01")
    assert [note for note in like.notes if note.warns] == []
    shared = portfolio.changed("2024-01", "2025-01", "2025-01", "2025-01")
    assert any("share months" in note.text for note in shared.notes)


def test_accelerator_hours_and_runs_are_work(tmp_path):
    text = (
        f"""{HEAD}
train,M,training,,DE,2024-01-01,2024-01-31,,,1.0,100,,0.5,,a.pdf
train,M,training,,DE,2025-01-01,2025-01-31,,,1.0,300,,0.5,,a.pdf
""".replace("accelerator_hours,requests", "accelerator_hours,average_power_w,requests")
        .replace("1.0,100,", "1.0,100,400,")
        .replace("1.0,300,", "1.0,300,200,")
    )
    change = opened(tmp_path / "ws", text).changed("2024-01", "2024-01", "2025-01", "2025-01")
    # 100 h x 400 W = 40 kWh -> 20 kg; 300 h x 200 W = 60 kWh -> 30 kg; L = 10 / ln 1.5.
    mean = 10.0 / 0.4054651081081644
    assert steps(change) == pytest.approx(
        {"activity": mean * 1.0986122886681098, "efficiency": mean * -0.6931471805599453}
    )
    assert change.workloads["unit"].to_list() == ["accelerator_hours"]


def test_work_behind_a_part_of_the_energy_is_not_taken(tmp_path):
    """Requests of one of two months: energy per request would halve for want of a log."""
    text = f"""{HEAD}
chat,M,inference_realtime,,DE,2024-01-01,2024-01-31,100,it,1.0,,1000,0.5,,a.pdf
chat,M,inference_realtime,,DE,2024-02-01,2024-02-29,100,it,1.0,,,0.5,,a.pdf
chat,M,inference_realtime,,DE,2025-01-01,2025-01-31,100,it,1.0,,1000,0.5,,a.pdf
chat,M,inference_realtime,,DE,2025-02-01,2025-02-28,100,it,1.0,,1000,0.5,,a.pdf
"""
    portfolio = opened(tmp_path / "ws", text)
    change = portfolio.changed("2024-01", "2024-02", "2025-01", "2025-02")
    assert change.steps.is_empty()
    assert change.workloads["unit"].to_list() == ["energy"]
    assert any("100% of the compared energy" in note.text for note in change.notes)
    work = observe(period(portfolio, "2024-01", "2024-02")).work
    assert work.rows() == [("chat", "requests", 1000.0, pytest.approx(0.5))]


def test_an_unknown_scope_is_refused(portfolio):
    with pytest.raises(ValueError, match="use 'in' or 'all'"):
        observe(period(portfolio, "2024-01", "2024-01"), "some")
