"""Scope category, equity share, and the place that the factor is looked up for."""

import pytest
from accounting_rows import account, codes, component, grid, policy, totals, use

COLOCATED = '[boundary]\ncolocated_sites = ["Hall 7"]'


def line_of(policy_text: str = "", **columns):
    row = use(quantity_kind="energy_it_kwh", quantity=100.0, pue=1.0, **columns)
    return component(account([row], policy=policy(policy_text)), "it")


@pytest.mark.parametrize(
    ("columns", "policy_text", "deployment", "category"),
    [
        # Trap 8: cloud energy is never the customer's Scope 2, even where a row names a site.
        ({"provider": "aws", "region": "us-west-1"}, "", "purchased", "scope_3_cat_1"),
        ({"provider": "aws", "site": "Lyon", "zone": "FR"}, "", "purchased", "scope_3_cat_1"),
        ({"site": "Lyon", "zone": "FR"}, "", "own", "scope_2"),
        ({"site": "Hall 7", "zone": "FR"}, COLOCATED, "colocated", "scope_2"),
        ({"zone": "FR"}, "", "own", "scope_2"),
        ({"zone": "FR"}, '[boundary]\ndefault_deployment = "purchased"', "purchased",
         "scope_3_cat_1"),
    ],
)  # fmt: skip
def test_deployment_decides_the_scope_category(columns, policy_text, deployment, category):
    line = line_of(policy_text, **columns)
    assert (line["deployment"], line["scope_category"]) == (deployment, category)


def test_equity_share_counts_own_sites_by_share_and_purchases_in_full():
    text = '[boundary]\nconsolidation_approach = "equity_share"\nequity_share = {Lyon = 0.4}'
    assert line_of(text, site="Lyon", zone="FR")["energy_it_kwh"] == pytest.approx(40.0)
    assert line_of(text, site="Metz", zone="FR")["energy_it_kwh"] == pytest.approx(100.0)
    assert line_of(text, site="Lyon", provider="aws", zone="FR")["energy_it_kwh"] == 100.0


def test_equity_shares_play_no_part_under_operational_control():
    text = "[boundary]\nequity_share = {Lyon = 0.4}"
    assert line_of(text, site="Lyon", zone="FR")["energy_it_kwh"] == 100.0


@pytest.mark.parametrize(
    ("columns", "zone", "country", "market"),
    [
        ({"provider": "aws", "region": "us-west-1"}, "CAMX", "US", "US"),
        ({"provider": "aws", "region": "us-west-1", "zone": "DE"}, "DE", "DE", "DE"),
        ({"country": "FR"}, "FR", "FR", "FR"),
        ({"zone": "CAMX", "country": "FR"}, "CAMX", "US", "US"),
        ({"zone": "FR-SUD"}, "FR-SUD", "FR", "FR"),
        ({"zone": "CAMPUS"}, "CAMPUS", None, "CAMPUS"),
    ],
)
def test_place_is_the_rows_zone_else_the_regions_else_the_country(columns, zone, country, market):
    line = line_of(**columns)
    assert (line["zone"], line["country"], line["market"]) == (zone, country, market)


def test_out_of_scope_work_is_counted_beside_and_not_inside():
    overlay = [{"workload_id": "w", "in_scope": False, "boundary_reason": "sold"}]
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0, pue=1.0)
    result = account([row], overlay=overlay)
    assert result.lines["in_scope"].to_list() == [False]
    assert totals(result)["location_kg_co2e"] == pytest.approx(40.0)


def test_the_analysts_word_outranks_the_rows_and_the_rows_that_of_other_rows():
    rows = [
        use(zone="DE", quantity_kind="energy_it_kwh", quantity=1.0, pue=1.0, model="A",
            business_unit="Imaging"),
        use(row_number=3, zone="DE", quantity_kind="energy_it_kwh", quantity=1.0, pue=1.0),
    ]  # fmt: skip
    result = account(rows, overlay=[{"workload_id": "w", "model": "B"}])
    assert result.lines["model"].to_list() == ["B", "B"]
    assert result.lines["business_unit"].to_list() == ["Imaging", "Imaging"]


