"""What must hold of any correction: rows are conserved, and a row that was taken never changes."""

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.portfolio import Fix, Portfolio, PortfolioError

DATA = Path(__file__).parents[1] / "data"
EXAMPLES = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Each example opens a workspace on disk."""

HEADER = "workload,zone,period_start,period_end,energy_kwh\n"
CELLS = {
    "workload": ["chat", ""],
    "zone": ["CAMX", "FR", "Mars", ""],
    "period_start": ["2025-01-01", "03/04/2025", "soon"],
    "period_end": ["2025-01-31", "2024-12-31"],
    "energy_kwh": ["10", "1,5", "12 parsecs", "-3", "2 MWh"],
}

row = st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()})
rule = st.sampled_from(
    [
        ("energy_kwh", Fix("unit", "kWh")),
        ("energy_kwh", Fix("decimal", ",")),
        ("energy_kwh", Fix("strip", "-")),
        ("zone", Fix("set", "CAMX")),
        ("period_start", Fix("dates", "day first")),
        ("period_end", Fix("replace", "2024", "2026")),
    ]
)


def state(portfolio: Portfolio) -> dict[int, tuple[object, ...]]:
    """What was taken, by row."""
    taken = portfolio._workspace.ledger.read("activity").drop("import_id", "evidence_id")
    return {line[0]: line for line in taken.select("row_number", pl.exclude("row_number")).rows()}


@EXAMPLES
@given(
    rows=st.lists(row, min_size=1, max_size=6),
    steps=st.lists(st.one_of(rule, st.integers(0, 5)), min_size=1, max_size=4),
)
def test_property_rows_are_conserved_and_taken_rows_never_change(rows, steps):
    text = HEADER + "".join(",".join(f'"{cell}"' for cell in r.values()) + "\n" for r in rows)
    with tempfile.TemporaryDirectory() as folder:
        portfolio = Portfolio(Path(folder) / "w")
        first = portfolio.import_files([("f.csv", text.encode())]).files[0]
        file = str(first.evidence_id)
        assert first.rows == len(rows) == first.accepted + first.quarantined
        for step in steps:
            before, aside = state(portfolio), portfolio.quarantine_rows()
            left = aside.filter(pl.col("discarded").is_null())["row"].unique().sort().to_list()
            if not left:
                break
            if isinstance(step, int):
                portfolio.discard(file, [left[step % len(left)]], reason="a property")
            else:
                portfolio.fix_column(file, *step)
            again = portfolio.resubmit(file)
            after = state(portfolio)
            assert again.rows == again.accepted + again.quarantined + again.duplicates
            assert {number: after[number] for number in before} == before
            open_rows = set(portfolio.quarantine_rows()["row"])
            assert set(after) | open_rows == set(range(2, len(rows) + 2))
            assert not set(after) & open_rows
        assert portfolio._workspace.evidence.get(file) == text.encode()
        assert portfolio.verify()["ok"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("template.csv", "A100,4,,,12.25", "A100,4,,,9..9"),
        ("codecarbon_3.csv", "e2d4,3600.0,0.2", "e2d4,9..9,0.2"),
        ("aws_carbon.csv", "MTCO2e,0.5,MTCO2e", "MTCO2e,9..9,MTCO2e"),
        ("aws_cur_2.csv", "i-0a1,12.5,USD", "i-0a1,9..9,USD"),
        ("nvidia_smi.csv", " 660.00 W, 98 %", " 9..9 W, 98 %"),
        ("eco2ai_emission.csv", "09:00:00,60.0,", "09:00:00,9..9,"),
        ("redfish.jsonl", '"EnergykWh": {"Reading": 801.5}', '"EnergykWh": {"Reading": "9..9"}'),
    ],
)
def test_a_damaged_cell_that_is_mended_gives_what_the_undamaged_file_gives(
    tmp_path, name, good, bad
):
    """Sums of many lines too: of a bill, of a meter's samples."""
    whole = (DATA / name).read_text("utf-8-sig")
    assert good in whole
    clean, mended = Portfolio(tmp_path / "clean"), Portfolio(tmp_path / "mended")
    expected = clean.import_files([(name, whole.encode())]).files[0]
    first = mended.import_files([(name, whole.replace(good, bad, 1).encode())]).files[0]
    assert first.quarantined == expected.quarantined + 1
    fault = mended.quarantine_rows().filter(pl.col("value").str.contains("9..9", literal=True))
    cell = fault.select("evidence_id", "row", "column").row(0, named=True)
    number = next(
        text for text in good.replace(",", " ").replace("}", " ").split() if text not in bad
    )
    unit = " W" if " W" in good else ""
    mended.correct([{**cell, "after": number + unit}])
    again = mended.resubmit(cell["evidence_id"])
    assert (again.accepted, again.duplicates) == (1, first.accepted)
    for table in ("activity", "reported"):
        frames = [
            portfolio._workspace.ledger.read(table)
            .drop("import_id", "evidence_id")
            .sort("row_number", "key", "quantity_kind" if table == "activity" else "method")
            for portfolio in (clean, mended)
        ]
        assert frames[0].equals(frames[1])


def test_a_correction_that_would_unsettle_rows_that_were_taken_is_refused(tmp_path):
    """Samples that are summed up: with this date every other `a/b/YYYY` of them is month first."""
    head = "timestamp, name, uuid, power.draw [W]\n"
    lines = [f"0{day}/02/2026 10:00:{second:02d}, H100, GPU-1, 300.00 W"
             for day in (4, 5) for second in (0, 30)]  # fmt: skip
    bad = "13/02/2026 10:00:00, H100, GPU-1, 300.00 parsecs"
    mine = Portfolio(tmp_path / "ws")
    taken = mine.import_files([("smi.csv", (head + "\n".join([*lines, bad])).encode())]).files[0]
    assert taken.refusal is None
    fault = mine.quarantine_rows().filter(pl.col("column") == "power.draw [W]").row(0, named=True)
    change = {"evidence_id": fault["evidence_id"], "row": fault["row"], "column": "timestamp"}
    with pytest.raises(PortfolioError, match="rows that were taken would be read otherwise"):
        mine.correct([{**change, "after": "02/13/2026 10:00:00"}])
    assert mine.decisions().is_empty()
