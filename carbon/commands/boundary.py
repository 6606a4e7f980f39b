"""`carbon boundary`: what is in scope, what is left out, and what is missing of it."""

import datetime as dt
import json
from typing import Annotated, Any

import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio

DECIDED = ("of", "name", "side", "reason", "decided_on", "workloads", "energy_facility_kwh")
LEFT_OUT = ("reason", "why", "rows", "kwh")
MISSING = ("workload", "place", "missing", "low_kwh", "central_kwh", "high_kwh", "how")

app = typer.Typer(help="What is in scope, and what is missing of it.", no_args_is_help=True)


@app.command()
def show(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """The declared boundary, what it leaves out, and what no source holds of it."""
    portfolio = Portfolio(workspace_path(workspace))
    document: dict[str, Any] = {
        "boundary": portfolio.boundary().model_dump(mode="json"),
        "decisions": portfolio.boundary_decisions().to_dicts(),
        "left_out": portfolio.left_out(scope="all").to_dicts(),
        "missing": portfolio.completeness(scope="all").to_dicts(),
    }
    answer(document, as_json, lambda: _say(document))


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="Choice, as consolidation_approach or lifecycles.")],
    value: Annotated[str, typer.Argument(help='Text, or JSON as \'{"development": "out"}\'.')],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set one choice of the boundary."""
    portfolio = Portfolio(workspace_path(workspace))
    portfolio.set_boundary(name, _parsed(value))
    document = {"boundary": portfolio.boundary().model_dump(mode="json")}
    answer(document, as_json, lambda: typer.echo(f"Set: {name}."))


@app.command()
def decide(
    *,
    of: Annotated[str, typer.Argument(help="workload, model, project or business_unit.")],
    name: Annotated[str, typer.Argument(help="Its name, or a pattern with * and ?.")],
    side: Annotated[str, typer.Argument(help="in or out.")],
    reason: Annotated[str, typer.Option(help="Why, for the auditor.")],
    evidence: Annotated[str, typer.Option(help="Document or link.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put workloads inside or outside, by name or pattern."""
    portfolio = Portfolio(workspace_path(workspace))
    today = dt.datetime.now(dt.UTC).date().isoformat()
    portfolio.decide_boundary(of, name, side, reason, decided_on=today, evidence=evidence)
    rows = portfolio.boundary_decisions().to_dicts()
    answer({"decisions": rows}, as_json, lambda: table(rows, DECIDED))


@app.command("leave-out")
def leave_out(
    *,
    column: Annotated[str, typer.Argument(help="Column of activity as host, or tag:NAME.")],
    pattern: Annotated[str, typer.Argument(help="Its value, or a pattern with * and ?.")],
    reason: Annotated[str, typer.Option(help="Why, for the auditor.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Declare activity to be outside: laptops, R&D that is not AI."""
    portfolio = Portfolio(workspace_path(workspace))
    today = dt.datetime.now(dt.UTC).date().isoformat()
    portfolio.leave_out(column, pattern, reason, decided_on=today)
    rows = portfolio.left_out(scope="all").to_dicts()
    answer({"left_out": rows}, as_json, lambda: table(rows, LEFT_OUT, "Nothing fits it yet."))


def _parsed(value: str) -> Any:
    """JSON where it is some, else the text itself."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _say(document: dict[str, Any]) -> None:
    boundary = document["boundary"]
    for name in ("consolidation_approach", "in_scope_by_default", "lifecycles", "components_out"):
        typer.echo(f"{name.replace('_', ' ')}: {boundary[name] or 'none'}")
    for title, key, columns in (
        ("Decisions", "decisions", DECIDED),
        ("Left out", "left_out", LEFT_OUT),
        ("Missing, by estimate and in no figure", "missing", MISSING),
    ):
        typer.echo(f"\n{title}")
        table(document[key], columns, "None.")
