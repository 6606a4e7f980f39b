"""`carbon sync`: fetch from a system into evidence, then import."""

from calendar import monthrange
from datetime import date
from typing import Annotated

import typer

from carbon.commands.imported import finish_import, say_progress
from carbon.commands.terminal import JsonOption, WorkspaceOption, workspace_path
from carbon.commands.trackers import (
    EntityOption,
    ExperimentOption,
    ProjectOption,
    WandbUrlOption,
)
from carbon.portfolio import Portfolio

app = typer.Typer(help="Fetch from a system into evidence, then import.", no_args_is_help=True)

FromOption = Annotated[
    str | None, typer.Option("--from", help="First day on which a run started, or its month.")
]
ToOption = Annotated[
    str | None, typer.Option("--to", help="Last day on which a run started, or its month.")
]


@app.command()
def mlflow(
    *,
    url: Annotated[
        str, typer.Option(envvar="MLFLOW_TRACKING_URI", help="Address of the tracking server.")
    ],
    experiment: ExperimentOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Runs of an MLflow tracking server with their system metrics.

    Signs in with MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD.
    """
    first, last = _period(from_, to)
    result = Portfolio(workspace_path(workspace)).fetch_mlflow(
        url, experiments=experiment or None, since=first, until=last, progress=say_progress
    )
    finish_import(result, as_json)


@app.command()
def wandb(
    *,
    entity: EntityOption,
    project: ProjectOption,
    url: WandbUrlOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Runs of a project of Weights & Biases with their system metrics.

    Signs in with WANDB_API_KEY.
    """
    first, last = _period(from_, to)
    result = Portfolio(workspace_path(workspace)).fetch_wandb(
        url, entity, project, since=first, until=last, progress=say_progress
    )
    finish_import(result, as_json)


def _period(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    since, until = _day("--from", first), _day("--to", last)
    if last and until and len(last) == len("2026-03"):
        until = until.replace(day=monthrange(until.year, until.month)[1])
    if since is not None and until is not None and until < since:
        raise typer.BadParameter(f"--to {last} lies before --from {first}")
    return since, until


def _day(option: str, value: str | None) -> date | None:
    """A day, or the first of a month."""
    try:
        return date.fromisoformat(value + "-01"[: 10 - len(value)]) if value else None
    except ValueError as error:
        raise typer.BadParameter(
            f"{option} is a day as 2026-03-31 or a month as 2026-03, not {value!r}"
        ) from error
