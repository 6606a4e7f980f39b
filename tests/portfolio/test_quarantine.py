"""Rows that were set aside get in, or are discarded, and no row that was taken ever changes."""

import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from carbon.portfolio import Fix, Portfolio, PortfolioError

# Rows 3 and 5 have a unit that nobody knows, row 4 a date of no calendar, row 6 is below zero.
# Row 2 counts 10 kWh; mended, row 3 has 2 MWh = 2 000 kWh and row 5 3 MWh = 3 000 kWh.
FILE = b"""\
workload,zone,period_start,period_end,energy_kwh
chat,CAMX,2025-01-01,2025-01-31,10
rag,CAMX,2025-01-01,2025-01-31,2 megawatthours
tune,CAMX,2025-02-30,2025-03-31,7
rag,CAMX,2025-02-01,2025-02-28,3 megawatthours
chat,CAMX,2025-02-01,2025-02-28,-5
"""


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    mine = Portfolio(tmp_path / "ws")
    taken = mine.import_files([("june.csv", FILE)], who="ana").files[0]
    assert (taken.rows, taken.accepted, taken.quarantined) == (5, 1, 4)
    return mine


def evidence(portfolio: Portfolio) -> str:
    return str(portfolio.quarantine_rows()["evidence_id"][0])


def kwh(portfolio: Portfolio) -> dict[tuple[str, int], float]:
    """What the ledger holds: (workload, row) -> kWh."""
    rows = portfolio._workspace.ledger.current_activity()
    return {
        (name, row): quantity
        for name, row, quantity in rows.select("workload", "row_number", "quantity").iter_rows()
    }


def rows(portfolio: Portfolio) -> list[int]:
    return portfolio.quarantine()["row"].to_list()


def test_reasons_come_with_their_counts_the_most_frequent_first(portfolio):
    reasons = portfolio.quarantine_reasons()
    assert reasons.select("column", "rows").rows()[0] == ("energy_kwh", 2)
    assert reasons["rows"].to_list() == [2, 1, 1]
    # Two rows, one kind: the unit that they share is in the words.
    assert "megawatthours" in reasons["reason"][0]


def test_the_whole_row_is_shown_with_the_cells_of_the_file(portfolio):
    cells = portfolio.quarantine_cells(evidence(portfolio))
    assert cells.columns == [
        "(row)", "workload", "zone", "period_start", "period_end", "energy_kwh",
    ]  # fmt: skip
    assert cells.row(0) == (3, "rag", "CAMX", "2025-01-01", "2025-01-31", "2 megawatthours")
    assert cells["(row)"].to_list() == [3, 4, 5, 6]


def test_one_cell_is_mended_and_its_row_taken(portfolio):
    mend = {"evidence_id": evidence(portfolio), "row": 4, "column": "period_start"}
    assert portfolio.correct([{**mend, "after": "2025-03-01"}], reason="typo", who="ana") == 1
    assert rows(portfolio) == [3, 4, 5, 6]  # nothing is read before the file is submitted again
    result = portfolio.resubmit(mend["evidence_id"], who="ana")
    assert (result.rows, result.accepted, result.quarantined, result.duplicates) == (5, 1, 3, 1)
    assert rows(portfolio) == [3, 5, 6]
    assert kwh(portfolio) == {("chat", 2): 10.0, ("tune", 4): 7.0}


def test_a_whole_column_is_mended_by_one_rule_after_a_preview(portfolio):
    rule = (evidence(portfolio), "energy_kwh", Fix("unit", "MWh"))
    kind = portfolio.quarantine_reasons()["kind"][0]
    preview = portfolio.preview_fix(*rule, kind=kind)
    assert preview.select("row", "before", "after", "passes").rows() == [
        (3, "2 megawatthours", "2 MWh", True),
        (5, "3 megawatthours", "3 MWh", True),
    ]
    assert kwh(portfolio) == {("chat", 2): 10.0}  # a preview writes nothing
    assert portfolio.fix_column(*rule, kind=kind, who="ana") == 2
    result = portfolio.resubmit(rule[0])
    assert (result.accepted, result.quarantined, result.duplicates) == (2, 2, 1)
    # 2 MWh x 1 000 and 3 MWh x 1 000.
    assert kwh(portfolio) == {("chat", 2): 10.0, ("rag", 3): 2000.0, ("rag", 5): 3000.0}


