"""FOCUS of three providers: charges that count, each provider's own words, versions."""

from pathlib import Path

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("focus", data)
    assert recognise(payload)[0] == "focus"
    return read(payload, context)


def example(provider: str) -> bytes:
    return (DATA / f"focus_{provider}.csv").read_bytes()


def used(found: Reading) -> list[tuple[int, str, float, str | None, str | None]]:
    rows = found.activity.filter(pl.col("quantity_kind") != "cost")
    what = pl.coalesce("instance_type", "accelerator", "model").alias("what")
    return rows.select("row_number", "quantity_kind", "quantity", what, "component").rows()


@pytest.mark.parametrize(
    ("provider", "rows", "expected"),
    [
        (
            "aws",
            6,
            [
                # 1 h on demand and 0.5 h under a commitment
                (2, "instance_hours", 1.5, "p4d.24xlarge", None),
                (5, "input_tokens", 1_234_500.0, "Claude3Sonnet", None),
            ],
        ),
        (
            "gcp",
            4,
            [
                # 7200 s; 86 400 vCPU-seconds of the host
                (2, "accelerator_hours", 2.0, "A100 80GB", None),
                (3, "vcpu_hours", 24.0, None, "host"),
                (4, "output_tokens", 50_000.0, "Gemini 2.5 Flash", None),
            ],
        ),
        (
            "azure",
            2,
            [
                (2, "instance_hours", 20.0, "Standard_ND96asr_v4", None),
                (3, "input_tokens", 1_500_000.0, "gpt 4o 1120", None),
            ],
        ),
    ],
)
def test_usage_is_told_by_each_providers_own_words(
    provider: str, rows: int, expected: list[tuple[object, ...]], context: Context
) -> None:
    found = reading(example(provider), context)
    assert used(found) == expected
    assert found.rows == rows_of({"activity": found.activity}) == rows
    assert found.activity["provider"].unique().to_list() == [provider]


def test_tax_purchases_credits_and_unused_commitments_cost_alone(context: Context) -> None:
    rows = reading(example("aws"), context).activity
    alone = rows.filter(pl.col("row_number").is_in([4, 6, 7]))
    assert alone.select("quantity_kind", "quantity").rows() == [
        ("cost", 0.0),
        ("cost", 9000.0),
        ("cost", 12.5),
    ]
    (credit,) = reading(example("gcp"), context).activity.filter(row_number=5).rows(named=True)
    assert (credit["quantity_kind"], credit["quantity"]) == ("cost", -1.5)


def test_a_purchase_is_a_moment_and_lasts_an_hour(context: Context) -> None:
    (row,) = reading(example("aws"), context).activity.filter(row_number=6).rows(named=True)
    assert (row["period_end"] - row["period_start"]).total_seconds() == 3600


def test_the_category_of_the_service_is_kept_as_a_tag(context: Context) -> None:
    rows = dict(reading(example("aws"), context).activity.select("row_number", "tags").rows())
    assert rows[2] == '{"ServiceCategory": "Compute", "workload": "llm-train"}'
    assert rows[5] == '{"ServiceCategory": "AI and Machine Learning"}'


def test_accounts_are_ids(context: Context) -> None:
    assert reading(example("aws"), context).activity["account"][0] == "001122334455"
    azure = reading(example("azure"), context).activity["account"][0]
    assert azure == "0000aaaa-1111-2222-3333-444455556666"


def test_the_later_name_of_the_provider_wins_where_both_stand(context: Context) -> None:
    frame = pl.read_csv(example("gcp"), infer_schema=False)
    both = frame.with_columns(
        pl.lit("A reseller").alias("ProviderName"),
        pl.when(pl.int_range(pl.len()) < 2)
        .then("ServiceProviderName")
        .alias("ServiceProviderName"),
    )
    rows = reading(both.write_csv().encode(), context).activity
    assert rows.select("row_number", "provider").unique().sort("row_number").rows() == [
        (2, "gcp"),
        (3, "gcp"),
        (4, "a reseller"),
        (5, "a reseller"),
    ]


def test_a_machine_in_the_details_counts_where_the_words_tell_nothing(context: Context) -> None:
    frame = pl.read_csv(example("aws"), infer_schema=False).head(1)
    other = frame.with_columns(
        pl.lit("Oracle").alias("ProviderName"),
        pl.lit('{"InstanceType": "BM.GPU.H100.8", "GpuCount": 8}').alias("SkuPriceDetails"),
        pl.lit(None, pl.String).alias("x_UsageType"),
    )
    (row,) = (
        reading(other.write_csv().encode(), context)
        .activity.filter(quantity_kind="instance_hours")
        .rows(named=True)
    )
    assert (row["provider"], row["instance_type"], row["accelerator_count"]) == (
        "oracle",
        "BM.GPU.H100.8",
        8.0,
    )
