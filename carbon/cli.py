"""The same verbs as the app, for cron and CI.

Exit 0: done. 1: the work failed, with one line that says why and what to do. 2: wrong usage.
3: done, and rows were quarantined. `--json` prints one JSON document on standard output; progress
and messages go to standard error.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import typer

from carbon.commands import (
    boundary,
    changed,
    collection,
    discover,
    hardware,
    measures,
    models,
    optimise,
    quarantine,
    rules,
    seasonal,
    sources,
    sync,
    targets,
    uncertainty,
    weather,
    whatif,
    workloads,
)
from carbon.commands.imported import finish_import, say_progress
from carbon.commands.terminal import (
    JsonOption,
    WorkspaceOption,
    answer,
    fail,
    messages,
    table,
    workspace_path,
)
from carbon.commands.watch import watch as watch_folder
from carbon.portfolio import (
    COMMON_DIMENSIONS,
    ColumnMapping,
    ImportResult,
    Portfolio,
    PortfolioError,
    Scope,
)

MOST_RUNS = 20
"""Runs of rows that a person is shown."""

app = typer.Typer(
    help="A carbon footprint baseline for an AI portfolio.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
factors_app = typer.Typer(help="The factor library: list, resolve, import.", no_args_is_help=True)
app.add_typer(factors_app, name="factors")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(rules.app, name="rules")
app.add_typer(discover.app, name="discover")
app.add_typer(discover.proposals_app, name="proposals")
app.add_typer(sync.app, name="sync")
app.add_typer(workloads.app, name="workloads")
app.add_typer(boundary.app, name="boundary")
app.add_typer(collection.app, name="collection")
app.add_typer(targets.app, name="targets")
app.add_typer(measures.app, name="measures")
app.command("sources")(sources.sources)
app.command("place")(sources.place)
app.command("hardware")(hardware.hardware)
app.command("shadow")(discover.shadow)
app.command("changed")(changed.changed)
app.command("intensity")(models.intensity)
app.command("models")(models.models)
app.command("uncertainty")(uncertainty.uncertainty)
app.command("seasonal")(seasonal.seasonal)
app.command("whatif")(whatif.whatif)
app.command("optimise")(optimise.optimise)
app.command("weather")(weather.weather)


def main() -> None:
    """Run the command line; every failure is one line on standard error."""
    try:
        app()
    except PortfolioError as error:
        fail(str(error))
    except Exception as error:
        if os.environ.get("CARBON_DEBUG"):
            raise
        fail(
            f"This should not have happened: {type(error).__name__}: {error}. Nothing half-done "
            "counts. Run it again with CARBON_DEBUG=1 and report what it prints."
        )


@app.command("import")
def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files as exported; archives are opened.")
    ] = None,
    *,
    format: Annotated[
        str | None, typer.Option(help="Reader to use instead of the recognised one.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="IANA zone of local times without one, as Europe/Paris.")
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(
            help="What the columns mean: a mapping's TOML file, which is kept, or its name."
        ),
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option(
            help="Take in what is new in this folder, and what changes, until it is stopped. "
            "With --json a document of each pass that took in something, one a line."
        ),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="With --watch: take in what is there, and end.")
    ] = False,
    every: Annotated[
        float, typer.Option(min=0.1, help="With --watch: look again after so many seconds.")
    ] = 10.0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recognise, read, store evidence, append to the ledger."""
    if bool(files) == (watch is not None):
        raise typer.BadParameter("name files, or a folder with --watch DIR; one of the two")
    if watch is not None and not watch.is_dir():
        raise typer.BadParameter(f"--watch takes a folder; {watch} is none")
    if mapping is not None and format is not None:
        raise typer.BadParameter("--mapping says the format already; leave out --format")
    portfolio = Portfolio(workspace_path(workspace))
    known = [row["name"] for row in portfolio.formats()]
    if format is not None and format not in known:
        raise typer.BadParameter(f"--format knows {', '.join(known)}; not {format!r}")
    if timezone is not None and timezone not in available_timezones():
        raise typer.BadParameter(
            f"--timezone is an IANA zone as Europe/Paris or UTC; {timezone!r} is none"
        )
    meaning = _mapping(portfolio, mapping)

    def importing(named: Sequence[tuple[str, bytes | Path]]) -> ImportResult:
        return portfolio.import_files(
            named,
            format=format,
            timezone=timezone,
            mapping=meaning,
            progress=None if watch else say_progress,
        )

    if watch is not None:
        told = (format, timezone, mapping) != (None, None, None)
        watch_folder(
            portfolio, watch, importing, anew=told, every_s=every, once=once, as_json=as_json
        )
        return
    result = importing([(file.name, file) for file in files or ()])
    if meaning is not None and not result.refused:
        portfolio.save_mapping(meaning)
    finish_import(result, as_json)


