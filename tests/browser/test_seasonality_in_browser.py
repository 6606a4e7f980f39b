"""An analyst asks whether a rise is a trend or winter, and gets it told apart.

A kWh an hour from July to September 2025 and from January to March 2026, on a grid whose factor is
0.4 kg/kWh in summer months and 0.5 in winter months of each of three years: +25 % an hour as it
is, nothing without season. 0.4 = 0.8889 and 0.5 = 1.1111 times the mean of 0.45.
"""

import csv

import pytest
from browsing import serve, visit

pytestmark = pytest.mark.browser

SUMMER = range(4, 10)
MONTHS = (("2025-07", 744), ("2025-08", 744), ("2025-09", 720),
          ("2026-01", 744), ("2026-02", 672), ("2026-03", 744))  # fmt: skip

FACTORS = "\n".join(
    ["zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,gwp_set,publisher,document"]
    + [
        f"DE,{year}-{month:02d},{year}-{month:02d},location,direct,"
        f"{0.4 if month in SUMMER else 0.5},AR5,Operator,grid.csv"
        for year in (2023, 2024, 2025, 2026)
        for month in range(1, 13)
    ]
).encode()

USE = "\n".join(
    ["workload,zone,period_start,period_end,energy_kwh,energy_boundary"]
    + [f"chat,DE,{month},{month},{hours},facility" for month, hours in MONTHS]
).encode()


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_winter_is_told_from_a_trend(chromium, tmp_path, width):
    with (
        serve(tmp_path / "ws") as base,
        visit(chromium, base, viewport={"width": width, "height": 1400}) as me,
    ):
        me.open("import?workspace=own")
        me.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            [
                {"name": "grid.csv", "mimeType": "text/csv", "buffer": FACTORS},
                {"name": "use.csv", "mimeType": "text/csv", "buffer": USE},
            ]
        )
        me.page.get_by_role("button", name="Import 2 files").click()
        me.page.get_by_text("Import finished").wait_for(timeout=90_000)
        me.open("seasonality?workspace=own")
        text = me.text()
        assert "+25.0 % per hour as it is, 0 % without season. It is season" in text
        assert "are not the same months of a year" not in text

        me.page.get_by_text("Take the season out").click()
        me.settle()
        assert "are not the same months of a year" in me.text()

        me.page.get_by_text("Per kWh", exact=True).click()
        me.settle()
        me.page.locator(".st-key-trend_True .scatterlayer").wait_for()
        me.settle()

        me.page.get_by_text("Table and CSV").first.click()
        me.settle()
        with me.page.expect_download() as arriving:
            me.page.get_by_role("button", name="Download CSV").first.click()
        with arriving.value.path().open(encoding="utf-8-sig", newline="") as handed:
            rows = list(csv.DictReader(handed))
        assert [row["month"] for row in rows] == [month for month, _ in MONTHS]
        # 744 kWh x 0.4 = 297.6 kg, and 744 x 0.45 = 334.8 kg without season.
        assert float(rows[0]["actual_kg"]) == pytest.approx(297.6)
        assert float(rows[0]["normalised_kg"]) == pytest.approx(334.8)
        assert me.outside == []
        assert me.failures == []
