"""What is booked of hardware in its year, what models are charged, and the line between them."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from accounting_rows import EVIDENCE, LIBRARY, SOURCED, account, frame, policy, totals, use

from carbon.accounting.hardware import due, hardware, priced, years
from carbon.policy import Policy
from carbon.schema import Asset, Embodied

LIBRARY = replace(
    LIBRARY,
    embodied=frame(
        Embodied,
        [
            {**SOURCED, "item": "NVIDIA H100", "kind": "accelerator", "low_kg": 100.0,
             "central_kg": 164.0, "high_kg": 300.0, "boundary": "card"},
            {**SOURCED, "item": "server", "kind": "server", "low_kg": 1000.0,
             "central_kg": 1300.0, "high_kg": 2500.0, "boundary": "server"},
        ],
    ),
)  # fmt: skip
POLICY = policy("[embodied]\ninclude_server = false\nserver_lifetime_years = 5")
FOUR_YEARS = 4 * 365.25


def asset(name="A", **columns):
    return {
        "evidence_id": EVIDENCE,
        "row_number": 2,
        "format": "hardware-template",
        "key": name,
        "asset_id": name,
        "item": "H100",
        "kind": "accelerator",
        "count": 8.0,
        "purchased_on": date(2024, 1, 1),
        **columns,
    }


OLDER = asset("B", count=16.0, purchased_on=date(2023, 7, 1))


def view(*assets, lines=None, year=2024):
    rows = account([hours()], library=LIBRARY, policy=POLICY).lines if lines is None else lines
    return hardware(frame(Asset, assets), rows, LIBRARY, POLICY, year)


def hours(quantity=1000.0, **columns):
    return use(zone="DE", site="Lyon", quantity_kind="accelerator_hours", quantity=quantity,
               accelerator="H100", **columns)  # fmt: skip


def steps(found):
    return dict(found.reconciliation.select("step", "kg").iter_rows())


def test_a_purchase_is_booked_whole_in_its_year():
    # 8 x 164 kg in 2024, 16 x 164 kg in 2023: no depreciation.
    by_year = view(asset(), OLDER).by_year
    assert dict(by_year.select("year", "central_kg").iter_rows()) == {
        2023: pytest.approx(16 * 164), 2024: pytest.approx(8 * 164),
    }  # fmt: skip
    assert by_year.filter(year=2024).select("low_kg", "high_kg").row(0) == (800.0, 2400.0)
    assert by_year["pieces"].to_list() == [16, 8]


def test_a_documents_own_figure_comes_before_the_library():
    own = asset(item="Example server", kind="server", count=2.0, kg_co2e_each=1650.0,
                low_kg_each=900.0, document="pcf.pdf")  # fmt: skip
    known = priced(frame(Asset, [own]), LIBRARY, POLICY).row(0, named=True)
    assert (known["central_kg"], known["low_kg"], known["high_kg"]) == (3300.0, 1800.0, None)
    assert (known["source"], known["life_years"]) == ("pcf.pdf", 5.0)


def test_what_nobody_knows_is_unknown_and_named():
    found = view(asset(item="Wafer engine"))
    assert found.assets["central_kg"].to_list() == [None]
    assert found.by_year.select("central_kg", "without_figure").row(0) == (None, 1)


def test_booked_and_charged_reconcile_line_by_line():
    # Bought in 2024: 8 x 164 = 1,312 kg, of which 2024 (366 days) bears 366 / 1,461.
    # Bought on 1 July 2023: 16 x 164 = 2,624 kg, of which 2024 bears 366 / 1,461 as well.
    # Charged: 1,000 h x 164 / 35,040 h.
    found = steps(view(asset(), OLDER))
    share, charged = 366 / FOUR_YEARS, 1000 * 164 / 35040
    assert found["booked"] == pytest.approx(1312.0)
    assert found["later"] == pytest.approx(-1312 * (1 - share))
    assert found["earlier"] == pytest.approx(2624 * share)
    assert found["due"] == pytest.approx((1312 + 2624) * share)
    assert found["charged"] == pytest.approx(charged)
    assert found["difference"] == pytest.approx(charged - (1312 + 2624) * share)


def test_the_steps_lead_from_what_was_booked_to_what_was_charged():
    found = steps(view(asset(), OLDER, asset("C", purchased_on=date(2024, 11, 3))))
    assert sum(found[s] for s in ("booked", "later", "earlier")) == pytest.approx(found["due"])
    assert found["due"] + found["difference"] == pytest.approx(found["charged"])


@pytest.mark.parametrize("retired", [None, date(2026, 2, 1), date(2024, 3, 1)])
def test_the_years_of_a_life_bear_the_whole_of_a_piece(retired):
    known = priced(frame(Asset, [asset(retired_on=retired)]), LIBRARY, POLICY)
    borne = [due(known, year).item() for year in range(2020, 2032)]
    assert sum(borne) == pytest.approx(1312.0)
    assert all(kg >= 0 for kg in borne)


def test_what_leaves_service_early_is_borne_in_that_year():
    # Bought 1 January 2024, retired 1 July 2025: 2025 bears all but the 366 days of 2024.
    known = priced(frame(Asset, [asset(retired_on=date(2025, 7, 1))]), LIBRARY, POLICY)
    assert due(known, 2025).item() == pytest.approx(1312 * (1 - 366 / FOUR_YEARS))
    assert due(known, 2026).item() == 0


def test_purchased_compute_is_not_charged_from_own_hardware():
    cloud = use(provider="aws", region="us-west-1", quantity_kind="accelerator_hours",
                quantity=500.0, accelerator="H100", row_number=3)  # fmt: skip
    lines = account([hours(), cloud], library=LIBRARY, policy=POLICY).lines
    found = view(asset(), lines=lines)
    assert found.charged["central_kg"].to_list() == [pytest.approx(1000 * 164 / 35040)]
    assert found.charged["low_kg"].to_list() == [pytest.approx(1000 * 100 / 35040)]


def test_purchases_change_no_figure_of_the_footprint():
    # Trap 12: the amortised figure is never added to what category 2 books in full.
    result = account([hours()], library=LIBRARY, policy=POLICY)
    found = view(asset(), OLDER, lines=result.lines)
    both = found.by_year.filter(year=2024).row(0, named=True)
    assert both["central_kg"] == pytest.approx(1312.0)
    assert both["charged_kg"] == pytest.approx(totals(result, POLICY)["embodied_kg_co2e"])
    summed = both["central_kg"] + both["charged_kg"]
    stated = [*steps(found).values(), *found.by_year.select(pl.selectors.float()).row(1)]
    assert not [kg for kg in stated if kg is not None and kg == pytest.approx(summed)]


def test_longer_lives_lower_what_a_year_bears():
    # 3, 4, 5 and 6 years: 1,312 kg x 366 days / (years x 365.25); 4.68 kg of hours x 4 / years.
    found = view(asset())
    for years_, due_kg, charged_kg in found.lifetimes.iter_rows():
        assert due_kg == pytest.approx(1312 * 366 / (years_ * 365.25))
        assert charged_kg == pytest.approx(1000 * 164 / (years_ * 8760))
    assert found.lifetimes["years"].to_list() == [3, 4, 5, 6]


def test_years_are_those_of_purchases_and_of_charges():
    lines = account([hours()], library=LIBRARY, policy=POLICY).lines
    assert years(frame(Asset, [OLDER]), lines) == [2023, 2024]
    assert years(frame(Asset, []), lines.clear()) == []


def test_a_year_without_own_hardware_charges_nothing_known():
    lines = account([], library=LIBRARY, policy=Policy()).lines
    found = steps(view(asset(), lines=lines))
    assert (found["charged"], found["difference"]) == (None, None)
    assert found["booked"] == pytest.approx(1312.0)
