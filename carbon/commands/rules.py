"""`carbon rules`: who owns which activity."""

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
from carbon.portfolio import Portfolio, Trial

LISTED = ("rule_id", "name", "state", "rows_asked", "rows_won", "kwh_won", "words")
CONFLICTS = ("winner", "loser", "rows", "kwh", "other_owner")
MOVED = ("workload", "kwh_before", "kwh_after", "location_kg_before", "location_kg_after")
NO_RULES = "There is no rule: every row belongs to whom its source names."

app = typer.Typer(help="Assignment rules: who owns which activity.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="TOML file of rules, as `export` writes it.")]


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """The rules in their order, what each wins, and what remains unclaimed."""
    portfolio = Portfolio(workspace_path(workspace))
    rules, found = portfolio.rules(), portfolio.rule_coverage()
    rows = [
        {**counts, "words": rule["words"]}
        for rule, counts in zip(rules, found.rules.to_dicts(), strict=True)
    ]
    conflicts = found.conflicts.to_dicts()
    document = {
        "rules": [{**rule, **counts} for rule, counts in zip(rules, rows, strict=True)],
        "conflicts": conflicts,
        "unclaimed": found.unclaimed,
        "total": found.total,
    }

    def say() -> None:
        table(rows, LISTED, NO_RULES)
        if conflicts:
            messages.print("Rules that hold on the same rows:")
            table(conflicts, CONFLICTS)
        _say_unclaimed(found.unclaimed)

    answer(document, as_json, say)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write; - prints.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the rules as TOML."""
    portfolio = Portfolio(workspace_path(workspace))
    text = portfolio.export_rules()
    if str(file) == "-":
        answer({"toml": text}, as_json, lambda: typer.echo(text, nl=False))
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")
    count = len(portfolio.rules())
    answer(
        {"path": str(file), "rules": count},
        as_json,
        lambda: typer.echo(f"Written: {count} to {file}."),
    )


@app.command("import")
def import_(
    file: FileArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the rules of a file in place of those that stand; one that is not there goes."""
    portfolio = Portfolio(workspace_path(workspace))
    text = _text(file)
    if dry_run:
        _say_trial(portfolio.try_rules(portfolio.read_rules(text)), as_json)
        return
    rules = portfolio.import_rules(text)
    answer({"rules": rules}, as_json, lambda: table(rules, ("rule_id", "name", "words"), NO_RULES))


@app.command("try")
def try_(
    file: FileArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """What the rules of a file would change, in place of those that stand; nothing is saved."""
    portfolio = Portfolio(workspace_path(workspace))
    _say_trial(portfolio.try_rules(portfolio.read_rules(_text(file))), as_json)


@app.command()
def delete(
    rule_id: Annotated[str, typer.Argument(help="The rule's id, as `list` names it.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a rule back; its history stays."""
    Portfolio(workspace_path(workspace)).delete_rule(rule_id)
    answer({"deleted": rule_id}, as_json, lambda: typer.echo(f"Deleted: {rule_id}."))


@app.command()
def history(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """What became of each rule, the latest first."""
    rows = Portfolio(workspace_path(workspace)).rule_history().to_dicts()
    columns = ("at", "who", "rule", "what", "before", "after")
    answer({"history": rows}, as_json, lambda: table(rows, columns, "No rule was ever saved."))


def _say_trial(trial: Trial, as_json: bool) -> None:
    document: dict[str, Any] = {
        "rules": trial.coverage.rules.to_dicts(),
        "conflicts": trial.coverage.conflicts.to_dicts(),
        "unclaimed": trial.coverage.unclaimed,
        "workloads": trial.workloads.to_dicts(),
    }

    def say() -> None:
        table(document["rules"], LISTED[:-1], NO_RULES)
        table(document["workloads"], MOVED, "No workload would change.")
        _say_unclaimed(trial.coverage.unclaimed)

    answer(document, as_json, say)


def _say_unclaimed(unclaimed: dict[str, float]) -> None:
    after, before = unclaimed["kwh_after"], unclaimed["kwh_before"]
    typer.echo(
        f"Unclaimed: {unclaimed['rows_after']} rows with {after:.1f} kWh; "
        f"before any rule {unclaimed['rows_before']} rows with {before:.1f} kWh."
    )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read. Check the path, and that it is UTF-8 text.")
