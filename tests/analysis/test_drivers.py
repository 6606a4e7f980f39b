"""What the doubt of a sum comes from, worked out by hand."""

import math

import pytest
from doubt_rows import part, parts
from hypothesis import given
from hypothesis import strategies as st

from carbon.accounting.uncertainty import interval
from carbon.analysis.drivers import drivers, measure_next

BETTER = {"workload": 1.10, "factor": 1.10, "pue": 1.0}

FRAME = parts(
    part(60.0, workload="guess", tier="T7", energy_gsd2=3.0, factor="FR", factor_gsd2=1.1),
    part(40.0, workload="meter", tier="T1", energy_gsd2=1.05, factor="FR", factor_gsd2=1.1),
)


def test_shares_of_the_variance_by_hand():
    # (60 ln 3)^2, (40 ln 1.05)^2 and, of the one factor, (100 ln 1.1)^2.
    squares = {
        "guess": (60 * math.log(3)) ** 2,
        "meter": (40 * math.log(1.05)) ** 2,
        "FR": (100 * math.log(1.1)) ** 2,
    }
    found = drivers(FRAME)
    assert found["name"].to_list() == ["guess", "FR", "meter"]
    for name, share in found.select("name", "variance_share").iter_rows():
        assert share == pytest.approx(squares[name] / sum(squares.values()))
    guess = found.row(0, named=True)
    assert (guess["kind"], guess["tier"], guess["kg"]) == ("workload", "T7", 60.0)
    assert guess["gsd2"] == pytest.approx(3.0)
    # It alone at its ends: 60 / 3 + 40 = 60, and 60 x 3 + 40 = 220.
    assert (guess["low_kg"], guess["high_kg"]) == (pytest.approx(60.0), pytest.approx(220.0))


def test_measuring_next_by_hand():
    found = measure_next(FRAME, BETTER)
    assert found["name"].to_list() == ["guess"]  # the other one is measured
    others = (40 * math.log(1.05)) ** 2 + (100 * math.log(1.1)) ** 2
    now = math.exp(math.sqrt((60 * math.log(3)) ** 2 + others) / 100)
    then = math.exp(math.sqrt((60 * math.log(1.1)) ** 2 + others) / 100)
    row = found.row(0, named=True)
    assert row["high_kg"] == pytest.approx(100 * then)
    assert row["low_kg"] == pytest.approx(100 / then)
    assert row["narrowing_kg"] == pytest.approx(100 * (now - 1 / now) - 100 * (then - 1 / then))


def test_a_workload_that_is_measured_in_part_gains_the_rest_alone():
    frame = parts(
        part(50.0, tier="T2", energy_gsd2=1.10),
        part(50.0, tier="T5", energy_gsd2=1.50),
    )
    row = measure_next(frame, BETTER).row(0, named=True)
    assert row["high_kg"] == pytest.approx(110.0)


def test_an_assumed_pue_is_measured_too():
    frame = parts(
        part(64.0, tier="T2", energy_gsd2=1.10),
        part(36.0, tier="T2", energy_gsd2=1.10, pue="policy default 1.56", pue_gsd2=1.3),
    )
    row = measure_next(frame, BETTER).row(0, named=True)
    assert (row["kind"], row["name"]) == ("pue", "policy default 1.56")
    assert row["high_kg"] == pytest.approx(110.0)


def test_a_factor_of_its_year_is_looked_up_too():
    # 1.21 of a factor two years old would be 1.10; one that the row brings, 1.05, stays.
    frame = parts(
        part(80.0, tier="T1", factor="old", factor_gsd2=1.21),
        part(20.0, tier="T1", factor="own", factor_gsd2=1.05),
    )
    row = measure_next(frame, BETTER).row(0, named=True)
    assert (row["kind"], row["name"], row["tier"]) == ("factor", "old", None)
    then = math.exp(math.hypot(0.8 * math.log(1.10), 0.2 * math.log(1.05)))
    assert row["high_kg"] == pytest.approx(100 * then)
    assert measure_next(frame, {}).is_empty()


def test_a_tier_that_is_better_than_a_meter_is_not_made_worse():
    # An unmeasured estimate with a factor of its own of 1.02 stays at 1.02.
    frame = parts(part(100.0, tier="T6", energy_gsd2=1.02))
    assert measure_next(frame, BETTER).is_empty()


def test_nothing_and_zero_have_no_drivers():
    for frame in (FRAME.clear(), parts(part(0.0, energy_gsd2=2.0))):
        assert drivers(frame).is_empty()
        assert measure_next(frame, BETTER).is_empty()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("fg"), st.floats(0.01, 1e5),
                  st.floats(1.01, 3), st.floats(1.01, 2)),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip
def test_the_shares_make_up_the_interval(rows):
    frame = parts(
        *(
            part(kg, workload=workload, energy_gsd2=energy, factor=factor, factor_gsd2=of_factor)
            for workload, factor, kg, energy, of_factor in rows
        )
    )
    found = drivers(frame)
    assert found["variance_share"].sum() == pytest.approx(1.0)
    total = frame["kg"].sum()
    squares = (found["kg"] * found["gsd2"].log()).pow(2).sum()
    gsd2 = interval(frame, ["all"])["gsd2"].item()
    assert math.log(gsd2) == pytest.approx(math.sqrt(squares) / total)
    assert (found["low_kg"] <= total).all()
    assert (found["high_kg"] >= total).all()
    # Measuring never widens.
    assert (measure_next(frame, BETTER)["narrowing_kg"] > 0).all()
