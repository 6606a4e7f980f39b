"""The pages on which everything can be looked up: factors, instruments, choices, files."""

from typing import Any

from carbon.disclosure.blocks import (
    LIFECYCLE_WORDS,
    Block,
    Cell,
    Column,
    Section,
    Units,
    code,
    heading,
    name_or,
    number,
    section,
    table,
    text,
)
from carbon.disclosure.numbers import fixed, percent, plain

KINDS = {
    "eac": "Certificate",
    "ppa": "Power purchase agreement",
    "supplier_rate": "Supplier's rate",
    "green_tariff": "Green tariff",
}


def reported(content: dict[str, Any], units: Units) -> Section | None:
    """The providers' own figures, where there are any."""
    rows = content["reported"]
    if not rows:
        return None
    return section(
        "What providers report themselves",
        [
            text(
                "These figures come from the providers' own reports. They follow each provider's "
                "own boundary and method, are shown for comparison, and are never added to the "
                "footprint."
            ),
            table(
                "Figures reported by providers, in the period",
                [
                    Column("Provider", 1),
                    Column("Method", 1.6),
                    Column("Months", 1.6),
                    number(f"Reported, {units.mass}CO₂e", 1.2),
                ],
                [
                    [
                        r["provider"],
                        {
                            "location": "location-based",
                            "market": "market-based",
                            "unspecified": "not stated by the provider",
                        }.get(r["method"], r["method"]),
                        f"{r['months']} ({r['first_month']} to {r['last_month']})",
                        units.mass_cell(r["kg_co2e"]),
                    ]
                    for r in rows
                ],
            ),
        ],
    )


def instruments(content: dict[str, Any]) -> Block:
    """Instruments, what they cover, and whether they meet the quality criteria."""
    return table(
        "Contractual instruments and the Scope 2 Quality Criteria",
        [
            Column("Instrument", 2),
            Column("Market and period", 1.5),
            number("Volume | used here, kWh", 1.3),
            number("kgCO₂e/kWh", 0.8),
            Column("Criteria", 1.7),
        ],
        [
            [
                {
                    "main": i["instrument_id"],
                    "sub": " · ".join(p for p in (KINDS.get(i["kind"]), i["technology"]) if p),
                },
                {"main": i["market"], "sub": f"{i['period_start']} to {i['period_end']}"},
                {"main": fixed(i["kwh"]), "sub": fixed(i["used_kwh"])},
                plain(i["kg_co2e_per_kwh"]),
                _criteria(i),
            ]
            for i in content["market"]["instruments"]
        ],
        empty="No contractual instrument is on file for this period.",
    )


def _criteria(instrument: dict[str, Any]) -> Cell:
    if instrument["failed"]:
        return {"main": "not met", "sub": f"{instrument['failed']}; covers nothing"}
    met = [q[1:] for q, answer in instrument["criteria"].items() if answer is True]
    reached = "" if instrument["matched"] else "; no load in its market and period"
    return {"main": "met", "sub": f"criteria {', '.join(met)}; the others do not apply{reached}"}


def factors(content: dict[str, Any]) -> Section:
    """Every factor used with its document, and the factors that rows brought themselves."""
    rows = content["factors"]
    unchecked = sum(1 for f in rows if f["checked_against_original"] is False)
    documents: list[list[Cell]] = [
        [
            {"main": f["factor_id"], "sub": f["why"] or ""},
            {"main": name_or(f["document"]), "sub": f["licence"] or ""},
        ]
        for f in rows
    ]
    own: list[list[Cell]] = [
        [
            {"main": f["method"] + "-based", "sub": "asserted" if f["asserted"] else ""},
            {
                "main": name_or(f["file"]),
                "sub": "; ".join(p for p in (_rows_words(f["rows"]), f["document"]) if p),
            },
            name_or(f["zone"]),
            plain(f["kg_co2e_per_kwh"]),
            fixed(f["energy_facility_kwh"]),
        ]
        for f in content["row_factors"]
    ]
    return section(
        "Emission factors used",
        [
            text(
                f"{len(rows)} published factors carry figures of this report; {unchecked} of them "
                "have not been checked against the publisher's own file yet."
                if rows
                else "No published factor was used."
            ),
            table(
                "Factors, in kgCO₂e per kWh",
                [
                    Column("Zone", 0.8),
                    number("Factor", 0.9),
                    Column("Basis", 0.9),
                    Column("Publisher", 2.2),
                    Column("Data year", 0.9),
                    number("Energy, kWh: location | market", 1.4),
                ],
                [_factor_row(f) for f in rows],
            ),
            table(
                "Their documents, and why each was taken",
                [Column("Factor", 1.6), Column("Document and licence", 1.4)],
                documents,
            ),
            table(
                "Factors that rows of the sources brought themselves",
                [
                    Column("Method", 1),
                    Column("File and rows", 2.4),
                    Column("Zone", 0.8),
                    number("kgCO₂e/kWh", 0.9),
                    number("Energy, kWh", 1),
                ],
                own,
            ),
        ],
    )


