"""`carbon discover`, `carbon proposals` and `carbon shadow`: what exists and nobody declared.

`discover` takes a system's files or pages in as evidence first, as `carbon import` does, and says
what that system proposes. `proposed` are the open proposals with that system among their sources;
`unmatched` is what it shows that matches no activity (declared, and no bill, meter or tracker knows
any use of it; or runs from which no energy follows), what exists no more, and rows that were set
aside, each with the reason. What is declared and unmatched may be proposed all the same; its
`proposal_id` says so.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from carbon.commands.imported import say_progress
from carbon.commands.terminal import (
    QUARANTINED,
    JsonOption,
    WorkspaceOption,
    answer,
    fail,
    messages,
    table,
    workspace_path,
)
from carbon.commands.trackers import (
    EntityOption,
    ExperimentOption,
    ProjectOption,
    WandbUrlOption,
)
from carbon.portfolio import ImportResult, Portfolio

app = typer.Typer(help="Propose workloads from what other systems know of.", no_args_is_help=True)
proposals_app = typer.Typer(
    help="What is proposed: list, accept, merge, ignore, reopen.", invoke_without_command=True
)

FilesArgument = Annotated[list[Path], typer.Argument(help="Files as exported.")]
WhoOption = Annotated[str | None, typer.Option(help="Who decides; default the local user.")]
ProposalArgument = Annotated[str, typer.Argument(help="Id, as `carbon proposals` lists it.")]


@app.command()
def mlflow(
    server: Annotated[str | None, typer.Argument(help="Address of the tracking server.")] = None,
    *,
    url: Annotated[
        str | None, typer.Option(envvar="MLFLOW_TRACKING_URI", help="The same, as an option.")
    ] = None,
    experiment: ExperimentOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Experiments and runs of an MLflow tracking server."""
    address = server or url
    if not address:
        raise typer.BadParameter("name the tracking server: carbon discover mlflow http://…")
    portfolio = Portfolio(workspace_path(workspace))
    result = portfolio.fetch_mlflow(address, experiments=experiment or None, progress=say_progress)
    _finish(portfolio, "mlflow", result, as_json)


