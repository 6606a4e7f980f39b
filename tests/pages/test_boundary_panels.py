"""The boundary and the data collection policy on screen."""

import pytest
from screens import open_app, words


def panel(name):
    app = open_app("inventory.py")
    assert not app.exception
    control = next(c for c in app.segmented_control if c.key == "part")
    app = control.set_value(name).run()
    assert not app.exception
    return app


def said(app):
    return words(app).replace("\\", "")


def metric(app, label):
    return next(m.value for m in app.metric if m.label == label)


def press(app, label):
    return next(b for b in app.button if b.label == label).click().run()


@pytest.fixture
def boundary(own):
    return panel("boundary")


def test_what_is_missing_stands_as_an_estimate_in_no_figure(boundary):
    text = said(boundary)
    # One workload's accelerators at 400 W without a host are modelled by watts, not telemetry;
    # nothing of the four rows is estimated, and nothing has storage.
    assert "Nothing is left out: every row that bears energy counts." in text
    assert "Not estimated: storage and network" in text
    assert (metric(boundary, "Inside"), metric(boundary, "Outside")) == ("3", "0")


def test_a_decision_needs_its_reason(own, boundary):
    app = next(s for s in boundary.selectbox if s.key == "boundary_name_project")
    assert app.options == []
    boundary = (
        next(c for c in boundary.segmented_control if c.key == "boundary_of")
        .set_value("workload")
        .run()
    )
    next(s for s in boundary.selectbox if s.key == "boundary_name_workload").set_value("forge")
    app = press(boundary, "Decide")
    assert "without a reason" in said(app)
    assert own.boundary_decisions().is_empty()


def test_a_decision_by_name_moves_a_workload_out(own, boundary):
    boundary = (
        next(c for c in boundary.segmented_control if c.key == "boundary_of")
        .set_value("workload")
        .run()
    )
    next(s for s in boundary.selectbox if s.key == "boundary_name_workload").set_value("forge")
    next(t for t in boundary.text_input if t.label == "Reason, for the auditor").set_value("no AI")
    app = press(boundary, "Decide")
    assert not app.exception
    assert "Workload forge is outside the boundary." in said(app)
    assert metric(app, "Outside") == "1"
    row = own.boundary_decisions().row(0, named=True)
    assert (row["name"], row["side"], row["workloads"]) == ("forge", "out", 1)
    # Without forge's 100,000 kWh: 440 + 600.
    assert own.footprint().totals["energy_facility_kwh"] == pytest.approx(1040.0)


def test_a_lifecycle_is_left_out(own, boundary):
    key = f"boundary_lifecycle_training_{own.version}"
    next(s for s in boundary.selectbox if s.key == key).set_value("out")
    app = press(boundary, "Save lifecycles")
    assert "The lifecycles in scope are saved." in said(app)
    assert own.policy.boundary.lifecycles == {"training": "out"}
    assert metric(app, "Outside") == "1"


def test_a_policy_is_saved_in_versions(own):
    app = panel("collection")
    assert metric(app, "Nobody answers for") == "1"
    app = press(app, "Save as it stands")
    assert "Saved as version 1." in said(app)
    assert metric(app, "Last saved") == "Version 1"
    assert own.collection_versions().height == 1
    app = next(s for s in app.selectbox if s.key == "collection_chosen").set_value(1).run()
    assert not app.exception
