"""Meters of machines that a bill names: where these stand, and what they are used for.

An exporter on a rented machine knows neither provider nor region. The bill of that machine does; so
the energy that the meter saw is purchased compute in the bill's region, and of the bill's workload,
whichever of the two counts.
"""

from typing import Final

import polars as pl

GIVEN: Final = ("provider", "region", "account", "workload")
"""What a meter takes from the bill."""

_PATH: Final = r"^(?:/|arn:).*[/:]([^/:]+)/*$"
"""The last name of a cloud's resource path, which is the name of the machine."""

_PORT: Final = r":\d{1,5}$"


def as_billed(meters: pl.DataFrame, bills: pl.DataFrame) -> pl.DataFrame:
    """Give meters that say no place what a bill says of the machine that they name.

    A name that lines of several regions bear is no proof of a machine, and gives nothing; of
    several accounts or workloads on one machine none is given.

    Args:
        meters: `Activity` rows of files that are no bills.
        bills: rows of bills that are AI, with `workload`.

    Returns:
        meters, in their order, with the columns of GIVEN filled in where host or resource is a
        machine of a bill, and the row names no provider, site or place of its own.
    """
    machines = _machines(bills)
    alone = pl.all_horizontal(
        pl.col("provider", "site", "region", "zone", "country").is_null(),
        pl.col("boundary").is_not_null(),
    )
    if machines.is_empty() or not meters.select(alone.any()).item():
        return meters
    names = [machine_of("host"), machine_of("resource")]
    found = meters.select("host", "resource").unique()
    for number, name in enumerate(names):
        found = found.with_columns(_name=name).join(
            machines.rename({column: f"_{number}{column}" for column in GIVEN}),
            on="_name",
            how="left",
            validate="m:1",
        )
    # Of a machine all is known by one name.
    by_host = pl.col("_0provider").is_not_null()
    found = found.select(
        "host",
        "resource",
        *(
            pl.when(by_host).then(f"_0{column}").otherwise(f"_1{column}").alias(f"_{column}")
            for column in GIVEN
        ),
    )
    return (
        meters.with_columns(_alone=alone)
        .join(
            found,
            on=["host", "resource"],
            how="left",
            validate="m:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(
            pl.when("_alone")
            .then(pl.coalesce(column, f"_{column}"))
            .otherwise(column)
            .alias(column)
            for column in GIVEN
        )
        .select(meters.columns)
    )


def _machines(bills: pl.DataFrame) -> pl.DataFrame:
    """_name and the columns of GIVEN of every machine that stands in one region."""
    stated = bills.filter(pl.all_horizontal(pl.col("resource", "provider", "region").is_not_null()))
    only = [
        pl.when(pl.col(column).n_unique() == 1).then(pl.col(column).first()).alias(column)
        for column in GIVEN
    ]
    return (
        stated.select(*GIVEN, _name=machine_of("resource"))
        .unique()
        .group_by("_name")
        .agg(*only, _places=pl.struct("provider", "region").n_unique())
        .filter(pl.col("_places") == 1)
        .drop("_places")
    )


def machine_of(column: str) -> pl.Expr:
    """The name of the machine that `host` or `resource` names: without a path, a host's port."""
    name = pl.col(column).str.strip_chars().str.to_lowercase().str.replace(_PATH, "$1")
    return name.str.replace(_PORT, "") if column == "host" else name
