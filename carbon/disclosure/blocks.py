"""The blocks that a page is made of, and the units that a whole report keeps to.

A block is a dictionary of strings and numbers that the template knows how to draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from carbon.disclosure.breakdown import MEASURED_TIERS
from carbon.disclosure.numbers import THIN, decimals_for, fixed, percent, significant

Block = dict[str, Any]
Section = dict[str, Any]
Cell = str | dict[str, str]

LIFECYCLE_WORDS: Final = {
    "training": "Training",
    "fine_tuning": "Fine-tuning",
    "inference_batch": "Inference, batch",
    "inference_realtime": "Inference, real time",
    "development": "Development",
    "shared": "Shared",
    None: "Not stated",
}

ESTIMATED_FROM: Final = {
    "T4": "watts",
    "T5": "TDP",
    "T6": "use × benchmark",
    "T7": "spend",
}

CATEGORY_SHORT: Final = {"scope_2": "Scope 2", "scope_3_cat_1": "Category 1"}


@dataclass(frozen=True)
class Units:
    """One unit of mass and one of energy for the whole report, so that columns compare.

    Attributes:
        mass: "t" from one tonne upwards, else "kg".
        energy: "MWh" from 10 MWh upwards, else "kWh".
        mass_decimals: places of mass in tables.
        energy_decimals: places of energy in tables.
    """

    mass: str
    energy: str
    mass_decimals: int
    energy_decimals: int

    @classmethod
    def of(cls, total: dict[str, Any]) -> "Units":
        """The units that suit a report's compute total."""
        kg = max(
            total["location_kg_co2e"] or 0.0,
            total["market_kg_co2e"] or 0.0,
            total["embodied_kg_co2e"] or 0.0,
        )
        kwh = total["energy_facility_kwh"] or 0.0
        mass, energy = ("t" if kg >= 1000 else "kg"), ("MWh" if kwh >= 1e4 else "kWh")
        return cls(
            mass,
            energy,
            decimals_for(kg / (1000 if mass == "t" else 1)),
            decimals_for(kwh / (1000 if energy == "MWh" else 1)),
        )

    def in_mass(self, kg: float | None) -> float | None:
        """kgCO2e -> the report's unit of mass."""
        return None if kg is None else kg / 1000 if self.mass == "t" else kg

    def in_energy(self, kwh: float | None) -> float | None:
        """kWh -> the report's unit of energy."""
        return None if kwh is None else kwh / 1000 if self.energy == "MWh" else kwh

    def mass_cell(self, kg: float | None) -> str:
        return fixed(self.in_mass(kg), self.mass_decimals)

    def energy_cell(self, kwh: float | None) -> str:
        return fixed(self.in_energy(kwh), self.energy_decimals)

    def with_interval(self, row: dict[str, Any], method: str) -> Cell:
        """A method's mass with its 95 % interval under it."""
        low, high = row[f"{method}_low_kg"], row[f"{method}_high_kg"]
        main = self.mass_cell(row[f"{method}_kg_co2e"])
        if low is None or high is None:
            return main
        return {"main": main, "sub": f"{self.mass_cell(low)} – {self.mass_cell(high)}"}

    def headline(self, kg: float | None) -> str:
        """Three significant digits, with the unit."""
        if kg is None:
            return significant(None)
        return f"{significant(self.in_mass(kg))}{THIN}{self.mass}"


def mass_words(kg: float) -> str:
    """Three significant digits in the unit that suits this one figure: 30.0 kg, 4.56 t."""
    return f"{significant(kg / 1000)}{THIN}t" if kg >= 1000 else f"{significant(kg)}{THIN}kg"


@dataclass(frozen=True)
class Column:
    """A table's column: its heading, side and share of the width."""

    title: str
    width: float = 1.0
    align: str = "left"


def number(title: str, width: float = 1.0) -> Column:
    """A column of figures, set right."""
    return Column(title, width, "right")


def table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], empty: str = ""
) -> Block:
    """A table; where it has no row, the sentence `empty` instead."""
    if not rows:
        return text(empty)
    return {
        "kind": "table",
        "caption": caption,
        "columns": [{"title": c.title, "width": c.width, "align": c.align} for c in columns],
        "rows": [
            [{"code": ""} | (c if isinstance(c, dict) else {"main": c, "sub": ""}) for c in row]
            for row in rows
        ],
    }


def code(words: str) -> Cell:
    """A hash, set small and never broken, so that it can be copied."""
    return {"main": "", "sub": "", "code": words}


def text(words: str) -> Block:
    return {"kind": "text", "text": words}


def formulae(lines: Sequence[str]) -> Block:
    """Formulae beneath each other; nothing where there is none."""
    return {"kind": "formulae", "lines": list(lines)} if lines else text("")


def heading(words: str) -> Block:
    """A heading of the second level."""
    return {"kind": "heading", "text": words}


def section(title: str, blocks: Sequence[Block]) -> Section:
    return {"title": title, "blocks": [b for b in blocks if b.get("text", "x") != ""]}


def basis(row: dict[str, Any]) -> Cell:
    """How a row's energy is known, in words: measured, partly, or estimated."""
    share, tier = row["share_measured"], row["tier"]
    if share is None or tier is None:
        return "not known"
    if share >= 1:
        return {"main": "measured", "sub": tier}
    if share > 0:
        return {"main": "partly estimated", "sub": f"{percent(share)} measured"}
    return {"main": "estimated", "sub": f"from {ESTIMATED_FROM.get(tier, '')} ({tier})"}


def is_estimated(row: dict[str, Any]) -> bool:
    """Whether the most of a row's energy rests on no meter."""
    return row["tier"] not in MEASURED_TIERS and (row["share_measured"] or 0.0) < 0.5


def name_or(value: str | None, otherwise: str = "not stated") -> str:
    return value if value else otherwise
