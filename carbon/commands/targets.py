"""`carbon targets`: what is to be reached, how far the record is from it, where its trend leads."""

from typing import Annotated, Any, Final, Literal

import typer

from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    messages,
    month,
    table,
    workspace_path,
)
from carbon.portfolio import Portfolio, PortfolioError

app = typer.Typer(
    help="Targets: path, progress and forecast; they change no figure.", invoke_without_command=True
)

LISTED: Final = ("target", "until", "level", "actual", "path", "against_path", "since_base")
AHEAD: Final = ("month", "trend", "low", "high")
PLANNED: Final = ("with_plans", "with_plans_low", "with_plans_high")
NOT_NETTED: Final = (
    "No figure of the footprint is changed by a target, and nothing is netted against it."
)

_UNITS: Final = {"location": "kg_co2e", "market": "kg_co2e", "energy": "kwh"}
_PER: Final = {
    "year": ("a_year", "a year"),
    "1k_requests": ("per_1k_requests", "per 1 000 requests"),
    "1k_output_tokens": ("per_1k_output_tokens", "per 1 000 output tokens"),
    "kwh_it": ("per_kwh_it", "per kWh of IT energy"),
}
_NAMES: Final = {
    "kg_co2e": ((1e3, "t"), (1.0, "kg"), (1e-3, "g")),
    "kwh": ((1e3, "MWh"), (1.0, "kWh"), (1e-3, "Wh")),
}
_THOUSAND: Final = 1000.0

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the target.")]