@app.command()
def wandb(
    *,
    entity: EntityOption,
    project: ProjectOption,
    url: WandbUrlOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Runs of a project of Weights & Biases."""
    portfolio = Portfolio(workspace_path(workspace))
    result = portfolio.fetch_wandb(url, entity, project, progress=say_progress)
    _finish(portfolio, "wandb", result, as_json)


@app.command()
def terraform(
    files: FilesArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Accelerators in Terraform: `terraform show -json` of a state or plan, or *.tf files."""
    _of_files("terraform", files, workspace, as_json)


@app.command()
def kubernetes(
    files: FilesArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """What asks for accelerators in a cluster: `kubectl get pods,jobs,nodes… -A -o json`."""
    _of_files("kubernetes", files, workspace, as_json)


@app.command()
def billing(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Exports; none for those already imported.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accelerators and AI services on the bills of clouds."""
    _of_files("billing", files or [], workspace, as_json)


def _of_files(source: str, files: Sequence[Path], workspace: Path | None, as_json: bool) -> None:
    portfolio = Portfolio(workspace_path(workspace))
    named = [(file.name, file) for file in files]
    result = portfolio.import_files(named, progress=say_progress) if named else None
    _finish(portfolio, source, result, as_json)


def _finish(portfolio: Portfolio, source: str, result: ImportResult | None, as_json: bool) -> None:
    if result is not None and result.refused:
        fail("; ".join(file.refusal or "" for file in result.refused))
    document = portfolio.discovered(source)
    aside = _set_aside(source, result)
    document["unmatched"] += aside
    answer(document, as_json, lambda: _say(document))
    if result is not None and result.quarantined:
        messages.print("Rows were set aside: see `carbon quarantine`.")
        raise typer.Exit(QUARANTINED)


def _set_aside(source: str, result: ImportResult | None) -> list[dict[str, Any]]:
    """Rows of the files that were just taken in which cannot be used."""
    if result is None:
        return []
    return [
        {
            "source": source,
            "reference": None,
            "name": None,
            "file": file["name"],
            "row": problem["row"],
            "proposal_id": None,
            "reason": problem["reason"],
        }
        for file in result.to_dict()["files"]
        for problem in file["problems"]
        if problem["row"] is not None
    ]


def _say(document: Mapping[str, Any]) -> None:
    _say_proposals(document["proposed"])
    if document["unmatched"]:
        typer.echo("")
        table(document["unmatched"], ("name", "reference", "file", "row", "reason"))


def _say_proposals(rows: Sequence[Mapping[str, Any]]) -> None:
    shown = [{**row, "seen_by": ", ".join(row["sources"])} for row in rows]
    columns = ("proposal_id", "kind", "status", "title", "seen_by", "unclaimed_kwh", "energy_kwh")
    table(shown, columns, "Nothing is proposed.")


@proposals_app.callback()
def proposals(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is proposed: list, accept, merge, ignore, reopen."""
    if context.invoked_subcommand is None:
        _list(workspace, as_json, None, None)


@proposals_app.command("list")
def list_(
    *,
    status: Annotated[
        str | None, typer.Option(help="open, accepted, merged or ignored; default all.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="System, as terraform or billing; default all.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Proposals, the open ones first."""
    if status not in (None, "open", "accepted", "merged", "ignored"):
        raise typer.BadParameter(f"--status is open, accepted, merged or ignored, not {status!r}")
    _list(workspace, as_json, status, source)


def _list(
    workspace: Path | None, as_json: bool, status: str | None, source: list[str] | None
) -> None:
    found = Portfolio(workspace_path(workspace)).proposals(source or None, status)
    rows = [each.to_dict() for each in found]
    answer({"proposals": rows}, as_json, lambda: _say_proposals(rows))


@proposals_app.command()
def accept(
    proposal: ProposalArgument,
    *,
    workload: Annotated[
        str | None, typer.Option(help="Name of the workload; default the proposed one.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="column=value to state beside, as owner=ana.")
    ] = None,
    who: WhoOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a proposal a workload, or a part of the one that it belongs to."""
    changes = dict(_pair(each) for each in set_ or [])
    portfolio = Portfolio(workspace_path(workspace))
    name = portfolio.accept(proposal, workload, changes or None, who)
    _decided(proposal, "accepted", name, as_json)


@proposals_app.command()
def merge(
    proposal: ProposalArgument,
    into: Annotated[str, typer.Argument(help="Workload of the inventory.")],
    *,
    who: WhoOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a proposal part of a workload that is there."""
    name = Portfolio(workspace_path(workspace)).merge(proposal, into, who)
    _decided(proposal, "merged", name, as_json)


@proposals_app.command()
def ignore(
    proposal: ProposalArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    who: WhoOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave a proposal aside."""
    Portfolio(workspace_path(workspace)).ignore(proposal, reason, who)
    _decided(proposal, "ignored", None, as_json)


@proposals_app.command()
def reopen(
    proposal: ProposalArgument,
    *,
    who: WhoOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a decision back."""
    Portfolio(workspace_path(workspace)).reopen(proposal, who)
    _decided(proposal, "open", None, as_json)


def shadow(
    *,
    assign: Annotated[
        str | None, typer.Option(help="Id of a group, to be given to the workload of --to.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Workload, new or of the inventory.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Use of accelerators and AI services that no workload claims, most energy first."""
    if (assign is None) != (to is None):
        raise typer.BadParameter("--assign and --to go together")
    portfolio = Portfolio(workspace_path(workspace))
    if assign is not None and to is not None:
        name = portfolio.assign_shadow(assign, to)
        answer(
            {"assigned": {"group_id": assign, "workload": name}},
            as_json,
            lambda: typer.echo(f"{assign} is of {name} now."),
        )
        return
    rows = [each.to_dict() for each in portfolio.shadow()]
    shown = [{**row, "cost": _money(row["cost"])} for row in rows]
    columns = (
        *("group_id", "where", "name", "energy_kwh", "location_kg", "cost", "first_month"),
        *("last_month", "owner", "owner_why"),
    )
    answer({"shadow": rows}, as_json, lambda: table(shown, columns, "Everything is claimed."))


def _decided(proposal: str, status: str, workload: str | None, as_json: bool) -> None:
    document = {"proposal_id": proposal, "status": status, "workload": workload}
    of = f": {workload}" if workload else ""
    answer(document, as_json, lambda: typer.echo(f"{proposal} is {status}{of}."))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"--set takes column=value, as owner=ana; not {text!r}")
    return name.strip(), value.strip()


def _money(cost: Mapping[str, float]) -> str | None:
    return ", ".join(f"{amount:,.2f} {currency}" for currency, amount in cost.items()) or None
