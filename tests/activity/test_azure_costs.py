"""Azure cost details: both dialects, both orders of dates, tags without braces."""

from pathlib import Path

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.bill_places import regions
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.factors.library import context_maps, load
from carbon.schema import Factor
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
EA = (DATA / "azure_costs_ea.csv").read_bytes()


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("costs", data)
    assert recognise(payload)[0] == "azure-costs"
    return read(payload, context)


def used(found: Reading) -> list[tuple[int, str, float]]:
    rows = found.activity.filter(pl.col("quantity_kind") != "cost")
    return rows.select("row_number", "quantity_kind", "quantity").rows()


def edited(head: int = 2, **changes: pl.Expr | str) -> bytes:
    frame = pl.read_csv(EA, infer_schema=False).head(head)
    exprs = {k: pl.lit(v) if isinstance(v, str) else v for k, v in changes.items()}
    return frame.with_columns(**exprs).write_csv().encode()


EXPECTED = [
    # 20 h on 2 November and 4 h on the 3rd
    (2, "instance_hours", 24.0),
    # "100 Hours" is how the price is quoted: 24 are 24 h
    (4, "instance_hours", 24.0),
    # 1500 and 300 thousand tokens
    (5, "input_tokens", 1_500_000.0),
    (6, "output_tokens", 300_000.0),
    # 2 million, read from a cache and part of the input
    (7, "cached_tokens", 2_000_000.0),
    (7, "input_tokens", 2_000_000.0),
    # half a month of a P30 disk of 1024 GB; November has 720 h
    (8, "gb_hours", 0.5 * 1024 * 720),
    (9, "gb_hours", 10 * 720.0),
    (10, "gb_transferred", 7.5),
]


def test_meters_become_hours_tokens_and_supporting_services(context: Context) -> None:
    found = reading(EA, context)
    assert used(found) == EXPECTED
    assert found.rows == rows_of({"activity": found.activity}) == 11
    costs = found.activity.filter(quantity_kind="cost")
    # 544 + 108.8 of the two days; the reservation's 20 000 and the licence's 88 alone
    assert costs.filter(row_number=2)["quantity"].to_list() == pytest.approx([652.8])
    assert costs.filter(pl.col("row_number") > 10)["quantity"].to_list() == [20_000.0, 88.0]


def test_machine_sizes_and_models(context: Context) -> None:
    rows = reading(EA, context).activity
    machines = rows.filter(quantity_kind="instance_hours")["instance_type"].to_list()
    assert machines == ["Standard_ND96asr_v4", "Standard_D2_v3"]
    models = rows.filter(quantity_kind="input_tokens")["model"].to_list()
    assert models == ["gpt 4o 1120", "GPT 5"]
    assert rows.filter(row_number=2)["host"].to_list() == ["train-nd96-0"] * 2


def test_tags_have_braces_or_none(context: Context) -> None:
    rows = dict(reading(EA, context).activity.select("row_number", "tags").unique().rows())
    assert rows[2] == '{"team": "ml", "workload": "llm-train"}'
    assert rows[5] == '{"workload": "chat"}'


def starts(found: Reading) -> list[str]:
    rows = found.activity.filter(quantity_kind="instance_hours")
    return [str(d)[:10] for d in (*rows["period_start"], *rows["period_end"])]


@pytest.mark.parametrize(
    ("dates", "billing_end", "expected"),
    [
        # 30 cannot be a month
        (("11/02/2026", "11/03/2026"), "11/30/2026", ["2026-11-02", "2026-11-04"]),
        (("02/11/2026", "03/11/2026"), "30/11/2026", ["2026-11-02", "2026-11-04"]),
        (("2026-11-02", "2026-11-03"), "2026-11-30", ["2026-11-02", "2026-11-04"]),
        (("2026-11-02T00:00:00", "2026-11-03T00:00:00"), "", ["2026-11-02", "2026-11-04"]),
        (("11/2/2026", "11/3/2026"), "11/30/2026", ["2026-11-02", "2026-11-04"]),
    ],
)
def test_the_files_own_dates_tell_their_order(
    dates: tuple[str, str], billing_end: str, expected: list[str], context: Context
) -> None:
    day = pl.Series("Date", dates)
    data = edited(Date=pl.lit(day), BillingPeriodEndDate=billing_end, BillingPeriodStartDate="")
    found = reading(data, context)
    assert starts(found) == expected
    assert not found.notes


def test_dates_that_tell_nothing_are_read_month_first_and_said_to_be(context: Context) -> None:
    found = reading(edited(1, BillingPeriodEndDate="", BillingPeriodStartDate=""), context)
    assert starts(found) == ["2026-11-02", "2026-11-03"]
    assert "month/day/year" in found.notes[0].reason


def test_mca_writes_its_names_in_camel_case(context: Context) -> None:
    frame = pl.read_csv(EA, infer_schema=False)
    camel = frame.rename({c: c[0].lower() + c[1:] for c in frame.columns})
    found = reading(camel.write_csv().encode(), context)
    assert used(found) == EXPECTED


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("US East", "eastus"),
        ("East US", "eastus"),
        ("eastus", "eastus"),
        ("US East 2", "eastus2"),
        ("EU West", "westeurope"),
        ("EU North", "northeurope"),
        ("AP Southeast", "southeastasia"),
        ("UK South", "uksouth"),
        ("IN Central", "centralindia"),
        ("DE West Central", "germanywestcentral"),
        ("US North Central", "northcentralus"),
        ("SE Central", "swedencentral"),
        ("Atlantis", "Atlantis"),
        ("Global", None),
    ],
)
def test_names_of_regions_become_codes(name: str, code: str | None) -> None:
    world = Context(evidence_id="e" * 64, **context_maps(load(), Factor.create_empty()))
    assert regions(pl.Series([name]), "azure", world).to_list() == [code]
