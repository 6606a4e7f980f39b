"""What the policy leaves out of the boundary is in no figure, and is listed with its energy."""

import polars as pl
import pytest
from accounting_rows import account, codes, policy, totals, use

LAPTOPS = policy(
    '[[boundary.left_out]]\ncolumn = "host"\npattern = "laptop-*"\nreason = "laptops"\n'
    'evidence = "memo 3"\n'
    '[[boundary.left_out]]\ncolumn = "tag:cost_type"\npattern = "r&d*"\nreason = "no AI"\n'
    '[[boundary.left_out]]\ncolumn = "file"\npattern = "crac*"\nreason = "the hall\'s other load"\n'
)


def it(kwh, row, **columns):
    return use(
        row_number=row, quantity_kind="energy_it_kwh", quantity=kwh, country="DE", pue=1.0,
        **columns,
    )  # fmt: skip


def test_declared_rows_are_listed_with_their_reason():
    result = account(
        [
            it(100.0, 2),
            it(7.0, 3, host="Laptop-12"),
            it(5.0, 4, tags='{"Cost Type": "R&D basic", "x": 1}'),
        ],
        policy=LAPTOPS,
    )
    assert totals(result)["energy_facility_kwh"] == 100.0
    shown = result.left_out.select("row_number", "reason", "why", "kwh").sort("row_number").rows()
    assert shown == [
        (3, "declared", "host laptop-*: laptops (memo 3)", 7.0),
        (4, "declared", "tag:cost_type r&d*: no AI", 5.0),
    ]
    found = next(f for f in result.findings if f.code == "boundary_left_out")
    assert found.kwh == 12.0  # 7 + 5


def test_a_declared_row_supersedes_nothing():
    """A hall's other load is a facility meter; it must not take the place of the AI's own."""
    machine = {"host": "node-1", "site": "hall", "resource": "gpu-0"}
    result = account(
        [
            it(100.0, 2, component="accelerator", tier="T3", boundary="board", **machine),
            use(row_number=3, evidence_id="f" * 64, format="crac", country="DE",
                quantity_kind="energy_facility_kwh", quantity=900.0, tier="T1",
                boundary="facility", tags='{"cost_type": "r&d"}', **machine),
        ],
        policy=LAPTOPS,
    )  # fmt: skip
    assert result.superseded.is_empty()
    assert totals(result)["energy_facility_kwh"] == 100.0


@pytest.mark.parametrize(
    ("out", "kept", "left"),
    [
        # 10 h x 700 W = 7 kWh, host 10 h x 150 W = 1.5 kWh, PUE 1.2: overhead 1.7 kWh; 10.2 in all.
        ([], 10.2, {}),
        # Without the host its overhead goes too: 7 x 1.2.
        (["host"], 8.4, {"host": 1.5}),
        (["accelerator"], 1.8, {"accelerator": 7.0}),
        # IT energy alone; the overhead is 8.5 x 0.2.
        (["overhead"], 8.5, {"overhead": 1.7}),
        (["accelerator", "host"], None, {"accelerator": 7.0, "host": 1.5}),
    ],
)
def test_parts_of_the_equipment(out, kept, left):
    chosen = policy(f"[boundary]\ncomponents_out = {out}")
    rows = [
        use(quantity_kind="accelerator_hours", quantity=10.0, country="DE", accelerator="H100",
            pue=1.2)
    ]  # fmt: skip
    result = account(rows, policy=chosen)
    total = totals(result)["energy_facility_kwh"]
    assert total == (None if kept is None else pytest.approx(kept, rel=1e-12))
    assert dict(result.left_out.select("why", "kwh").rows()) == pytest.approx(left, rel=1e-12)
    assert ("boundary_component_out" in codes(result)) is bool(out)


def test_a_metered_part_and_energy_metered_as_a_whole():
    chosen = policy('[boundary]\ncomponents_out = ["cpu"]')
    result = account(
        [it(4.0, 2, component="cpu"), it(6.0, 2, component="accelerator"), it(9.0, 3)],
        policy=chosen,
    )
    # The processors' 4 kWh go; the 9 kWh of a whole machine hold theirs and stay.
    assert totals(result)["energy_facility_kwh"] == 15.0
    assert result.left_out["kwh"].to_list() == [4.0]


def test_a_decision_moves_a_workload_out():
    chosen = policy(
        '[[boundary.decisions]]\nof = "project"\nname = "labs"\nside = "out"\nreason = "no AI"\n'
    )
    result = account([it(1.0, 2, workload="a", project="labs"), it(2.0, 3)], policy=chosen)
    inside = dict(result.lines.select("workload", "in_scope").unique().rows())
    assert inside == {"a": False, "w": True}
    assert result.lines.filter(pl.col("in_scope"))["energy_facility_kwh"].sum() == 2.0