@app.command()
def sample(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Load the sample portfolio."""
    portfolio = Portfolio(workspace_path(workspace))
    finish_import(portfolio.load_sample(progress=say_progress), as_json)


@app.command()
def reread(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Read files again whose reading rests on choices that the policy has changed since."""
    finish_import(Portfolio(workspace_path(workspace)).reread(), as_json)


@app.command()
def formats(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """The formats it reads."""
    rows = Portfolio(workspace_path(workspace)).formats()
    answer({"formats": rows}, as_json, lambda: table(rows, ("name", "title", "provider")))


@app.command()
def footprint(
    *,
    by: Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(COMMON_DIMENSIONS)}.")] = "",
    from_: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    boundary: Annotated[
        str, typer.Option(help="'in': workloads inside the boundary; 'all': everything.")
    ] = "in",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Energy and emissions, location-based and market-based side by side."""
    columns = _columns(by)
    first, last = _period(from_, to)
    portfolio = Portfolio(workspace_path(workspace))
    result = portfolio.footprint(columns, first, last, scope=_boundary(boundary))
    for finding in portfolio.findings(first, last, scope=_boundary(boundary)):
        if finding.severity == "block":
            messages.print(f"{finding.title}. {finding.detail}", soft_wrap=True)
    shown = (
        "energy_facility_kwh",
        *("location_kg_co2e", "location_low_kg", "location_high_kg"),
        *("market_kg_co2e", "market_low_kg", "market_high_kg"),
        "embodied_kg_co2e",
        "tier",
    )
    document = result.to_dict()
    answer(
        document,
        as_json,
        lambda: table(
            [*document["rows"], {**dict.fromkeys(columns[:1], "total"), **document["totals"]}]
            if columns
            else [document["totals"]],
            (*columns, *shown),
        ),
    )


@app.command()
def explain(
    workload: Annotated[str, typer.Option(help="Workload, or (unassigned).")],
    month: Annotated[str | None, typer.Option(help="One month, YYYY-MM.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lineage of a figure: formula, factors with their documents, rows and files."""
    document = Portfolio(workspace_path(workspace)).explain(workload, _month("--month", month))
    answer(document, as_json, lambda: _say_explanation(document))


@app.command()
def report(
    *,
    pdf: Annotated[Path | None, typer.Option(help="Write the report as PDF/A and PDF/UA.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write the workbook.")] = None,
    data: Annotated[Path | None, typer.Option(help="Write the result as JSON.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    boundary: Annotated[str, typer.Option(help="'in' or 'all'.")] = "in",
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A kept scenario to list beside the inventory, once for each; without it, those "
            "that are marked for the report.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write disclosures; the same state gives the same bytes."""
    targets = {"pdf": pdf, "xlsx": xlsx, "data": data}
    if not any(targets.values()):
        raise typer.BadParameter("name at least one of --pdf, --xlsx, --data")
    portfolio = Portfolio(workspace_path(workspace))
    written = portfolio.write_reports(
        {kind: path for kind, path in targets.items() if path},
        *_period(from_, to),
        scope=_boundary(boundary),
        scenarios=scenario or None,
    )
    answer({"written": written}, as_json, lambda: table(written, ("path", "sha256")))


@app.command()
def verify(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Re-hash all evidence and the event chain."""
    outcome = Portfolio(workspace_path(workspace)).verify()
    answer(
        outcome,
        as_json,
        lambda: typer.echo(
            f"{outcome['evidence']} files and {outcome['events']} events verified."
            if outcome["ok"]
            else "\n".join(outcome["problems"])
        ),
    )
    if not outcome["ok"]:
        fail("The workspace does not verify: restore it from a backup, or import the files again.")


@factors_app.command("list")
def factors_list(
    zone: Annotated[str | None, typer.Option(help="Grid zone, as CAMX or GB.")] = None,
    year: Annotated[int | None, typer.Option(help="Year that the factor applies to.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Emission factors, with publisher, vintage and document."""
    rows = Portfolio(workspace_path(workspace)).factors(zone, year).to_dicts()
    answer(
        {"factors": rows},
        as_json,
        lambda: table(
            rows,
            ("zone", "method", "basis", "valid_from", "kg_co2e_per_kwh", "publisher", "release"),
            "No factor fits.",
        ),
    )


@factors_app.command("resolve")
def factors_resolve(
    *,
    zone: Annotated[str, typer.Option(help="Grid zone, country or US ZIP code.")],
    year: Annotated[int, typer.Option(help="Year of the consumption.")],
    method: Annotated[str, typer.Option(help="location or market.")],
    month: Annotated[int | None, typer.Option(min=1, max=12, help="Month, 1 to 12.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which factor applies, and why."""
    if method not in ("location", "market"):
        raise typer.BadParameter(f"--method is location or market, not {method!r}")
    found = Portfolio(workspace_path(workspace)).resolve_factor(zone, year, method, month)
    answer(
        found,
        as_json,
        lambda: typer.echo(
            f"{found['kg_co2e_per_kwh']:.6f} kgCO2e/kWh  {found['factor_id']}\n{found['why']}"
        ),
    )


@factors_app.command("import")
def factors_import(
    file: Annotated[Path, typer.Argument(help="A factor file; `carbon formats` lists them.")],
    format: Annotated[str | None, typer.Option(help="Format, where it is not recognised.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take factors from a file; the publisher's own file checks the shipped figures."""
    portfolio = Portfolio(workspace_path(workspace))
    result = portfolio.import_factors(file.name, file, format=format, progress=say_progress)
    finish_import(result, as_json)


def _mapping(portfolio: Portfolio, given: str | None) -> ColumnMapping | None:
    """The mapping of a TOML file, or the workspace's own or a shipped one of that name."""
    if given is None:
        return None
    path = Path(given)
    if path.suffix.lower() != ".toml" and not path.exists():
        return portfolio.mapping(given)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PortfolioError(f"The mapping {given} cannot be read. Check the path.") from error
    return portfolio.read_mapping(text)


def _say_explanation(document: Mapping[str, Any]) -> None:
    typer.echo(document["formula"])
    table(document["factors"], ("factor_id", "kg_co2e_per_kwh", "publisher", "document", "why"))
    files = [{**file, "rows": _in_runs(file["rows"])} for file in document["evidence"]]
    table(files, ("name", "evidence_id", "rows"))


def _in_runs(rows: Sequence[int]) -> str:
    """Row numbers as a person writes them: `2-14, 17`."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], row]
        else:
            runs.append([row])
    named = ["-".join(map(str, dict.fromkeys(run))) for run in runs[:MOST_RUNS]]
    more = f", and {len(runs) - MOST_RUNS} more runs (--json lists all)"
    return ", ".join(named) + (more if len(runs) > MOST_RUNS else "")


def _columns(by: str) -> list[str]:
    columns = [column.strip() for column in by.split(",") if column.strip()]
    unknown = [column for column in columns if column not in COMMON_DIMENSIONS]
    if unknown:
        raise typer.BadParameter(
            f"--by knows {', '.join(COMMON_DIMENSIONS)}; not {', '.join(unknown)}"
        )
    return columns


def _month(option: str, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise typer.BadParameter(f"{option} is a month as 2025-03, not {value!r}")
    return value


def _period(first: str | None, last: str | None) -> tuple[str | None, str | None]:
    first, last = _month("--from", first), _month("--to", last)
    if first is not None and last is not None and last < first:
        raise typer.BadParameter(f"--to {last} lies before --from {first}")
    return first, last


def _boundary(value: str) -> Scope:
    if value == "in":
        return "in"
    if value == "all":
        return "all"
    raise typer.BadParameter(f"--boundary is in or all, not {value!r}")
