"""`carbon changed`: why a figure is up or down between two periods."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import polars as pl
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
from carbon.portfolio.change_verbs import BY

MONTHS: Final = ("before_from", "before_to", "after_from", "after_to")

MOST: Final = 15
"""Rows of a step that a person is shown."""


def changed(
    *,
    from_: Annotated[
        str | None, typer.Option("--from", help="First month of the later period, YYYY-MM.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month of the later period.")] = None,
    before_from: Annotated[
        str | None,
        typer.Option(help="First month of the earlier period; default the same, a year before."),
    ] = None,
    before_to: Annotated[str | None, typer.Option(help="Last month of the earlier period.")] = None,
    method: Annotated[str, typer.Option(help="location or market.")] = "location",
    by: Annotated[str | None, typer.Option(help=f"Who is behind: {', '.join(BY)}.")] = None,
    per_day: Annotated[
        bool, typer.Option("--per-day", help="Divide each period by its days.")
    ] = False,
    restated_from: Annotated[
        Path | None,
        typer.Option(
            help="A copy of the workspace from when the first period's figure was made: what "
            "differs since is told as restated."
        ),
    ] = None,
    boundary: Annotated[
        Literal["in", "all"],
        typer.Option(help="'in': workloads inside the boundary; 'all': everything."),
    ] = "in",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Why it is up or down: activity, efficiency, overhead, place, grid, procurement.

    The steps add up to the change of the total.
    """
    if by is not None and by not in BY:
        raise typer.BadParameter(f"--by is one of {', '.join(BY)}; not {by!r}")
    portfolio = Portfolio(workspace_path(workspace))
    months = _months(portfolio, boundary, (before_from, before_to), (from_, to))
    change = portfolio.changed(
        **months, method=method, scope=boundary, per_day=per_day, earlier=restated_from
    )
    behind = change.by(by) if by else None
    document = {
        **months,
        "method": change.method,
        "unit": change.unit,
        "before": change.before,
        "after": change.after,
        "steps": change.steps.to_dicts(),
        "notes": [note.text for note in change.notes],
        **({} if behind is None else {"rows": behind.to_dicts()}),
    }
    answer(document, as_json, lambda: _say(document, behind))


def _months(
    portfolio: Portfolio,
    boundary: Literal["in", "all"],
    earlier: tuple[str | None, str | None],
    later: tuple[str | None, str | None],
) -> dict[str, str]:
    """The two periods: as named, and what is not named from the record."""
    named = dict(zip(MONTHS, (*earlier, *later), strict=True))
    if all(named.values()):
        return {name: month for name, month in named.items() if month}
    if any(earlier):
        raise typer.BadParameter(
            "--before-from and --before-to come with --from and --to; name all four, or leave the "
            "earlier period to the record"
        )
    found = portfolio.comparable(*later, scope=boundary)
    if not found:
        raise PortfolioError(
            "The record holds no period to compare that one with. Name two periods yourself with "
            "--from, --to, --before-from and --before-to; `carbon footprint --by month` lists the "
            "months."
        )
    return asdict(next(iter(found.values())))


def _say(document: dict[str, Any], behind: pl.DataFrame | None) -> None:
    unit = document["unit"]
    first = f"{document['before_from']} to {document['before_to']}"
    last = f"{document['after_from']} to {document['after_to']}"
    rows = [
        {"step": first, unit: document["before"]["kg_co2e"]},
        *({"step": row["step"], unit: row["kg_co2e"]} for row in document["steps"]),
        {"step": last, unit: document["after"]["kg_co2e"]},
    ]
    table(rows, ("step", unit))
    for note in document["notes"]:
        messages.print(note, soft_wrap=True)
    if behind is None:
        return
    typer.echo()
    named = behind.rename({"kg_co2e": unit})
    table(named.head(MOST).to_dicts(), named.columns)
    if behind.height > MOST:
        typer.echo(f"… and {behind.height - MOST} more rows; --json prints them all.")
