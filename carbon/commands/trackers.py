"""Options that name what is asked of an experiment tracker."""

from typing import Annotated

import typer

ExperimentOption = Annotated[
    list[str] | None, typer.Option(help="Name or id of an experiment; default all.")
]
EntityOption = Annotated[str, typer.Option(help="User or team.")]
ProjectOption = Annotated[str, typer.Option(help="The project.")]
WandbUrlOption = Annotated[
    str | None,
    typer.Option(envvar="WANDB_BASE_URL", help="Server; default Weights & Biases' own."),
]
