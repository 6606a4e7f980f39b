"""WattTime: average rates in lb/MWh become hours; marginal rates are refused."""

import json

import pytest
from factor_files import DATA, figures, read_bytes, read_example, said

from carbon.tables import RefusalError

FORMAT = "watttime"
LB = 0.45359237  # kg per lb, exact


def changed(**meta: object) -> bytes:
    document = json.loads((DATA / "watttime_aoer.json").read_text("utf-8"))
    document["meta"] |= meta
    return json.dumps(document).encode()


def test_twelve_points_become_the_mean_of_their_hour():
    reading = read_example("watttime_aoer.json", FORMAT)
    # 600, 601 .. 611 lb/MWh: mean 605.5; x 0.45359237 kg/lb / 1000 kWh/MWh = 0.274650 kg/kWh
    assert figures(reading) == {
        ("CAISO_NORTH", "direct", "2026-09-01T00"): pytest.approx(605.5 * LB / 1000),
        ("CAISO_NORTH", "direct", "2026-09-01T02"): pytest.approx(430 * LB / 1000),
    }
    assert reading.factors["source_rows"].to_list() == [12, 12]
    assert set(reading.factors["gases"]) == {"CO2"}
    assert reading.factors["co2_kg_per_kwh"].equals(reading.factors["kg_co2e_per_kwh"])
    assert "CO2 alone" in said(reading)


def test_an_hour_of_which_most_points_are_missing_has_no_mean():
    aside = read_example("watttime_aoer.json", FORMAT).quarantine
    assert aside["row_number"].to_list() == [13, 14, 15, 16, 17]
    assert "only 5 of 12 points" in aside["reason"][0]


@pytest.mark.parametrize(
    ("meta", "reason"),
    [
        ({"signal_type": "co2_moer"}, "marginal emission rates.*Import average factors"),
        ({"signal_type": "health_damage"}, "not an emission"),
        ({"units": "kg_co2_per_mwh"}, "unit is 'kg_co2_per_mwh'"),
        ({"region": ""}, "does not say its region"),
    ],
    ids=["marginal", "health-damage", "unit", "region"],
)
def test_what_is_no_average_rate_is_refused(meta, reason):
    with pytest.raises(RefusalError, match=reason):
        read_bytes(changed(**meta), FORMAT)


CSV = "point_time,value\n" + "".join(
    f"2026-09-01 {minute // 60:02}:{minute % 60:02}:00+00:00,{600 + minute / 5}\n"
    for minute in range(0, 120, 5)
)


def test_the_csv_of_the_client_is_told_by_its_name():
    reading = read_bytes(CSV.encode(), FORMAT, "CAISO_NORTH_co2_aoer_2026-09-01_2026-09-02.csv")
    # 600 .. 611 lb/MWh, mean 605.5; 612 .. 623, mean 617.5
    assert figures(reading) == {
        ("CAISO_NORTH", "direct", "2026-09-01T00"): pytest.approx(605.5 * LB / 1000),
        ("CAISO_NORTH", "direct", "2026-09-01T01"): pytest.approx(617.5 * LB / 1000),
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("CAISO_NORTH_co2_moer_2026-09-01_2026-09-02.csv", "marginal emission rates"),
        ("moers.csv", "does not say in its name of which region"),
    ],
    ids=["marginal", "nameless"],
)
def test_a_csv_of_marginal_or_unknown_rates_is_refused(name, reason):
    with pytest.raises(RefusalError, match=reason):
        read_bytes(CSV.encode(), FORMAT, name)


def test_pages_of_two_regions_are_no_region():
    pages = [json.loads(changed(region=region)) for region in ("CAISO_NORTH", "ERCOT")]
    with pytest.raises(RefusalError, match="does not say its region"):
        read_bytes(json.dumps(pages).encode(), FORMAT)
    same = [json.loads(changed(warnings=[region])) for region in ("a", "b")]
    assert figures(read_bytes(json.dumps(same[:1]).encode(), FORMAT)) == figures(
        read_example("watttime_aoer.json", FORMAT)
    )
