"""`carbon workloads`: the AI inventory, and what is stated about it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    messages,
    table,
    workspace_path,
)
from carbon.portfolio import Portfolio, PortfolioError

LISTED = ("workload_id", "model", "lifecycle", "provider", "region", "site", "business_unit")
CHANGED = ("workload", "field", "before", "after")
WRONG = ("row", "workload", "field", "value", "reason")
HAPPENED = ("at", "who", "action", "workload", "field", "before", "after")

app = typer.Typer(
    help="The AI inventory: list it, edit it here or in a spreadsheet, see who changed what.",
    invoke_without_command=True,
)

NameArgument = Annotated[str, typer.Argument(help="Workload, as `carbon workloads` names it.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="field=value; field= takes the statement back. May be repeated."),
]


@app.callback()
def listed(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """The AI inventory."""
    if context.invoked_subcommand is not None:
        if workspace or as_json:
            raise typer.BadParameter(f"write options behind {context.invoked_subcommand}")
        return
    rows = Portfolio(workspace_path(workspace)).workloads().to_dicts()
    answer(
        {"workloads": rows},
        as_json,
        lambda: table(rows, LISTED, "The inventory is empty: import a file first."),
    )


@app.command()
def edit(
    workloads: Annotated[list[str], typer.Argument(help="Workloads to edit, all alike.")],
    stated: SetOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """State fields of one or several workloads."""
    fields = _stated(stated)
    if not fields:
        raise typer.BadParameter("name at least one field, as --set owner=Ana")
    portfolio = Portfolio(workspace_path(workspace))
    changes = [{"workload_id": name, **fields} for name in workloads]
    found = portfolio.try_edits(changes) if dry_run else portfolio.edit_workloads(changes)
    document = {
        "changes": found.changes.to_dicts(),
        "problems": [problem.to_dict() for problem in found.problems],
    }
    answer(document, as_json, lambda: _say(document))
    if found.problems:
        raise PortfolioError("Nothing of it can be kept as it is.")


@app.command()
def add(
    workload: Annotated[str, typer.Argument(help="Name under which activity will refer to it.")],
    stated: SetOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a workload by hand, before any activity names it."""
    Portfolio(workspace_path(workspace)).add_workload(workload, _stated(stated))
    answer({"added": workload}, as_json, lambda: typer.echo(f"Added {workload}."))


@app.command()
def delete(
    workload: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take a workload off the inventory that nothing refers to; its history stays."""
    Portfolio(workspace_path(workspace)).delete_workload(workload)
    answer({"deleted": workload}, as_json, lambda: typer.echo(f"Deleted {workload}."))


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="File to write: .csv or .xlsx.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the inventory as a file that can be edited and imported again."""
    portfolio = Portfolio(workspace_path(workspace))
    data = portfolio.export_workloads(file.suffix.lower().removeprefix("."))
    try:
        file.write_bytes(data)
    except OSError as error:
        raise PortfolioError(f"{file} cannot be written: {error.strerror}.") from error
    answer({"written": str(file)}, as_json, lambda: typer.echo(f"Written to {file}."))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The file that was exported, edited.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be.")] = False,
    add_new: Annotated[
        bool, typer.Option("--add-new", help="Add workloads that nobody named before.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take what an edited file states: all of it, or nothing.

    A blank cell leaves the field as it is; a statement is taken back by naming the field in the
    column take_back.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PortfolioError(f"{file} cannot be read: {error.strerror}.") from error
    portfolio = Portfolio(workspace_path(workspace))
    found = portfolio.try_workloads(file.name, data)
    document = {**found.to_dict(), "applied": not dry_run and not found.problems}
    if not dry_run and not found.problems:
        document |= portfolio.import_workloads(file.name, data, add_new=add_new).to_dict()
    answer(document, as_json, lambda: _say(document))
    if found.problems:
        raise PortfolioError(f"Nothing of {file.name} was taken: mend the cells that are listed.")


@app.command("history")
def history_(
    workload: Annotated[str | None, typer.Option(help="One workload; else all of them.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who changed what, and when; the latest first."""
    rows = Portfolio(workspace_path(workspace)).workload_history(workload).to_dicts()
    answer({"history": rows}, as_json, lambda: table(rows, HAPPENED, "Nothing was edited yet."))


def _stated(options: list[str] | None) -> dict[str, str]:
    fields = {}
    for option in options or []:
        field, mark, value = option.partition("=")
        if not mark or not field.strip():
            raise typer.BadParameter(f"--set is field=value, as owner=Ana; not {option!r}")
        fields[field.strip()] = value
    return fields


def _say(document: dict[str, Any]) -> None:
    """Changes as a table; what is wrong, and what is new, beside it."""
    if document["problems"]:
        table(document["problems"], WRONG)
    else:
        table(document["changes"], CHANGED, "Nothing changes.")
    if document.get("new"):
        messages.print(f"New: {', '.join(document['new'])}", soft_wrap=True)
    for note in document.get("notes", ()):
        messages.print(note, soft_wrap=True)
