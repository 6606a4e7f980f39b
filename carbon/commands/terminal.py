"""What every command says: answers as tables or as one JSON document, messages beside them."""

import datetime as dt
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

FAILED = 1
USAGE = 2
QUARANTINED = 3

messages = Console(stderr=True, highlight=False, markup=False)

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="Workspace folder; default $CARBON_WORKSPACE, else ./workspace."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def workspace_path(given: Path | None) -> Path:
    """The workspace folder: the option, else $CARBON_WORKSPACE, else ./workspace."""
    return given or Path(os.environ.get("CARBON_WORKSPACE") or "workspace")


def month(option: str, value: str | None) -> str | None:
    """A month as YYYY-MM, or a word on how to write one."""
    if value is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise typer.BadParameter(f"{option} is a month as 2025-03, not {value!r}")
    return value


def answer(document: Mapping[str, Any], as_json: bool, say: Callable[[], None]) -> None:
    """One JSON document on standard output, or the same as a person reads it."""
    if as_json:
        sys.stdout.write(
            json.dumps(document, ensure_ascii=False, allow_nan=False, default=_iso) + "\n"
        )
    else:
        say()


def _iso(value: Any) -> str:
    """Moments as ISO-8601 UTC, dates as YYYY-MM-DD."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], empty: str = "") -> None:
    """Rows as columns of text; where a terminal is too narrow for them, one below the other.

    What is not a terminal (a pipe, a file) gets each row on a line of its own, whole.
    """
    cells = [[_plain(row.get(column)) for column in columns] for row in rows]
    if not cells and empty:
        typer.echo(empty)
        return
    titles = [column.replace("_", " ") for column in columns]
    widest = [max(map(cell_len, column)) for column in zip(titles, *cells, strict=True)]
    needed = sum(widest) + 2 * (len(titles) - 1)
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=needed + 1)
    elif needed > console.width:
        _one_below_the_other(console, titles, cells)
        return
    grid = Table(box=None, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    for row in cells:
        grid.add_row(*row)
    console.print(grid)


def _one_below_the_other(console: Console, titles: list[str], cells: list[list[str]]) -> None:
    indent = max(map(cell_len, titles)) + 2
    for row in cells:
        for title, cell in zip(titles, row, strict=True):
            console.print(f"{title:<{indent}}{cell}", soft_wrap=True)
        console.print()


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.3f}".replace(",", " ") if isinstance(value, float) else str(value)


def fail(message: str) -> NoReturn:
    """End with the one line that says why and what to do."""
    messages.print(message, soft_wrap=True)
    raise SystemExit(FAILED)
