"""A Terraform state and a bill of the same cluster are accepted as one workload in the browser."""

import sys
from pathlib import Path

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

sys.path.insert(0, str(Path(__file__).parents[1] / "portfolio"))
from discovery_files import KWH, bill, node_group, state

pytestmark = pytest.mark.browser


def test_one_cluster_of_two_sources_is_accepted_and_the_rest_assigned(chromium, tmp_path):
    workspace = tmp_path / "ws"
    other = bill({"team": "vision"}, {"i-0ddd4444": 8.0}).replace(b"us-west-2", b"eu-west-1")
    Portfolio(workspace).import_files(
        [
            ("state.json", state(node_group())),
            ("cur.csv", bill({"aws_eks_cluster_name": "ml-eks"})),
            ("other.csv", other.replace(b"USW2-", b"EU-")),
        ]
    )
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 1000}) as me,
    ):
        me.open("inventory?workspace=own")
        _part(me, "Proposals")
        card = me.page.locator('[class*="st-key-card_"]').filter(has_text="Terraform")
        assert card.count() == 1
        assert "78.8 kWh that nobody claims" in me.text()
        card.get_by_role("textbox", name="Workload").fill("pretraining")
        card.get_by_role("textbox", name="Workload").press("Enter")
        me.settle()
        card.get_by_role("button", name="Accept").click()
        me.page.get_by_text("is pretraining now").wait_for()
        me.settle()

        _part(me, "Shadow AI")
        assert "Likely vision: tag team" in me.text()
        me.page.get_by_role("combobox", name="Workload, or a new name").click()
        me.page.get_by_role("combobox", name="Workload, or a new name").fill("vision-lab")
        me.page.keyboard.press("Enter")
        me.settle()
        me.page.get_by_role("button", name="Assign", exact=True).click()
        me.page.get_by_text("is of vision-lab now").wait_for()
        me.settle()
        assert "Every use of accelerators and AI services is claimed" in me.text()
        assert me.outside == []
        assert me.failures == []
    found = Portfolio(workspace)
    rows = found.footprint(["workload"], scope="all").rows
    energy = dict(rows.select("workload", "energy_facility_kwh").iter_rows())
    assert set(energy) == {"pretraining", "vision-lab"}
    assert energy["pretraining"] == pytest.approx(KWH)
    assert found.verify()["ok"]


def _part(me, name):
    me.page.get_by_role("radio", name=name, exact=True).click()
    me.settle()