@app.callback()
def progress_of_all(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Every target with its progress."""
    if context.invoked_subcommand is None:
        list_(workspace, as_json)
    elif workspace or as_json:
        raise typer.BadParameter(f"write options behind {context.invoked_subcommand}")


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Every target with its progress."""
    portfolio = Portfolio(workspace_path(workspace))
    found = [_progress(portfolio, name) for name in portfolio.targets()]

    def say() -> None:
        for one in found:
            typer.echo(_sentence(one))
        if found:
            typer.echo()
        table([_row(one) for one in found], LISTED, "No target is set.")
        messages.print(NOT_NETTED, soft_wrap=True)

    answer({"targets": found, "note": NOT_NETTED}, as_json, say)


@app.command()
def show(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """A target's path, the record beside it, and the forecast."""
    portfolio = Portfolio(workspace_path(workspace))
    document = _progress(portfolio, name)
    document["forecast"] = _forecast(portfolio, name, document["unit"])
    document["note"] = NOT_NETTED
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
    measure: Annotated[
        Literal["location", "market", "energy"], typer.Option(help="location, market or energy.")
    ] = "location",
    per: Annotated[
        Literal["year", "1k_requests", "1k_output_tokens", "kwh_it"],
        typer.Option(help="year, 1k_requests, 1k_output_tokens or kwh_it."),
    ] = "year",
    path: Annotated[Literal["linear", "geometric"], typer.Option(help="Its shape.")] = "linear",
    boundary: Annotated[Literal["in", "all"], typer.Option(help="'in' or 'all'.")] = "in",
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
    for option, value in (("--base-from", base_from), ("--base-to", base_to), ("--until", until)):
        month(option, value)
    if (reduction is None) == (level is None):
        raise typer.BadParameter("state --reduction or --level; one of the two")
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
    document = {**_progress(portfolio, " ".join(name.split())), "note": NOT_NETTED}
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
        raise typer.BadParameter(f"--plan {said!r} names no month; write it as SCENARIO@2027-01")
    month("--plan", start)
    return {"scenario": scenario, "start": start}


def _progress(portfolio: Portfolio, name: str) -> dict[str, Any]:
    """A target and its progress; each amount has the target's unit behind its name."""
    target, found = portfolio.target(name), portfolio.progress(name)
    unit = f"{_UNITS[target.measure]}_{_PER[target.per][0]}"
    known = found.actual.value is not None and found.path
    return {
        "target": target.name,
        "unit": unit,
        **{key: getattr(target, key) for key in ("measure", "per", "base_from", "base_to")},
        f"base_{unit}": target.base_value,
        "base_how": target.base_how,
        "policy_hash": target.policy_hash,
        "until": target.until,
        f"level_{unit}": target.level,
        "reduction_share": target.reduction,
        "path": target.path,
        "boundary": target.scope,
        "planned": target.to_dict()["planned"],
        "month": found.month,
        f"actual_{unit}": found.actual.value,
        "actual_months": found.actual.months,
        "actual_estimated": found.actual.estimated,
        "actual_how": found.actual.how,
        f"path_{unit}": found.path,
        f"difference_{unit}": found.difference,
        "difference_share": found.actual.value / found.path - 1 if known else None,  # type: ignore[operator]
        "status": found.status,
        "change_share": found.change,
        "yearly_change_needed_share": found.yearly,
        "rows": _with_unit(found.rows.to_dicts(), unit),
        "ahead": _with_unit(found.ahead.to_dicts(), unit),
        "notes": list(found.notes),
    }


def _forecast(portfolio: Portfolio, name: str, unit: str) -> dict[str, Any]:
    """Where the trend leads; without rows, and why, where there is no forecast."""
    try:
        found = portfolio.forecast(name)
    except PortfolioError as error:
        return {"method": None, "months": None, "rows": [], "notes": [str(error)]}
    rows = _with_unit(found.rows.to_dicts(), unit)
    notes = list(found.notes)
    return {"method": found.method, "months": found.months, "rows": rows, "notes": notes}


def _with_unit(rows: list[dict[str, Any]], unit: str) -> list[dict[str, Any]]:
    plain = ("month", "estimated")
    return [
        {key if key in plain else f"{key}_{unit}": value for key, value in row.items()}
        for row in rows
    ]


def _sentence(document: dict[str, Any]) -> str:
    """`Half, 12 months to 2025-12: 4.8 t a year, 8.6 % below the path; …`."""
    start = f"{document['target']}, 12 months to {document['month']}: "
    actual = _amount(document, "actual")
    if actual is None:
        return f"{start}not known: {document['actual_how']}."
    estimated = " (estimated)" if document["actual_estimated"] else ""
    against = _against(document)
    against = f"{against} the path" if against else "before its path begins"
    since = f"{_percent(document['change_share'])} since the base period."
    return f"{start}{actual}{estimated}, {against}; {since}"


def _against(document: dict[str, Any]) -> str | None:
    share = document["difference_share"]
    if share is None:
        return None
    if document["status"] == "on path":
        return f"{_percent(share)}, so on"
    return f"{100 * abs(share):.1f} % {'above' if share > 0 else 'below'}"


def _row(document: dict[str, Any]) -> dict[str, Any]:
    """A line of the list."""
    share, change = document["difference_share"], document["change_share"]
    return {
        "target": document["target"],
        "until": document["until"],
        **{name: _amount(document, name) for name in ("level", "actual", "path")},
        "against_path": None if share is None else _percent(share),
        "since_base": None if change is None else _percent(change),
    }


def _percent(share: float) -> str:
    return f"{share:+.1%}".replace("%", " %")


def _amount(
    document: dict[str, Any], name: str, row: dict[str, Any] | None = None, *, per: bool = True
) -> str | None:
    """A figure in the unit that shows it with few digits: t, kg or g; MWh, kWh or Wh."""
    value = (document if row is None else row)[f"{name}_{document['unit']}"]
    if value is None:
        return None
    names = _NAMES[_UNITS[document["measure"]]]
    size, unit = next((pair for pair in names if abs(value) >= pair[0]), names[-1])
    shown = value / size
    digits = f"{shown:,.0f}" if shown >= _THOUSAND else f"{shown:.4g}"
    return f"{digits} {unit}".replace(",", " ") + (f" {_PER[document['per']][1]}" if per else "")


def _say(document: dict[str, Any]) -> None:
    typer.echo(_sentence(document))
    typer.echo(f"To be reached by {document['until']}: {_amount(document, 'level')}.")
    for plan in document["planned"]:
        typer.echo(f"Planned: {plan['scenario']} from {plan['start']}.")
    if document["actual_estimated"]:
        messages.print(f"{document['actual_how']}.", soft_wrap=True)
    forecast = document.get("forecast")
    if forecast and forecast["rows"]:
        _say_forecast(document, forecast)
    for note in (*document["notes"], *(forecast["notes"] if forecast else ()), document["note"]):
        messages.print(note, soft_wrap=True)


def _say_forecast(document: dict[str, Any], forecast: dict[str, Any]) -> None:
    def ends(row: dict[str, Any], prefix: str) -> str:
        names = (prefix or "value", f"{prefix}_low".lstrip("_"), f"{prefix}_high".lstrip("_"))
        value, low, high = (_amount(document, name, row, per=False) for name in names)
        return f"{value} (95 % interval {low} to {high})"

    last = forecast["rows"][-1]
    method = f"{forecast['method']}, of {forecast['months']} months"
    typer.echo(f"If the trend goes on, {last['month']}: {ends(last, '')}; {method}.")
    if document["planned"]:
        typer.echo(f"With what is planned: {ends(last, 'planned')}.")
    shown = {"trend": "value", "low": "low", "high": "high"}
    if document["planned"]:
        kept = ("planned", "planned_low", "planned_high")
        shown |= dict(zip(PLANNED, kept, strict=True))
    rows = [
        {"month": row["month"]}
        | {title: _amount(document, name, row, per=False) for title, name in shown.items()}
        for row in forecast["rows"]
        if row["month"][4:] == last["month"][4:]
    ]
    typer.echo()
    table(rows, ("month", *shown))
