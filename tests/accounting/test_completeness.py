"""What the boundary asks for and no source holds, with an estimate that is never added."""

import polars as pl
import pytest
from accounting_rows import account, codes, policy, totals, use

from carbon.accounting.completeness import completeness
from carbon.factors.references import references
from carbon.policy import Policy

BOARD = {"component": "accelerator", "boundary": "board", "tier": "T3", "country": "DE",
         "quantity_kind": "energy_it_kwh"}  # fmt: skip


def asked(result, chosen=None):
    frame = completeness(result.lines, references().published, chosen or Policy())
    return {row["missing"]: row for row in frame.to_dicts()}


def boards(**columns):
    # One board through January (744 h) at 400 W: 297.6 kWh.
    return use(**BOARD, quantity=297.6, site="hall", pue=1.2, coverage=1.0, accelerator_count=1.0,
               accelerator="H100", **columns)  # fmt: skip


def test_accelerators_alone_lack_their_host():
    result = account([boards()])
    host = asked(result)["host"]
    # By hours: 744 h x 150 W = 111.6 kWh; by the published ladder: 297.6 x (0.20 - 0.14) / 0.14 =
    # 127.543 kWh; each x PUE 1.2. At 0.4 kg/kWh.
    by_hours, by_ratio = 744 * 0.150 * 1.2, 297.6 * 0.06 / 0.14 * 1.2
    assert host["central_kwh"] == pytest.approx(by_hours)
    assert host["low_kwh"] == pytest.approx(by_hours)
    assert host["high_kwh"] == pytest.approx(by_ratio)
    assert host["central_kg"] == pytest.approx(by_hours * 0.4)
    # Of everything that is known: 297.6 x 1.2 = 357.12 kWh.
    assert host["central_share"] == pytest.approx(by_hours / 357.12)
    assert totals(result)["energy_facility_kwh"] == pytest.approx(357.12)
    assert "boundary_without_host" in codes(result)


def test_processors_that_are_metered_beside_are_taken_off():
    cpu = use(**{**BOARD, "component": "cpu", "boundary": "chip"}, quantity=40.0, site="hall",
              pue=1.2)  # fmt: skip
    host = asked(account([boards(), cpu]))["host"]
    assert host["central_kwh"] == pytest.approx((744 * 0.150 - 40) * 1.2)


def test_without_hours_the_range_is_that_of_the_tier():
    row = use(**BOARD, quantity=140.0, pue=1.0)
    host = asked(account([row]))["host"]
    # 140 x 0.06 / 0.14 = 60 kWh; T6: a factor of 2 either way. PUE 1.
    assert (host["low_kwh"], host["central_kwh"], host["high_kwh"]) == pytest.approx(
        (30.0, 60.0, 120.0)
    )


@pytest.mark.parametrize(
    "row",
    [
        use(quantity_kind="accelerator_hours", quantity=9.0, accelerator="H100", country="DE"),
        use(quantity_kind="energy_it_kwh", quantity=9.0, tier="T2", boundary="node", country="DE"),
        use(quantity_kind="energy_facility_kwh", quantity=9.0, tier="T1", country="DE"),
    ],
    ids=["modelled", "node", "facility"],
)
def test_a_host_that_is_there_is_not_asked_for(row):
    assert "host" not in asked(account([row]))


def test_a_part_that_the_policy_leaves_out_is_not_missing():
    chosen = policy('[boundary]\ncomponents_out = ["host"]')
    result = account([boards()], policy=chosen)
    assert "host" not in asked(result, chosen)
    assert "boundary_without_host" not in codes(result)


def test_a_pue_of_one_lacks_its_overhead():
    row = use(quantity_kind="energy_it_kwh", quantity=100.0, country="DE", pue=1.0)
    overhead = asked(account([row]))["overhead"]
    # 100 x 0.56; at least the published 0.02 / 0.22; at most 0.56 x 1.30.
    assert overhead["low_kwh"] == pytest.approx(100 * 0.02 / 0.22)
    assert overhead["central_kwh"] == pytest.approx(56.0)
    assert overhead["high_kwh"] == pytest.approx(72.8)


def test_inference_known_by_request_lacks_what_stood_ready():
    row = use(quantity_kind="energy_it_kwh", quantity=100.0, country="DE", pue=1.1, tier="T6",
              lifecycle="inference_realtime")  # fmt: skip
    idle = asked(account([row]))["idle"]
    # 100 x 0.02 / 0.20 x 1.1
    assert idle["central_kwh"] == pytest.approx(11.0)


def test_storage_is_asked_for_and_not_guessed():
    missing = asked(account([boards()]))["storage and network"]
    assert missing["central_kwh"] is None
    assert missing["of_kwh"] == pytest.approx(357.12)
    stored = use(row_number=3, quantity_kind="gb_hours", quantity=1e6, medium="ssd",
                 country="DE", site="hall", pue=1.2)  # fmt: skip
    assert "storage and network" not in asked(account([boards(), stored]))


def test_nothing_is_missing_of_nothing():
    empty = account([]).lines
    assert completeness(empty, references().published, Policy()).is_empty()
    assert isinstance(empty, pl.DataFrame)
