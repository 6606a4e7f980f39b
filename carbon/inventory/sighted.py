"""What discovery's files say of workloads: metadata of things that were accepted as theirs."""

import json
from typing import Any, Final

import polars as pl

TAKEN: Final = ("accepted", "merged")
"""Decisions by which a thing belongs to a workload."""

SAID: Final = (
    "model",
    "lifecycle",
    "accelerator",
    "accelerator_count",
    "provider",
    "region",
    "site",
    "zone",
    "project",
    "business_unit",
    "owner",
)
"""What a sighting says of its workload, as the inventory calls it."""


def of_sightings(sightings: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The latest metadata that sightings state of each workload.

    A sighting belongs to the workload as which, or into which, a proposal with it was accepted;
    else to the workload that its own source names.

    Args:
        sightings: `Sighting` rows that count.
        decisions: `Decision` rows, the last of each proposal. A proposal names its sightings by
            `reference`, which is `account/region/` before the sighting's own, or by `key`,
            wherever these stand in its JSON.

    Returns:
        workload_id and the columns of SAID, one row per workload, sorted.
    """
    accepted = _accepted(decisions)
    count = pl.col("accelerator_count")
    whole = count.cast(pl.Int64, strict=False)
    return (
        sightings.with_columns(_named=_as_proposed())
        .join(
            accepted.rename({"named": "key", "workload_id": "_by_key"}),
            on="key",
            how="left",
            validate="m:1",
        )
        .join(
            accepted.rename({"named": "_named", "workload_id": "_by_reference"}),
            on="_named",
            how="left",
            validate="m:1",
        )
        .with_columns(
            workload_id=pl.coalesce("_by_key", "_by_reference", "workload"),
            accelerator_count=pl.when(whole == count)
            .then(whole.cast(pl.String))
            .otherwise(count.cast(pl.String)),
        )
        .filter(pl.col("workload_id").is_not_null())
        .sort("last_seen", "evidence_id", "row_number", "key", nulls_last=False)
        .group_by("workload_id")
        .agg(pl.col(column).drop_nulls().last() for column in SAID)
        .sort("workload_id")
    )


def _as_proposed() -> pl.Expr:
    """A sighting's reference as a proposal gives it: the same address may stand in two places."""
    place = pl.concat_str(
        pl.col("account").fill_null(""), pl.col("region").fill_null(""), separator="/"
    )
    return pl.concat_str(place.str.strip_chars("/"), "reference", separator="/")


def _accepted(decisions: pl.DataFrame) -> pl.DataFrame:
    """named, workload_id: the keys and references in proposals that were accepted."""
    taken = decisions.filter(pl.col("decision").is_in(TAKEN) & pl.col("workload").is_not_null())
    found = [
        (name, workload)
        for workload, proposal in taken.sort("sequence").select("workload", "proposal").iter_rows()
        for name in sorted(_names(json.loads(proposal)))
    ]
    return pl.DataFrame(
        found, schema={"named": pl.String, "workload_id": pl.String}, orient="row"
    ).unique("named", keep="last", maintain_order=True)


def _names(value: Any) -> set[str]:
    """Every text under `key`, `keys`, `reference` or `references`, at any depth."""
    if isinstance(value, list):
        return {name for item in value for name in _names(item)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for field, inner in value.items():
        if field in ("key", "keys", "reference", "references"):
            found |= set(_texts(inner))
        else:
            found |= _names(inner)
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
