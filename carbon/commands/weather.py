"""`carbon weather`: cooling in the weather of a normal year."""

from typing import Annotated, Any

import typer

from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    month,
    table,
    workspace_path,
)
from carbon.portfolio import Portfolio

PLACES = ("place", "spans", "with_pue", "first", "last", "normal_years")
MONTHS = (
    *("month", "it_kwh", "facility_kwh", "normalised_kwh", "adjustment_kwh"),
    *("location_kg", "normalised_kg", "adjustment_kg", "seasonless_kg"),
)


def weather(
    place: Annotated[
        str | None, typer.Option(help="Normalise this place; default lists the places.")
    ] = None,
    *,
    from_: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    base: Annotated[
        float | None, typer.Option(help="Base temperature of cooling [°C]; default the best fit.")
    ] = None,
    boundary: Annotated[str, typer.Option(help="'in' or 'all'.")] = "in",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Energy and emissions of a place in a normal year's weather, beside what they were."""
    if boundary not in ("in", "all"):
        raise typer.BadParameter(f"--boundary is in or all, not {boundary!r}")
    first, last = month("--from", from_), month("--to", to)
    portfolio = Portfolio(workspace_path(workspace))
    if place is None:
        rows = portfolio.weather_places().to_dicts()
        nothing = "No temperature is known: import a weather template."
        answer({"places": rows}, as_json, lambda: table(rows, PLACES, nothing))
        return
    found = portfolio.weather_normalised(
        place, first, last, scope="in" if boundary == "in" else "all", base_c=base
    )
    document = found.to_dict()
    answer(document, as_json, lambda: _say(document))


def _say(document: dict[str, Any]) -> None:
    """The model, its gates, and the months."""
    fit = document["fit"]
    if fit is not None:
        heating = ""
        if fit["base_heating_c"] is not None:
            heating = f" + {fit['per_heating']:.4f} per K below {fit['base_heating_c']:g} °C"
        typer.echo(
            f"PUE = {fit['intercept']:.3f} + {fit['per_cooling']:.4f} per K above "
            f"{fit['base_cooling_c']:g} °C{heating} ({fit['driver']}); R² "
            f"{fit['r_squared']:.2f}, n {fit['n']}"
        )
        table(fit["gates"], ("name", "value", "limit", "passed"))
    if document["refusal"] is not None:
        typer.echo(document["refusal"])
        return
    typer.echo()
    table(document["months"], MONTHS)
    typer.echo("Normalised figures are no totals of the inventory.")
