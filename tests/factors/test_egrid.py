"""EPA's own workbook: rates by code, units by description, and what it says of shipped figures."""

import io
from datetime import UTC, datetime

import polars as pl
import pytest
import xlsxwriter
from egrid_workbook import CAMX_2023, workbook

from carbon.factors import check, egrid
from carbon.factors.library import load
from carbon.factors.source import Context
from carbon.schema import Factor
from carbon.tables import Payload, RefusalError
from carbon.tables.recognition import peek

EVIDENCE = "f" * 64
LB = 0.45359237  # kg per lb, exact
NAME = "egrid2023_data_rev2.xlsx"


def payload(data: bytes, name: str = NAME) -> Payload:
    return Payload(name, "xlsx", data=data)


def read(data: bytes, name: str = NAME):
    factors, aside, rows = egrid.read_workbook(payload(data, name), EVIDENCE)
    Factor.validate(factors)
    assert factors["row_number"].n_unique() + aside["row_number"].n_unique() == rows
    return factors, aside, rows


def test_camx_becomes_0_195037_kg_per_kwh():
    """429.983 lb/MWh x 0.45359237 kg/lb / 1000 kWh/MWh = 0.195037 kg/kWh."""
    factors, aside, rows = read(workbook({"CAMX": CAMX_2023}))
    assert (aside.height, rows) == (0, 3)
    row = factors.filter(zone="CAMX").row(0, named=True)
    assert row["kg_co2e_per_kwh"] == pytest.approx(429.983 * LB / 1000, rel=1e-12)
    assert row["co2_kg_per_kwh"] == pytest.approx(428.464 * LB / 1000, rel=1e-12)
    assert row["ch4_kg_per_kwh"] == pytest.approx(0.026 * LB / 1000, rel=1e-12)
    assert row["valid_from"] == datetime(2023, 1, 1, tzinfo=UTC)
    assert row["valid_to"] == datetime(2024, 1, 1, tzinfo=UTC)
    assert (row["publisher"], row["release"]) == ("U.S. EPA", "eGRID2023 rev2")
    assert (row["gwp_set"], row["origin"]) == ("AR5", "workspace")
    assert row["checked_against_original"] is True
    assert row["document"] == f"{NAME}, sheet SRL23"
    assert row["row_number"] == 3


def test_states_and_the_nation_are_read_too():
    factors, _, _ = read(
        workbook({"CAMX": CAMX_2023}, states={"IN": (1, 1, 1, 1500.0)}, nation=(1, 1, 1, 770.884))
    )
    found = dict(factors.select("zone", "kg_co2e_per_kwh").iter_rows())
    assert found["US-IN"] == pytest.approx(1500 * LB / 1000)
    assert found["US"] == pytest.approx(770.884 * LB / 1000)


def test_the_metric_edition_is_converted_by_its_header():
    factors, _, _ = read(workbook({"CAMX": (194.348, 0.012, 0.001, 195.037)}, unit="kg/MWh"))
    assert factors.filter(zone="CAMX")["kg_co2e_per_kwh"].item() == pytest.approx(0.195037)


def test_methane_of_older_editions_is_in_lb_per_gwh():
    """26 lb/GWh = 0.026 lb/MWh = 0.026 x 0.45359237 / 1000 kg/kWh."""
    factors, _, _ = read(
        workbook({"CAMX": (428.464, 26, 3, 429.983)}, year=2016, gas_unit="lb/GWh")
    )
    row = factors.filter(zone="CAMX").row(0, named=True)
    assert row["ch4_kg_per_kwh"] == pytest.approx(0.026 * LB / 1000, rel=1e-12)
    assert row["gwp_set"] is None


def test_an_area_without_a_rate_is_set_aside_and_the_others_kept():
    factors, aside, _ = read(
        workbook({"CAMX": CAMX_2023, "PRMS": (None,) * 4, "ERCT": (1, 1, 1, "n/a")})
    )
    assert "CAMX" in set(factors["zone"])
    assert not {"PRMS", "ERCT"} & set(factors["zone"])
    assert aside.select("row_number", "value").rows() == [(4, None), (5, "n/a")]
    assert "sheet SRL23, PRMS: the cell has no CO2e rate" in aside["reason"][0]


def test_a_rate_beyond_any_grid_is_set_aside():
    _, aside, _ = read(workbook({"CAMX": (1, 1, 1, 429_983)}))
    assert "above 3 kg/kWh" in aside["reason"].item()


def test_a_missing_column_refuses_the_file():
    with pytest.raises(RefusalError, match="sheet SRL23 lacks the column SRC2ERTA"):
        read(workbook({"CAMX": CAMX_2023}, without="SRC2ERTA"))


