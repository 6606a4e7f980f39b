"""Which committed rows count today: pure functions over ledger frames.

The ledger keeps everything it ever took. What counts follows from the order in which *files*
first came: a later file supersedes the rows of earlier files with the same key, and rows of one
file never supersede each other. A second import of a file (to take rows that were set aside
before) does not make that file any newer.

Every function takes the rows of a table and the committed `imports`, and returns frames in the
schema of the rows, sorted by evidence and row, so that the order of imports leaves no trace.
"""

from typing import Final

import polars as pl

from carbon.schema import WHOLE_LISTING

AWS_VIEWS: Final = (
    "CarbonEmissionsExport",
    "SustainabilityApi3",
    "SustainabilityApi2",
    "SustainabilityApi1",
    "SustainabilityApi0",
)
"""AWS's statements of the same emissions: the export, which keeps every account, service, region
and model version; then answers of the API, by how many of account, service and region they name."""

AZURE_VIEWS: Final = (
    "ResourceItemDetailsData",
    "ResourceGroupItemDetailsData",
    "ItemDetailsData",
    "EnrollmentEmission",
    "MonthlySummaryData",
    "ResourceTopItemsMonthlySummaryData",
    "ResourceGroupTopItemsMonthlySummaryData",
    "TopItemsMonthlySummaryData",
    "ResourceTopItemsSummaryData",
    "ResourceGroupTopItemsSummaryData",
    "TopItemsSummaryData",
    "OverallSummaryData",
)
"""Azure's reports of the same emissions, the most telling first: details by resource, by resource
group, by another item; Cloud for Sustainability's rows by service and region; then monthly sums;
top lists (which leave the rest out) and the overall sum (which has no month of its own) only where
there is nothing else."""

_FIGURE: Final = ("evidence_id", "row_number", "scope", "method")
"""What names one reported figure: a row of a file gives several."""

_VERSION_PARTS: Final = 4
_VERSION_DIGITS: Final = 12


def file_order(imports: pl.DataFrame) -> pl.DataFrame:
    """When each file first came: columns evidence_id, arrived (sequence of its first import)."""
    return imports.group_by("evidence_id").agg(arrived=pl.col("sequence").min())


def standing(imports: pl.DataFrame) -> pl.DataFrame:
    """Imports whose rows count: of each file those from its last whole new reading on."""
    replaced = (
        imports.filter(pl.col("replaces").fill_null(False))
        .group_by("evidence_id")
        .agg(_since=pl.col("sequence").max())
    )
    if replaced.is_empty():
        return imports
    return (
        imports.join(replaced, on="evidence_id", how="left", validate="m:1", maintain_order="left")
        .filter(pl.col("sequence") >= pl.col("_since").fill_null(0))
        .drop("_since")
    )


