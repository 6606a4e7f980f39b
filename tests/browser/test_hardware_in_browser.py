"""An analyst imports what was bought, and finds it booked, charged and reconciled.

2 servers x 1,461 kg = 2,922 kg; 2024 bears 366 of the 1,461 days of their life: 732 kg.
"""

import pytest
from browsing import serve, visit

pytestmark = pytest.mark.browser

BOUGHT = b"""\
asset_id,item,kind,count,purchased_on,site,lifetime_years,kg_co2e_each,low_kg_each,high_kg_each,document
LOT,Node,server,2,2024-01-01,Lyon,4,1461,1000,2000,pcf.pdf
"""


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_purchase_is_imported_and_booked(chromium, tmp_path, width):
    with (
        serve(tmp_path / "ws") as base,
        visit(chromium, base, viewport={"width": width, "height": 1400}) as me,
    ):
        me.open("import?workspace=own")
        me.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": "assets.csv", "mimeType": "text/csv", "buffer": BOUGHT}
        )
        me.page.get_by_role("button", name="Import 1 file").click()
        me.page.get_by_text("Import finished").wait_for(timeout=90_000)
        me.open("embodied?workspace=own")
        text = me.text()
        assert "Bought in 2024: category 2, in full" in text
        assert "2.92 t CO₂e" in text
        assert "published figures give 2.00 t to 4.00 t" in text
        drawn = me.page.locator(".bartext").all_text_contents()
        assert [piece.replace("\u202f", " ") for piece in drawn] == [
            "2.92 t", "−2.19 t", "0 kg", "732 kg",
        ]  # fmt: skip
        assert me.outside == []
        assert me.failures == []
