"""What holds for any sources of any machines."""

import polars as pl
import pytest
from accounting_rows import account, at, policy, use
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.accounting.covered import covered

modest = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

VIEWS = {
    "aws-cur": {"quantity_kind": "instance_hours", "instance_type": "p5.48xlarge"},
    "redfish": {"quantity_kind": "energy_it_kwh", "boundary": "node", "tier": "T2",
                "component": "it"},
    "codecarbon": {"quantity_kind": "energy_it_kwh", "boundary": "node", "tier": "T3",
                   "component": "it"},
    "prometheus-json": {"quantity_kind": "energy_it_kwh", "boundary": "board", "tier": "T3",
                        "component": "accelerator", "accelerator": "H100",
                        "accelerator_count": 8.0},
    "openmetrics": {"quantity_kind": "energy_it_kwh", "boundary": "board", "tier": "T3",
                    "component": "accelerator"},
}  # fmt: skip
PREFER = st.sampled_from(["tier", "widest", "narrowest"])


def view(form, machine, number, days, quantity):
    """A row of one of the formats, of a machine, from one day of January to another."""
    whole = VIEWS[form].get("boundary") != "board"
    first, last = days
    return use(
        **{
            "evidence_id": form[0] * 64,
            "row_number": 2 + number,
            "format": form,
            "provider": "aws",
            "region": "us-west-1",
            "resource": machine if whole else f"{machine}-gpu-{number}",
            "host": machine,
            "period_start": at(f"2024-01-{first:02}"),
            "period_end": at(f"2024-01-{last:02}"),
            "quantity": quantity,
            **VIEWS[form],
        }
    )


@st.composite
def views(draw, machines=("i-1", "i-2"), forms=tuple(VIEWS)):
    """Up to twelve rows of several formats on up to two machines."""
    rows = []
    for number in range(draw(st.integers(1, 12))):
        form = draw(st.sampled_from(forms))
        first = draw(st.integers(1, 29))
        coverage = draw(st.sampled_from([None, 0.0, 0.25, 1.0])) if form[0] in "po" else None
        days = (first, draw(st.integers(first + 1, 30)))
        quantity = draw(st.integers(1, 744)) * 1.0
        row = view(form, draw(st.sampled_from(machines)), number, days, quantity)
        rows.append({**row, "coverage": coverage})
    return rows


def facility_kwh(rows, prefer="tier"):
    result = account(rows, policy=policy(f'[overlap]\nprefer = "{prefer}"'))
    return result.lines["energy_facility_kwh"].sum()


@modest
@given(views(), PREFER)
def test_shares_are_shares_and_energy_counts_once_or_is_told(rows, prefer):
    chosen = policy(f'[overlap]\nprefer = "{prefer}"')
    result = account(rows, policy=chosen)
    found = result.superseded
    assert found.select(pl.col("counted_share").is_between(0, 1, closed="left").all()).item()
    assert found.select((pl.col("kwh_not_counted") >= 0).all()).item()
    # What counts and what does not is what all of them state.
    apart = account([{**row, "resource": None, "host": None} for row in rows], policy=chosen)
    stated = apart.lines["energy_it_kwh"].sum()
    counted = result.lines["energy_it_kwh"].sum() + found["kwh_not_counted"].sum()
    assert counted == pytest.approx(stated, rel=1e-9)


@modest
@given(views(), PREFER)
def test_something_counts_of_every_machine(rows, prefer):
    """Not everything is superseded: of what overlaps one counts in full."""
    result = account(rows, policy=policy(f'[overlap]\nprefer = "{prefer}"'))
    whole = {(row["evidence_id"], row["row_number"]) for row in rows}
    touched = {(row["evidence_id"], row["row_number"]) for row in result.superseded.to_dicts()}
    by = {
        (row["superseded_by_evidence_id"], row["superseded_by_row_number"])
        for row in result.superseded.to_dicts()
    }
    assert by <= whole
    assert whole - touched


