"""Published runs, recomputed from their published inputs.

Each case names its publication. The tolerance is that of the rounding in print: training times are
given in whole or tenths of days there, energies to three digits.
"""

import pytest

PATTERSON = "Patterson et al. 2021, Carbon Emissions and Large Neural Network Training, table 4"
LLAMA_2 = "Touvron et al. 2023, Llama 2, table 2"

PRINTED_IN_DAYS = 0.01
PRINTED_TO_THE_KILO = 1e-4
PRINTED_TO_THREE_DIGITS = 2e-3


@pytest.mark.parametrize(
    "run",  # name, chips, days, watts, PUE, kg/kWh, MWh, t
    [
        ("T5-11B", 512, 20, 310, 1.12, 0.545, 85.7, 46.7),
        ("Meena", 1024, 30, 289, 1.09, 0.415, 232, 96.4),
        ("Switch Transformer", 1024, 27, 245, 1.10, 0.330, 179, 59.1),
        ("GPT-3", 10_000, 14.8, 330, 1.10, 0.429, 1287, 552.1),
    ],
)
def test_accelerator_hours_at_measured_watts(published, run):
    name, chips, days, watts, pue, factor, mwh, tonnes = run
    # T5-11B by hand: 512 x 20 d x 24 h = 245,760 h; x 310 W = 76,185.6 kWh; x 1.12 = 85,327.9 kWh
    # (printed: 85.7 MWh, the 20 days being rounded); x 0.545 = 46,503.7 kg (printed: 46.7 t).
    measures = published(
        country="US",
        quantity_kind="accelerator_hours",
        quantity=chips * days * 24.0,
        average_power_w=float(watts),
        pue=pue,
        location_factor_kg_per_kwh=factor,
        factor_source=PATTERSON,
    )
    assert measures["energy_facility_kwh"] == pytest.approx(
        chips * days * 24 * watts / 1000 * pue, rel=1e-12
    )
    assert measures["energy_facility_kwh"] == pytest.approx(mwh * 1e3, rel=PRINTED_IN_DAYS), name
    assert measures["location_kg_co2e"] == pytest.approx(tonnes * 1e3, rel=PRINTED_IN_DAYS), name


def test_t5_from_its_printed_energy(published):
    # Printed after PUE: 85.7 MWh x 0.545 = 46.7065 t. A second PUE would give 52.3 t.
    measures = published(
        country="US",
        quantity_kind="energy_facility_kwh",
        quantity=85_700.0,
        location_factor_kg_per_kwh=0.545,
        factor_source=PATTERSON,
    )
    assert measures["location_kg_co2e"] == pytest.approx(46_706.5, rel=1e-12)
    assert measures["energy_it_kwh"] is None


@pytest.mark.parametrize(
    ("name", "hours", "watts", "tonnes"),
    [
        ("7B", 184_320, 400, 31.22),
        ("13B", 368_640, 400, 62.44),
        ("34B", 1_038_336, 350, 153.90),
        ("70B", 1_720_320, 400, 291.42),
    ],
)
def test_llama_2(published, name, hours, watts, tonnes):
    # 70B by hand: 1,720,320 h x 400 W = 688,128 kWh; x 1.1 x 0.385 = 291,422 kg.
    measures = published(
        country="US",
        quantity_kind="accelerator_hours",
        quantity=float(hours),
        average_power_w=float(watts),
        pue=1.1,
        location_factor_kg_per_kwh=0.385,
        factor_source=LLAMA_2,
    )
    assert measures["location_kg_co2e"] == pytest.approx(tonnes * 1e3, rel=2e-4), name


def test_bloom_dynamic_energy(published):
    # Luccioni et al. 2022: 1,082,990 GPU-hours x 400 W = 433,196 kWh; x 0.057 = 24.69 t; no PUE.
    measures = published(
        country="FR",
        quantity_kind="accelerator_hours",
        quantity=1_082_990.0,
        accelerator="NVIDIA A100-SXM4-80GB",
        average_power_w=400.0,
        pue=1.0,
        location_factor_kg_per_kwh=0.057,
        factor_source="Luccioni et al. 2022",
    )
    assert measures["energy_facility_kwh"] == pytest.approx(433_196, rel=1e-9)
    assert measures["location_kg_co2e"] == pytest.approx(24_690, rel=PRINTED_TO_THE_KILO)


def test_bloom_from_tdp_adds_the_host_that_the_paper_counts_apart(published):
    # The A100's TDP is 400 W; the host is 150 W a GPU: 1,082,990 x 0.55 = 595,644.5 kWh.
    measures = published(
        country="FR",
        quantity_kind="accelerator_hours",
        quantity=1_082_990.0,
        accelerator="NVIDIA A100-SXM4-80GB",
        pue=1.0,
    )
    assert measures["energy_it_kwh"] == pytest.approx(595_644.5, rel=1e-9)
    assert measures["tier"] == "T5"


@pytest.mark.parametrize(
    ("mwh", "pue", "factor", "tonnes"),
    [
        # Groeneveld et al. 2024, OLMo: 104 MWh on A100s; 135 MWh on hydropower at LUMI.
        (104.0, 1.1, 0.610, 69.78),
        (135.0, 1.1, 0.0, 0.0),
        # Gopher, in Luccioni et al. 2022, table 4: 1,066 MWh; 352 t, and 380 t with its PUE.
        (1066.0, 1.08, 0.330, 380.0),
    ],
)
def test_it_energy_times_pue_times_factor(published, mwh, pue, factor, tonnes):
    measures = published(
        country="US",
        quantity_kind="energy_it_kwh",
        quantity=mwh * 1e3,
        pue=pue,
        location_factor_kg_per_kwh=factor,
        factor_source="as printed",
    )
    assert measures["location_kg_co2e"] == pytest.approx(tonnes * 1e3, rel=PRINTED_TO_THREE_DIGITS)
    assert measures["location_coverage"] == 1.0


def test_california_in_egrid2023(published):
    # EPA eGRID2023: CAMX 429.983 lb CO2e/MWh; x 0.45359237 / 1000 = 0.195037 kg/kWh.
    measures = published(zone="CAMX", quantity_kind="energy_facility_kwh", quantity=1e6)
    assert measures["location_kg_co2e"] == pytest.approx(195_037, rel=5e-6)
