"""A Cost and Usage Report of a month, as long as one likes: invented, and shaped as real ones are.

Lines stand hour by hour: in each hour every resource has its lines. Half a dozen columns that no
reader needs stand among the others, as in any real export.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

HOURS: Final = 720
CHUNK: Final = 1_000_000
ROW_GROUP: Final = 500_000

LINES: Final = pl.DataFrame(
    [
        ("AmazonEC2", "USW2-BoxUsage:p4d.24xlarge", "Hrs"),
        ("AmazonEC2", "BoxUsage:m5.large", "Hrs"),
        ("AmazonEC2", "EBS:VolumeUsage.gp3", "GB-Mo"),
        ("AmazonEC2", "USW2-DataTransfer-Out-Bytes", "GB"),
        ("AmazonSageMaker", "USW2-Host:ml.g5.2xlarge", "Hrs"),
        ("AmazonS3", "TimedStorage-ByteHrs", "GB-Mo"),
        ("AmazonBedrock", "USE1-Claude3Sonnet-input-tokens", "1K tokens"),
        ("AmazonEC2", "USW2-SpotUsage:g5.12xlarge", "Hrs"),
        ("AmazonS3", "Requests-Tier1", "Requests"),
        ("AmazonEC2", "EUC1-BoxUsage:c5.xlarge", "Hrs"),
        ("AmazonCloudWatch", "CW:MetricMonitorUsage", "Metrics"),
        ("AmazonEC2", "NatGateway-Hours", "Hrs"),
    ],
    schema=["line_item_product_code", "line_item_usage_type", "pricing_unit"],
    orient="row",
)
"""Service, usage type and unit of what is billed, in turn."""


def lines(first: int, last: int, resources: int) -> pl.DataFrame:
    """Lines of a bill, from the first up to and without the last.

    Args:
        first, last: numbers of lines.
        resources: how many resources have a line in each hour.
    """
    row = pl.int_range(first, last)
    resource, hour = row % resources, row // resources % HOURS
    start = pl.datetime(2026, 9, 1, time_unit="ms") + pl.duration(hours=hour)
    kind = pl.select((resource % LINES.height).alias("kind"))["kind"]
    mixed = row.hash() % 1_000_000
    numbered = pl.select(
        identity_line_item_id=row.hash().cast(pl.String),
        bill_payer_account_id=pl.lit("012345678901"),
        bill_billing_period_start_date=pl.datetime(2026, 9, 1, time_unit="ms"),
        line_item_usage_account_id=(resource % 37 * 7919).cast(pl.String).str.zfill(12),
        line_item_line_item_type=pl.when(resource % 17 == 0)
        .then(pl.lit("SavingsPlanCoveredUsage"))
        .otherwise(pl.lit("Usage")),
        line_item_usage_start_date=start,
        line_item_usage_end_date=start + pl.duration(hours=1),
        line_item_operation=pl.lit("RunInstances"),
        line_item_availability_zone=pl.when(resource % 3 == 0).then(pl.lit("us-west-2a")),
        line_item_resource_id=pl.format("i-0{}", resource * 2654435761 % 2**40),
        line_item_usage_amount=mixed / 7919.0,
        line_item_currency_code=pl.lit("USD"),
        line_item_unblended_cost=mixed / 104729.0,
        line_item_line_item_description=pl.format("${} per Instance Hour", mixed % 997 / 100),
        product_region_code=pl.lit("us-west-2"),
        pricing_term=pl.lit("OnDemand"),
        tag=resource % 200,
    )
    return numbered.hstack(LINES[kind])


def write_parquet(path: Path, count: int) -> None:
    """A bill as CUR 2.0 comes in Parquet: timestamps, doubles, tags as a map."""
    writer = None
    for frame in _chunks(count):
        table = frame.drop("tag").to_arrow()
        table = table.append_column("resource_tags", _maps(frame["tag"]))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=ROW_GROUP)
    if writer:
        writer.close()


def write_csv(path: Path, count: int) -> None:
    """A bill as CUR 2.0 comes in CSV: tags as JSON."""
    with path.open("wb") as out:
        for number, frame in enumerate(_chunks(count)):
            cells = frame.with_columns(_json_tags().alias("resource_tags")).drop("tag")
            text = cells.write_csv(include_header=number == 0, datetime_format="%Y-%m-%dT%H:%M:%SZ")
            out.write(text.encode())


def _chunks(count: int) -> Iterator[pl.DataFrame]:
    resources = max(count // HOURS, 1)
    for first in range(0, count, CHUNK):
        yield lines(first, min(first + CHUNK, count), resources)


def _json_tags() -> pl.Expr:
    team, job = (pl.col("tag") % 20).cast(pl.String), pl.col("tag").cast(pl.String)
    return pl.concat_str(
        pl.lit('{"user_team":"team-'),
        team,
        pl.lit('","user_workload":"job-'),
        job,
        pl.lit('"}'),
    )


def _maps(tags: pl.Series) -> pa.Array:
    """Tags as a map, of which a bill has a few hundred."""
    kinds = pa.array(
        [
            [("user_team", f"team-{tag % 20}"), ("user_workload", f"job-{tag}")]
            for tag in range(200)
        ],
        type=pa.map_(pa.string(), pa.string()),
    )
    return kinds.take(tags.cast(pl.Int64).to_arrow())
