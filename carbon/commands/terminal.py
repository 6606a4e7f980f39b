"""What every command says: answers as tables or as one JSON document, messages beside them."""

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
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
    """Rows as columns of text."""
    rows = list(rows)
    if not rows and empty:
        typer.echo(empty)
        return
    grid = Table(box=None, pad_edge=False)
    for column in columns:
        grid.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        grid.add_row(*(_plain(row.get(column)) for column in columns))
    Console(highlight=False, markup=False, emoji=False).print(grid)


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.3f}".replace(",", " ") if isinstance(value, float) else str(value)


def fail(message: str) -> NoReturn:
    """End with the one line that says why and what to do."""
    messages.print(message, soft_wrap=True)
    raise SystemExit(FAILED)
