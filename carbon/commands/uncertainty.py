"""`carbon uncertainty`: the 95 % interval of a figure, what it comes from, what would narrow it."""

import re
from typing import Annotated

import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio, Scope

MOST_SHOWN = 10
"""Inputs that a person is shown."""


def uncertainty(
    *,
    method: Annotated[
        str, typer.Option(help="location, market, or embodied, which is no part of either.")
    ] = "location",
    by: Annotated[str, typer.Option(help="Comma-separated columns, as of footprint.")] = "",
    from_: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    boundary: Annotated[str, typer.Option(help="'in' or 'all'.")] = "in",
    draws: Annotated[int | None, typer.Option(help="Monte Carlo draws; default policy's.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of them; default the policy's.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The 95 % interval of a figure, analytic and drawn; its drivers; what to measure next."""
    if boundary not in ("in", "all"):
        raise typer.BadParameter(f"--boundary is in or all, not {boundary!r}")
    for option, month in (("--from", from_), ("--to", to)):
        if month is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise typer.BadParameter(f"{option} is a month as 2025-03, not {month!r}")
    scope: Scope = "in" if boundary == "in" else "all"
    columns = [column.strip() for column in by.split(",") if column.strip()]
    found = Portfolio(workspace_path(workspace)).uncertainty(
        method, columns, from_, to, scope=scope, draws=draws, seed=seed
    )
    document = found.to_dict()

    def say() -> None:
        table(
            [
                {"what": "analytic", **_ends(found.total, "")},
                {"what": "drawn", **_drawn(found.total)},
            ],
            ("what", "kg", "low_kg", "high_kg", "gsd2"),
        )
        if columns:
            table(document["rows"], (*columns, "kg", "low_kg", "high_kg", "gsd2", "mc_gsd2"))
        table(
            document["drivers"][:MOST_SHOWN],
            ("kind", "label", "tier", "gsd2", "variance_share", "low_kg", "high_kg"),
            "Nothing is known in this period.",
        )
        table(
            document["measure_next"][:MOST_SHOWN],
            ("kind", "label", "tier", "narrowing_kg", "low_kg", "high_kg"),
            "All of it is measured.",
        )

    answer(document, as_json, say)


def _ends(total: dict[str, float | None], prefix: str) -> dict[str, float | None]:
    ends = {end: total[f"{prefix}{end}"] for end in ("low_kg", "high_kg", "gsd2")}
    return {"kg": total["kg"], **ends}


def _drawn(total: dict[str, float | None]) -> dict[str, float | None]:
    return {**_ends(total, "mc_"), "kg": total["mc_median_kg"]}
