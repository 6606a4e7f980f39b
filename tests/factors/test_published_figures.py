"""Shipped figures against what the publishers printed, and the wrong copies that circulate."""

from datetime import UTC, datetime

import polars as pl
import pytest

from carbon.factors.library import load

LB = 0.45359237  # kg per lb, exact


def one(zone: str, year: int, publisher: str, method: str = "location") -> dict:
    rows = load().factors.filter(
        pl.col("zone") == zone,
        pl.col("valid_from") == datetime(year, 1, 1, tzinfo=UTC),
        pl.col("publisher").str.starts_with(publisher),
        pl.col("method") == method,
    )
    assert rows.height == 1, f"{zone} {year} {publisher} {method}: {rows.height} rows"
    return rows.row(0, named=True)


def test_camx_2023_is_429_983_lb_per_mwh():
    """EPA eGRID2023 rev2, SRL23: 429.983 lb/MWh x 0.45359237 kg/lb / 1000 = 0.195037 kg/kWh."""
    row = one("CAMX", 2023, "U.S. EPA")
    assert row["kg_co2e_per_kwh"] == pytest.approx(429.983 * LB / 1000, rel=1e-15)
    assert row["kg_co2e_per_kwh"] == pytest.approx(0.195037, abs=5e-7)
    assert row["gwp_set"] == "AR5"
    assert row["valid_to"] == datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "lb_per_mwh"),
    [("US", 770.884), ("AKGD", 905.109), ("AKMS", 522.400)],
)
def test_egrid2023_co2e_as_epa_prints_it(zone, lb_per_mwh):
    assert one(zone, 2023, "U.S. EPA")["kg_co2e_per_kwh"] == pytest.approx(
        lb_per_mwh * LB / 1000, rel=1e-12
    )


def test_egrid2023_gases_reproduce_its_co2e():
    """CO2 + 28 CH4 + 265 N2O, within rounding of the gases: 0.0005 x (1 + 28 + 265) lb/MWh."""
    rows = load().factors.filter(
        pl.col("release").str.starts_with("eGRID2023"), pl.col("ch4_kg_per_kwh").is_not_null()
    )
    assert rows.height == 28  # 27 subregions and the nation
    computed = rows["co2_kg_per_kwh"] + 28 * rows["ch4_kg_per_kwh"] + 265 * rows["n2o_kg_per_kwh"]
    rounding = 0.0005 * (1 + 28 + 265) * LB / 1000
    assert ((computed - rows["kg_co2e_per_kwh"]).abs() <= rounding).all()


def test_egrid2021_and_2020_co2_rates_of_camx():
    """EPA GHG Emission Factors Hub, 2023 (eGRID2021): 531.7; 2022 (eGRID2020): 513.5 lb/MWh."""
    assert one("CAMX", 2021, "U.S. EPA")["co2_kg_per_kwh"] == pytest.approx(531.7 * LB / 1000)
    assert one("CAMX", 2020, "U.S. EPA")["co2_kg_per_kwh"] == pytest.approx(513.5 * LB / 1000)


def test_alaska_grid_is_not_the_figure_of_unreliable_copies():
    """EPA: 0.4106 kg/kWh. Copies give 0.553, and 436 to 464.5 kg/MWh as "eGRID2022"."""
    assert one("AKGD", 2023, "U.S. EPA")["kg_co2e_per_kwh"] == pytest.approx(0.4106, abs=5e-5)
    assert load().factors.filter(zone="AKGD", vintage="2022").is_empty()


def test_camx_is_not_0_254_nor_a_cambium_projection():
    """Copies give 0.254 kg/kWh for 2023, and 211.4 kg/MWh CO2 for 2020 where eGRID has 233."""
    assert one("CAMX", 2023, "U.S. EPA")["kg_co2e_per_kwh"] < 0.2
    assert one("CAMX", 2020, "U.S. EPA")["co2_kg_per_kwh"] == pytest.approx(0.233, abs=5e-4)


def test_older_rates_are_not_grossed_up_for_losses():
    """EPA's Power Profiler of eGRID2018: CAMX 496.5 lb/MWh of CO2; a copy is 1.05 times that."""
    rate = one("CAMX", 2018, "U.S. EPA")["kg_co2e_per_kwh"] / LB * 1000
    assert rate == pytest.approx(498.6, abs=1.0)


def test_us_east_1_is_not_the_old_nerc_figure():
    """Old calculators use 0.000415755 t/kWh for us-east-1; SRVC 2023 is 0.000270489."""
    zone = load().regions.filter(region="us-east-1")["zone"].item()
    assert one(zone, 2023, "U.S. EPA")["kg_co2e_per_kwh"] == pytest.approx(0.270489, abs=5e-7)


def test_no_loss_is_made_up_for_puerto_rico():
    loss = {row[0]: row[1] for row in load().grid_loss.select("area", "loss_fraction").iter_rows()}
    assert loss["PRMS"] is None and loss["Puerto Rico"] is None
    assert loss["Eastern"] == 0.042 and loss["Hawaii"] == 0.044
    assert loss["CAMX"] == loss["Western"] == 0.041


def test_new_york_city_2022_is_not_shipped():
    """A table that calls itself eGRID2022 gives 733 lb/MWh, far from its neighbours."""
    assert load().factors.filter(zone="NYCW", vintage="2022").is_empty()


@pytest.mark.parametrize(
    ("year", "kg"), [(2020, 0.23314), (2023, 0.207074), (2024, 0.20705), (2025, 0.177)]
)
def test_uk_generation_factor(year, kg):
    """UK Government GHG Conversion Factors for Company Reporting, electricity generated."""
    assert one("GB", year, "UK DESNZ")["kg_co2e_per_kwh"] == pytest.approx(kg, abs=5e-7)


