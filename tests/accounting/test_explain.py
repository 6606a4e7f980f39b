"""Every figure is recomputed from what `explain` says, and from nothing else."""

import json
import math

import pytest
from accounting_rows import EVIDENCE, account, at, certificate, frame, policy, use
from recompute import agree, facility_kwh, recompute

from carbon.accounting.explain import explain
from carbon.policy import Policy
from carbon.schema import Activity

MIXED = [
    use(provider="aws", region="us-west-1", quantity_kind="accelerator_hours", quantity=100.0,
        accelerator="H100", period_end=at("2024-03-10T06")),
    use(row_number=3, site="Lyon", zone="DE", quantity_kind="energy_facility_kwh", quantity=1000.0,
        pue=1.25, component="host"),
    use(row_number=3, site="Lyon", zone="DE", quantity_kind="energy_facility_kwh", quantity=500.0,
        pue=1.25, component="accelerator"),
    use(row_number=3, site="Lyon", zone="DE", quantity_kind="accelerator_hours", quantity=900.0,
        accelerator="H100", pue=1.25),
    use(row_number=4, provider="aws", region="us-west-1", quantity_kind="instance_hours",
        quantity=7.0, instance_type="p5.48xlarge"),
    use(row_number=5, provider="aws", region="us-west-1", quantity_kind="instance_hours",
        quantity=7.0, instance_type="m5.large", market_factor_kg_per_kwh=0.1),
    use(row_number=6, site="Metz", country="FR", quantity_kind="energy_it_kwh", quantity=10.0,
        location_factor_kg_per_kwh=0.07, factor_source="Operator"),
    use(row_number=7, site="Metz", country="FR", quantity_kind="energy_facility_kwh",
        quantity=10.0),
    use(row_number=8, zone="DE", quantity_kind="accelerator_hours", quantity=10.0),
]  # fmt: skip
CERTIFICATES = [certificate("GO", 300.0), certificate("H", 200.0, q3=False)]
EQUITY = '[boundary]\nconsolidation_approach = "equity_share"\nequity_share = {Lyon = 0.5}'


def explained(rows=MIXED, month=None, text="", workload="w"):
    chosen = policy(text)
    result = account(rows, instruments=CERTIFICATES, policy=chosen)
    answer = explain(
        result,
        frame(Activity, rows),
        workload,
        month,
        chosen,
        names={EVIDENCE: "runs.csv"},
    )
    return json.loads(json.dumps(answer))


@pytest.mark.parametrize("text", ["", EQUITY])
@pytest.mark.parametrize("month", [None, "2024-01", "2024-03"])
def test_the_figure_is_recomputed_from_the_lines_alone(month, text):
    answer = explained(month=month, text=text)
    for measure, value in recompute(answer["lines"]).items():
        assert agree(answer["figure"][measure], value), measure


def test_slices_of_a_line_add_up_to_its_energy():
    for line in explained()["lines"]:
        covered = sum(part["kwh"] for part in line["market_slices"])
        assert covered == pytest.approx(line["market_kwh_covered"] or 0.0)
        if line["energy_facility_kwh"] is not None:
            assert covered == pytest.approx(facility_kwh(line), rel=1e-12)


def test_the_interval_is_recomputed_from_the_lines_alone():
    answer = explained()
    lines = [line for line in answer["lines"] if line["location_kg"] is not None]
    total = sum(line["location_kg"] for line in lines)
    # One workload: its energy is one draw; each factor id and each shared PUE is one draw.
    energy = 0.0
    by_pue: dict[str, float] = {}
    for line in lines:
        pue = math.log(line["pue_gsd2"] or 1.0)
        own = math.sqrt(max(math.log(line["energy_gsd2"]) ** 2 - pue**2, 0.0))
        energy += line["location_kg"] * own
        named = f"{line['pue_source'][:6]} {line['region']}"
        by_pue[named] = by_pue.get(named, 0) + line["location_kg"] * pue
    by_factor: dict[str, float] = {}
    for line in lines:
        weight = line["location_kg"] * math.log(line["location_gsd2"])
        by_factor[line["location_factor_id"]] = (
            by_factor.get(line["location_factor_id"], 0) + weight
        )
    shared = [*by_factor.values(), *by_pue.values()]
    spread = math.exp(math.hypot(energy, *shared) / total)
    assert answer["figure"]["location_low_kg"] == pytest.approx(total / spread)
    assert answer["figure"]["location_high_kg"] == pytest.approx(total * spread)


