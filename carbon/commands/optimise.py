"""`carbon optimise`: where load would emit least within limits, and what limits cost."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from carbon.commands.terminal import (
    FAILED,
    JsonOption,
    WorkspaceOption,
    answer,
    fail,
    messages,
    table,
    workspace_path,
)
from carbon.commands.whatif import listed, read_scenario
from carbon.portfolio import Portfolio

PLACES = ("place", "name", "energy_kwh_before", "energy_kwh_after", "share_before", "share_after")
MOVES = ("workload", "share", "from", "to")
POINTS = ("cost", "kg", "kg_per_cost")


def optimise(
    file: Annotated[
        Path, typer.Argument(metavar="SCENARIO.toml", help="Changes, limits and prices.")
    ],
    *,
    method: Annotated[
        Literal["location", "market"], typer.Option(help="By which figure: location or market.")
    ] = "location",
    whole: Annotated[
        bool, typer.Option("--whole", help="Workloads are not divided among places.")
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(min=0.0, help="Most that it may cost; instead of max_cost in the file."),
    ] = None,
    frontier: Annotated[
        int | None,
        typer.Option(metavar="N", help="Also the least carbon for each of N costs."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Write the scenario with the moves to a file."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The placement that emits least under the scenario's limits; its own moves are left out."""
    portfolio = Portfolio(workspace_path(workspace))
    text = read_scenario(file)
    found = portfolio.optimise(text, method=method, whole=whole, budget=budget)
    document = found.to_dict()
    if frontier is not None:
        traded = portfolio.frontier(text, method=method, points=frontier, budget=budget)
        document["frontier"] = traded.to_dict()
    if out is not None and found.scenario is not None:
        _write(out, portfolio.scenario_toml(found.scenario))
        messages.print(f"Written to {out}; `carbon whatif {out}` tells it in full.")
    answer(document, as_json, lambda: _say(document))
    if not found.feasible:
        raise typer.Exit(FAILED)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")


def _say(document: dict[str, Any]) -> None:
    typer.echo(f"{document['name']}, {document['month_from']} to {document['month_to']}")
    if not document["feasible"]:
        typer.echo("No placement keeps every limit:")
        for reason in document["conflicts"]:
            typer.echo(f"- {reason}")
    else:
        _say_placement(document)
    if "frontier" in document:
        traded = document["frontier"]
        typer.echo(f"\nLeast carbon [kg CO2e] for each cost [{traded['currency'] or '–'}]")
        table(traded["points"], POINTS, "No prices are known; state [prices] in the file.")
        for note in traded["notes"]:
            messages.print(note, soft_wrap=True)
    for note in document["notes"]:
        messages.print(note, soft_wrap=True)


def _say_placement(document: dict[str, Any]) -> None:
    table(
        [
            {
                "method": f"{name}-based [kg CO2e]",
                "nothing moved": document["before"][f"{name}_kg_co2e"],
                "least carbon": document["after"][f"{name}_kg_co2e"],
            }
            for name in ("location", "market")
        ],
        ("method", "nothing moved", "least carbon"),
    )
    typer.echo()
    table(document["by_place"], PLACES)
    typer.echo()
    table([_told(move) for move in document["moves"]], MOVES, "Nothing moves.")
    for price in document["shadow_prices"]:
        typer.echo(price["words"])
    for violation in document["violations"]:
        typer.echo(f"Breaks {violation['constraint']}: {violation['words']}")


def _told(move: dict[str, Any]) -> dict[str, Any]:
    """A move as a line: where from, where to."""
    targets = {"to_zone": "zone", "to_site": "site", "to_region": move.get("to_provider")}
    return {
        "workload": listed(move["workload"]),
        "share": move.get("share", 1.0),
        "from": move["from_place"],
        "to": next(f"{kind}:{move[key]}" for key, kind in targets.items() if key in move),
    }