def split_by_key(
    rows: pl.DataFrame, imports: pl.DataFrame, key: str = "key"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that count and rows that a later file supersedes.

    Args:
        rows: any ledger rows with `evidence_id` and the column `key`.
        imports: the committed imports of those rows' files.
        key: the column whose equal values stand for the same thing.
    """
    if rows["evidence_id"].n_unique() < 2:
        return _sorted(rows), rows.clear()
    arrived = rows.join(
        file_order(imports), on="evidence_id", how="left", validate="m:1", maintain_order="left"
    )
    counts = arrived.select(
        (pl.col("arrived") == pl.col("arrived").max().over(key)).alias("counts")
    )["counts"]
    return _sorted(rows.filter(counts)), _sorted(rows.filter(~counts))


def split_activity(
    activity: pl.DataFrame, imports: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Activity that counts, and activity superseded by a later file or by a later cumulative row
    of its own file. Together they are all rows given.
    """
    within = pl.col("superseded_in_file")
    current, superseded = split_by_key(activity.filter(~within), imports)
    seen = superseded.filter(_METER)["key"].unique()
    if len(seen):
        contested = _METER & pl.col("key").is_in(seen.implode())
        kept, given_way = _by_time_seen(pl.concat([current, superseded]).filter(contested), imports)
        current = _sorted(pl.concat([current.filter(~contested), kept]))
        superseded = pl.concat([superseded.filter(~contested), given_way])
    return current, _sorted(pl.concat([superseded, activity.filter(within)]))


_METER: Final = (
    pl.col("coverage").is_not_null() | (pl.col("component") == "gap_estimate")
).fill_null(False)
"""Rows that sum up samples of a meter in a span."""

_FILE_AND_KEY: Final = ("evidence_id", "key")


def _by_time_seen(rows: pl.DataFrame, imports: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of several files that saw a meter in one hour or day, each counts for its own time.

    Exports are cut where somebody ran them, so that two of them hold a part of an hour each, and
    share another. That which saw most goes first, of equals the later file; the others count for
    the time that none before them saw:

        quantity x (1 - shared time / own time)

    Args:
        rows: rows of meters, of which several files hold the same key.
        imports: the committed imports of those rows' files.

    Returns:
        rows that count, with quantity and period of what is left of them; rows that give way.
    """
    files = (
        rows.group_by(_FILE_AND_KEY)
        .agg(start=pl.col("period_start").min(), end=pl.col("period_end").max())
        .join(file_order(imports), on="evidence_id", how="left", validate="m:1")
        .with_columns(length=pl.col("end") - pl.col("start"))
        .sort("key", "length", "arrived", descending=[False, True, True])
        .with_columns(rank=pl.int_range(pl.len()).over("key"))
    )
    before = files.select("key", *(pl.col(n).alias(f"{n}_by") for n in ("start", "end", "rank")))
    numbered = rows.with_row_index("(row)")
    start, end = pl.col("period_start"), pl.col("period_end")
    from_, until = pl.max_horizontal(start, "start_by"), pl.min_horizontal(end, "end_by")
    shared = (
        numbered.select("(row)", *_FILE_AND_KEY, "period_start", "period_end")
        .join(files.select(*_FILE_AND_KEY, "rank"), on=_FILE_AND_KEY, how="left", validate="m:1")
        .join(before, on="key", how="inner")
        .filter(pl.col("rank_by") < pl.col("rank"), from_ < until)
        .group_by("(row)")
        .agg(
            # Three files in one hour may share a moment twice: then too little counts, never twice.
            share=((until - from_).sum() / (end - start).first()).clip(0.0, 1.0),
            head=pl.col("end_by").filter(pl.col("start_by") <= start).max(),
            tail=pl.col("start_by").filter(pl.col("end_by") >= end).min(),
        )
    )
    judged = numbered.join(
        shared, on="(row)", how="left", validate="1:1", maintain_order="left"
    ).with_columns(pl.col("share").fill_null(0.0))
    percent = (pl.col("share") * 100).round(1)
    left = judged.filter(pl.col("share") < 1).with_columns(
        quantity=pl.col("quantity") * (1 - pl.col("share")),
        period_start=pl.max_horizontal(start, "head"),
        period_end=pl.min_horizontal(end, "tail"),
        note=pl.when(pl.col("share") > 0)
        .then(pl.format("{} % of its time counts from another file", percent))
        .otherwise("note"),
    )
    return left.select(rows.columns), judged.filter(pl.col("share") >= 1).select(rows.columns)


def current_keyed(rows: pl.DataFrame, imports: pl.DataFrame) -> pl.DataFrame:
    """Rows that count of a table with keys: of each key those of the latest file."""
    return split_by_key(rows, imports)[0]


def current_sightings(sightings: pl.DataFrame, imports: pl.DataFrame) -> pl.DataFrame:
    """Sightings that count: of each key those of the latest file, of each listing one file.

    A listing (a state of Terraform) names everything that exists, so that a later one replaces it
    whole, with what is no longer there: of one name (lineage) that of the highest serial, whenever
    it came; of listings without a name the later file, where both know one thing of an account by
    one key.
    """
    listed = sightings.filter(pl.col("listing").is_not_null())
    files = (
        listed.select("evidence_id", "listing", "serial")
        .unique()
        .join(file_order(imports), on="evidence_id", how="left", validate="m:1")
        .sort("listing", "serial", "arrived", "evidence_id", nulls_last=False)
    )
    newest = files.group_by("listing").agg(pl.col("evidence_id").last().alias("newest"))
    older = (
        files.filter(pl.col("listing") != WHOLE_LISTING)
        .join(newest, on="listing", how="left", validate="m:1")
        .filter(pl.col("evidence_id") != pl.col("newest"))
    )
    left = listed.join(older, on=["evidence_id", "listing"], how="anti")
    known = (
        left.filter(pl.col("account").is_not_null())
        .select("key", "evidence_id", "listing")
        .unique()
        .join(file_order(imports), on="evidence_id", how="left", validate="m:1")
    )
    replaced = known.join(known, on="key", suffix="_later").filter(
        pl.col("arrived") < pl.col("arrived_later"),
        pl.any_horizontal(pl.col("listing", "listing_later") == WHOLE_LISTING),
    )
    gone = pl.concat([each.select("evidence_id", "listing") for each in (older, replaced)]).unique()
    there = sightings.join(gone, on=["evidence_id", "listing"], how="anti")
    return current_keyed(there, imports)


def current_factors(factors: pl.DataFrame, imports: pl.DataFrame) -> pl.DataFrame:
    """Imported factors that count: for each factor id, that of the latest file."""
    return split_by_key(factors, imports, key="factor_id")[0]


def current_quarantine(quarantine: pl.DataFrame, imports: pl.DataFrame) -> pl.DataFrame:
    """Rows set aside by the *latest* import of each file; earlier tries are history."""
    latest = (
        imports.sort("sequence")
        .group_by("evidence_id", maintain_order=True)
        .agg(pl.col("import_id").last())
    )
    return _sorted(quarantine.join(latest, on=["evidence_id", "import_id"], how="semi"))


def without_mended(
    quarantine: pl.DataFrame, imports: pl.DataFrame, taken: pl.DataFrame
) -> pl.DataFrame:
    """Quarantined rows that no corrected version of their file has settled since.

    A later file is a corrected version where it bears the same name and format and restates rows
    of the earlier one (some of their keys are equal). Its row of the same number settles the
    earlier one, whether it is taken or set aside anew. Files that merely share a name settle
    nothing.

    Args:
        quarantine: the rows set aside, as `current_quarantine` gives them.
        imports: the committed imports.
        taken: evidence_id, row_number, key of rows that were taken.
    """
    files = imports.group_by("evidence_id").agg(
        pl.col("name", "format").first(), arrived=pl.col("sequence").min()
    )
    pairs = files.join(files, on=["name", "format"], suffix="_later").filter(
        pl.col("arrived_later") > pl.col("arrived")
    )
    keys = taken.select("evidence_id", "key").unique()
    restated = (
        pairs.join(keys, on="evidence_id")
        .join(keys, left_on=["evidence_id_later", "key"], right_on=["evidence_id", "key"])
        .select("evidence_id", "evidence_id_later")
        .unique()
    )
    numbered = ["evidence_id", "row_number"]
    seen = pl.concat([taken.select(numbered), quarantine.select(numbered)]).unique()
    mended = restated.join(seen, left_on="evidence_id_later", right_on="evidence_id")
    return quarantine.join(
        mended, on=["evidence_id", "row_number"], how="anti", maintain_order="left"
    )


def split_reported(
    reported: pl.DataFrame, imports: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Provider-reported rows that count, and the rest.

    In this order: per provider, payer account and month only the newest model version; of equal
    keys the latest file; per provider, account and month one view, the most detailed.
    """
    newest = _newest_version(reported)
    kept, restated = split_by_key(newest, imports)
    one_view = _one_view(kept)
    older = reported.join(newest, on=_FIGURE, how="anti")
    coarser = kept.join(one_view, on=_FIGURE, how="anti")
    return _sorted(one_view), _sorted(pl.concat([older, restated, coarser]))


def version_rank(version: pl.Expr) -> pl.Expr:
    """A text that sorts as versions do: `v10.0.0` after `v9.1`, `14` after `9`, none first.

    The numbers in the version, padded with zeros; `v3` and `v3.0.0` rank alike.
    """
    number = pl.element().str.zfill(_VERSION_DIGITS)
    nothing = pl.lit([""] * _VERSION_PARTS)
    parts = (
        version.fill_null("")
        .str.extract_all(r"\d+")
        .list.concat(nothing)
        .list.head(_VERSION_PARTS)
        .list.eval(number)
    )
    return parts.list.join(".")


def _newest_version(reported: pl.DataFrame) -> pl.DataFrame:
    payer = pl.coalesce("payer_account", "account")
    rank = version_rank(pl.col("model_version"))
    return reported.filter(rank == rank.max().over(pl.col("provider"), payer, pl.col("month")))


def _one_view(reported: pl.DataFrame) -> pl.DataFrame:
    """One view per provider, account and month; rows of sources with a single view all stay.

    A view's row without account speaks for an unknown set of accounts: it counts only where no
    row with an account is as detailed, and then alone.
    """
    ranks = {view: f"{rank:02d}" for rank, view in enumerate((*AWS_VIEWS, *AZURE_VIEWS))}
    kind = pl.col("view").str.extract(r"^(\w*)", 1)
    # The text of the view breaks a tie, so that two listings of one depth are never added up.
    rank = pl.concat_str(kind.replace_strict(ranks, default="99"), "view", separator=" ")
    named = pl.col("account").is_not_null()
    month = ["provider", "month"]
    best_named = rank.filter(named).min().over(month)
    best_unnamed = rank.filter(~named).min().over(month)
    unnamed_wins = (best_unnamed < best_named).fill_null(best_named.is_null())
    best = rank.min().over(*month, "account")
    return reported.filter(pl.col("view").is_null() | ((rank == best) & (named != unnamed_wins)))


def _sorted(rows: pl.DataFrame) -> pl.DataFrame:
    by = ["evidence_id", *(c for c in _TIE_BREAKS if c in rows.columns)]
    return rows.sort(by, nulls_last=True, maintain_order=True)


_TIE_BREAKS: Final = (
    "row_number",
    "quantity_kind",
    "component",
    "period_start",
    "scope",
    "method",
    "column",
    "factor_id",
    "reason",
)
