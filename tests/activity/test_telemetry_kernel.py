"""The kernel of telemetry: trapezoids, spans, gaps, counters; every figure by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbon.activity.telemetry.counters import Counter, reduce_counters, reduce_counts
from carbon.activity.telemetry.kernel import Reduced, in_order, reduce_power
from carbon.policy import Telemetry

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
DAY = Telemetry(resolution="day")
HOUR = Telemetry(resolution="hour")
MICRO = 1_000_000

Point = tuple[float, float | None]


def samples(*series: Sequence[Point], owners: Sequence[int | None] | None = None) -> pl.DataFrame:
    """Samples of several meters: seconds after midnight, value."""
    rows = [
        (number, None, MIDNIGHT + timedelta(seconds=at), value)
        for number, points in enumerate(series)
        for at, value in points
    ]
    schema = {
        "series": pl.UInt32,
        "owner": pl.UInt32,
        "time": pl.Datetime("us", "UTC"),
        "value": pl.Float64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame if owners is None else frame.with_columns(owner=pl.Series(owners, dtype=pl.UInt32))


def joules(reduced: Reduced) -> list[float]:
    return [ticks / MICRO for ticks in reduced.energy["ticks"]]


def seconds(reduced: Reduced) -> list[float]:
    return [us / MICRO for us in reduced.energy["seen_us"]]


def estimated(reduced: Reduced) -> list[tuple[float | None, float]]:
    """Energy [J] and length [s] of gaps."""
    return [
        (None if ticks is None else ticks / MICRO, us / MICRO)
        for ticks, us in reduced.gaps.select("ticks", "unseen_us").iter_rows()
    ]


def steady(watts: float, start: float, end: float, step: float = 60) -> list[Point]:
    count = round((end - start) / step)
    return [(start + step * i, watts) for i in range(count + 1)]


def test_power_is_the_trapezoid_between_neighbours() -> None:
    found = reduce_power(samples([(0, 100.0), (60, 300.0), (120, 200.0)]), DAY)
    # (100 + 300) / 2 x 60 + (300 + 200) / 2 x 60 = 12 000 + 15 000 J
    assert joules(found) == [27_000.0]
    assert seconds(found) == [120.0]
    assert found.gaps.is_empty()


def test_a_step_is_split_where_a_span_ends_with_the_power_it_has_there() -> None:
    # From 23:59:30 to 00:00:30 power rises from 100 W to 400 W: 250 W at midnight.
    found = reduce_power(samples([(86_370, 100.0), (86_430, 400.0)]), DAY)
    # before: (100 + 250) / 2 x 30 = 5250 J; after: (250 + 400) / 2 x 30 = 9750 J
    assert joules(found) == [5250.0, 9750.0]
    assert seconds(found) == [30.0, 30.0]


def test_a_step_that_ends_on_the_hour_belongs_to_the_hour_before() -> None:
    found = reduce_power(samples(steady(100, 3000, 3600)), HOUR)
    assert (found.energy.height, joules(found)) == (1, [60_000.0])


def test_a_pause_over_the_limit_is_not_bridged_and_estimated_from_both_sides() -> None:
    # An hour at 300 W, an hour of nothing, an hour at 500 W.
    found = reduce_power(samples([*steady(300, 0, 3600), *steady(500, 7200, 10_800)]), DAY)
    # 300 x 3600 + 500 x 3600 J
    assert joules(found) == [2_880_000.0]
    assert seconds(found) == [7200.0]
    # The hour before and the hour after were seen whole: (300 + 500) / 2 x 3600 J
    assert estimated(found) == [(1_440_000.0, 3600.0)]


def test_neighbouring_hours_count_as_far_as_they_were_seen() -> None:
    # Twenty minutes at 600 W, a pause of half an hour, an hour at 200 W.
    found = reduce_power(samples([*steady(600, 0, 1200), *steady(200, 3000, 6600)]), DAY)
    # (600 x 1200 + 200 x 3600) J / 4800 s = 300 W; x 1800 s
    assert estimated(found) == [(540_000.0, 1800.0)]


def test_only_the_hour_before_a_gap_counts_not_all_that_was_seen() -> None:
    early, late = steady(900, 0, 7200), steady(300, 7260, 10_800)
    found = reduce_power(samples([*early, *late, *steady(300, 14_400, 18_000)]), DAY)
    # The hour before begins at 7200: one step from 900 W to 300 W, then 300 W.
    # ((900 + 300) / 2 x 60 + 300 x 3540 + 300 x 3600) J / 7200 s = 302.5 W; x 3600 s
    assert estimated(found) == [(302.5 * 3600, 3600.0)]


@pytest.mark.parametrize(
    ("step", "pause", "is_gap"),
    [
        # min(5 x 60 s, 600 s) = 300 s
        pytest.param(60, 300, False, id="five steps"),
        pytest.param(60, 301, True, id="more than five steps"),
        # min(5 x 300 s, 600 s) = 600 s
        pytest.param(300, 600, False, id="ten minutes"),
        pytest.param(300, 601, True, id="more than ten minutes"),
    ],
)
def test_the_shorter_of_both_limits_holds(step: float, pause: float, *, is_gap: bool) -> None:
    before = steady(100, 0, 20 * step, step)
    after = steady(100, 20 * step + pause, 40 * step + pause, step)
    found = reduce_power(samples([*before, *after]), DAY)
    assert bool(estimated(found)) == is_gap
    assert sum(joules(found)) == 100 * (40 * step + (0 if is_gap else pause))


def test_limits_are_those_of_the_policy() -> None:
    pause = samples([*steady(100, 0, 600), *steady(100, 1600, 2200)])
    assert reduce_power(pause, DAY).gaps.height == 1
    wide = Telemetry(gap_limit_s=3600, gap_limit_steps=30, resolution="day")
    assert reduce_power(pause, wide).gaps.is_empty()


def test_readings_further_apart_than_the_limit_are_estimates_of_their_own_mean() -> None:
    found = reduce_power(samples([(0, 100.0), (900, 300.0), (1800, 300.0)]), DAY)
    assert found.energy.is_empty()
    # Nothing was seen: (100 + 300) / 2 x 900 + 300 x 900 J over a run of 1800 s
    assert estimated(found) == [(450_000.0, 1800.0)]


def test_a_sample_without_a_value_leaves_a_pause_like_any_other() -> None:
    short = [*steady(300, 0, 600), (660, None), *steady(300, 720, 1200)]
    assert joules(reduce_power(samples(short), DAY)) == [360_000.0]
    nothing: list[Point] = [(600 + 60 * i, None) for i in range(1, 11)]
    long = reduce_power(samples([*steady(300, 0, 600), *nothing, *steady(300, 1260, 1860)]), DAY)
    assert joules(long) == [360_000.0]
    assert estimated(long) == [(198_000.0, 660.0)]


def test_time_without_a_value_at_either_end_is_a_gap() -> None:
    points: list[Point] = [(0, None), *steady(300, 3600, 7200), (9000, None)]
    found = reduce_power(samples(points), DAY)
    # 3600 s before and 1800 s after, at 300 W
    assert (joules(found), estimated(found)) == ([1_080_000.0], [(1_620_000.0, 5400.0)])


def test_out_of_order_and_repeated_samples_change_nothing() -> None:
    points = [(60.0 * i, 100.0 + i % 7) for i in range(200)]
    straight = reduce_power(samples(points), DAY)
    shuffled = [*points, *points[50:60]]
    Random(4).shuffle(shuffled)
    again = reduce_power(samples(shuffled), DAY)
    assert again.energy.equals(straight.energy)


def test_sorted_samples_are_not_sorted_again() -> None:
    frame = samples(steady(100, 0, 600), steady(200, 0, 600))
    assert in_order(frame) is frame


def test_energy_belongs_to_whom_held_the_device_when_the_step_began() -> None:
    frame = samples([(0, 100.0), (60, 100.0), (120, 100.0)], owners=[7, 8, 8])
    found = reduce_power(frame, DAY)
    assert found.energy.select("owner", "ticks").rows() == [
        (7, 6_000 * MICRO),
        (8, 6_000 * MICRO),
    ]


def test_a_counter_is_the_difference_of_its_readings() -> None:
    frame = samples([(60.0 * i, 1000 + 18_000.0 * i) for i in range(61)])
    # 300 W for an hour
    assert joules(reduce_counters(frame, [Counter(3000)], DAY)) == [1_080_000.0]


def test_a_pause_loses_nothing_of_a_counter() -> None:
    frame = samples([(0, 0.0), (60, 18_000.0), (7260, 2_178_000.0), (7320, 2_196_000.0)])
    found = reduce_counters(frame, [Counter(3000)], DAY)
    assert (joules(found), found.gaps.height) == ([2_196_000.0], 0)


def test_a_counter_that_began_again_counts_from_zero() -> None:
    frame = samples([(0, 50_000.0), (60, 68_000.0), (120, 5_000.0), (180, 23_000.0)])
    # 18 000 + 5 000 + 18 000 J
    assert joules(reduce_counters(frame, [Counter(3000)], DAY)) == [41_000.0]


def test_a_fall_to_more_than_the_device_can_draw_is_not_measured() -> None:
    # 400 000 J in 60 s would be 6667 W.
    frame = samples([(0, 900_000.0), (60, 918_000.0), (120, 400_000.0), (180, 418_000.0)])
    found = reduce_counters(frame, [Counter(3000)], DAY)
    assert joules(found) == [36_000.0]
    # 36 000 J in 120 s are 300 W; x 60 s
    assert estimated(found) == [(18_000.0, 60.0)]


def test_a_leap_beyond_what_the_device_can_draw_is_not_measured() -> None:
    frame = samples([(0, 0.0), (60, 18_000.0), (120, 9e12), (180, 9e12 + 18_000)])
    assert joules(reduce_counters(frame, [Counter(3000)], DAY)) == [36_000.0]


def test_a_counter_that_wrapped_loses_the_step_not_more() -> None:
    rapl = Counter(700, 262_144)
    frame = samples([(0, 250_000.0), (60, 262_000.0), (120, 11_856.0), (180, 23_856.0)])
    found = reduce_counters(frame, [rapl], DAY)
    # 12 000 J in each of the two steps without a fall: 200 W; x 60 s
    assert (joules(found), estimated(found)) == ([24_000.0], [(12_000.0, 60.0)])


def test_a_step_in_which_a_counter_may_have_wrapped_unseen_is_not_measured() -> None:
    rapl = Counter(700, 262_144)
    # 262 144 J / 700 W = 374 s
    for step, height in ((374, 0), (375, 1)):
        frame = samples([(0, 0.0), (step, 1000.0), (2 * step, 2000.0)])
        assert reduce_counters(frame, [rapl], DAY).gaps.height == height


def test_counts_are_split_into_whole_numbers_and_restart_at_zero() -> None:
    frame = samples([(86_370, 10.0), (86_430, 15.0), (86_490, 4.0)])
    found = reduce_counts(frame, DAY)
    # 5 over midnight: 2.5 is 2 (half to even) and 3; then 4 since the restart
    assert sum(found.energy["ticks"]) == 9
    assert found.energy["ticks"].dtype == pl.Int64


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(
        st.tuples(st.integers(0, 200_000), st.floats(0, 2000)),
        min_size=2,
        max_size=60,
        unique_by=lambda p: p[0],
    ),
    seed=st.integers(0, 1000),
)
def test_energy_does_not_depend_on_spans_or_on_the_order_of_samples(
    points: list[Point], seed: int
) -> None:
    by_day = reduce_power(samples(sorted(points)), DAY)
    mixed = list(points)
    Random(seed).shuffle(mixed)
    by_hour = reduce_power(samples(mixed), HOUR)
    assert by_hour.energy["ticks"].sum() == by_day.energy["ticks"].sum()
    assert by_hour.gaps["ticks"].sum() == by_day.gaps["ticks"].sum()
    # Every second between the first and the last sample is either seen or not.
    every = max(p[0] for p in points) - min(p[0] for p in points)
    assert (by_day.energy["seen_us"].sum() + by_day.gaps["unseen_us"].sum()) == every * MICRO
