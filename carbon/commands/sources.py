"""`carbon sources`: what there is of each source, and what is missing."""

import datetime as dt
from typing import Annotated

import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio

LISTED = (
    "source",
    "files",
    "first_month",
    "last_month",
    "coverage",
    "gaps",
    "overdue",
    "next_expected",
    "taken",
    "set_aside",
    "superseded",
)


def sources(
    today: Annotated[
        str | None, typer.Option(help="Day on which it is asked, YYYY-MM-DD; default today.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What there is of each source, and what is missing."""
    try:
        day = dt.date.fromisoformat(today) if today else dt.datetime.now(dt.UTC).date()
    except ValueError as error:
        raise typer.BadParameter(f"--today is a day as 2026-03-31, not {today!r}") from error
    rows = Portfolio(workspace_path(workspace)).sources(day).to_dicts()
    answer(
        {"sources": rows},
        as_json,
        lambda: table(rows, LISTED, "There is no source yet: import a file first."),
    )


def place(
    name: Annotated[str, typer.Argument(help="Host, site or account, or a pattern with * and ?.")],
    where: Annotated[str, typer.Argument(help="Grid zone as FR or CAMX, or aws:eu-west-1.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """State where a host, site or account stands whose files do not say."""
    portfolio = Portfolio(workspace_path(workspace))
    portfolio.place(name, where)
    places = portfolio.policy.boundary.places
    rows = [{"name": known, "place": at} for known, at in places.items()]
    answer({"places": places}, as_json, lambda: table(rows, ("name", "place")))
