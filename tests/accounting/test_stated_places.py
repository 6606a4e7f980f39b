"""Where hosts, sites and accounts stand whose source does not say."""

import pytest
from accounting_rows import account, codes, policy, totals, use

PLACES = """[boundary.places]
"dgx-*" = "FR"
"Lyon" = "CAMX"
"0123*" = "aws:us-west-1"
"*" = "DE"
"""


def metered(**columns):
    return use(quantity_kind="energy_it_kwh", quantity=100.0, pue=1.0, **columns)


@pytest.mark.parametrize(
    ("columns", "zone"),
    [
        ({"host": "DGX-07"}, "FR"),
        ({"host": "dgx-07", "site": "Lyon"}, "FR"),
        ({"host": "rack-1", "site": "lyon"}, "CAMX"),
        ({"account": "012345678901"}, "CAMX"),
        ({"host": "elsewhere"}, "DE"),
        ({"host": "dgx-07", "country": "DE"}, "DE"),
        ({"host": "dgx-07", "zone": "CAMX"}, "CAMX"),
        ({"host": "dgx-07", "provider": "aws", "region": "us-west-1"}, "CAMX"),
    ],
    ids=["host", "first that fits", "site", "account", "any", "own country", "own zone", "region"],
)
def test_the_first_entry_that_fits_holds_where_the_row_says_nothing(columns, zone):
    result = account([metered(**columns)], policy=policy(PLACES))
    assert result.lines["zone"].unique().to_list() == [zone]
    assert "no_place" not in codes(result)


def test_a_region_brings_its_pue_to_rows_of_its_provider_only():
    # aws' region has a PUE of 1.2 in 2024; anybody else's hardware takes the default of 1.56.
    rows = {
        "provider's": use(quantity_kind="energy_it_kwh", quantity=100.0, account="0123",
                          provider="aws"),
        "own": use(quantity_kind="energy_it_kwh", quantity=100.0, account="0123"),
    }  # fmt: skip
    kwh = {
        name: totals(account([row], policy=policy(PLACES)))["energy_facility_kwh"]
        for name, row in rows.items()
    }
    assert kwh == {"provider's": pytest.approx(120.0), "own": pytest.approx(156.0)}
    own = account([rows["own"]], policy=policy(PLACES)).lines
    assert own["region"].null_count() == own.height
    assert own["deployment"].unique().to_list() == ["own"]


def test_an_entry_may_be_a_zone_of_the_users_own_factors_and_any_case():
    for entry, zone in (("IT-NORD", "IT-NORD"), ("camx", "CAMX"), ("AWS:US-West-1", "CAMX")):
        result = account([metered(host="a")], policy=policy(f'[boundary.places]\na = "{entry}"'))
        assert result.lines["zone"].to_list() == [zone]


def test_energy_without_a_place_is_told_with_the_names_that_would_help():
    rows = [metered(host="dgx-07"), metered(row_number=3, zone="DE")]
    result = account(rows)
    (finding,) = [f for f in result.findings if f.code == "no_place"]
    assert finding.kwh == pytest.approx(100.0)
    assert finding.title.startswith("50.0%")
    assert "boundary.places" in finding.detail
    assert "dgx-07 stands" in finding.detail
    assert result.unplaced.select("kind", "name").rows() == [("host", "dgx-07")]
    # Of a row without them its workload may be placed.
    (bare,) = [f for f in account([metered()]).findings if f.code == "no_place"]
    assert "where w stands" in bare.detail
    # Nothing to state a place for: it needs a workload first.
    (nobodys,) = [f for f in account([metered(workload=None)]).findings if f.code == "no_place"]
    assert "AI inventory, Rules" in nobodys.detail
    assert nobodys.severity == "block"


def test_a_workload_may_be_placed_where_its_files_name_nothing_else():
    placed = account([metered()], policy=policy('[boundary.places]\n"w*" = "FR"'))
    # 100 kWh x 0.05 kg/kWh (France)
    assert totals(placed)["location_kg_co2e"] == pytest.approx(100 * 0.05)


def test_what_the_analyst_states_of_a_workload_stands_in_where_its_rows_name_no_place():
    stated = [{"workload_id": "w", "provider": "aws", "region": "us-west-1"}]
    rows = [metered(), metered(row_number=3, zone="DE")]
    result = account(rows, overlay=stated)
    lines = result.lines.select("scope_category", "zone").unique().sort("zone")
    assert lines.rows() == [("scope_3_cat_1", "CAMX"), ("scope_2", "DE")]
    # 100 kWh x 0.2 (us-west-1) + 100 kWh x 0.4 (Germany)
    assert totals(result)["location_kg_co2e"] == pytest.approx(100 * 0.2 + 100 * 0.4)
