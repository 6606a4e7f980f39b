"""`carbon quarantine`: rows not taken, and how they get in."""

from typing import Annotated, Any

import polars as pl
import typer

from carbon.commands.terminal import (
    QUARANTINED,
    JsonOption,
    WorkspaceOption,
    answer,
    messages,
    table,
    workspace_path,
)
from carbon.portfolio import FileResult, Fix, Portfolio

LISTED = ("file", "row", "column", "value", "reason")
NOTHING = "No row is set aside."

app = typer.Typer(
    help="Rows not taken, and why; mend them, or discard them with a reason.",
    invoke_without_command=True,
)

FileArgument = Annotated[
    str, typer.Argument(help="File as `carbon quarantine` names it, or its evidence id.")
]
RowsOption = Annotated[str, typer.Option("--rows", help="Rows of the file, as 3,5,8-12.")]


@app.callback()
def listed(
    context: typer.Context,
    every: Annotated[
        bool, typer.Option("--all", help="With the rows that were discarded.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rows not taken, and why."""
    if context.invoked_subcommand is not None:
        if every or workspace or as_json:
            raise typer.BadParameter(f"write options behind {context.invoked_subcommand}")
    else:
        rows = Portfolio(workspace_path(workspace)).quarantine(discarded=every).to_dicts()
        answer({"rows": rows}, as_json, lambda: table(rows, LISTED, NOTHING))


@app.command()
def fix(
    *,
    file: FileArgument,
    column: Annotated[str, typer.Argument(help="The file's own name of the column.")],
    unit: Annotated[str | None, typer.Option(help="Write this unit behind the numbers.")] = None,
    dates: Annotated[
        str | None, typer.Option(help="Read dates as 'day first', 'month first', or '%d %b %Y'.")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark of the cells: . or ,")] = None,
    replace: Annotated[
        tuple[str, str] | None, typer.Option(help="Put a text in the place of another.")
    ] = None,
    value: Annotated[str | None, typer.Option("--set", help="Write this in every cell.")] = None,
    strip: Annotated[str | None, typer.Option(help="Leave these characters out.")] = None,
    because: Annotated[
        str | None, typer.Option(help="Only rows whose reason holds this text.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mend a column of the rows that are set aside by one rule, and submit the file again."""
    rules = [
        Fix(kind, stated)
        for kind, stated in (
            ("unit", unit),
            ("dates", dates),
            ("decimal", decimal),
            ("set", value),
            ("strip", strip),
        )
        if stated is not None
    ] + ([Fix("replace", *replace)] if replace else [])
    if len(rules) != 1:
        raise typer.BadParameter(
            "name one of --unit, --dates, --decimal, --replace, --set, --strip"
        )
    portfolio = Portfolio(workspace_path(workspace))
    evidence_id = _evidence(portfolio, file)
    kind = _kind(portfolio, evidence_id, because)
    if dry_run:
        rows = portfolio.preview_fix(evidence_id, column, rules[0], kind=kind).to_dicts()
        shown = ("row", "before", "after", "passes", "why")
        answer({"changes": rows}, as_json, lambda: table(rows, shown, "No cell would change."))
        return
    changed = portfolio.fix_column(evidence_id, column, rules[0], kind=kind)
    _finish(changed, portfolio.resubmit(evidence_id), as_json)


@app.command("set")
def set_(
    *,
    file: FileArgument,
    row: Annotated[int, typer.Argument(help="Row of the file.")],
    column: Annotated[str, typer.Argument(help="Column, or '(whole line)'.")],
    value: Annotated[str, typer.Argument(help="What is to be read there.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mend one cell, and submit the file again."""
    portfolio = Portfolio(workspace_path(workspace))
    evidence_id = _evidence(portfolio, file)
    change = {"evidence_id": evidence_id, "row": row, "column": column, "after": value}
    changed = portfolio.correct([change], reason=reason)
    _finish(changed, portfolio.resubmit(evidence_id), as_json)


@app.command()
def retry(
    file: FileArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Submit a file again: a zone may be known by now."""
    portfolio = Portfolio(workspace_path(workspace))
    _finish(0, portfolio.resubmit(_evidence(portfolio, file)), as_json)


@app.command()
def discard(
    file: FileArgument,
    rows: RowsOption,
    reason: Annotated[str, typer.Option(help="Why they are not to be taken.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide that rows are not to be taken; `restore` takes it back."""
    portfolio = Portfolio(workspace_path(workspace))
    count = portfolio.discard(_evidence(portfolio, file), _rows(rows), reason=reason)
    answer({"discarded": count}, as_json, lambda: typer.echo(f"Discarded: {count}."))


@app.command()
def restore(
    file: FileArgument,
    rows: RowsOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back that rows were discarded."""
    portfolio = Portfolio(workspace_path(workspace))
    count = portfolio.restore(_evidence(portfolio, file), _rows(rows))
    answer({"restored": count}, as_json, lambda: typer.echo(f"Restored: {count}."))


def _finish(changed: int, result: FileResult, as_json: bool) -> None:
    """Say what became of the file; exit 3 where rows of it are still set aside."""
    document: dict[str, Any] = {"changed": changed, "file": result.to_dict()}
    shown = {"changed": changed, **document["file"]}
    columns = ("name", "changed", "accepted", "quarantined", "duplicates")
    answer(document, as_json, lambda: table([shown], columns))
    if result.quarantined:
        messages.print("Rows are still set aside: see `carbon quarantine`.")
        raise typer.Exit(QUARANTINED)


def _evidence(portfolio: Portfolio, file: str) -> str:
    """The one file that is meant among those with rows set aside."""
    files = portfolio.quarantine_rows().select("evidence_id", "file").unique().sort("file")
    meant = files.filter(
        (pl.col("file") == file)
        | pl.col("file").str.ends_with(f"› {file}")
        | pl.col("evidence_id").str.starts_with(file)
    )
    if meant.height == 1:
        return str(meant["evidence_id"][0])
    if meant.is_empty():
        names = ", ".join(files["file"].unique().sort()) or "none"
        raise typer.BadParameter(f"no row of '{file}' is set aside; files with such rows: {names}")
    ids = ", ".join(evidence_id[:12] for evidence_id in meant["evidence_id"])
    raise typer.BadParameter(f"several files are called '{file}'; name one by its id: {ids}")


def _kind(portfolio: Portfolio, evidence_id: str, because: str | None) -> str | None:
    """The kind of reason that a text belongs to."""
    if because is None:
        return None
    rows = portfolio.quarantine_rows().filter(
        pl.col("evidence_id") == evidence_id, pl.col("reason").str.contains(because, literal=True)
    )
    kinds = rows["kind"].unique().sort().to_list()
    if len(kinds) != 1:
        raise typer.BadParameter(f"{len(kinds)} kinds of reasons hold '{because}'; --because one")
    return str(kinds[0])


def _rows(stated: str) -> list[int]:
    """`3,5,8-12` -> the numbers."""
    rows: list[int] = []
    for part in stated.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise typer.BadParameter(f"--rows is a list as 3,5,8-12, not '{stated}'")
        rows.extend(range(int(first), int(last or first) + 1))
    return rows
