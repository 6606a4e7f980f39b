"""Drawn intervals against closed forms."""

import math

import polars as pl
import pytest
from doubt_rows import part, parts
from hypothesis import given, settings
from hypothesis import strategies as st

from carbon.accounting.uncertainty import interval, product
from carbon.analysis import montecarlo as module
from carbon.analysis.montecarlo import montecarlo


def drawn(frame, **options):
    return montecarlo(frame, draws=options.pop("draws", 40_000), **options).row(0, named=True)


def width(row) -> float:
    """The drawn 95 % factor: sqrt(high / low)."""
    return math.sqrt(row["mc_high_kg"] / row["mc_low_kg"])


def analytic(frame) -> float:
    return interval(frame, ["all"])["gsd2"].item()


def test_a_product_agrees_within_sampling_error():
    # 1.2195 x 1.6367 = 1.7009. The standard error of a 2-sigma quantile of n normals is
    # sqrt(p (1 - p) / n) / density(2) = sqrt(0.02275 x 0.97725 / 40 000) / 0.05399 = 0.01381 sigma.
    frame = parts(part(100.0, energy_gsd2=1.2195, factor="f", factor_gsd2=1.6367))
    found = drawn(frame)
    log = math.log(1.7009)
    error = 0.01381 * log / 2
    assert math.log(found["mc_high_kg"] / 100) == pytest.approx(log, abs=4 * error)
    assert math.log(100 / found["mc_low_kg"]) == pytest.approx(log, abs=4 * error)
    # The deterministic figure is the median; the mean lies above: exp(sigma^2 / 2).
    assert found["mc_median_kg"] == pytest.approx(100, rel=0.01)
    assert found["mc_mean_kg"] == pytest.approx(100 * math.exp((log / 2) ** 2 / 2), rel=0.01)


def test_the_published_sum_agrees_within_three_per_cent():
    frame = parts(
        part(100.0, workload="a", energy_gsd2=1.2195),
        part(50.0, workload="b", energy_gsd2=1.6367),
        part(10.0, workload="c", energy_gsd2=1.05),
    )
    assert analytic(frame) == pytest.approx(1.2186, abs=5e-5)
    assert width(drawn(frame)) == pytest.approx(1.2186, rel=0.03)


@pytest.mark.parametrize("shared", ["factor", "pue", "workload"])
def test_sharing_an_input_widens_the_sum_as_the_closed_form_says(shared):
    # 64 equal parts: on one input G stays 1.5; on inputs of their own it is 1.5^(1/8).
    gsd2 = {"factor": "factor_gsd2", "pue": "pue_gsd2", "workload": "energy_gsd2"}[shared]

    def equal(name):
        rows = [part(1.0, **{"workload": f"w{i}", shared: name(i), gsd2: 1.5}) for i in range(64)]
        return parts(*rows)

    together, apart = equal(lambda i: "one"), equal(lambda i: f"x{i}")
    assert analytic(together) == pytest.approx(1.5)
    assert analytic(apart) == pytest.approx(1.5 ** (1 / 8))
    assert width(drawn(together)) == pytest.approx(1.5, rel=0.015)
    assert width(drawn(apart)) == pytest.approx(1.5 ** (1 / 8), rel=0.005)


def test_one_workload_at_two_tiers_is_one_draw():
    # Half at 1.1, half at 3.0, both on the same z: at +2 sigma (1.1 + 3.0) / 2 = 2.05.
    frame = parts(part(1.0, energy_gsd2=1.1), part(1.0, energy_gsd2=3.0))
    assert drawn(frame)["mc_high_kg"] == pytest.approx(1.1 + 3.0, rel=0.03)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    rows = [part(float(i + 1), workload=f"w{i % 7}", energy_gsd2=1.3, factor=f"f{i % 3}",
                 factor_gsd2=1.2) for i in range(40)]  # fmt: skip
    frame = parts(*rows)
    once = montecarlo(frame, ["workload"], draws=500, seed=7)
    assert once.equals(montecarlo(frame.reverse(), ["workload"], draws=500, seed=7))
    assert not once.equals(montecarlo(frame, ["workload"], draws=500, seed=8))


def test_neither_bunches_nor_blocks_of_groups_change_what_is_drawn(monkeypatch):
    rows = [part(float(i + 1), workload=f"w{i}", energy_gsd2=1.3, factor=f"f{i % 3}",
                 factor_gsd2=1.2, pue=f"p{i % 2}", pue_gsd2=1.1) for i in range(30)]  # fmt: skip
    whole = montecarlo(parts(*rows), ["workload"], draws=500)
    monkeypatch.setattr(module, "MOST_CELLS", 30 * 64)
    monkeypatch.setattr(module, "MOST_GROUPS", 7)
    assert montecarlo(parts(*rows), ["workload"], draws=500).equals(whole)


def test_a_group_sees_its_own_parts_alone():
    frame = parts(
        part(10.0, workload="a", energy_gsd2=1.2),
        part(1000.0, workload="b", energy_gsd2=2.0),
        part(5.0, workload="c"),
    )
    found = montecarlo(frame, ["workload"], draws=20_000)
    assert found["workload"].to_list() == ["a", "b", "c"]
    high = found["mc_high_kg"].to_list()
    assert high[0] == pytest.approx(12.0, rel=0.02)
    assert high[1] == pytest.approx(2000.0, rel=0.05)
    assert high[2] == 5.0  # nothing in it is uncertain


def test_nothing_known_gives_no_row_and_zero_stays_zero():
    assert montecarlo(parts(part(1.0)).clear(), draws=100).is_empty()
    unknown = parts(part(1.0)).with_columns(kg=pl.lit(None, pl.Float64))
    assert montecarlo(unknown, ["workload"], draws=100).is_empty()
    zero = drawn(parts(part(0.0, energy_gsd2=2.0)), draws=100)
    assert set(zero.values()) == {0.0}
    with pytest.raises(ValueError, match="2 or more"):
        montecarlo(parts(part(1.0)), draws=1)


def test_more_inputs_than_are_drawn_share_one_draw_and_are_never_surer(monkeypatch):
    rows = [part(100.0 - i, workload=f"w{i:02}", energy_gsd2=1.5) for i in range(40)]
    own = width(drawn(parts(*rows)))
    monkeypatch.setattr(module, "MOST_INPUTS", 10)
    pooled = drawn(parts(*rows))
    assert width(pooled) > own
    assert pooled["mc_median_kg"] == pytest.approx(sum(100.0 - i for i in range(40)), rel=0.03)
    by = montecarlo(parts(*rows), ["workload"], draws=200)
    assert by["workload"].to_list() == [f"w{i:02}" for i in range(40)]


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from("fg"), st.floats(1, 100),
            st.sampled_from([1.05, 1.2, 1.5]), st.sampled_from([1.05, 1.1, 1.3]),
        ),
        min_size=1,
        max_size=8,
    )
)  # fmt: skip
def test_sums_of_usual_inputs_agree_within_three_per_cent(rows):
    frame = parts(
        *(
            part(kg, workload=workload, energy_gsd2=energy, factor=factor, factor_gsd2=of_factor)
            for workload, factor, kg, energy, of_factor in rows
        )
    )
    found = drawn(frame, draws=10_000)
    assert width(found) == pytest.approx(analytic(frame), rel=0.03)
    assert width(found) <= product(1.5, 1.3) * 1.05
