"""Hourly intensity of a generation mix: EIA and ENTSO-E, hand-computed hour by hour."""

import json

import pytest
from factor_files import DATA, figures, read_bytes, read_example, said

from carbon.factors.library import load
from carbon.tables import RefusalError

EIA = "eia-fuel-type"
ENTSOE = "entsoe-generation"
LB = 0.45359237  # kg per lb, exact
COAL, GAS = 2.30 * LB, 0.97 * LB  # EIA's averages of 2022 [lb CO2/kWh -> kg/kWh]


def eia_rows() -> list[dict]:
    document = json.loads((DATA / "eia_fuel_type.json").read_text("utf-8"))
    return document["response"]["data"]


def eia(rows: list[dict], total: int | None = None) -> bytes:
    return json.dumps({"response": {"total": str(total or len(rows)), "data": rows}}).encode()


def test_the_figures_of_fuels_are_those_published():
    found = {
        (s, fuel, basis): kg
        for s, fuel, basis, kg in load()
        .generation.select("set", "fuel", "basis", "kg_per_kwh")
        .iter_rows()
    }
    assert found["US", "coal", "direct"] == pytest.approx(COAL)
    assert found["US", "gas", "direct"] == pytest.approx(GAS)
    assert found["US", "oil", "direct"] == pytest.approx(2.38 * LB)
    assert found["IPCC", "coal", "direct"] == 0.76
    assert found["IPCC", "gas", "direct"] == 0.37
    assert found["IPCC", "coal", "lifecycle"] == 0.82
    assert found["IPCC", "gas", "lifecycle"] == 0.49


def test_an_hour_of_eia_is_the_mean_of_its_fuels_by_generation():
    found = figures(read_example("eia_fuel_type.json", EIA))
    # The period 01:00 ends its hour. Coal 1000, gas 2500, nuclear 2000, wind 1505, hydro 1000 MWh;
    # solar -5 counts as none; other 100 has no figure and the battery is storage.
    first = (1000 * COAL + 2500 * GAS) / (1000 + 2500 + 2000 + 1505 + 1000)
    # 500 coal, 3000 gas, 2000 nuclear, 1500 wind, 1000 hydro
    second = (500 * COAL + 3000 * GAS) / (500 + 3000 + 2000 + 1500 + 1000)
    assert found == {
        ("US-EIA-CISO", "direct", "2026-10-01T00"): pytest.approx(first),
        ("US-EIA-CISO", "direct", "2026-10-01T01"): pytest.approx(second),
    }


def test_an_hour_with_an_unknown_value_is_set_aside_whole():
    reading = read_example("eia_fuel_type.json", EIA)
    assert reading.quarantine["row_number"].to_list() == list(range(17, 25))
    assert "generation of this hour is not known" in reading.quarantine["reason"][0]
    assert "row 17 of the same hour" in reading.quarantine["reason"][1]
    assert reading.factors["source_rows"].to_list() == [8, 8]


def test_an_estimate_says_so_and_confirms_nothing():
    reading = read_example("eia_fuel_type.json", EIA)
    assert not reading.factors["checked_against_original"].any()
    assert "Generation-based estimate" in reading.factors["note"][0]
    words = said(reading)
    assert "BAT" in words and "OTH" in words and "Negative generation" in words


def test_an_answer_that_was_cut_off_says_so_and_its_last_hour_is_not_taken():
    rows = [row for row in eia_rows() if row["period"] != "2026-10-01T03"]
    for hour in range(4, 14):
        rows += [
            {**row, "period": f"2026-10-01T{hour:02}"}
            for row in rows[:8]
            if not (hour == 13 and row["fueltype"] in ("COL", "NG"))
        ]
    reading = read_bytes(eia(rows, total=7000), EIA)
    assert "EIA has 7000 rows" in said(reading)
    last = reading.quarantine
    assert last.height == 6 and "lacks COL, NG" in last["reason"][0]


@pytest.mark.parametrize("together", ["[%s,%s]", "%s\n%s"], ids=["list", "one-after-another"])
def test_an_hour_that_two_pages_share_is_whole_in_one_file(together):
    rows = eia_rows()[:16]
    pages = [eia(rows[:11], total=16).decode(), eia(rows[11:], total=16).decode()]
    reading = read_bytes((together % tuple(pages)).encode(), EIA)
    assert figures(reading) == figures(read_bytes(eia(rows), EIA))
    assert reading.factors.height == 2 and reading.quarantine.is_empty()
    assert "EIA has" not in said(reading)


def test_an_hour_mostly_of_unknown_fuel_has_no_factor():
    rows = [{**r, "value": 9000} if r["fueltype"] == "OTH" else r for r in eia_rows()[:8]]
    reading = read_bytes(eia(rows), EIA)
    # 9000 / (8005 + 9000) = 53 %
    assert reading.factors.is_empty()
    assert "53 % of this hour's generation" in reading.quarantine["reason"][0]


def test_an_hour_without_generation_has_no_factor():
    reading = read_bytes(eia([{**r, "value": "0"} for r in eia_rows()[:8]]), EIA)
    assert reading.factors.is_empty() and reading.quarantine.height == 8
    assert "nothing was generated" in reading.quarantine["reason"][0]


