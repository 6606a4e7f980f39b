"""Summing by dimensions, and cutting to a period and a boundary."""

import pytest
from accounting_rows import account, at, certificate, totals, use

from carbon.accounting.summary import select, summarise
from carbon.policy import Policy
from carbon.schema import MEASURES, FootprintLine, MarketLine


def month(number: int, **columns):
    """100 kWh at a facility meter in Germany, in a month of 2024."""
    defaults = {
        "row_number": number + 1,
        "zone": "DE",
        "quantity_kind": "energy_facility_kwh",
        "quantity": 100.0,
        "period_start": at(f"2024-{number:02}"),
        "period_end": at(f"2024-{number + 1:02}"),
    }
    return use(**{**defaults, **columns})


def test_groups_add_up_to_the_total():
    rows = [month(1), month(2, workload="v"), month(3, zone="FR", workload="v")]
    result = account(rows, instruments=[certificate("GO", 50.0)])
    whole = totals(result)
    for by in (["workload"], ["month", "zone"], ["scope_category"], ["country", "component"]):
        table = summarise(result, by, Policy())
        assert table.columns == [*by, *MEASURES]
        assert table.rows() == table.sort(by).rows()
        for measure in ("energy_facility_kwh", "location_kg_co2e", "market_kg_co2e"):
            assert table[measure].sum() == pytest.approx(whole[measure])


def test_by_workload_the_figures_are_those_of_the_hand():
    table = summarise(
        account([month(1), month(2, workload="v", zone="FR")]), ["workload"], Policy()
    )
    assert table.select("workload", "location_kg_co2e", "market_kg_co2e").rows() == [
        ("v", pytest.approx(5.0), pytest.approx(5.0)),
        ("w", pytest.approx(40.0), pytest.approx(60.0)),
    ]


def test_groups_without_a_name_stay_apart_and_come_last():
    table = summarise(account([month(1), month(2, model="A")]), ["model"], Policy())
    # The workload's model is known from its other row.
    assert table["model"].to_list() == ["A"]
    table = summarise(account([month(1), month(2, workload="v", model="A")]), ["model"], Policy())
    assert table["model"].to_list() == ["A", None]


def test_the_total_of_nothing_is_unknown():
    measures = totals(account([]))
    assert set(measures) == set(MEASURES)
    assert set(measures.values()) == {None}


def test_a_column_that_a_footprint_has_not_is_named():
    with pytest.raises(ValueError, match="summed by 'colour'; use some of workload"):
        summarise(account([]), ["colour"], Policy())


def test_select_cuts_lines_slices_factors_and_findings_to_the_period():
    result = account([month(n) for n in (1, 2, 3)], instruments=[certificate("GO", 50.0)])
    part = select(result, "2024-02", "2024-02")
    assert part.lines["month"].to_list() == ["2024-02"]
    assert set(part.market["line_id"]) == set(part.lines["line_id"])
    assert part.factors_used["month"].unique().to_list() == ["2024-02"]
    assert totals(part)["energy_facility_kwh"] == 100.0


def test_select_leaves_what_is_out_of_scope_unless_all_is_asked_for():
    overlay = [{"workload_id": "v", "in_scope": False, "boundary_reason": "sold"}]
    result = account([month(1), month(2, workload="v", zone="XX")], overlay=overlay)
    inside = select(result)
    assert inside.lines["workload"].to_list() == ["w"]
    assert "factor_missing" not in [finding.code for finding in inside.findings]
    assert select(result, scope="all").lines.height == 2
    with pytest.raises(ValueError, match="'in' or 'all'"):
        select(result, scope="some")


def test_lines_and_slices_keep_their_schemas():
    rows = [
        month(1, pue=1.25),
        use(row_number=9, provider="aws", region="us-west-1", quantity_kind="accelerator_hours",
            quantity=5.0, accelerator="H100"),
        use(row_number=10, zone="XX", quantity_kind="accelerator_hours", quantity=5.0),
    ]  # fmt: skip
    result = account(rows, instruments=[certificate("GO", 50.0)])
    assert FootprintLine.is_valid(result.lines)
    assert MarketLine.is_valid(result.market)
    assert result.lines["line_id"].is_unique().all()
    empty = account([])
    assert FootprintLine.is_valid(empty.lines)
    assert MarketLine.is_valid(empty.market)
