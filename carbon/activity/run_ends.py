"""How a run ended, in the words of the systems that know.

A trial of a search that failed or was ended from outside is `failed` or `preempted`: what it gave
the search is not told. All of them are part of the model's training.
"""

import re
from typing import Final

import polars as pl

from carbon.activity.sheet import Sheet
from carbon.schema.terms import RUN_STATUSES

STATUS_WORDS: Final = {
    # MLflow
    "finished": "finished",
    "scheduled": "running",
    "running": "running",
    "failed": "failed",
    "killed": "preempted",
    # Weights & Biases
    "crashed": "failed",
    "preempted": "preempted",
    "preempting": "preempted",
    "stopped": "preempted",
    "pending": "running",
    # Slurm; `CANCELLED by 1000` begins with its word
    "completed": "finished",
    "completing": "running",
    "timeout": "preempted",
    "cancelled": "preempted",
    "node_fail": "failed",
    "boot_fail": "failed",
    "out_of_memory": "failed",
    "deadline": "preempted",
    "revoked": "preempted",
    "requeued": "preempted",
    "resizing": "running",
    "suspended": "running",
    # people
    "success": "finished",
    "succeeded": "finished",
    "done": "finished",
    "error": "failed",
    "canceled": "preempted",
    "interrupted": "preempted",
    "search": "search",
    "trial": "search",
}
"""A system's word -> one of RUN_STATUSES. What a limit of time, a user or the scheduler ended was
preempted; what ended by itself without its result, or with its node, has failed."""

_FIRST_WORD: Final = re.compile(r"^[a-z_]+")


def run_status(text: pl.Series) -> pl.Series:
    """How runs ended.

    Args:
        text: words of systems or people, in any case; null where nothing is said.

    Returns:
        One of RUN_STATUSES each; null where a word is not known.
    """
    distinct = [word for word in text.unique().sort() if word is not None]
    known = {word: _status(word) for word in distinct}
    if not known:
        return pl.Series("run_status", [None] * len(text), dtype=pl.String)
    return text.replace_strict(known, default=None, return_dtype=pl.String).alias("run_status")


def read_run_status(sheet: Sheet) -> None:
    """Words of how a run ended -> house names, in place; unknown ones are set aside."""
    known = run_status(sheet.frame["run_status"])
    sheet.reject(
        pl.col("run_status").is_not_null() & known.is_null(),
        f"how a run ended is not known by this word; use one of {', '.join(RUN_STATUSES)}",
        "run_status",
    )
    sheet.frame = sheet.frame.with_columns(known)


def of_search(status: pl.Expr, trial: pl.Expr) -> pl.Expr:
    """The status of a run, where one that ended well or says nothing may be a trial of a search."""
    well = status.is_null() | status.is_in(["finished", "search"])
    return pl.when(trial.fill_null(False) & well).then(pl.lit("search")).otherwise(status)


def _status(word: str) -> str | None:
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    if plain in RUN_STATUSES:
        return plain
    first = _FIRST_WORD.match(word.strip().casefold())
    return STATUS_WORDS.get(plain) or (STATUS_WORDS.get(first[0]) if first else None)
