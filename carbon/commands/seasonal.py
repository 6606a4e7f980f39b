"""`carbon seasonal`: a year from a part of it, without the bias of its season."""

import re
from typing import Annotated, Any

import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio

ZONES = (
    *("zone", "treatment", "bias", "actual_kg", "annualised_naive_kg"),
    "annualised_seasonal_kg",
)
INDEX = ("zone", "month", "index", "years", "spread", "weak", "publisher")
HOURS = ("zone", "month", "hour", "kg_co2e_per_kwh", "ratio", "days", "weak", "publisher")


def seasonal(
    *,
    from_: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    year: Annotated[
        int | None, typer.Option(help="Calendar year to annualise; default that of the period.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Grid zone, as FR; default all.")] = None,
    workload: Annotated[
        list[str] | None, typer.Option(help="One workload; name it again for more.")
    ] = None,
    years: Annotated[
        str | None,
        typer.Option(help="Calendar years of factors that indices rest on, as 2023-2025."),
    ] = None,
    stl: Annotated[bool, typer.Option("--stl", help="Index by STL.")] = False,
    hours: Annotated[
        bool, typer.Option("--hours", help="Instead: which hours of a day are cleaner; of --zone.")
    ] = False,
    boundary: Annotated[str, typer.Option(help="'in' or 'all'.")] = "in",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Normalised indicators: the year by seasonal index, beside the year by hours alone."""
    first, last = _month("--from", from_), _month("--to", to)
    if first is not None and last is not None and last < first:
        raise typer.BadParameter(f"--to {last} lies before --from {first}")
    if boundary not in ("in", "all"):
        raise typer.BadParameter(f"--boundary is in or all, not {boundary!r}")
    portfolio = Portfolio(workspace_path(workspace))
    method = "stl" if stl else None
    if hours:
        if zone is None:
            raise typer.BadParameter("--hours needs a grid zone: --zone IE")
        rows = portfolio.hourly_profile(zone, method).to_dicts()
        nothing = f"No hourly factors of {zone} are known: import them."
        answer({"zone": zone, "rows": rows}, as_json, lambda: table(rows, HOURS, nothing))
        return
    found = portfolio.seasonal(
        first,
        last,
        year=year,
        zone=zone,
        workloads=workload or None,
        scope="in" if boundary == "in" else "all",
        method=method,
        years=_years(years),
    )
    document = found.to_dict()
    answer(document, as_json, lambda: _say(document))


def _say(document: dict[str, Any]) -> None:
    table(document["rows"], INDEX, "No seasonal index applies; why is said beneath.")
    typer.echo()
    table(document["zones"], ZONES)
    typer.echo()
    by_index = (
        f"{document['annualised_seasonal_kg']:.3f} by index; bias {document['bias']:.4f}"
        if document["rows"]
        else "no index applies"
    )
    typer.echo(
        f"{document['year']}, location-based, normalised (no totals): "
        f"{document['actual_kg']:.3f} kgCO2e observed; "
        f"{document['annualised_naive_kg']:.3f} by hours alone, {by_index}."
    )
    for note in document["notes"]:
        typer.echo(note)


def _years(value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{4})-(\d{4})", value)
    if not found or found[1] > found[2]:
        raise typer.BadParameter(f"--years is a first and a last year as 2023-2025, not {value!r}")
    return int(found[1]), int(found[2])


def _month(option: str, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise typer.BadParameter(f"{option} is a month as 2025-03, not {value!r}")
    return value