def test_a_preview_says_what_would_still_be_wrong(portfolio):
    preview = portfolio.preview_fix(evidence(portfolio), "energy_kwh", Fix("unit", "MWh"))
    last = preview.row(-1, named=True)
    assert (last["row"], last["after"], last["passes"]) == (6, "-5 MWh", False)
    assert "negative" in last["why"]


def test_a_correction_that_does_not_help_leaves_the_row_with_its_new_reason(portfolio):
    mend = {"evidence_id": evidence(portfolio), "row": 6, "column": "energy_kwh"}
    portfolio.correct([{**mend, "after": "-6"}])
    portfolio.resubmit(mend["evidence_id"])
    left = portfolio.quarantine().filter(pl.col("row") == 6).row(0, named=True)
    assert (left["column"], left["value"]) == ("energy_kwh", "-6")
    # The cell can be mended again, from what was written last.
    assert portfolio.quarantine_cells(mend["evidence_id"])["energy_kwh"].to_list()[-1] == "-6"
    portfolio.correct([{**mend, "after": "6"}])
    portfolio.resubmit(mend["evidence_id"])
    assert kwh(portfolio) == {("chat", 2): 10.0, ("chat", 6): 6.0}


def test_a_discarded_row_stays_out_with_its_reason_and_can_be_restored(portfolio):
    file = evidence(portfolio)
    assert portfolio.discard(file, [6], reason="a credit note", who="bo") == 1
    assert rows(portfolio) == [3, 4, 5]
    told = portfolio.quarantine(discarded=True).filter(pl.col("row") == 6)["reason"][0]
    assert told.startswith("discarded (a credit note): ")
    assert portfolio.resubmit(file).quarantined == 4
    assert rows(portfolio) == [3, 4, 5]
    assert portfolio.restore(file, [6], who="bo") == 1
    assert rows(portfolio) == [3, 4, 5, 6]


def test_a_row_that_was_discarded_is_not_taken_even_where_it_could_be(portfolio):
    file = evidence(portfolio)
    portfolio.correct([{"evidence_id": file, "row": 6, "column": "energy_kwh", "after": "6"}])
    portfolio.discard(file, [6], reason="a credit note")
    assert portfolio.resubmit(file).accepted == 0
    assert portfolio.import_files([("june.csv", FILE)]).files[0].accepted == 0
    portfolio.restore(file, [6])
    assert portfolio.resubmit(file).accepted == 1
    assert kwh(portfolio)["chat", 6] == 6.0


def test_a_discard_needs_a_reason_and_a_row_that_is_set_aside(portfolio):
    with pytest.raises(PortfolioError, match="Say why"):
        portfolio.discard(evidence(portfolio), [6], reason=" ")
    with pytest.raises(PortfolioError, match=r"Row 2 of june\.csv is not set aside"):
        portfolio.discard(evidence(portfolio), [2], reason="why not")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (2, "energy_kwh", "Row 2 of june.csv is not set aside"),
        (3, "colour", "has no column colour"),
        (3, "(whole line)", "has no line"),
    ],
)
def test_what_is_no_cell_of_a_row_set_aside_cannot_be_written(portfolio, row, column, words):
    change = {"evidence_id": evidence(portfolio), "row": row, "column": column, "after": "1"}
    with pytest.raises(PortfolioError, match=words):
        portfolio.correct([change])
    assert portfolio.decisions().is_empty()


