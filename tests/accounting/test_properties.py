"""What holds for any activity, whatever it is made of."""

import polars as pl
import pytest
from accounting_rows import FACTORS, account, at, certificate, totals, use
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from recompute import agree

SUMS = ("energy_it_kwh", "energy_facility_kwh", "location_kg_co2e", "market_kg_co2e",
        "embodied_kg_co2e", "water_l")  # fmt: skip

modest = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

places = st.sampled_from(
    [
        {"provider": "aws", "region": "us-west-1"},
        {"site": "Lyon", "zone": "DE"},
        {"country": "FR"},
        {"zone": "XX"},
        {"provider": "aws", "zone": "DE"},
    ]
)
amounts = st.floats(0, 1e7, allow_subnormal=False).map(lambda value: round(value, 6))
kinds = st.sampled_from(
    [
        {"quantity_kind": "energy_facility_kwh"},
        {"quantity_kind": "energy_facility_kwh", "pue": 1.3},
        {"quantity_kind": "energy_it_kwh", "pue": 1.1},
        {"quantity_kind": "energy_it_kwh"},
        {"quantity_kind": "accelerator_hours", "accelerator": "H100"},
        {"quantity_kind": "accelerator_hours", "accelerator": "mystery"},
        {"quantity_kind": "instance_hours", "instance_type": "p5.48xlarge"},
        {"quantity_kind": "requests"},
        {"quantity_kind": "energy_it_kwh", "market_factor_kg_per_kwh": 0.1},
        {"quantity_kind": "energy_it_kwh", "location_factor_kg_per_kwh": 0.3},
    ]
)


@st.composite
def activity(draw):
    """Up to ten rows of a file, each over up to four months of 2024."""
    rows = []
    for number in range(draw(st.integers(1, 10))):
        first = draw(st.integers(1, 8))
        days = st.integers(1, 28)
        rows.append(
            use(
                row_number=2 + number,
                workload=draw(st.sampled_from(["a", "b", None])),
                period_start=at(f"2024-{first:02}-{draw(days):02}"),
                period_end=at(f"2024-{first + draw(st.integers(1, 4)):02}-{draw(days):02}"),
                quantity=draw(amounts),
                **draw(places),
                **draw(kinds),
            )
        )
    return rows


certificates = st.lists(
    st.builds(
        lambda n, kwh, market, kind: certificate(f"I{n}", kwh, market, kind=kind),
        st.integers(0, 99),
        amounts,
        st.sampled_from(["DE", "FR", "CAMX", "US"]),
        st.sampled_from(["eac", "ppa"]),
    ),
    max_size=3,
).map(lambda found: [{**row, "row_number": 2 + n} for n, row in enumerate(found)])


@modest
@given(activity())
def test_energy_is_conserved_over_months_and_components(rows):
    """Rule 2: what a meter shows is what its lines add up to."""
    lines = account(rows).lines
    by_row = lines.group_by("row_number").agg(pl.col("energy_facility_kwh", "energy_it_kwh").sum())
    sums = {row["row_number"]: row for row in by_row.to_dicts()}
    for row in rows:
        if row["quantity_kind"] == "energy_facility_kwh":
            assert sums[row["row_number"]]["energy_facility_kwh"] == pytest.approx(
                row["quantity"], rel=1e-9
            )
        if row["quantity_kind"] == "energy_it_kwh":
            assert sums[row["row_number"]]["energy_it_kwh"] == pytest.approx(
                row["quantity"], rel=1e-9
            )


@modest
@given(activity(), certificates)
def test_market_slices_never_exceed_and_always_fill_what_has_a_rate(rows, instruments):
    result = account(rows, instruments=instruments)
    sliced = result.market.group_by("line_id").agg(pl.col("kwh", "kg_co2e").sum())
    lines = result.lines.join(sliced, on="line_id", how="left", validate="1:1")
    for line in lines.to_dicts():
        if line["zone"] == "XX" or line["energy_facility_kwh"] is None:
            continue
        assert line["kwh"] == pytest.approx(line["energy_facility_kwh"], rel=1e-9)
        assert line["market_kg"] == pytest.approx(line["kg_co2e"], rel=1e-9)
    used = result.instruments.select(pl.col("used_kwh") <= pl.col("kwh") * (1 + 1e-9))
    assert used["used_kwh"].all()
    on_rung = result.market.filter(pl.col("rung") == "instrument")["kwh"].sum()
    assert on_rung == pytest.approx(result.instruments["used_kwh"].sum(), rel=1e-9)


