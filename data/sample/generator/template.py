"""The activity template, filled in four ways: cloud accelerators, cloud instances, the meters in
Lyon and Reno's cluster.
"""

import csv
import io
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from .plan import MONTHS, SUMMER_DIP, Use, after, amount

TEMPLATE: Final = [
    "workload",
    "model",
    "lifecycle",
    "project",
    "business_unit",
    "owner",
    "parameters",
    "provider",
    "region",
    "zone",
    "country",
    "site",
    "period_start",
    "period_end",
    "accelerator",
    "accelerator_hours",
    "average_power_w",
    "instance_type",
    "instance_hours",
    "energy_kwh",
    "energy_boundary",
    "pue",
    "requests",
    "input_tokens",
    "output_tokens",
    "note",
]

State = Callable[[Use, float, int], dict[str, Any]]
"""(use, quantity, month) -> the columns of a row that say how much, and where on own ground."""


def template_row(use: Use, month: int, **more: Any) -> dict[str, Any]:
    """A row of the activity template: what every kind of use states."""
    stated = ("workload", "model", "lifecycle", "project", "business_unit", "owner", "parameters")
    return {
        **{name: getattr(use, name) for name in stated},
        "provider": use.provider,
        "region": use.place if use.provider else "",
        "site": "" if use.provider else use.place,
        "period_start": MONTHS[month].isoformat(),
        "period_end": after(MONTHS[month]).isoformat(),
        **more,
    }


def served(use: Use, month: int, chance: random.Random) -> dict[str, Any]:
    """Requests and tokens, which follow growth and season but not the hardware's chance."""
    if not use.requests:
        return {}
    season = SUMMER_DIP.get(MONTHS[month].month, 1.0)
    requests = round(use.requests * use.growth ** (month - use.first) * season)
    tokens = [round(requests * each * chance.uniform(0.97, 1.03)) or "" for each in use.tokens]
    return {"requests": requests, "input_tokens": tokens[0], "output_tokens": tokens[1]}


def rows_of(uses: Sequence[Use], chance: random.Random, state: State) -> list[dict[str, Any]]:
    """One row a use and month; `state(use, quantity, month)` gives what the source knows of it."""
    rows = []
    for month in range(len(MONTHS)):
        for use in uses:
            quantity = amount(use, month, chance)
            if quantity is not None:
                more = {**state(use, quantity, month), **served(use, month, chance)}
                rows.append(template_row(use, month, **more))
    return rows


def accelerator_state(use: Use, quantity: float, month: int) -> dict[str, Any]:
    watts = {"average_power_w": use.watts} if use.watts else {}
    return {"accelerator": use.hardware, "accelerator_hours": round(quantity), **watts}


def instance_state(use: Use, quantity: float, month: int) -> dict[str, Any]:
    return {"instance_type": use.hardware, "instance_hours": round(quantity, 1)}


def lyon_state(use: Use, quantity: float, month: int) -> dict[str, Any]:
    summer = MONTHS[month].month in (6, 7, 8, 9)
    pue = {} if use.hardware == "facility" else {"pue": 1.34 if summer else 1.22}
    energy = quantity * (1.08 if summer and use.hardware == "facility" else 1.0)
    return {"country": "FR", "energy_kwh": round(energy, 1), "energy_boundary": use.hardware, **pue}


def reno_state(use: Use, quantity: float, month: int) -> dict[str, Any]:
    return {
        "zone": "NWPP",
        "country": "US",
        "pue": 1.31,
        **accelerator_state(use, quantity, month),
    }


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], delimiter: str = ",") -> str:
    """CSV with the columns that any row fills."""
    out = io.StringIO()
    rows = list(rows)
    used = [name for name in columns if any(row.get(name) not in ("", None) for row in rows)]
    writer = csv.DictWriter(
        out, used, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def french(text: str) -> str:
    """As a French spreadsheet saves it: decimal commas (the delimiter is a semicolon already)."""
    lines = text.splitlines()
    cells = [[as_french(cell) for cell in line.split(";")] for line in lines]
    return "\n".join(";".join(row) for row in cells) + "\n"


def as_french(cell: str) -> str:
    whole, dot, part = cell.partition(".")
    return f"{whole},{part}" if dot and whole.isdecimal() and part.isdecimal() else cell


def workbook(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The template as a workbook with real numbers and real dates, as people fill it in."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2026, 10, 5), "title": "Inference services"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Activity")
    used = [name for name in columns if any(row.get(name) not in ("", None) for row in rows)]
    sheet.write_row(0, 0, used)
    for line, row in enumerate(rows, start=1):
        for column, name in enumerate(used):
            value = row.get(name, "")
            if name in ("period_start", "period_end"):
                sheet.write_datetime(line, column, datetime.fromisoformat(value), day)
            elif value != "":
                sheet.write(line, column, value)
    book.close()
    return out.getvalue()
