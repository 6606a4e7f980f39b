"""Quoted text: splitting all lines at once gives what reading record by record gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbon.tables import Payload, RefusalError, Table, read_table
from carbon.tables.lines import cells_of_lines, parse_records
from carbon.tables.payload import Correction

HEADER = ["a", "b", "c"]

fragments = st.sampled_from(
    ["", "x", "1.5", " ", '"', '""', ",", ";", "\n", '"x"', '"x,y"', '"x\ny"', 'x"y', '"x""y"']
)
texts = st.lists(fragments, max_size=40).map("".join)
cells = st.sampled_from(["", "x", '"x"', '"x,y"', '"x""y"', '""""', '"x\ny"', '"\n"', "\ufeffx"])
regular = st.lists(st.lists(cells, min_size=2, max_size=5).map(",".join), max_size=12).map(
    "\n".join
)


def record_by_record(lines: list[str]) -> tuple[dict[int, list[str]], dict[int, str]]:
    """What each row holds, and the rows that do not fit: one record after the other."""
    good, bad = {}, {}
    for row, fields, fault in parse_records(lines, ",", len(HEADER)):
        trimmed = fields
        if len(fields) > len(HEADER) and not any(f.strip() for f in fields[len(HEADER) :]):
            trimmed = fields[: len(HEADER)]
        if not any(cell.strip() for cell in trimmed):
            continue
        if fault or len(trimmed) != len(HEADER):
            bad[row] = ",".join(fields)[:200] if fault else ",".join(trimmed)[:200]
        else:
            good[row] = trimmed
    return good, bad


@given(st.one_of(texts, regular))
@settings(max_examples=500, deadline=None)
def test_all_at_once_and_one_by_one_agree(text: str) -> None:
    lines = text.split("\n")
    frame, numbers, defects = cells_of_lines(lines, 1, ",", HEADER, {})
    good, bad = record_by_record(lines)
    read = dict(zip(numbers, map(list, frame.rows()), strict=True))
    blank = [row for row, row_cells in read.items() if not any(c.strip() for c in row_cells)]
    assert {row: value for row, value in read.items() if row not in blank} == good
    assert sorted(defects["row_number"]) == sorted(bad)


def table(text: str, *corrections: Correction) -> Table:
    payload = Payload("f.csv", "text", text=text, corrections=corrections)
    return read_table(payload, ("workload", "zone", "energy_kwh"))


def test_regular_and_odd_lines_stand_in_their_order_under_their_numbers() -> None:
    read = table(
        "workload,zone,energy_kwh\n"
        'plain,GB,1\n"quoted, twice",GB,2\n"two\nlines",GB,3\n'  # rows 2, 3, 4
        'mid"dle,GB,4\n"he said ""x""",GB,5\n\n"",GB,6\n"open,GB,7\n"tail"er,GB,8\nlast,GB,9'
    )
    assert read.row_numbers.to_list() == [2, 3, 4, 5, 6, 8, 10, 11]
    assert read.frame["workload"].to_list() == [
        "plain",
        "quoted, twice",
        "two\nlines",
        'mid"dle',
        'he said "x"',
        None,
        "tailer",
        "last",
    ]
    assert read.defects.select("row_number", "reason").rows() == [
        (9, "a quotation mark is not closed")
    ]


def test_a_quoted_line_that_is_retyped_is_read_as_it_was_retyped() -> None:
    text = 'workload,zone,energy_kwh\n"a, b",GB,1\n"c",GB\nd,GB,3\n'
    assert table(text).defects["value"].to_list() == ["c,GB"]
    read = table(text, Correction(row=3, column=None, before="c,GB", after='"c, d",GB,2'))
    assert read.frame["workload"].to_list() == ["a, b", "c, d", "d"]
    assert read.defects.height == 0


@pytest.mark.parametrize("size", [131_072, 131_073], ids=["as long as allowed", "too long"])
def test_a_quoted_cell_beyond_all_length_costs_only_its_row(size: int) -> None:
    read = table(f'workload,zone,energy_kwh\n"{"x" * size}",GB,1\nb,GB,2\n')
    assert read.rows == 2
    assert read.defects.height == (1 if size > 131_072 else 0)


def test_a_header_that_never_closes_its_quotation_is_refused_in_words() -> None:
    with pytest.raises(RefusalError, match=r"f\.csv"):
        table('"workload,zone,energy_kwh\n' * 2)
