"""`carbon measures`: what was done, what was expected of it, what the record shows."""

import datetime as dt
from typing import Annotated, Any, Final, Literal

import typer

from carbon.analysis.measures import Shown
from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    messages,
    table,
    workspace_path,
)
from carbon.portfolio import Portfolio
from carbon.portfolio.measure_verbs import NOT_NETTED, MeasureResult

app = typer.Typer(
    help="The register of measures: expected beside seen, never netted against the footprint.",
    invoke_without_command=True,
)

LISTED: Final = ("measure", "taken", "workloads", "of", "expected", "seen", "interval", "verdict")
SHOWN: Final = ("of", "per", "before", "after", "change", "low", "high", "a_year")

_UNITS: Final = {"location": "kg_co2e", "market": "kg_co2e", "energy": "kwh"}
_WORDS: Final = {"kg_co2e": "kgCO2e", "kwh": "kWh"}

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the measure.")]


@app.callback()
def every(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Every measure, expected beside seen; none is netted against the footprint."""
    if context.invoked_subcommand is None:
        list_(workspace, as_json)
    elif workspace or as_json:
        raise typer.BadParameter(f"write options behind {context.invoked_subcommand}")


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Every measure with what it was to bring and what is seen, the latest first."""
    portfolio = Portfolio(workspace_path(workspace))
    found = [_document(result) for result in portfolio.measure_results()]

    def say() -> None:
        for document in found:
            typer.echo(_sentence(document))
        if found:
            typer.echo()
        table([_row(document) for document in found], LISTED, "No measure is in the register.")
        messages.print(NOT_NETTED, soft_wrap=True)

    answer({"measures": found, "note": NOT_NETTED}, as_json, say)


@app.command()
def show(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """One measure with what the normalised record shows of it."""
    portfolio = Portfolio(workspace_path(workspace))
    document = {**_document(portfolio.measure_result(name)), "note": NOT_NETTED}
    answer(document, as_json, lambda: _say(document))


@app.command()
def add(
    *,
    name: NameArgument,
    workload: Annotated[list[str], typer.Option(help="Whom it concerns; again for more.")],
    taken: Annotated[str, typer.Option(help="Day on which it took effect, YYYY-MM-DD.")],
    done: Annotated[str, typer.Option(help="What was done.")],
    of: Annotated[
        Literal["location", "market", "energy"],
        typer.Option(help="What was to change: location, market or energy."),
    ] = "location",
    expected_share: Annotated[
        float | None, typer.Option(help="Change per unit of work, as -0.2 for a fifth less.")
    ] = None,
    expected_kg: Annotated[
        float | None, typer.Option(help="Instead: change a year, kgCO2e (kWh of energy).")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Kept scenario that it goes back to.")
    ] = None,
    evidence: Annotated[str | None, typer.Option(help="Document, ticket or link.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter a measure into the register; one of the same name is entered anew."""
    if (expected_share is None) == (expected_kg is None):
        raise typer.BadParameter("state --expected-share or --expected-kg; one of the two")
    try:
        dt.datetime.strptime(taken, "%Y-%m-%d")
    except ValueError as error:
        raise typer.BadParameter(f"--taken is a day as 2025-03-15, not {taken!r}") from error
    portfolio = Portfolio(workspace_path(workspace))
    said = {
        "workloads": workload,
        "taken": taken,
        "done": done,
        "of": of,
        "expected_share": expected_share,
        "expected_kg": expected_kg,
        "scenario": scenario,
        "evidence": evidence,
    }
    measure = portfolio.save_measure(name, said)
    document = {**_document(portfolio.measure_result(measure.name)), "note": NOT_NETTED}
    answer(document, as_json, lambda: _say(document))


@app.command()
def delete(
    name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Strike a measure out; the log keeps that it stood."""
    portfolio = Portfolio(workspace_path(workspace))
    portfolio.measure_result(name)
    portfolio.delete_plan("measure", name)
    answer({"deleted": name}, as_json, lambda: typer.echo(f"{name} is struck out."))


def _document(result: MeasureResult) -> dict[str, Any]:
    """A measure and what is seen; every amount names its unit."""
    measure = result.measure
    return {
        "measure": measure.name,
        **{key: value for key, value in measure.to_dict().items() if key != "expected_kg"},
        f"expected_{_UNITS[measure.of]}_a_year": measure.expected_kg,
        "results": [_shown(found) for found in result.results],
        "missing": result.missing,
    }


def _shown(found: Shown) -> dict[str, Any]:
    unit = _UNITS[found.of]
    return {
        **{"of": found.of, "unit_of_work": found.unit},
        **{"before": list(found.before), "after": list(found.after)},
        f"before_{unit}_per_unit": found.before_value,
        f"after_{unit}_per_unit": found.after_value,
        **{"change_share": found.change, "low_share": found.low, "high_share": found.high},
        f"change_{unit}_a_year": found.a_year,
        "season_taken_out": found.season,
        "verdict": found.verdict or None,
        "notes": list(found.notes),
    }


def _sentence(document: dict[str, Any]) -> str:
    """`Batching, since 2024-12-31: energy -20.0 % per unit of work (…), expected -20.0 %: …`."""
    start = f"{document['measure']}, since {document['taken']}: "
    found = _main(document)
    if not found:
        return f"{start}{document['missing']}"
    return (
        f"{start}{document['of']} {_percent(found['change_share'])} per unit of work (95 % "
        f"interval {_interval(found)}), expected {_expected(document)}: {found['verdict']}."
    )


def _say(document: dict[str, Any]) -> None:
    typer.echo(_sentence(document))
    typer.echo(f"Done for {', '.join(document['workloads'])}: {document['done']}")
    for title in ("scenario", "evidence"):
        if document[title]:
            typer.echo(f"{title.capitalize()}: {document[title]}")
    if document["results"]:
        typer.echo()
        table([_result(found) for found in document["results"]], SHOWN)
    for note in (*_main(document).get("notes", ()), document["note"]):
        messages.print(note, soft_wrap=True)


def _main(document: dict[str, Any]) -> dict[str, Any]:
    """What is shown of what the expectation is of; empty where nothing is."""
    return next((found for found in document["results"] if found["of"] == document["of"]), {})


def _row(document: dict[str, Any]) -> dict[str, Any]:
    found = _main(document)
    return {
        **{key: document[key] for key in ("measure", "taken", "of")},
        "workloads": ", ".join(document["workloads"]),
        "expected": _expected(document),
        "seen": _percent(found["change_share"]) if found else None,
        "interval": _interval(found) if found else None,
        "verdict": found.get("verdict"),
    }


def _result(found: dict[str, Any]) -> dict[str, Any]:
    """A line of what is shown: each figure per unit of work, and the change as of a year."""
    unit = _UNITS[found["of"]]
    ends = {name: _percent(found[f"{name}_share"]) for name in ("change", "low", "high")}
    return {
        "of": found["of"],
        "per": f"{_WORDS[unit]} / {found['unit_of_work']}",
        "before": f"{found[f'before_{unit}_per_unit']:.4g}",
        "after": f"{found[f'after_{unit}_per_unit']:.4g}",
        **ends,
        "a_year": f"{found[f'change_{unit}_a_year']:+,.1f} {_WORDS[unit]}".replace(",", " "),
    }


def _expected(document: dict[str, Any]) -> str:
    share, unit = document["expected_share"], _UNITS[document["of"]]
    if share is not None:
        return _percent(share)
    amount = f"{document[f'expected_{unit}_a_year']:+,.0f} {_WORDS[unit]} a year"
    return amount.replace(",", " ")


def _interval(found: dict[str, Any]) -> str:
    return f"{_percent(found['low_share'])} to {_percent(found['high_share'])}"


def _percent(share: float) -> str:
    return f"{share:+.1%}".replace("%", " %")
