"""`carbon hardware`: embodied carbon as it is booked, and as it is charged to models."""

from typing import Annotated

import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio

NOTHING = "No hardware was bought or charged: import a hardware template."


def hardware(
    year: Annotated[int | None, typer.Option(help="Calendar year; default the latest.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was bought (category 2) and what models are charged of it in a year."""
    portfolio = Portfolio(workspace_path(workspace))
    found = portfolio.hardware(year)
    if found is None:
        answer({"year": year, "assets": []}, as_json, lambda: typer.echo(NOTHING))
        return
    document = {
        "year": found.year,
        **{
            name: getattr(found, name).to_dicts()
            for name in ("assets", "by_year", "reconciliation", "charged", "lifetimes")
        },
    }

    def say() -> None:
        typer.echo(f"Embodied carbon of hardware in {found.year} [kgCO2e]; never summed:")
        table(document["reconciliation"], ("what", "kg"))
        unknown = [row["asset_id"] for row in document["assets"] if row["central_kg"] is None]
        if unknown:
            typer.echo(
                f"In none of these, because no figure of theirs is known: {', '.join(unknown)}. "
                "State kg_co2e_each with its document."
            )
        table(
            document["assets"],
            ("asset_id", "item", "count", "purchased_on", "central_kg", "source"),
            "No hardware was bought.",
        )
        table(document["lifetimes"], ("years", "due_kg", "charged_kg"))

    answer(document, as_json, say)
