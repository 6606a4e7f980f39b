"""The workloads of the AI inventory: unclaimed energy first, bulk edit, spreadsheet, history."""

import pytest
from screens import FORMULA, SCRIPT, open_app, words

NVIDIA = b"""\
timestamp, index, uuid, name, power.draw [W]
2025/01/05 10:00:00.000, 0, GPU-1, NVIDIA A100-SXM4-80GB, 300.00 W
2025/01/05 10:00:10.000, 0, GPU-1, NVIDIA A100-SXM4-80GB, 300.00 W
2025/01/05 10:00:20.000, 0, GPU-1, NVIDIA A100-SXM4-80GB, 300.00 W
"""
"""A meter that names no workload."""
WAYS = ("several", "file", "add", "history")


def way(name):
    app = open_app("inventory.py")
    return app.segmented_control(key="inventory_way").set_value(name).run()


def button(app, label):
    return next(one for one in app.button if one.label == label)


def row(portfolio, workload):
    return next(r for r in portfolio.workloads().to_dicts() if r["workload_id"] == workload)


@pytest.mark.parametrize("name", WAYS)
def test_each_way_to_work_on_the_inventory_is_drawn(own, name):
    app = way(name)
    assert not app.exception
    assert not app.error
    assert "**3 workloads** · **0** outside the boundary · **3** incomplete" in words(app)


def test_the_table_has_energy_and_emissions_beside_each_workload(own):
    table = open_app("inventory.py").dataframe[0].value.set_index("workload_id")
    # 100 000 kWh x 0.05 and x 0.02 kg/kWh; both months.
    forge = table.loc["forge", ["energy_facility_kwh", "location_kg_co2e", "market_kg_co2e"]]
    assert forge.to_list() == pytest.approx([100_000, 5_000, 2_000])


@pytest.mark.parametrize("group", ["Identity", "Model", "Hardware", "Place", "Boundary", "Volume"])
def test_unsaved_edits_stay_while_other_columns_are_looked_at(own, group):
    app = open_app("inventory.py")
    position = app.dataframe[0].value["workload_id"].to_list().index("forge")
    app.session_state[f"inventory_{own.version}"] = {"edited_rows": {position: {"owner": "Ada"}}}
    app.run()
    app.segmented_control(key="inventory_columns").set_value(group).run()
    assert "1 unsaved change, " in words(app)
    assert not app.exception


def test_a_search_shows_what_holds_the_text_and_keeps_other_edits(own):
    app = open_app("inventory.py")
    position = app.dataframe[0].value["workload_id"].to_list().index("forge")
    app.session_state[f"inventory_{own.version}"] = {"edited_rows": {position: {"owner": "Ada"}}}
    app.run()
    app.text_input(key="inventory_find").set_value("us-west").run()
    assert app.dataframe[0].value["workload_id"].to_list() == [SCRIPT]
    assert "1 unsaved change, " in words(app)
    button(app, "Save 1 change").click().run()
    assert row(own, "forge")["owner"] == "Ada"


def test_every_cell_that_cannot_be_kept_is_named(own):
    app = open_app("inventory.py")
    position = app.dataframe[0].value["workload_id"].to_list().index("forge")
    edit = {"training_hours": "many", "zone": "Atlantis"}
    app.session_state[f"inventory_{own.version}"] = {"edited_rows": {position: edit}}
    app.run()
    said = app.error[0].value.replace("\\", "")
    assert "2 cells cannot be kept" in said
    assert "write it as 1000 or 0.24" in said
    assert button(app, "Save 2 changes").disabled
    button(app, "Discard").click().run()
    assert "unsaved" not in words(app)
    assert not app.error


