"""The report as a workbook: values only, no formula and no link, the same bytes each time."""

import datetime as dt
import io
from typing import Any, Final

import xlsxwriter

from carbon.disclosure.blocks import LIFECYCLE_WORDS
from carbon.disclosure.spreadsheet import Heading, Writer

MEASURES: Final[tuple[Heading, ...]] = (
    ("energy_it_kwh", "IT energy, kWh"),
    ("energy_facility_kwh", "Facility energy, kWh"),
    ("location_kg_co2e", "Location-based, kgCO2e"),
    ("location_low_kg", "Location-based, 95 % low"),
    ("location_high_kg", "Location-based, 95 % high"),
    ("market_kg_co2e", "Market-based, kgCO2e"),
    ("market_low_kg", "Market-based, 95 % low"),
    ("market_high_kg", "Market-based, 95 % high"),
    ("location_coverage", "Location-based coverage"),
    ("market_coverage", "Market-based coverage"),
    ("share_measured", "Share measured"),
    ("tier", "Tier"),
    ("embodied_kg_co2e", "Hardware, amortised, kgCO2e"),
    ("water_l", "Water, L"),
)


def workbook(content: dict[str, Any]) -> bytes:
    """The content model as .xlsx, dated by the last day of the period."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    date = dt.date.fromisoformat(content["period"]["date"])
    book.set_properties(
        {
            "title": content["title"],
            "company": content["organisation"],
            "created": dt.datetime(date.year, date.month, date.day),
        }
    )
    writer = Writer(book)
    _summary(writer, content)
    _workloads(writer, content)
    _months(writer, content)
    _scope(writer, content)
    _factors(writer, content)
    _evidence(writer, content)
    _quarantine(writer, content)
    _scenarios(writer, content)
    _methodology(writer, content)
    book.close()
    return buffer.getvalue()


def _summary(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Summary", content["title"], [46, *[18] * 14])
    writer.paragraph(content["organisation"] or "Organisation not named")
    writer.paragraph(f"{content['period']['words']}: {content['period']['kind']}")
    writer.paragraph(f"Consolidation approach: {content['boundary']['approach_words']}")
    writer.paragraph(f"GWP-100: {content['boundary']['gwp_set']}")
    writer.row += 1
    results = content["results"]
    total = {"title": "Compute total (not a GHG Protocol total)", **results["compute_total"]}
    writer.table([("title", "Category"), *MEASURES], [*results["categories"], total])
    writer.paragraph(
        "Location-based and market-based are two totals side by side, never added. Hardware is in "
        "neither: for purchased compute it belongs to category 1, for owned hardware it is a memo "
        "item beside category 2."
    )
    writer.row += 1
    writer.table(
        [("severity", "Severity"), ("title", "Finding"), ("detail", "Detail"), ("kwh", "kWh")],
        content["findings"],
    )
    if content["reported"]:
        writer.paragraph("Reported by providers themselves; never added to the footprint:")
        writer.table(
            [
                ("provider", "Provider"),
                ("method", "Method"),
                ("first_month", "From"),
                ("last_month", "To"),
                ("kg_co2e", "kgCO2e"),
            ],
            content["reported"],
        )


def _workloads(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Workloads", "Results by workload", [40, 24, 18, 16, *[16] * 14])
    columns: list[Heading] = [
        ("workload", "Workload"),
        ("model", "Model"),
        ("lifecycle", "Lifecycle"),
        ("scope_category", "Scope category"),
        *MEASURES,
    ]
    writer.table(columns, content["results"]["by_workload"], freeze=True)
    writer.paragraph("Workloads and their place in the boundary")
    boundary = content["boundary"]
    writer.table(
        [
            ("workload", "Workload"),
            ("name", "Name"),
            ("owner", "Owner"),
            ("business_unit", "Business unit"),
            ("in_scope", "Inside"),
            ("boundary_reason", "Reason"),
            ("energy_facility_kwh", "Facility energy, kWh"),
        ],
        [*boundary["included"], *boundary["excluded"]],
    )


def _months(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Months", "Results by month", [14, 22, *[16] * 14])
    writer.table([("month", "Month"), *MEASURES], content["results"]["by_month"], freeze=True)
    rows = [
        {**r, "lifecycle": LIFECYCLE_WORDS.get(r["lifecycle"], r["lifecycle"])}
        for r in content["results"]["by_month_lifecycle"]
    ]
    writer.table([("month", "Month"), ("lifecycle", "Lifecycle"), *MEASURES], rows)


def _scope(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Scope", "Results by scope category", [18, 36, *[16] * 14])
    results = content["results"]
    writer.table(
        [("month", "Month"), ("scope_category", "Scope category"), *MEASURES],
        results["by_month_category"],
    )
    writer.table(
        [("zone", "Zone"), ("scope_category", "Scope category"), *MEASURES], results["by_zone"]
    )
    writer.table(
        [
            ("scope_category", "Scope category"),
            ("words", "Rung of the market-based hierarchy"),
            ("energy_facility_kwh", "Facility energy, kWh"),
            ("share", "Share"),
            ("market_kg_co2e", "Market-based, kgCO2e"),
            ("asserted_kwh", "Asserted, kWh"),
        ],
        content["market"]["rungs"],
    )
    instruments = [
        {**i, **{q: _answer(a) for q, a in i["criteria"].items()}}
        for i in content["market"]["instruments"]
    ]
    writer.table(
        [
            ("instrument_id", "Instrument"),
            ("kind", "Kind"),
            ("market", "Market"),
            ("period_start", "From"),
            ("period_end", "To (exclusive)"),
            ("kwh", "Volume, kWh"),
            ("used_kwh", "Used here, kWh"),
            ("kg_co2e_per_kwh", "kgCO2e/kWh"),
            ("failed", "Fails"),
            *((f"q{i}", f"Criterion {i}") for i in range(1, 9)),
        ],
        instruments,
    )


def _answer(answer: bool | None) -> str:
    return "not applicable" if answer is None else "met" if answer else "not met"


def _factors(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Factors", "Emission factors used", [30, 12, 12, 14, 24, *[16] * 14])
    writer.table(
        [
            ("factor_id", "Factor"),
            ("factor_zone", "Zone"),
            ("basis", "Basis"),
            ("kg_co2e_per_kwh", "kgCO2e/kWh"),
            ("publisher", "Publisher"),
            ("release", "Release"),
            ("vintage", "Data year"),
            ("valid_from", "Valid from"),
            ("valid_to", "Valid to (exclusive)"),
            ("gwp_set", "GWP set"),
            ("licence", "Licence"),
            ("document", "Document"),
            ("checked_against_original", "Checked against original"),
            ("lag_years", "Lag, years"),
            ("location_kwh", "Location-based, kWh"),
            ("market_kwh", "Market-based, kWh"),
            ("why", "Why"),
        ],
        content["factors"],
        freeze=True,
    )
    writer.paragraph("Factors that rows of the sources brought themselves")
    writer.table(
        [
            ("file", "File"),
            ("rows", "Rows"),
            ("method", "Method"),
            ("kg_co2e_per_kwh", "kgCO2e/kWh"),
            ("document", "Document"),
            ("zone", "Zone"),
            ("asserted", "Asserted"),
            ("energy_facility_kwh", "Facility energy, kWh"),
        ],
        content["row_factors"],
    )


def _evidence(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Evidence", "Files as received", [40, 24, 12, 18, 68])
    writer.table(
        [
            ("name", "File"),
            ("format", "Format"),
            ("rows", "Rows"),
            ("rows_used", "Rows with a figure"),
            ("evidence_id", "sha256"),
        ],
        content["evidence"],
        freeze=True,
    )


def _quarantine(writer: Writer, content: dict[str, Any]) -> None:
    quarantine = content["quarantine"]
    writer.new_sheet("Quarantine", "Rows not taken", [40, 10, 24, 30, 70])
    writer.table(
        [("file", "File"), ("rows", "Rows"), ("first", "First row"), ("reason", "Reason")],
        quarantine["by_reason"],
    )
    writer.table(
        [
            ("file", "File"),
            ("row", "Row"),
            ("column", "Column"),
            ("value", "Value"),
            ("reason", "Reason"),
        ],
        quarantine["listed"],
    )
    if quarantine["not_listed"]:
        writer.paragraph(f"{quarantine['not_listed']} further cells are not listed here.")


def _scenarios(writer: Writer, content: dict[str, Any]) -> None:
    if not content["scenarios"]:
        return
    writer.new_sheet("Scenarios", "Scenarios (not part of the inventory)", [40, 14, *[16] * 16])
    rows = [
        {
            "name": scenario["name"],
            "state": state,
            "month_from": scenario["month_from"],
            "month_to": scenario["month_to"],
            "words": " ".join(scenario["words"]),
            "violations": " ".join(scenario["violations"]),
            **scenario[state],
        }
        for scenario in content["scenarios"]
        if not scenario["fault"]
        for state in ("today", "scenario")
    ]
    columns: list[Heading] = [
        ("name", "Scenario"),
        ("state", "State"),
        ("month_from", "From"),
        ("month_to", "To"),
        *MEASURES,
        ("words", "What moves and changes"),
        ("violations", "Limits not kept"),
    ]
    writer.table(columns, rows, freeze=True)
    for scenario in content["scenarios"]:
        if scenario["fault"]:
            writer.paragraph(f"{scenario['name']} cannot be computed: {scenario['fault']}")


def _methodology(writer: Writer, content: dict[str, Any]) -> None:
    writer.new_sheet("Methodology", "Methodology", [110, 24, 24, 80])
    for chapter in content["methodology"]:
        writer.sheet.write_string(writer.row, 0, chapter["title"], writer.heading)
        writer.row += 1
        for words in (*chapter["paragraphs"], *chapter["formulae"]):
            writer.paragraph(words)
        writer.row += 1
    writer.table(
        [
            ("assumption", "Assumption"),
            ("subject", "Of"),
            ("energy_facility_kwh", "kWh"),
            ("share", "Share"),
        ],
        content["assumptions"],
    )
    writer.table(
        [("why", "Why"), ("choice", "Choice"), ("words", "Value"), ("default_words", "Default")],
        [{**c, "choice": f"{c['part']}.{c['name']}"} for c in content["choices"]],
    )
