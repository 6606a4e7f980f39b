"""Tables carry words on screen and full precision in their CSV."""

import csv
import io

import polars as pl
import pytest

from pages.ui import tables


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_marked_as_text(text):
    frame = pl.DataFrame({"workload": [text, "plain"], "kwh": [-1.5, 2.0]})
    rows = list(csv.reader(io.StringIO(tables.csv(frame).decode("utf-8-sig"), newline="")))
    assert rows == [["workload", "kwh"], ["'" + text, "-1.5"], ["plain", "2.0"]]


def test_csv_keeps_what_a_figure_has_without_the_dust_of_binary_sums():
    frame = pl.DataFrame({"name": ["a", "b", "c"], "kg": [0.1 + 0.2, None, 123456.789012]})
    lines = tables.csv(frame).decode("utf-8-sig").splitlines()
    assert lines == ["name,kg", "a,0.3", "b,", "c,123456.789012"]


def test_a_row_with_two_reasons_is_one_row():
    frame = pl.DataFrame(
        {"file": ["a", "a", "b"], "row": [2, 2, 2], "reason": ["no place", "no end", "no place"]}
    )
    assert tables.rows_of(frame) == 2


def test_codes_become_words_and_unknown_codes_stand():
    frame = pl.DataFrame(
        {"lifecycle": ["fine_tuning", "brewing", None], "tier": ["T5", None, "T1"]}
    )
    shown = tables.in_words(frame)
    assert shown["lifecycle"].to_list() == ["Fine-tuning", "brewing", None]
    assert shown["tier"].to_list() == ["Hours × TDP", None, "Metered, facility"]
