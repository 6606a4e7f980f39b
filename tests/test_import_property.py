"""Rules 7 and 8 of the house on whole workspaces: imports are idempotent, order leaves no trace."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.portfolio import Portfolio

EXAMPLES = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Each example opens workspaces on disk; `make fuzz` runs more of the cheaper properties."""

ZONES = ("CAMX", "DE", "SE")

row = st.fixed_dictionaries(
    {
        "workload": st.sampled_from(["chat", "search", "学習"]),
        "zone": st.sampled_from(ZONES),
        "month": st.integers(1, 12),
        "energy_kwh": st.integers(-2, 5000),
    }
)
file = st.lists(row, min_size=1, max_size=6)


def as_csv(rows: Sequence[dict[str, object]]) -> bytes:
    """An activity template; negative energies in it are rows to be set aside."""
    table = pl.DataFrame(
        [
            {
                "workload": r["workload"],
                "site": "Hall A",
                "zone": r["zone"],
                "period_start": f"2024-{r['month']:02d}-01",
                "period_end": f"2024-{r['month']:02d}-28",
                "energy_kwh": r["energy_kwh"],
                "pue": 1.25,
            }
            for r in rows
        ]
    )
    out = io.BytesIO()
    table.write_csv(out)
    return out.getvalue()


def expected_kwh(files: Sequence[Sequence[dict[str, object]]]) -> float:
    """A slow, obvious reference: the last file that names a key decides it; its rows add up."""
    seen: dict[bytes, None] = {}
    for rows in files:
        seen.setdefault(as_csv(rows), None)
    distinct = [rows for rows in files if seen.pop(as_csv(rows), 0) is None]
    by_key: dict[tuple[object, ...], float] = {}
    for rows in distinct:
        sums: dict[tuple[object, ...], float] = {}
        for r in rows:
            if r["energy_kwh"] >= 0:
                key = (r["workload"], r["zone"], r["month"])
                sums[key] = sums.get(key, 0.0) + r["energy_kwh"] * 1.25
        by_key.update(sums)
    return sum(by_key.values())


def footprint_text(portfolio: Portfolio) -> str:
    result = portfolio.footprint(["workload", "month", "zone"])
    return repr(result.totals) + result.rows.write_csv()


@EXAMPLES
@given(files=st.lists(file, min_size=1, max_size=3))
def test_property_importing_again_changes_nothing(files):
    with tempfile.TemporaryDirectory() as folder:
        portfolio = Portfolio(Path(folder) / "w")
        sources = [(f"f{i}.csv", as_csv(rows)) for i, rows in enumerate(files)]
        first = portfolio.import_files(sources)
        before, version = footprint_text(portfolio), portfolio.version

        again = portfolio.import_files(sources)

        assert footprint_text(portfolio) == before
        assert portfolio.version == version
        for outcome in (*first.files, *again.files):
            assert outcome.rows == outcome.accepted + outcome.quarantined + outcome.duplicates
        assert all(outcome.accepted == 0 for outcome in again.files)
        energy = portfolio.footprint().totals["energy_facility_kwh"] or 0.0
        assert abs(energy - expected_kwh(files)) <= 1e-9 * max(1.0, energy)


@EXAMPLES
@given(rows=st.lists(row, min_size=2, max_size=8), data=st.data())
def test_property_the_order_of_separate_files_leaves_no_trace(rows, data):
    """Files whose keys do not overlap, imported in any order, give the same figures."""
    parts = {}
    for r in rows:
        parts.setdefault(r["zone"], []).append(r)
    files = [(f"{zone}.csv", as_csv(part)) for zone, part in sorted(parts.items())]
    shuffled = data.draw(st.permutations(files))
    texts = []
    for order in (files, shuffled):
        with tempfile.TemporaryDirectory() as folder:
            portfolio = Portfolio(Path(folder) / "w")
            portfolio.import_files(order)
            texts.append(footprint_text(portfolio))
    assert texts[0] == texts[1]
