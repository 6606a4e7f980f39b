"""A file of a meter is read again when the policy's choices for telemetry change."""

import json
from pathlib import Path

import pytest

from carbon.portfolio import Portfolio

NAME = "gpu.json"
START = 1_795_262_400
"""2026-11-21 12:00:00 UTC."""


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    """300 W for three hours, a sample a minute: 0.9 kWh."""
    metric = {"__name__": "DCGM_FI_DEV_POWER_USAGE", "UUID": "GPU-5fd4", "Hostname": "dgx-07"}
    values = [[START + 60 * minute, "300"] for minute in range(181)]
    answer = {"resultType": "matrix", "result": [{"metric": metric, "values": values}]}
    made = Portfolio(tmp_path / "w")
    made.import_files([(NAME, json.dumps({"status": "success", "data": answer}).encode())])
    return made


def rows(portfolio: Portfolio) -> int:
    return portfolio._workspace.ledger.current_activity().height


def test_days_take_the_place_of_hours(portfolio: Portfolio) -> None:
    hours = rows(portfolio)
    assert portfolio.footprint().totals["energy_it_kwh"] == pytest.approx(0.9, rel=1e-12)
    assert portfolio.outdated_readings().is_empty()

    (portfolio.path / "policy.toml").write_text('[telemetry]\nresolution = "day"\n')
    assert portfolio.outdated_readings()["file"].to_list() == [NAME]
    assert portfolio.findings()[0].code == "outdated_reading"
    assert rows(portfolio) == hours

    (result,) = portfolio.reread().files
    assert result.accepted + result.quarantined == result.rows
    assert rows(portfolio) < hours
    assert portfolio.footprint().totals["energy_it_kwh"] == pytest.approx(0.9, rel=1e-12)
    assert portfolio.outdated_readings().is_empty()
    assert "outdated_reading" not in [f.code for f in portfolio.findings()]
    assert portfolio.reread().files == ()


def test_a_choice_that_applies_later_needs_no_reading(portfolio: Portfolio) -> None:
    (portfolio.path / "policy.toml").write_text("[telemetry]\nestimate_gaps = false\n")
    assert portfolio.outdated_readings().is_empty()
