"""What users decided on rows that were set aside, as the reading of a file needs it."""

from collections.abc import Collection, Mapping

import polars as pl

from carbon.tables.payload import Correction
from carbon.workspace import Workspace
from carbon.workspace.counting import rows_of, sums_up
from carbon.workspace.tables import ACCEPTED


def corrections_of(workspace: Workspace, evidence_id: str) -> tuple[Correction, ...]:
    """The mended cells of a file, in order of its rows."""
    cells = workspace.mending.corrections(evidence_id)
    return tuple(
        Correction(*cell)
        for cell in cells.select("row_number", "column", "before", "after").iter_rows()
    )


def unsettles(workspace: Workspace, evidence_id: str, frames: Mapping[str, pl.DataFrame]) -> bool:
    """Whether a new reading of a file that is taken in sums would lose what was taken before.

    Sums are written anew as a whole, so that a cell which changes how the others are understood
    (the order of day and month, say) would move rows that nobody meant. A row of a file that is
    not summed up is never written again. Estimates of gaps come and go with what is mended.
    """
    if not sums_up(frames):
        return False
    if rows_of(frames) < workspace.ledger.accepted_count(evidence_id):
        return True
    for table, name in (("activity", "key"), ("factor", "factor_id")):
        now = frames.get(table)
        before = workspace.ledger.read(table).filter(pl.col("evidence_id") == evidence_id)
        if table == "activity":
            before = before.filter(pl.col("component").ne_missing(pl.lit("gap_estimate")))
        if before.height and (now is None or not before[name].is_in(now[name].implode()).all()):
            return True
    return False


def keep_out(
    frames: dict[str, pl.DataFrame],
    quarantine: pl.DataFrame,
    discarded: pl.DataFrame,
    taken: Collection[int],
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Leave discarded rows set aside, though they could be taken by now.

    Rows that were taken before they were discarded stay taken, and so do rows of a file that is
    taken in sums, of which none can be told apart.

    Args:
        frames: table -> rows that would be taken.
        quarantine: rows that are set aside.
        discarded: row_number and reason of the file's discarded rows.
        taken: row numbers that earlier imports took.

    Returns:
        The frames without the discarded rows, and the quarantine with them.
    """
    out = discarded.filter(~pl.col("row_number").is_in(sorted(taken)))
    if out.is_empty() or sums_up(frames):
        return frames, quarantine
    rows = out.select("row_number")
    present = pl.concat(
        [frame.select("row_number") for table, frame in frames.items() if table in ACCEPTED]
    )
    named = out.join(present.unique(), on="row_number", how="semi").select(
        pl.lit(None, pl.String).alias("import_id"),
        pl.lit(None, pl.String).alias("evidence_id"),
        "row_number",
        pl.lit(None, pl.String).alias("column"),
        pl.lit(None, pl.String).alias("value"),
        pl.format("the row was discarded: {}", pl.col("reason").fill_null("")).alias("reason"),
    )
    kept = {
        table: frame.join(rows, on="row_number", how="anti", maintain_order="left")
        if table in ACCEPTED
        else frame
        for table, frame in frames.items()
    }
    return kept, pl.concat([quarantine.select(named.columns), named]).sort("row_number")