@modest
@given(activity(), certificates)
def test_instruments_never_change_the_location_based_figure(rows, instruments):
    """Rule 3: two totals, never mixed."""
    without, with_them = account(rows), account(rows, instruments=instruments)
    columns = ["line_id", "location_kg", "location_factor_id", "location_gsd2"]
    assert_frame_equal(without.lines.select(columns), with_them.lines.select(columns))


@modest
@given(activity())
def test_location_factors_never_change_energy_or_embodied_carbon(rows):
    one, other = totals(account(rows)), totals(account(rows, factors=[]))
    for measure in ("energy_it_kwh", "energy_facility_kwh", "embodied_kg_co2e", "water_l"):
        assert one[measure] == other[measure]


@modest
@given(activity(), st.integers(0, len(FACTORS) - 1))
def test_deleting_a_factor_lowers_coverage_and_never_becomes_zero(rows, removed):
    """Rule 5: missing is not zero."""
    whole = account(rows)
    part = account(rows, factors=[f for n, f in enumerate(FACTORS) if n != removed])
    before, after = totals(whole), totals(part)
    for method in ("location", "market"):
        if before[f"{method}_coverage"] is not None:
            assert after[f"{method}_coverage"] <= before[f"{method}_coverage"] + 1e-12
    lost = whole.lines.join(
        part.lines.filter(pl.col("location_kg").is_null()), on="line_id", how="semi"
    ).filter(pl.col("location_kg").is_not_null())
    kept = part.lines.join(lost, on="line_id", how="semi")
    assert kept["location_kg"].null_count() == lost.height
    if FACTORS[removed]["method"] == "location" and lost.height == whole.lines.height:
        assert after["location_kg_co2e"] is None


@modest
@given(activity(), certificates, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(rows, instruments, random):
    """Rule 7: same evidence, same policy, same factors, same bytes."""
    shuffled, reordered = rows.copy(), instruments.copy()
    random.shuffle(shuffled)
    random.shuffle(reordered)
    one, other = account(rows, instruments=instruments), account(shuffled, instruments=reordered)
    assert one.lines.write_csv() == other.lines.write_csv()
    assert one.market.write_csv() == other.market.write_csv()
    assert one.factors_used.write_csv() == other.factors_used.write_csv()
    assert one.findings == other.findings


@modest
@given(activity(), st.sampled_from([0.25, 3.0, 1000.0]))
def test_k_times_the_use_is_k_times_the_result(rows, k):
    once = totals(account(rows))
    scaled = totals(account([{**row, "quantity": row["quantity"] * k} for row in rows]))
    for measure in SUMS:
        expected = None if once[measure] is None else once[measure] * k
        assert agree(scaled[measure], expected), measure
    for measure in ("location_coverage", "market_coverage", "tier"):
        assert agree(scaled[measure], once[measure]), measure


@modest
@given(activity(), activity())
def test_two_files_together_are_the_sum_of_each_alone(first, second):
    other = [{**row, "evidence_id": "f" * 64} for row in second]
    together = totals(account(first + other))
    alone = [totals(account(first)), totals(account(other))]
    for measure in SUMS:
        known = [one[measure] for one in alone if one[measure] is not None]
        expected = sum(known) if known else None
        assert agree(together[measure], expected), measure


@modest
@given(activity(), certificates)
def test_low_is_below_and_high_above(rows, instruments):
    measures = totals(account(rows, instruments=instruments))
    for method in ("location", "market"):
        kg = measures[f"{method}_kg_co2e"]
        low, high = measures[f"{method}_low_kg"], measures[f"{method}_high_kg"]
        assert (kg is None) == (low is None) == (high is None)
        if kg is not None:
            assert 0 <= low <= kg <= high