def test_several_workloads_are_changed_after_a_preview(own):
    app = way("several")
    app.multiselect(key="bulk_names").set_value(["forge", SCRIPT]).run()
    app.multiselect(key="bulk_fields").set_value(["owner", "in_scope", "boundary_reason"]).run()
    app.text_input(key="bulk_set_owner").set_value("Ana").run()
    app.selectbox(key="bulk_set_in_scope").set_value("no").run()
    assert button(app, "Change 2 workloads").disabled  # the boundary needs a reason
    app.text_input(key="bulk_set_boundary_reason").set_value("research").run()
    # Owner, scope, reason and day, of two workloads.
    assert "**3. What changes**: 8 fields of 2 workloads." in words(app)
    button(app, "Change 2 workloads").click().run()
    assert "Changed 8 fields of 2 workloads." in words(app)
    assert (row(own, "forge")["owner"], row(own, SCRIPT)["in_scope"]) == ("Ana", False)
    assert row(own, FORMULA)["owner"] is None


def test_workloads_are_chosen_by_what_they_share(own):
    app = way("several")
    app.segmented_control(key="bulk_way").set_value("By what they share").run()
    app.selectbox(key="bulk_field").set_value("provider").run()
    app.selectbox(key="bulk_value").set_value("(not stated)").run()
    app.multiselect(key="bulk_fields").set_value(["project"]).run()
    app.text_input(key="bulk_set_project").set_value("own halls").run()
    button(app, "Change 1 workload").click().run()
    assert [r["project"] for r in own.workloads().to_dicts()].count("own halls") == 1
    assert row(own, "forge")["project"] == "own halls"


def test_a_file_is_previewed_and_taken_as_a_whole(own):
    app = way("file")
    data = own.export_workloads("csv").replace(
        b"forge,forge,training,,", b"forge,Forge 1,training,Ana,"
    )
    app.file_uploader[0].upload("inventory.csv", data, "text/csv").run()
    assert "**What changes**: 2 fields, in 1 workload." in words(app)
    button(app, "Apply the file").click().run()
    assert "Changed 2 fields as inventory\\.csv says." in words(app)
    assert (row(own, "forge")["name"], row(own, "forge")["owner"]) == ("Forge 1", "Ana")


def test_a_file_with_a_bad_cell_is_refused_with_its_row(own):
    app = way("file")
    data = b"workload,zone,owner\nforge,Atlantis,Ana\n"
    app.file_uploader[0].upload("inventory.csv", data, "text/csv").run()
    assert "1 cell" in app.error[0].value
    assert app.table[0].value.iloc[0]["Where"].replace("\\", "") == "**Row 2**, zone: Atlantis"
    assert row(own, "forge")["owner"] is None


def test_a_new_workload_of_a_file_is_confirmed(own):
    app = way("file")
    app.file_uploader[0].upload("inventory.csv", b"workload,owner\nnext,Bo\n", "text/csv").run()
    assert button(app, "Apply the file").disabled
    app.checkbox[0].check().run()
    button(app, "Apply the file").click().run()
    assert row(own, "next")["owner"] == "Bo"


def test_an_unchanged_file_changes_nothing(own):
    app = way("file")
    data = own.export_workloads("xlsx")
    app.file_uploader[0].upload("inventory.xlsx", data).run()
    assert "3 rows read: nothing changes." in words(app)


def test_a_workload_is_added_and_deleted_by_hand_and_both_are_in_the_history(own):
    app = way("add")
    app.text_input[0].set_value("later")
    app.text_input[2].set_value("m1")
    button(app, "Add").click().run()
    assert "Added later." in words(app)
    app.selectbox(key="inventory_gone").set_value("later").run()
    button(app, "Delete").click().run()
    assert "Deleted later." in words(app)
    app.segmented_control(key="inventory_way").set_value("history").run()
    shown = app.dataframe[0].value
    assert shown["field"].to_list() == ["(workload deleted)", "(workload added)", "Model"]
    assert shown["after"].to_list()[2] == "m1"


def test_energy_that_nobody_claims_comes_first_with_what_to_do(own):
    own.import_files([("smi.csv", NVIDIA)])
    app = open_app("inventory.py")
    assert "belong to no workload" in words(app)
    assert "billing.workload\\_tags" in words(app)