def test_every_decision_is_listed_with_what_came_of_it(portfolio):
    file = evidence(portfolio)
    portfolio.fix_column(
        file, "energy_kwh", Fix("unit", "MWh"), kind=portfolio.quarantine_reasons()["kind"][0]
    )
    portfolio.discard(file, [6], reason="a credit note", who="bo")
    portfolio.resubmit(file)
    told = portfolio.decisions().select("what", "row", "before", "after", "reason", "state")
    assert told.rows() == [
        ("discarded", 6, None, None, "a credit note", "discarded"),
        ("corrected", 5, "3 megawatthours", "3 MWh", "unit MWh", "taken"),
        ("corrected", 3, "2 megawatthours", "2 MWh", "unit MWh", "taken"),
    ]
    log = portfolio._workspace.events.all()
    assert log["action"].to_list() == ["import", "correct", "discard", "import"]
    assert portfolio.verify()["ok"]


def test_evidence_stays_as_it_was_received(portfolio, tmp_path):
    file = evidence(portfolio)
    portfolio.fix_column(file, "energy_kwh", Fix("unit", "MWh"))
    portfolio.resubmit(file)
    assert portfolio._workspace.evidence.get(file) == FILE
    elsewhere = Portfolio(tmp_path / "elsewhere")
    taken = elsewhere.import_files([("june.csv", FILE)]).files[0]
    assert (taken.accepted, taken.quarantined) == (1, 4)


def test_the_same_file_again_is_read_with_its_corrections(portfolio):
    file = evidence(portfolio)
    portfolio.fix_column(file, "energy_kwh", Fix("unit", "MWh"))
    again = portfolio.import_files([("june.csv", FILE)]).files[0]
    assert (again.accepted, again.quarantined, again.duplicates) == (2, 2, 1)


def test_a_member_of_an_archive_is_mended_on_its_own(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("june.csv", FILE)
        archive.writestr("july.csv", FILE.replace(b"2025", b"2026"))
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("all.zip", out.getvalue())])
    july = mine.quarantine_rows().filter(pl.col("file").str.ends_with("july.csv"))
    mine.fix_column(july["evidence_id"][0], "energy_kwh", Fix("unit", "MWh"))
    assert mine.resubmit(july["evidence_id"][0]).accepted == 2
    left = mine.quarantine_reasons().filter(pl.col("column") == "energy_kwh")
    assert dict(left.group_by("file").agg(pl.col("rows").sum()).iter_rows()) == {
        "all.zip › june.csv": 3,
        "all.zip › july.csv": 1,
    }


def test_a_line_that_makes_no_row_can_be_retyped(tmp_path):
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("june.csv", FILE + b"chat,CAMX,2025-03-01,2025-03-31,1,234\n")])
    file = evidence(mine)
    cells = mine.quarantine_cells(file)
    line = cells.filter(pl.col("(row)") == 7)["(whole line)"][0]
    assert line == "chat,CAMX,2025-03-01,2025-03-31,1,234"
    whole = {"evidence_id": file, "row": 7, "column": "(whole line)"}
    mine.correct([{**whole, "after": line.replace("1,234", '"1,234"')}])
    assert mine.resubmit(file).accepted == 1
    assert kwh(mine)["chat", 7] == 1234.0


def test_a_nested_answer_is_mended_where_its_rows_are_those_of_a_table(tmp_path):
    """Azure's items, bare: the figure of the second has a comma too many."""
    items = [
        {"dataType": "MonthlySummaryData", "date": f"2025-0{month}-01", "latestMonthEmissions": kg}
        for month, kg in ((1, 5), (2, "7..5"))
    ]
    mine = Portfolio(tmp_path / "ws")
    taken = mine.import_files([("azure.json", json.dumps(items).encode())]).files[0]
    assert (taken.accepted, taken.quarantined) == (1, 1)
    file = evidence(mine)
    mine.correct(
        [{"evidence_id": file, "row": 2, "column": "latestMonthEmissions", "after": "7.5"}]
    )
    assert mine.resubmit(file).accepted == 1
    assert sorted(mine._workspace.ledger.current_reported()["kg_co2e"]) == [5.0, 7.5]
