"""Small hand-made factors and zones for the resolver's tests."""

from datetime import UTC, datetime

import polars as pl
import pytest

from carbon.schema import Factor, Zone


class Maker:
    """Builds frames of factors and zones, naming only what a test is about."""

    @staticmethod
    def factors(*rows: dict) -> pl.DataFrame:
        """Factors; `year` stands for a whole calendar year, `month` for (year, month)."""
        return Factor.validate(
            pl.DataFrame(
                [Maker._factor(number, row) for number, row in enumerate(rows)],
                schema=Factor.create_empty().schema,
            )
        )

    @staticmethod
    def _factor(number: int, row: dict) -> dict:
        row = dict(row)
        base = dict.fromkeys(Factor.create_empty().columns)
        base |= {
            "factor_id": f"f{number:03}",
            "origin": "library",
            "zone": "AA",
            "method": "location",
            "basis": "direct",
            "gases": "CO2e",
            "granularity": "year",
            "kg_co2e_per_kwh": 0.5,
            "publisher": "P",
            "licence": "CC BY 4.0",
            "document": "D",
            "checked_against_original": False,
        }
        if "year" in row:
            year = row.pop("year")
            base["valid_from"] = datetime(year, 1, 1, tzinfo=UTC)
            base["valid_to"] = datetime(year + 1, 1, 1, tzinfo=UTC)
            base["vintage"] = str(year)
        if "month" in row:
            year, month = row.pop("month")
            base["valid_from"] = datetime(year, month, 1, tzinfo=UTC)
            base["valid_to"] = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            base["granularity"] = "month"
        return base | row

    @staticmethod
    def zones(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
        """Zones as (zone, kind, parent); the country is the first two letters of the root."""
        return Zone.validate(
            pl.DataFrame(
                [
                    dict.fromkeys(Zone.create_empty().columns)
                    | {
                        "zone": zone,
                        "name": f"Name of {zone}",
                        "kind": kind,
                        "parent": parent,
                        "country": "AA",
                        "publisher": "P",
                        "licence": "fact",
                        "document": "D",
                        "checked_against_original": False,
                    }
                    for zone, kind, parent in rows
                ],
                schema=Zone.create_empty().schema,
            )
        )


@pytest.fixture(scope="session")
def make() -> type[Maker]:
    return Maker


@pytest.fixture(scope="session")
def gwp() -> pl.DataFrame:
    """IPCC AR4 (2007, Table 2.14), AR5 (2013, Table 8.A.1), AR6 (2021, chapter 7), 100 years."""
    sets = {"AR4": (1.0, 25.0, 298.0), "AR5": (1.0, 28.0, 265.0), "AR6": (1.0, 27.9, 273.0)}
    return pl.DataFrame(
        [
            {"gwp_set": name, "gas": gas, "gwp": value}
            for name, values in sets.items()
            for gas, value in zip(("CO2", "CH4", "N2O"), values, strict=True)
        ]
    )