def test_work_that_nobody_claims_is_unassigned():
    result = account([use(workload=None, zone="DE", quantity_kind="energy_it_kwh", quantity=1.0)])
    assert set(result.lines["workload"]) == {"(unassigned)"}


def test_a_life_cycle_factor_in_scope_2_is_a_finding():
    # Trap 9: it holds upstream emissions that belong to category 3.
    factors = [grid("DE", 0.5, basis="lifecycle")]
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=1.0, pue=1.1)
    assert "lifecycle_in_scope_2" in codes(account([row], factors=factors))
    cloud = {**row, "provider": "aws"}
    assert "lifecycle_in_scope_2" not in codes(account([cloud], factors=factors))


def test_factors_in_another_gwp_set_are_a_finding():
    # Trap 24: a figure that is published in AR4 without its gases is kept, and said to be so.
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=1.0, pue=1.1)
    assert "other_gwp_set" in codes(account([row], factors=[grid("DE", 0.5, gwp_set="AR4")]))
    assert "other_gwp_set" not in codes(account([row], factors=[grid("DE", 0.5, gwp_set="AR5")]))


def test_factors_two_years_behind_are_a_finding_and_one_year_is_not():
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=1.0, pue=1.1)
    assert "lagging_factors" in codes(account([row], factors=[grid("DE", 0.5, 2022)]))
    assert "lagging_factors" not in codes(account([row], factors=[grid("DE", 0.5, 2023)]))


def test_a_default_pue_on_much_of_the_energy_is_a_finding():
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=1.0)
    assert "default_pue" in codes(account([row]))
    assert "default_pue" not in codes(account([{**row, "pue": 1.3}]))


def test_energy_without_a_factor_is_a_gap_and_never_zero():
    rows = [
        use(zone="DE", quantity_kind="energy_it_kwh", quantity=75.0, pue=1.0),
        use(row_number=3, zone="XX", quantity_kind="energy_it_kwh", quantity=25.0, pue=1.0),
    ]
    result = account(rows)
    measures = totals(result)
    assert measures["location_coverage"] == pytest.approx(0.75)
    assert measures["location_kg_co2e"] == pytest.approx(75 * 0.4)
    missing = next(f for f in result.findings if f.code == "factor_missing")
    assert (missing.severity, missing.kwh) == ("block", pytest.approx(25.0))
    alone = totals(account(rows[1:]))
    assert alone["location_kg_co2e"] is None
    assert alone["location_coverage"] == 0.0


def test_a_factor_of_zero_is_a_factor():
    measures = totals(
        account(
            [use(zone="DE", quantity_kind="energy_it_kwh", quantity=10.0)], factors=[grid("DE", 0)]
        )
    )
    assert measures["location_kg_co2e"] == 0.0
    assert measures["location_coverage"] == 1.0
    assert measures["location_high_kg"] == 0.0


def test_the_rows_own_location_factor_is_used_as_given():
    line = line_of(zone="DE", location_factor_kg_per_kwh=0.3, factor_source="Grid operator 2024")
    assert line["location_kg"] == pytest.approx(30.0)
    assert line["location_factor_id"] == "row:eeeeeeeeeeee:2"
    assert line["location_basis"] == "row"
    assert "Grid operator 2024" in line["location_why"]


@pytest.mark.parametrize(("factor", "flagged"), [(0.13, True), (0.14, False), (1.3, True)])
def test_a_rows_factor_three_times_off_the_zones_own_is_flagged_and_kept(factor, flagged):
    # DE is 0.4 kg/kWh: below 0.133 or above 1.2 is flagged.
    line = line_of(zone="DE", location_factor_kg_per_kwh=factor)
    assert (line["flags"] is not None) == flagged
    assert line["location_kg"] == pytest.approx(100 * factor)
