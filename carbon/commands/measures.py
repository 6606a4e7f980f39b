"""`carbon measures`: what was done, what was expected of it, what the record shows."""

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    messages,
    table,
    workspace_path,
)
from carbon.portfolio import Portfolio

app = typer.Typer(
    help="The register of measures: expected beside seen, never netted against the footprint.",
    no_args_is_help=True,
)

NOT_NETTED: Final = (
    "No figure of the footprint is changed by a measure: its totals are as measured."
)
LISTED: Final = (
    *("measure", "taken", "workloads", "of", "expected_share", "expected_a_year"),
    *("shown_change", "low", "high", "verdict"),
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the measure.")]


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Every measure with what it was to bring and what is seen, the latest first."""
    portfolio = Portfolio(workspace_path(workspace))
    found = [_document(result) for result in portfolio.measure_results()]
    answer({"measures": found, "note": NOT_NETTED}, as_json, lambda: _list(found))


@app.command()
def show(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """One measure with what the normalised record shows of it."""
    portfolio = Portfolio(workspace_path(workspace))
    document = _document(portfolio.measure_result(name))
    answer(document, as_json, lambda: _list([document]))


@app.command()
def add(
    *,
    name: NameArgument,
    workload: Annotated[list[str], typer.Option(help="Whom it concerns; again for more.")],
    taken: Annotated[str, typer.Option(help="Day on which it took effect, YYYY-MM-DD.")],
    done: Annotated[str, typer.Option(help="What was done.")],
    of: Annotated[str, typer.Option(help="What was to change: location, market or energy.")] = (
        "location"
    ),
    expected_share: Annotated[
        float | None, typer.Option(help="Change per unit of work, as -0.2 for a fifth less.")
    ] = None,
    expected_kg: Annotated[
        float | None, typer.Option(help="Instead: change a year, kgCO2e (kWh of energy).")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Kept scenario that it goes back to.")
    ] = None,
    evidence: Annotated[str | None, typer.Option(help="Document, ticket or link.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter a measure into the register; one of the same name is entered anew."""
    portfolio = Portfolio(workspace_path(workspace))
    said = {
        "workloads": workload,
        "taken": taken,
        "done": done,
        "of": of,
        "expected_share": expected_share,
        "expected_kg": expected_kg,
        "scenario": scenario,
        "evidence": evidence,
    }
    measure = portfolio.save_measure(name, said)
    document = _document(portfolio.measure_result(measure.name))
    answer(document, as_json, lambda: _list([document]))


@app.command()
def delete(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Strike a measure out; the log keeps that it stood."""
    portfolio = Portfolio(workspace_path(workspace))
    portfolio.measure_result(name)
    portfolio.delete_plan("measure", name)
    answer({"deleted": name}, as_json, lambda: typer.echo(f"{name} is struck out."))


def _document(result: Any) -> dict[str, Any]:
    return {
        "measure": result.measure.name,
        **result.measure.to_dict(),
        "results": [asdict(found) for found in result.results],
        "missing": result.missing,
    }


def _list(documents: list[dict[str, Any]]) -> None:
    table([_row(document) for document in documents], LISTED, "No measure is in the register.")
    for document in documents:
        found = _main(document)
        for note in [document["missing"]] if document["missing"] else found.get("notes", ()):
            messages.print(f"{document['measure']}: {note}", soft_wrap=True)
    messages.print(NOT_NETTED, soft_wrap=True)


def _main(document: dict[str, Any]) -> dict[str, Any]:
    """What is shown of what the expectation is of; empty where nothing is."""
    return next((found for found in document["results"] if found["of"] == document["of"]), {})


def _row(document: dict[str, Any]) -> dict[str, Any]:
    found = _main(document)
    return {
        "measure": document["measure"],
        "taken": document["taken"],
        "workloads": ", ".join(document["workloads"]),
        "of": document["of"],
        "expected_share": document["expected_share"],
        "expected_a_year": document["expected_kg"],
        "shown_change": found.get("change"),
        **{name: found.get(name) for name in ("low", "high", "verdict")},
    }
