"""What a footprint is made of, by hand."""

import polars as pl
import pytest
from accounting_rows import account, use

from carbon.accounting.composition import pareto, tree
from carbon.policy import Policy


def test_pareto_names_the_fewest_parts_that_make_most_of_the_whole():
    # 60 + 25 of 100 reach 85 %: the first two are needed for 80 %, the third is not.
    rows = pl.DataFrame({"model": ["a", "b", None, "d", "e"], "kg": [10.0, 60.0, 25.0, 5.0, None]})
    found = pareto(rows, "kg")
    assert found.select("rank", "model", "kg").rows() == [
        (1, "b", 60.0),
        (2, None, 25.0),
        (3, "a", 10.0),
        (4, "d", 5.0),
    ]
    assert found["cumulative_share"].to_list() == pytest.approx([0.6, 0.85, 0.95, 1.0])
    assert found["vital"].to_list() == [True, True, False, False]


def test_every_node_of_the_tree_holds_what_is_beneath_it():
    rows = [
        use(
            row_number=1,
            workload="w1",
            quantity=100.0,
            quantity_kind="energy_it_kwh",
            business_unit="R",
            model="m",
            key="1",
        ),
        use(
            row_number=2,
            quantity_kind="energy_it_kwh",
            workload="w2",
            quantity=50.0,
            business_unit="R",
            model="m",
            lifecycle="training",
            key="2",
        ),
        use(
            row_number=3,
            quantity_kind="energy_it_kwh",
            workload="w3",
            quantity=30.0,
            model="n",
            key="3",
        ),
    ]
    footprint = account(rows)
    nodes = tree(footprint, Policy())
    kwh = {
        (row["level"], row["business_unit"], row["model"], row["lifecycle"]): row[
            "energy_facility_kwh"
        ]
        for row in nodes.to_dicts()
    }
    whole = kwh[0, None, None, None]
    assert kwh[1, "R", None, None] == pytest.approx(whole * 150 / 180)
    assert kwh[1, None, None, None] == pytest.approx(whole * 30 / 180)
    assert kwh[2, "R", "m", None] == pytest.approx(whole * 150 / 180)
    assert kwh[3, "R", "m", "training"] == pytest.approx(whole * 50 / 180)
    for level in range(4):
        part = nodes.filter(pl.col("level") == level)["energy_facility_kwh"].sum()
        assert part == pytest.approx(whole)
    unstated = nodes.filter((pl.col("level") == 1) & ~pl.col("stated"))
    assert unstated["business_unit"].to_list() == [None]