def test_points_that_a_document_leaves_out_repeat_the_one_before():
    reading = read_example("entsoe_generation.xml", ENTSOE)
    # Hour 0: gas (4000 + 4400 + 3600 + 4000) / 4 = 4000 MW, nuclear 2000, wind 1000.
    # Hour 1: gas 5000 and wind 2000 by their fifth points, nuclear 2000 by its only one.
    # Waste and others (B20, 100 MW) have no figure; what pumps draw is no generation.
    assert figures(reading) == {
        ("FR", "direct", "2026-01-01T00"): pytest.approx(4000 * 0.37 / 7000),
        ("FR", "direct", "2026-01-01T01"): pytest.approx(5000 * 0.37 / 9000),
        ("FR", "lifecycle", "2026-01-01T00"): pytest.approx(
            (4000 * 0.49 + 2000 * 0.012 + 1000 * 0.011) / 7000
        ),
        ("FR", "lifecycle", "2026-01-01T01"): pytest.approx(
            (5000 * 0.49 + 2000 * 0.012 + 2000 * 0.011) / 9000
        ),
    }
    assert reading.rows == 13


def test_a_table_with_two_header_rows_is_read_in_its_own_time():
    reading = read_example("entsoe_generation_DE_LU.csv", ENTSOE)
    # 00:00+01:00 is 23:00 UTC. Biomass 4000 (0), lignite 10000, gas 6000, wind 20000 MW.
    assert figures(reading) == {
        ("DE", "direct", "2025-12-31T23"): pytest.approx(
            (10000 * 0.76 + 6000 * 0.37) / (4000 + 10000 + 6000 + 20000)
        ),
        ("DE", "lifecycle", "2025-12-31T23"): pytest.approx(
            (4000 * 0.23 + 10000 * 0.82 + 6000 * 0.49 + 20000 * 0.011) / 40000
        ),
    }
    assert reading.quarantine["row_number"].to_list() == [7, 8]
    assert reading.quarantine["value"].to_list() == [None, "x"]


def test_a_table_with_one_header_row_is_read():
    lines = [
        ",Biomass,Fossil Gas,Nuclear",
        "2026-01-01 00:00:00+00:00,0.0,100.0,300.0",
        "2026-01-01 01:00:00+00:00,0.0,200.0,200.0",
    ]
    reading = read_bytes("\n".join(lines).encode(), ENTSOE, "generation_FR.csv")
    found = figures(reading)
    assert found["FR", "direct", "2026-01-01T00"] == pytest.approx(0.37 * 100 / 400)
    assert found["FR", "direct", "2026-01-01T01"] == pytest.approx(0.37 * 200 / 400)


def test_older_names_are_in_the_mix_and_columns_that_are_not_are_named():
    lines = [
        ",Fossil Gas,Hydro Run-of-river and poundage,Fusion",
        "2026-01-01 00:00:00+00:00,100.0,300.0,5.0",
        "2026-01-01 01:00:00+00:00,100.0,100.0,5.0",
    ]
    reading = read_bytes("\n".join(lines).encode(), ENTSOE, "generation_FR.csv")
    # gas 100 of 400 MW, then 100 of 200; water burns nothing
    assert figures(reading)["FR", "direct", "2026-01-01T00"] == pytest.approx(0.37 * 100 / 400)
    assert figures(reading)["FR", "direct", "2026-01-01T01"] == pytest.approx(0.37 * 100 / 200)
    assert "not in the mix: Fusion." in said(reading)


def test_an_hour_without_any_generation_is_set_aside():
    lines = [
        ",Fossil Gas,Nuclear",
        "2026-01-01 00:00:00+00:00,100.0,300.0",
        "2026-01-01 01:00:00+00:00,,",
    ]
    reading = read_bytes("\n".join(lines).encode(), ENTSOE, "generation_FR.csv")
    assert reading.rows == 2
    assert reading.quarantine["row_number"].to_list() == [3]
    assert "No generation in any column" in reading.quarantine["reason"][0]


def test_a_table_whose_name_tells_no_area_is_refused():
    data = (DATA / "entsoe_generation_DE_LU.csv").read_bytes()
    with pytest.raises(RefusalError, match="does not say which area"):
        read_bytes(data, ENTSOE, "generation.csv")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("<type>A75</type>", "<type>A65</type>", "of type A65"),
        ("</GL_MarketDocument>", "", "not XML that can be read"),
        ("<GL_MarketDocument", '<!DOCTYPE x [<!ENTITY a "b">]><GL_MarketDocument', "entities"),
    ],
    ids=["load", "cut-off", "entities"],
)
def test_a_document_that_is_no_generation_is_refused(before, after, reason):
    text = (DATA / "entsoe_generation.xml").read_text("utf-8").replace(before, after)
    with pytest.raises(RefusalError, match=reason):
        read_bytes(text.encode(), ENTSOE)


def test_a_period_without_points_gives_nothing():
    text = (DATA / "entsoe_generation.xml").read_text("utf-8")
    point = "<Point><position>1</position><quantity>100</quantity></Point>"
    whole = figures(read_example("entsoe_generation.xml", ENTSOE))
    # The point is that of B20, which has no figure: the mix is the same without it.
    assert text.count(point) == 1
    assert figures(read_bytes(text.replace(point, "").encode(), ENTSOE)) == whole


def test_the_answer_that_there_is_no_data_is_refused_in_its_own_words():
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><Acknowledgement_MarketDocument xmlns="urn:x">'
        "<Reason><code>999</code><text>No matching data found</text></Reason>"
        "</Acknowledgement_MarketDocument>"
    )
    with pytest.raises(RefusalError, match="No matching data found"):
        read_bytes(text.encode(), ENTSOE)
