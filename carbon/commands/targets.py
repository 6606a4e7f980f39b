"""`carbon targets`: what is to be reached, how far the record is from it, where its trend leads."""

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    fail,
    messages,
    table,
    workspace_path,
)
from carbon.portfolio import Portfolio, PortfolioError

app = typer.Typer(
    help="Targets: path, progress and forecast; they change no figure.", no_args_is_help=True
)

LISTED: Final = ("target", "month", "actual", "path", "unit", "change", "status")
AHEAD: Final = ("month", "value", "low", "high", "planned", "planned_low", "planned_high")

_UNITS: Final = {"location": "kgCO2e", "market": "kgCO2e", "energy": "kWh"}
_PER: Final = {
    "year": "a year",
    "1k_requests": "per 1,000 requests",
    "1k_output_tokens": "per 1,000 output tokens",
    "kwh_it": "per kWh of IT energy",
}

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the target.")]


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Every target with its progress."""
    portfolio = Portfolio(workspace_path(workspace))
    found = [_progress(portfolio, name) for name in portfolio.targets()]
    answer(
        {"targets": found},
        as_json,
        lambda: table([_row(one) for one in found], LISTED, "No target is set."),
    )


@app.command()
def show(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """A target's path, the record beside it, and the forecast."""
    portfolio = Portfolio(workspace_path(workspace))
    document = _progress(portfolio, name)
    try:
        forecast = portfolio.forecast(name)
        document["forecast"] = {
            "method": forecast.method,
            "months": forecast.months,
            "rows": forecast.rows.to_dicts(),
            "notes": list(forecast.notes),
        }
    except PortfolioError as error:
        document["forecast"] = {"method": None, "months": 0, "rows": [], "notes": [str(error)]}
    answer(document, as_json, lambda: _say(document))


@app.command("set")
def set_(
    *,
    name: NameArgument,
    base_from: Annotated[str, typer.Option(help="First month of the base period, YYYY-MM.")],
    base_to: Annotated[str, typer.Option(help="Last month of the base period, YYYY-MM.")],
    until: Annotated[str, typer.Option(help="Last of the twelve months at the level, YYYY-MM.")],
    reduction: Annotated[
        float | None, typer.Option(help="Share below the base value, as 0.5 for half.")
    ] = None,
    level: Annotated[
        float | None, typer.Option(help="Instead of a share: kgCO2e or kWh a year, or per unit.")
    ] = None,
    measure: Annotated[str, typer.Option(help="location, market or energy.")] = "location",
    per: Annotated[
        str, typer.Option(help="year, 1k_requests, 1k_output_tokens or kwh_it.")
    ] = "year",
    path: Annotated[str, typer.Option(help="linear or geometric.")] = "linear",
    boundary: Annotated[str, typer.Option(help="'in' or 'all'.")] = "in",
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCENARIO@YYYY-MM",
            help="A kept scenario and its first month in force; again for more.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a target; one of the same name is set anew."""
    portfolio = Portfolio(workspace_path(workspace))
    portfolio.save_target(
        name,
        {
            "measure": measure,
            "per": per,
            "base_from": base_from,
            "base_to": base_to,
            "until": until,
            "reduction": reduction,
            "level": level,
            "path": path,
            "scope": boundary,
            "planned": [_planned(each) for each in plan or []],
        },
    )
    document = _progress(portfolio, name)
    answer(document, as_json, lambda: _say(document))


@app.command()
def delete(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take a target back; the log keeps that it stood."""
    portfolio = Portfolio(workspace_path(workspace))
    portfolio.target(name)
    portfolio.delete_plan("target", name)
    answer({"deleted": name}, as_json, lambda: typer.echo(f"{name} is taken back."))


def _planned(said: str) -> dict[str, str]:
    scenario, at, start = said.rpartition("@")
    if not at:
        fail(f"--plan {said!r} names no month; write it as SCENARIO@2027-01.")
    return {"scenario": scenario, "start": start}


def _progress(portfolio: Portfolio, name: str) -> dict[str, Any]:
    target, found = portfolio.target(name), portfolio.progress(name)
    return {
        "target": target.name,
        "unit": f"{_UNITS[target.measure]} {_PER[target.per]}",
        **target.to_dict(),
        "month": found.month,
        "actual": asdict(found.actual),
        "path_value": found.path,
        "difference": found.difference,
        "status": found.status,
        "change": found.change,
        "yearly_change_needed": found.yearly,
        "rows": found.rows.to_dicts(),
        "ahead": found.ahead.to_dicts(),
        "notes": list(found.notes),
    }


def _row(document: dict[str, Any]) -> dict[str, Any]:
    """A line of the list."""
    shown = {name: document[name] for name in ("target", "month", "unit", "change", "status")}
    return shown | {"actual": document["actual"]["value"], "path": document["path_value"]}


def _say(document: dict[str, Any]) -> None:
    actual, path = document["actual"], document["path_value"]
    if actual["value"] is None:
        typer.echo(f"{document['target']}: cannot be compared yet: {actual['how']}.")
    else:
        allowed = "" if path is None else f"; the path allows {path:,.3f} ({document['status']})"
        typer.echo(
            f"{document['target']}: {actual['value']:,.3f} {document['unit']} in the twelve months "
            f"to {document['month']}{allowed}; {document['change']:+.1%} since the base period"
        )
        if actual["estimated"]:
            messages.print(actual["how"], soft_wrap=True)
    typer.echo(f"to be reached in {document['until']}: {document['level']:,.3f}")
    forecast = document.get("forecast")
    if forecast and forecast["rows"]:
        typer.echo(f"\nForecast: {forecast['method']}, of {forecast['months']} months")
        table([forecast["rows"][0], forecast["rows"][-1]], AHEAD)
    for note in (*document["notes"], *(forecast["notes"] if forecast else ())):
        messages.print(note, soft_wrap=True)