def test_uk_losses_and_upstream_are_kept_apart():
    assert one("GB", 2025, "UK DESNZ", "td_loss")["kg_co2e_per_kwh"] == 0.01853
    upstream = one("GB", 2025, "UK DESNZ", "upstream")
    assert upstream["kg_co2e_per_kwh"] == 0.0459
    assert upstream["basis"] == "lifecycle"


def test_india_is_the_average_with_renewables():
    """CEA database v20: 0.727 for FY 2023-24, which begins in April; 0.82 and 0.736 are others."""
    rows = load().factors.filter(zone="IN", basis="direct")
    assert sorted(rows["kg_co2e_per_kwh"]) == [0.71, 0.727]
    assert rows["valid_from"].dt.month().unique().to_list() == [4]
    assert rows["gases"].unique().to_list() == ["CO2"]


def test_estonia_2023_is_not_the_suspect_690():
    rows = load().factors.filter(zone="EE", basis="direct")
    assert rows["vintage"].to_list() == ["2024"]
    assert rows["kg_co2e_per_kwh"].to_list() == [0.384]


def test_greece_has_its_iso_code():
    assert one("GR", 2024, "European")["kg_co2e_per_kwh"] == 0.304
    assert "EL" not in set(load().factors["zone"])


def test_australia_2025():
    """NGA Factors 2025, Table 1: NSW and ACT 0.64, Victoria 0.78; residual mix factor 0.81."""
    assert one("AU-NSW", 2025, "Australian")["kg_co2e_per_kwh"] == 0.64
    assert one("AU-ACT", 2025, "Australian")["kg_co2e_per_kwh"] == 0.64
    assert one("AU-VIC", 2025, "Australian")["kg_co2e_per_kwh"] == 0.78
    assert one("AU", 2025, "Australian", "residual")["kg_co2e_per_kwh"] == 0.81


def test_countries_are_life_cycle_and_never_zero():
    rows = load().factors.filter(pl.col("publisher").str.starts_with("Ember"))
    assert rows["basis"].unique().to_list() == ["lifecycle"]
    assert rows["kg_co2e_per_kwh"].min() > 0.01
    assert rows["zone"].n_unique() > 190


def test_no_factor_is_above_what_the_worst_coal_gives():
    """Old lignite plants emit 1.2 to 1.4 kg/kWh; a grid cannot be worse than its worst plants."""
    assert load().factors["kg_co2e_per_kwh"].max() < 1.4


def test_warming_potentials():
    """IPCC, 100 years: SAR 21/310, AR4 25/298, AR5 28/265, AR6 27.9/273."""
    found = {(s, g): v for s, g, v in load().gwp.select("gwp_set", "gas", "gwp").iter_rows()}
    expected = {"SAR": (21, 310), "AR4": (25, 298), "AR5": (28, 265), "AR6": (27.9, 273)}
    for name, (methane, nitrous_oxide) in expected.items():
        assert found[name, "CO2"] == 1
        assert found[name, "CH4"] == methane
        assert found[name, "N2O"] == nitrous_oxide
    assert len(found) == 12


@pytest.mark.parametrize(
    ("accelerator", "watts"),
    [
        ("NVIDIA H100 SXM5 80GB", 700),
        ("NVIDIA H100 PCIe 80GB", 350),
        ("NVIDIA A100 SXM4 80GB", 400),
        ("NVIDIA A100 PCIe 80GB", 300),
        ("NVIDIA V100 SXM2", 300),
        ("NVIDIA T4", 70),
        ("NVIDIA L4", 72),
        ("AMD Instinct MI300X", 750),
        ("Google TPU v3", 220),
    ],
)
def test_power_of_accelerators_as_data_sheets_give_it(accelerator, watts):
    assert load().accelerators.filter(accelerator=accelerator)["tdp_w"].item() == watts


def test_instances_hold_the_accelerators_that_providers_name():
    count = {
        (provider, name): (accelerator, number)
        for provider, name, accelerator, number in load()
        .instances.select("provider", "instance_type", "accelerator", "accelerator_count")
        .iter_rows()
    }
    assert count["aws", "p4d.24xlarge"] == ("NVIDIA A100 SXM4 40GB", 8)
    assert count["aws", "p5.48xlarge"] == ("NVIDIA H100 SXM5 80GB", 8)
    assert count["gcp", "a2-highgpu-1g"] == ("NVIDIA A100 SXM4 40GB", 1)
    assert count["azure", "Standard_ND96isr_H100_v5"] == ("NVIDIA H100 SXM5 80GB", 8)


def test_embodied_of_an_h100_is_an_eighth_of_its_baseboard():
    """NVIDIA HGX H100 product carbon footprint: 1312 kgCO2e for 8 GPUs."""
    row = load().embodied.filter(item="NVIDIA H100 SXM5 80GB").row(0, named=True)
    assert row["central_kg"] == 1312 / 8
    assert row["low_kg"] <= row["central_kg"] <= row["high_kg"]


def test_low_central_and_high_are_in_order():
    frame = load().embodied
    assert (frame["low_kg"].fill_null(0) <= frame["central_kg"]).all()
    assert (frame["high_kg"].fill_null(1e9) >= frame["central_kg"]).all()


def test_pue_as_the_operators_publish_it():
    """AWS 2024: Frankfurt 1.35, Mumbai 1.42. Microsoft 2022: North Europe 1.197."""
    pue = {
        (region, year): value
        for region, year, value in load().efficiency.select("region", "year", "pue").iter_rows()
    }
    assert pue["eu-central-1", 2024] == 1.35
    assert pue["ap-south-1", 2024] == 1.42
    assert pue["northeurope", 2022] == 1.197
