"""`carbon whatif`: a scenario beside today."""

from pathlib import Path
from typing import Annotated, Any

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
from carbon.portfolio import Portfolio

SHOWN = (
    ("energy_it_kwh", "IT energy [kWh]"),
    ("energy_facility_kwh", "facility energy [kWh]"),
    ("location_kg_co2e", "location-based [kg CO2e]"),
    ("market_kg_co2e", "market-based [kg CO2e]"),
    ("embodied_kg_co2e", "embodied [kg CO2e]"),
    ("water_l", "water [L]"),
)

MOVES = (
    *("workload", "share", "to", "energy_kwh"),
    *("location_kg_before", "location_kg_after", "market_kg_before", "market_kg_after"),
)


def whatif(
    file: Annotated[
        Path | None, typer.Argument(metavar="SCENARIO.toml", help="The scenario file.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Instead of a file: a scenario that is kept.")
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Keep the scenario under its name.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the footprint would be if load moved or changed; today's stays as it is."""
    if (file is None) == (name is None):
        raise typer.BadParameter("name a scenario file, or a kept scenario with --name")
    portfolio = Portfolio(workspace_path(workspace))
    text = (
        read_scenario(file) if file is not None else portfolio.scenario_toml(_kept(portfolio, name))
    )
    outcome = portfolio.whatif(text)
    if save:
        messages.print(f"Kept as {portfolio.save_scenario(text)!r}.")
    document = outcome.to_dict()
    answer(document, as_json, lambda: _say(document))


def read_scenario(file: Path) -> str:
    """The text of a scenario file, or one line on why it cannot be read."""
    try:
        return file.read_text("utf-8")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}. Name a scenario file, as in the docs.")
    except UnicodeDecodeError:
        fail(f"{file} is no text in UTF-8; a scenario file is TOML.")


def _kept(portfolio: Portfolio, name: str | None) -> str:
    kept = portfolio.scenarios()
    if name is None or name not in kept:
        fail(f"No scenario is called {name!r}; there are: {', '.join(kept) or 'none'}.")
    return name


def _say(document: dict[str, Any]) -> None:
    baseline, scenario = document["baseline"], document["scenario"]
    rows = [
        {
            "measure": title,
            "today": baseline[measure],
            "scenario": scenario[measure],
            "change": _percent(baseline[measure], scenario[measure]),
        }
        for measure, title in SHOWN
    ]
    typer.echo(f"{document['name']}, {document['month_from']} to {document['month_to']}")
    table(rows, ("measure", "today", "scenario", "change"))
    if document["moves"]:
        typer.echo()
        table([move | {"workload": listed(move["workload"])} for move in document["moves"]], MOVES)
    for violation in document["violations"]:
        typer.echo(f"Breaks {violation['constraint']}: {violation['words']}")
    for note in document["notes"]:
        messages.print(note, soft_wrap=True)


def listed(names: str | list[str]) -> str:
    """One name, or several with commas."""
    return names if isinstance(names, str) else ", ".join(names)


def _percent(today: float | None, scenario: float | None) -> str | None:
    if not today or scenario is None:
        return None
    return f"{scenario / today - 1:+.1%}"
