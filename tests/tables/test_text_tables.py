"""Delimiters, headers, encodings and rows that do not fit."""

import pytest

from carbon.tables import Payload, RefusalError, Table, match_names, read_table
from carbon.tables.decoding import decode

KNOWN = ("workload", "zone", "energy_kwh")


def table(text: str) -> Table:
    return read_table(Payload("f.csv", "text", text=text), KNOWN)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = "workload,zone,energy_kwh\na,GB,1\n".replace(",", delimiter)
    read = table(text)
    assert read.frame.rows() == [("a", "GB", "1")]
    assert read.delimiter == delimiter


def test_a_preamble_is_skipped_and_row_numbers_are_those_of_a_spreadsheet() -> None:
    read = table("Report of 2025\n\nworkload,zone,energy_kwh\na,GB,1\n\nb,FR,2\n")
    assert read.header_row == 3
    assert read.row_numbers.to_list() == [4, 6]
    assert read.frame["workload"].to_list() == ["a", "b"]


def test_a_cell_with_a_line_break_stays_in_one_row() -> None:
    read = table('workload,zone,energy_kwh\n"two\nlines",GB,"1,5"\nb,FR,2\n')
    assert read.frame.rows() == [("two\nlines", "GB", "1,5"), ("b", "FR", "2")]
    assert read.row_numbers.to_list() == [2, 3]


def test_a_row_with_too_few_or_too_many_fields_costs_only_itself() -> None:
    read = table("workload,zone,energy_kwh\na,GB\nb,FR,2\nc,FR,3,4\n")
    assert read.frame["workload"].to_list() == ["b"]
    assert read.defects["row_number"].to_list() == [2, 4]
    assert "2 fields and the header 3" in read.defects["reason"][0]
    assert "4 fields and the header 3" in read.defects["reason"][1]
    assert read.rows == 3


def test_surplus_empty_fields_are_no_fault() -> None:
    read = table("workload,zone,energy_kwh,,\na,GB,1,,\nb,FR,2\nc,FR,3,,,,\n")
    assert read.frame["workload"].to_list() == ["a", "b", "c"]


def test_a_quotation_mark_that_never_closes_costs_only_its_row() -> None:
    read = table('workload,zone,energy_kwh\na,GB,1\n"b,FR,2\nc,FR,3\n"d",FR,4\n')
    assert read.frame["workload"].to_list() == ["a", "c", "d"]
    assert read.defects.select("row_number", "reason").rows() == [
        (3, "a quotation mark is not closed")
    ]


def test_a_header_that_stands_again_is_no_row() -> None:
    read = table("workload,zone,energy_kwh\na,GB,1\nworkload,zone,energy_kwh\nb,FR,2\n")
    assert read.frame["workload"].to_list() == ["a", "b"]
    assert [note.row for note in read.notes] == [3]


def test_a_column_named_twice_costs_only_rows_in_which_the_two_differ() -> None:
    read = table("workload,zone,zone\na,GB,GB\nb,GB,FR\nc,,FR\n")
    assert read.frame.rows() == [("a", "GB"), ("c", "FR")]
    assert read.defects.select("row_number", "column", "value").rows() == [(3, "zone", "GB / FR")]
    assert "columns 2 and 3" in read.notes[0].reason


def test_a_header_only_is_refused() -> None:
    with pytest.raises(RefusalError, match=r"f\.csv holds a header and no rows"):
        table("workload,zone,energy_kwh\n")


def test_names_match_as_written_first_then_without_case() -> None:
    found, notes = match_names(["Workload", "zone", "ENERGY kWh"], KNOWN)
    assert found == {"workload": "Workload", "zone": "zone", "energy_kwh": "ENERGY kWh"}
    assert [note.column for note in notes] == ["Workload", "ENERGY kWh"]
    exact, _ = match_names(["ZONE", "zone"], ["zone"])
    assert exact == {"zone": "zone"}


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_decoded_with_or_without_a_mark(codec: str) -> None:
    text = "workload,zone\n学習ジョブ,GB\nordinary ascii text follows here,FR\n" * 5
    decoded, _, warnings = decode("f.csv", text.encode(codec))
    assert decoded == text
    assert warnings == ()


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("cp1252", "Modèle d'été — entraînement général à Genève"),
        ("cp932", "学習ジョブと推論サービスの電力量"),
        ("cp1250", "Zażółć gęślą jaźń, szkolenie dużych modeli językowych w Łodzi"),
    ],
)
def test_a_legacy_encoding_is_read_right_and_said_to_be_a_guess(codec: str, name: str) -> None:
    text = f"workload,zone\n{name},FR\n"
    decoded, _, warnings = decode("f.csv", text.encode(codec))
    assert decoded == text
    assert "not UTF-8" in warnings[0]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("cp1252", "Señor-Ångström"),
        ("cp1252", "modèle-été"),
        ("cp1252", "Bänd€"),
        ("cp1252", "Größe für Grüße"),
        ("cp1252", "“Projet” – l’été"),
        ("cp932", "学習"),
        ("gb18030", "大型语言模型的训练任务和推理服务的电力消耗"),
        ("cp1251", "Обучение модели в Москве"),
        ("cp1250", "Zażółć"),
    ],
)
def test_a_few_accents_are_western_and_other_scripts_are_not(codec: str, name: str) -> None:
    text = f"workload,zone,period_start,energy_kwh\n{name},FR,2025-01-01,12\n"
    decoded, encoding, warnings = decode("f.csv", text.encode(codec))
    assert (decoded, encoding) == (text, codec)
    assert f"read as {codec}" in warnings[0]


def test_damaged_characters_cost_only_their_row() -> None:
    text = "workload,zone\nsérie é è,FR\n学習,GB\n".encode()
    broken = text.replace("習".encode(), "習".encode()[:2])
    decoded, encoding, warnings = decode("f.csv", broken)
    assert encoding == "UTF-8"
    assert warnings
    read = table(decoded)
    assert read.frame["workload"].to_list() == ["série é è"]
    assert read.defects.select("row_number", "column").rows() == [(3, "workload")]


def test_binary_data_is_refused() -> None:
    with pytest.raises(RefusalError, match="not a text file"):
        decode("f.csv", bytes(range(1, 32)) * 50)


def test_an_unknown_column_named_twice_costs_no_row() -> None:
    read = table("workload,zone,team,team\na,GB,red,blue\nb,FR,red,red\n")
    assert read.columns == ["workload", "zone", "team", "team (2)"]
    assert read.frame.rows() == [("a", "GB", "red", "blue"), ("b", "FR", "red", "red")]
    assert read.defects.height == 0
    assert read.notes[0].column == "team"
