"""`carbon collection`: the data collection policy, shown, stated and exported."""

from pathlib import Path
from typing import Annotated

import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio, PortfolioError

LISTED = ("source", "what", "where", "meter", "error", "frequency", "responsible", "retention")
VERSIONS = ("version", "at", "who", "note", "sources", "hash")

app = typer.Typer(
    help="What is measured where, with which meter, how often, by whom.", no_args_is_help=True
)


@app.command()
def show(
    version: Annotated[int | None, typer.Option(help="A saved version; default: now.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The policy as it stands, or as it was saved; and its versions."""
    portfolio = Portfolio(workspace_path(workspace))
    frame = portfolio.collection() if version is None else portfolio.collection_version(version)
    rows, versions = frame.to_dicts(), portfolio.collection_versions().to_dicts()

    def say() -> None:
        table(rows, LISTED, "There is no source yet: import a file first.")
        table(versions, VERSIONS, "No version is saved yet.")

    answer({"collection": rows, "versions": versions}, as_json, say)


@app.command("set")
def set_(
    *,
    source: Annotated[str, typer.Argument(help="Source as `carbon sources` names it.")],
    field: Annotated[
        str, typer.Argument(help="responsible, retention, meter, error, frequency or note.")
    ],
    value: Annotated[str, typer.Argument(help="What is stated; empty takes it back.")],
    note: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """State something of a source, and save the policy as a new version."""
    portfolio = Portfolio(workspace_path(workspace))
    number = portfolio.state_collection([{"source": source, field: value}], note)
    answer({"version": number}, as_json, lambda: typer.echo(f"Saved as version {number}."))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write: .md, .csv or .xlsx.")],
    version: Annotated[int | None, typer.Option(help="A saved version; default: now.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the policy to a file."""
    portfolio = Portfolio(workspace_path(workspace))
    data = portfolio.collection_document(file.suffix.lstrip(".").casefold(), version)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise PortfolioError(f"{file} cannot be written: {error.strerror}.") from error
    answer({"path": str(file)}, as_json, lambda: typer.echo(f"Written: {file}."))
