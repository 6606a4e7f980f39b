"""The report's section on how data is collected, and on what is missing of the boundary."""

from typing import Any

from carbon.disclosure.blocks import Column, Section, name_or, number, section, table
from carbon.disclosure.numbers import fixed


def collection(content: dict[str, Any]) -> Section | None:
    """How the data is collected, and what the boundary asks for that no source holds."""
    rows = content["collection"]
    missing = [part for part in content["missing"] if part["central_kwh"] is not None]
    if not rows and not missing:
        return None
    return section(
        "Data collection",
        [
            table(
                "What is measured, with which meter, how often and by whom",
                [
                    Column("Source", 1.5),
                    Column("Measured, where", 1.5),
                    Column("Meter and error", 2),
                    Column("How often", 0.9),
                    Column("Responsible, kept for", 1.1),
                ],
                [
                    [
                        row["source"],
                        {"main": row["what"] or "", "sub": row["where"] or ""},
                        {"main": row["meter"] or "", "sub": row["error"] or ""},
                        {"main": row["frequency"] or "", "sub": row["observed"] or ""},
                        {
                            "main": name_or(row["responsible"], "not stated"),
                            "sub": name_or(row["retention"], "not stated"),
                        },
                    ]
                    for row in rows
                ],
                empty="No source was imported.",
            ),
            table(
                "What the boundary asks for and no source holds: estimates, in no figure",
                [
                    Column("Workload", 1.6),
                    Column("Missing", 1.1),
                    number("Estimate, kWh", 0.9),
                    number("Range, kWh", 1.2),
                    Column("How", 1.8),
                ],
                [
                    [
                        {"main": part["workload"], "sub": part["place"]},
                        part["missing"],
                        fixed(part["central_kwh"]),
                        f"{fixed(part['low_kwh'])} – {fixed(part['high_kwh'])}",
                        part["how"],
                    ]
                    for part in missing
                ],
                empty="Nothing is missing that could be estimated.",
            ),
        ],
    )