def _factor_row(factor: dict[str, Any]) -> list[Cell]:
    lag = factor["lag_years"] or 0
    return [
        name_or(factor["factor_zone"]),
        plain(factor["kg_co2e_per_kwh"]),
        {"main": name_or(factor["basis"]), "sub": factor["gwp_set"] or "GWP not stated"},
        {
            "main": name_or(factor["publisher"]),
            "sub": " · ".join(
                p
                for p in (
                    factor["release"],
                    "" if factor["checked_against_original"] else "not yet checked",
                )
                if p
            ),
        },
        {
            "main": name_or(factor["vintage"]),
            "sub": f"lags {lag} {'year' if lag == 1 else 'years'}" if lag else "",
        },
        {
            "main": fixed(factor["location_kwh"]) if factor["location_kwh"] is not None else "–",
            "sub": fixed(factor["market_kwh"]) if factor["market_kwh"] is not None else "–",
        },
    ]


def _rows_words(rows: list[int], most: int = 12) -> str:
    shown = ", ".join(str(r) for r in rows[:most])
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}{more}"


def assumptions(content: dict[str, Any]) -> Section:
    """What was assumed, with the energy that rests on it, and every choice of the policy."""
    return section(
        "Assumptions and choices",
        [
            table(
                "What was assumed rather than known",
                [
                    Column("Of", 0.9),
                    Column("Assumption", 3.6),
                    number("Facility energy concerned, kWh", 1.2),
                    number("Share", 0.7),
                ],
                [
                    [
                        a["subject"],
                        a["assumption"],
                        fixed(a["energy_facility_kwh"]),
                        percent(a["share"], 1),
                    ]
                    for a in content["assumptions"]
                ],
                empty="Nothing had to be assumed.",
            ),
            table(
                "Every choice of the method, with its reason",
                [Column("Choice", 1.3), Column("Value", 1.1), Column("Why", 2.6)],
                [
                    [
                        {"main": c["name"].replace("_", " "), "sub": c["part"]},
                        {
                            "main": c["words"],
                            "sub": f"default: {c['default_words']}" if c["changed"] else "",
                        },
                        c["why"],
                    ]
                    for c in content["choices"]
                ],
            ),
        ],
    )


def workloads(caption: str, rows: list[dict[str, Any]], units: Units) -> Block:
    """Workloads with their place in the boundary and the reason for it."""
    return table(
        caption,
        [
            Column("Workload", 2.4),
            Column("Lifecycle", 1.2),
            Column("Owner", 1.4),
            Column("Boundary", 1.5),
            number(f"Facility energy, {units.energy}", 1.1),
        ],
        [
            [
                {"main": w["workload"], "sub": _other_name(w)},
                LIFECYCLE_WORDS.get(w["lifecycle"], str(w["lifecycle"])),
                {"main": name_or(w["owner"]), "sub": w["business_unit"] or ""},
                {
                    "main": "inside" if w["in_scope"] else "outside",
                    "sub": w["boundary_reason"] or ("by default" if w["by_default"] else ""),
                },
                units.energy_cell(w["energy_facility_kwh"]),
            ]
            for w in rows
        ],
    )


def _other_name(workload: dict[str, Any]) -> str:
    """The display name, where it is another one."""
    name = workload["name"]
    return name if name and name != workload["workload"] else ""


def inventory(content: dict[str, Any], units: Units) -> Section:
    """Every workload that is known, whether it used energy or not."""
    boundary = content["boundary"]
    rows = [*boundary["included"], *boundary["excluded"]]
    return section(
        "AI inventory",
        [
            text("" if rows else "There is no workload in the AI inventory."),
            workloads("Workloads and their place in the boundary", rows, units),
        ],
    )


def data(content: dict[str, Any]) -> Section:
    """The files with their hashes, and the rows that were not taken."""
    quarantine = content["quarantine"]
    return section(
        "Data behind the report",
        [
            heading("Files"),
            table(
                "Files as received",
                [
                    Column("File", 1.9),
                    number("Rows", 0.5),
                    number("Rows with a figure", 0.7),
                    Column("sha256", 3.4),
                ],
                [
                    [
                        {"main": e["name"], "sub": e["format"]},
                        fixed(e["rows"]),
                        fixed(e["rows_used"]),
                        code(e["evidence_id"]),
                    ]
                    for e in content["evidence"]
                ],
                empty="No file has been imported.",
            ),
            heading("Rows set aside"),
            table(
                f"Rows not taken: {fixed(quarantine['rows'])} in all",
                [Column("File", 1.6), number("Rows", 0.6), Column("Reason", 3.4)],
                [
                    [
                        q["file"],
                        fixed(q["rows"]),
                        {"main": q["reason"], "sub": f"first in row {q['first']}"},
                    ]
                    for q in quarantine["by_reason"]
                ],
                empty="No row was set aside.",
            ),
        ],
    )


def attached(attachments: list[dict[str, str]]) -> Section | None:
    """The machine-readable files inside this PDF."""
    if not attachments:
        return None
    return section(
        "Attached files",
        [
            text(
                "These files are embedded in this PDF (PDF/A-3); a PDF reader lists them as "
                "attachments."
            ),
            table(
                "Files inside this PDF",
                [Column("Name", 0.9), Column("What it holds", 2.2), Column("sha256", 3.4)],
                [[a["name"], a["description"], code(a["sha256"])] for a in attachments],
            ),
        ],
    )