def test_every_factor_of_a_line_is_among_the_factors_with_its_rate():
    answer = explained()
    rates = {(f["factor_id"], f["kg_co2e_per_kwh"]) for f in answer["factors"]}
    for line in answer["lines"]:
        if line["location_factor_id"]:
            used = (line["location_factor_id"], line["location_factor_kg_per_kwh"])
            assert used in rates
        for part in line["market_slices"]:
            assert (part["source_id"], part["kg_co2e_per_kwh"]) in rates


def test_factors_name_their_document():
    by_id = {(f["factor_id"], f["method"]): f for f in explained()["factors"]}
    assert by_id["row:eeeeeeeeeeee:6", "location"]["document"] == "Operator"
    asserted = by_id["row:eeeeeeeeeeee:5", "market"]
    assert asserted["asserted"] is True
    assert "no document" in asserted["why"]
    assert by_id["CAMX-location-direct-2024", "location"]["document"] == "by hand"
    assert by_id["GO", "instrument"]["used_kwh"] == pytest.approx(300.0)
    assert ("H", "instrument") not in by_id


def test_rows_and_files_are_named():
    assert explained()["evidence"] == [
        {"evidence_id": EVIDENCE, "name": "runs.csv", "rows": [2, 3, 4, 5, 6, 7, 8]}
    ]
    assert explained(month="2024-03")["evidence"][0]["rows"] == [2]


def test_the_formula_holds_the_numbers():
    rows = [use(zone="DE", quantity_kind="accelerator_hours", quantity=1234.0, accelerator="H100",
                average_power_w=500.0, pue=1.1)]  # fmt: skip
    formula = explained(rows)["formula"].splitlines()
    # 1,234 h x 500 W = 617 kWh; overhead 61.7; certificates of 300 kWh; 378.7 x 0.6 = 227.22 kg.
    assert formula[0] == (
        "accelerator: 1\u202f234 accelerator-hours x 500 W / 1000 (average_power_w of the row)"
        " = 617 kWh."
    )
    assert "x (1.1 - 1) (PUE: row) = 61.7 kWh." in formula[1]
    assert "678.7 kWh x 0.4 kg/kWh (DE-location-direct-2024) = 271.48 kgCO2e." in formula[3]
    assert "300 kWh x 0 kg/kWh (instrument, GO)" in formula[4]
    assert "378.7 kWh x 0.6 kg/kWh (residual, DE-residual-direct-2024) = 227.22" in formula[4]


def test_the_formula_takes_a_facility_meter_apart_by_its_pue():
    # 1,250 kWh / 1.25 = 1,000 kWh; 1,250 x (1 - 1 / 1.25) = 250 kWh.
    row = use(zone="FR", quantity_kind="energy_facility_kwh", quantity=1250.0, pue=1.25)
    formula = explained([row])["formula"].splitlines()
    assert formula[0].endswith("/ PUE 1.25 (row, inside the meter) = 1\u202f000 kWh.")
    assert "1\u202f250 kWh facility x (1 - 1 / 1.25)" in formula[1]
    assert formula[1].endswith("= 250 kWh.")


def test_energy_that_is_not_known_is_said_to_be_so():
    row = use(zone="DE", quantity_kind="accelerator_hours", quantity=10.0)
    assert "its energy is not known" in explained([row])["formula"]


def test_unassigned_work_is_explained_under_its_own_name():
    row = use(workload=None, zone="DE", quantity_kind="energy_it_kwh", quantity=10.0)
    assert explained([row], workload="(unassigned)")["figure"]["energy_it_kwh"] == 10.0


def test_a_workload_without_a_figure_is_refused():
    with pytest.raises(KeyError, match="nobody"):
        explained(workload="nobody")
    with pytest.raises(KeyError):
        explain(account(MIXED), frame(Activity, MIXED), "w", "2030-01", Policy())