@modest
@given(views(), PREFER, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(rows, prefer, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    chosen = policy(f'[overlap]\nprefer = "{prefer}"')
    one, other = account(rows, policy=chosen), account(shuffled, policy=chosen)
    assert one.lines.write_csv() == other.lines.write_csv()
    assert one.superseded.write_csv() == other.superseded.write_csv()
    assert one.findings == other.findings


@modest
@given(st.lists(st.integers(1, 9000), min_size=2, max_size=4), PREFER)
def test_of_several_whole_views_of_one_machine_one_counts(quantities, prefer):
    """Adding a source never raises the energy above the largest that any of them states."""
    forms = ("aws-cur", "redfish", "codecarbon", "sacct")
    rows = [
        {
            **view(form if form in VIEWS else "redfish", "i-1", number, (1, 30), float(quantity)),
            "format": form,
            "evidence_id": str(number) * 64,
        }
        for number, (form, quantity) in enumerate(zip(forms, quantities, strict=False))
    ]
    alone = [facility_kwh([row], prefer) for row in rows]
    together = facility_kwh(rows, prefer)
    assert any(together == pytest.approx(one, rel=1e-12) for one in alone)


@modest
@given(views(forms=("aws-cur",)))
def test_one_format_alone_is_never_superseded(rows):
    result = account(rows)
    assert result.superseded.is_empty()
    assert result.lines["energy_it_kwh"].sum() == pytest.approx(
        sum(row["quantity"] * 8 * (700 + 150) / 1000 for row in rows)
    )


SIXTHS = 6
spans = st.lists(
    st.fixed_dictionaries(
        {
            "group": st.integers(0, 1),
            "start": st.integers(0, 40),
            "length": st.integers(0, 40),
            "rank": st.integers(0, 3),
            "name": st.sampled_from(["one", "two"]),
            "view": st.integers(0, 1),
            "device": st.sampled_from(["a", "b"]),
        }
    ),
    max_size=14,
)
portions = st.fixed_dictionaries({name: st.integers(1, SIXTHS) for name in ("one", "two")})
weights = st.fixed_dictionaries({view: st.integers(1, SIXTHS) for view in (0, 1)})


def seen_at(moment, there, portion, weight):
    """Sixths of a group that are seen at a moment, by the words of the module."""
    total = 0
    for name, most in portion.items():
        views = []
        for view, of_device in weight.items():
            devices = {
                span["device"]
                for span in there
                if (span["name"], span["view"]) == (name, view)
                and span["start"] <= moment < span["start"] + span["length"]
            }
            views.append(len(devices) * of_device)
        total += min(most, max(views))
    return min(SIXTHS, total)


@settings(max_examples=100, deadline=None)
@given(spans, spans, portions, weights)
def test_covered_time_is_counted_moment_by_moment(wanted, others, portion, weight):
    """Against the plainest way to say it: every moment looked at by itself."""
    asked = pl.DataFrame(
        [(span["group"], span["start"], span["start"] + span["length"] + 1) for span in wanted],
        schema={"group": pl.UInt32, "start": pl.Int64, "end": pl.Int64},
        orient="row",
    )
    given_spans = pl.DataFrame(
        [
            {
                **span,
                "end": span["start"] + span["length"],
                "weight": weight[span["view"]] / SIXTHS,
                "most": portion[span["name"]] / SIXTHS,
                "by": number,
            }
            for number, span in enumerate(others)
        ],
        schema={
            **dict.fromkeys(("group", "rank", "by"), pl.UInt32),
            **dict.fromkeys(("start", "end", "view"), pl.Int64),
            **dict.fromkeys(("name", "device"), pl.String),
            **dict.fromkeys(("weight", "most"), pl.Float64),
        },
    )
    for row in covered(asked, given_spans).to_dicts():
        there = [span for span in others if span["group"] == row["group"]]
        sixths = [
            seen_at(moment, there, portion, weight) for moment in range(row["start"], row["end"])
        ]
        assert row["covered"] == pytest.approx(sum(sixths) / SIXTHS, abs=1e-9)
        if any(sixths):
            latest = max(row["start"] + n for n, seen in enumerate(sixths) if seen)
            span = others[row["by"]]
            assert span["group"] == row["group"]
            assert span["start"] <= latest < span["start"] + span["length"]
        else:
            assert row["by"] is None
