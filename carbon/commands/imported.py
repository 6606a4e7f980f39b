"""What a command says of files that were taken in, and with which status it ends."""

from collections.abc import Callable, Mapping
from typing import Any

import typer

from carbon.commands.terminal import QUARANTINED, answer, fail, messages, table
from carbon.portfolio import ImportResult


def finish_import(
    result: ImportResult, as_json: bool, say: Callable[[Mapping[str, Any]], None] | None = None
) -> None:
    """Print what became of each file and leave with the exit status of the contract.

    Args:
        result: what became of the files.
        as_json: print the one JSON document.
        say: prints the document for a person; a table by default.
    """
    document = result.to_dict()
    answer(document, as_json, lambda: (say or _say_import)(document))
    if result.refused:
        fail("; ".join(file.refusal or "" for file in result.refused))
    if result.quarantined:
        aside = "1 row was" if result.quarantined == 1 else f"{result.quarantined} rows were"
        messages.print(f"{aside} set aside: see `carbon quarantine`.")
        raise typer.Exit(QUARANTINED)


def _say_import(document: Mapping[str, Any]) -> None:
    table(
        document["files"],
        ("name", "format", "rows", "accepted", "quarantined", "duplicates", "period_start"),
    )
    for file in document["files"]:
        # What a refused file lacks is the one line that the command ends with.
        for problem in file["problems"] if file["format"] else ():
            where = f"row {problem['row']}: " if problem["row"] else ""
            messages.print(f"{file['name']}: {where}{problem['reason']}", soft_wrap=True)


def say_progress(done: int, total: int, text: str) -> None:
    """One line on standard error a step."""
    messages.print(f"[{done}/{total}] {text}")