def test_a_file_that_is_cut_off_refuses():
    with pytest.raises(RefusalError, match="cannot be opened"):
        read(workbook({"CAMX": CAMX_2023})[:2000])


def test_it_is_recognised_by_its_sheets_not_its_name():
    def sure(file: Payload) -> float:
        return egrid.sniff(peek(file, ())).confidence

    assert sure(payload(workbook({"CAMX": CAMX_2023}), "figures.xlsx")) == 1
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.add_worksheet("Sheet1").write(0, 0, "zone")
    book.close()
    assert sure(payload(buffer.getvalue(), NAME)) == 0
    assert sure(Payload(NAME, "text", "SRL23")) == 0
    assert sure(payload(b"PK\x03\x04 not a workbook")) == 0


def library_gases(zone: str) -> tuple[float, ...]:
    """The shipped figures of a subregion back in lb/MWh, to EPA's three decimals."""
    row = load().factors.filter(zone=zone, vintage="2023").row(0, named=True)
    columns = ("co2_kg_per_kwh", "ch4_kg_per_kwh", "n2o_kg_per_kwh", "kg_co2e_per_kwh")
    return tuple(round(row[column] / LB * 1000, 3) for column in columns)


def test_importing_the_original_confirms_what_agrees():
    co2, ch4, n2o, co2e = library_gases("CAMX")
    assert (co2, co2e) == (428.464, 429.983)
    imported, _, _ = read(workbook({"CAMX": (co2, ch4, n2o, co2e), "AKGD": (1, 1, 1, 1219.0)}))
    confirmed = check.confirmed(load().factors, imported)
    shipped = load().factors.filter(vintage="2023")
    camx = shipped.filter(zone="CAMX")["factor_id"].item()
    akgd = shipped.filter(zone="AKGD")["factor_id"].item()
    assert camx in confirmed
    assert akgd not in confirmed
    found = check.differences(load().factors, imported).filter(factor_id=akgd)
    co2e = found.filter(figure="kg_co2e_per_kwh").row(0, named=True)
    assert co2e["shipped"] == pytest.approx(905.109 * LB / 1000)
    assert co2e["original"] == pytest.approx(1219.0 * LB / 1000)
    assert camx not in set(check.differences(load().factors, imported)["factor_id"])


def test_agreement_is_half_a_unit_in_the_last_place():
    """Shipped to 0.001 lb/MWh: an original of 429.9834 rounds to it, one of 429.9836 does not."""
    co2, ch4, n2o, _ = library_gases("CAMX")
    camx = load().factors.filter(zone="CAMX", vintage="2023")["factor_id"].item()
    for original, agrees in ((429.9834, True), (429.9836, False)):
        imported, _, _ = read(workbook({"CAMX": (co2, ch4, n2o, original)}))
        assert (camx in check.confirmed(load().factors, imported)) is agrees


def test_a_figure_in_another_gwp_set_is_judged_by_its_gases():
    """Shipped for 2021: CO2 531.7 lb/MWh to one decimal, CO2e computed with AR5."""
    shipped = load().factors.filter(zone="CAMX", vintage="2021").row(0, named=True)
    ch4, n2o = (shipped[c] / LB * 1000 for c in ("ch4_kg_per_kwh", "n2o_kg_per_kwh"))
    for co2, agrees in ((531.68, True), (531.8, False)):
        imported, _, _ = read(workbook({"CAMX": (co2, ch4, n2o, 533.9)}, year=2021))
        confirmed = check.confirmed(load().factors, imported)
        assert (shipped["factor_id"] in confirmed) is agrees


def test_a_users_own_transcription_confirms_nothing():
    co2, ch4, n2o, co2e = library_gases("CAMX")
    imported, _, _ = read(workbook({"CAMX": (co2, ch4, n2o, co2e)}))
    typed = imported.with_columns(checked_against_original=pl.lit(False))
    assert check.confirmed(load().factors, typed) == []


def test_methane_is_in_lb_per_gwh_before_2018_where_no_unit_is_named():
    """As above, with a description that names none."""
    factors, _, _ = read(
        workbook({"CAMX": (428.464, 26, 3, 429.983)}, year=2016, unit="rate", gas_unit="rate")
    )
    row = factors.filter(zone="CAMX").row(0, named=True)
    assert row["ch4_kg_per_kwh"] == pytest.approx(0.026 * LB / 1000, rel=1e-12)
    assert row["kg_co2e_per_kwh"] == pytest.approx(429.983 * LB / 1000, rel=1e-12)


def test_grid_gross_losses_are_named_and_left():
    reading = egrid.read(payload(workbook({"CAMX": CAMX_2023})), Context(EVIDENCE))
    assert "GGL23 holds grid gross losses" in reading.notes[0].reason
