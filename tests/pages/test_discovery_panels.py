"""Proposals and Shadow AI: what is seen first, and what a decision on the screen writes."""

import sys
from pathlib import Path

import pytest
from screens import go_to, open_app, words

from carbon.portfolio import Portfolio
from carbon.schema import UNASSIGNED

sys.path.insert(0, str(Path(__file__).parents[1] / "portfolio"))
from discovery_files import KWH, bill, node_group, state

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def found(tmp_path: Path) -> Portfolio:
    """A cluster of a Terraform state and of its bill, and a tracker's runs."""
    portfolio = Portfolio(tmp_path / "ws")
    data = Path(__file__).parents[1] / "data"
    result = portfolio.import_files(
        [
            ("state.json", state(node_group())),
            ("cur.csv", bill({"aws_eks_cluster_name": "ml-eks"})),
            ("runs.jsonl", data / "mlflow_runs.jsonl"),
        ]
    )
    assert not result.refused
    return portfolio


def panel(name: str):
    app = open_app("inventory.py")
    app.session_state["part"] = name
    return app.run()


def energy(portfolio):
    rows = portfolio.footprint(["workload"], scope="all").rows
    return dict(rows.select("workload", "energy_facility_kwh").iter_rows())


def press(app, key):
    return app.button(key=key).click().run()


def test_what_wants_a_decision_is_counted_first_and_accepted(found):
    (proposal,) = [each for each in found.proposals(status="open") if each.kind == "new"]
    app = panel("proposals")
    assert not app.exception
    metrics = {metric.label: metric.value for metric in app.metric}
    assert (metrics["To decide"], metrics["To confirm"]) == ("1", "1")
    assert "that nobody claims" in words(app)
    key = proposal.proposal_id
    app.text_input(key=f"name_{key}").set_value(SCRIPT).run()
    app = press(app, f"accept_{key}")
    assert not app.exception
    assert "Accepted" in words(app)
    assert "<script>" not in words(app).replace("\\<", "")
    assert energy(found)[SCRIPT] == pytest.approx(KWH)
    assert {metric.label: metric.value for metric in app.metric}["To decide"] == "0"


def test_a_proposal_is_ignored_with_a_reason_and_opened_again(found):
    (proposal,) = [each for each in found.proposals(status="open") if each.kind == "new"]
    key = proposal.proposal_id
    app = panel("proposals")
    assert app.button(key=f"ignore_{key}").disabled
    app.text_input(key=f"reason_{key}").set_value("a customer's").run()
    app = press(app, f"ignore_{key}")
    assert [each.status for each in found.proposals() if each.proposal_id == key] == ["ignored"]
    app = press(app, "reopen")
    assert "Open again" in words(app)
    assert [each.status for each in found.proposals() if each.proposal_id == key] == ["open"]


def test_what_sources_name_is_confirmed_at_once(found):
    app = press(panel("proposals"), "confirm_known")
    assert "Confirmed: 1 workload." in words(app)
    assert [each.kind for each in found.proposals(status="open")] == ["new"]


def test_unclaimed_use_is_assigned_with_its_likely_owner_in_view(found):
    (group,) = found.shadow()
    assert (group.owner, group.owner_why) == ("nlp", "tag team in Terraform")
    app = panel("shadow")
    assert not app.exception
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Energy nobody claims"].startswith("78.8")
    assert "Likely nlp: tag team in Terraform." in words(app)
    app.selectbox(key=f"to_{group.group_id}").select("summaries").run()
    app = press(app, f"assign_{group.group_id}")
    assert UNASSIGNED not in energy(found)
    assert "Every use of accelerators and AI services is claimed" in words(app)


def test_without_files_both_say_what_they_will_show(sample):
    for name in ("proposals", "shadow"):
        app = open_app()
        app = go_to(app.button(key="leave_sample").click().run(), "inventory.py")
        app.session_state["part"] = name
        app.run()
        assert not app.exception
        assert "Here will stand" in words(app)


@pytest.mark.parametrize("written", ["proposals", "Proposals", "PROPOSALS"])
def test_an_address_opens_its_part_however_it_is_written(found, written):
    app = open_app()
    app.query_params["part"] = written
    app = go_to(app, "inventory.py")
    assert not app.exception
    assert app.session_state["part"] == "proposals"
    assert "To decide" in {metric.label for metric in app.metric}


@pytest.mark.parametrize("written", ["shadow", "shadow ai"])
def test_a_part_is_opened_by_its_name_and_by_its_title(found, written):
    app = open_app()
    app.query_params["part"] = written
    app = go_to(app, "inventory.py")
    assert not app.exception
    assert app.session_state["part"] == "shadow"
