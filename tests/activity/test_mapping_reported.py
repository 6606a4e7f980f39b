"""A provider's own figures by mapping."""

import pytest
from mapping_rows import text

from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context


@pytest.mark.parametrize(
    ("unit", "kg"),
    [
        ("kg", 2.0),
        ("t", 2000.0),
        ("g", 0.002),
        ("lb", 2 * 0.45359237),
        ("short ton", 2 * 907.18474),
        ("MTCO2e", 2000.0),
        ("mtCO2e", 2000.0),
    ],
)
def test_a_providers_figures_in_every_unit(context: Context, unit: str, kg: float) -> None:
    meaning = Mapping.from_toml(
        'name = "eid"\ntarget = "reported"\nperiod = "month"\ndates = "%m/%Y"\n'
        '[fields.start]\ncolumn = "Month"\n[fields.provider]\nconstant = "Microsoft Azure"\n'
        '[fields.account]\ncolumn = "Subscription"\n[fields.scope]\ncolumn = "Scope"\n'
        '[fields.method]\nconstant = "location"\n'
        f'[fields.carbon]\ncolumn = "Emissions"\nunit = "{unit}"'
    )
    reading = MappedReader(meaning).read(
        text(
            [
                "Month,Subscription,Scope,Emissions",
                "03/2025,s1,Scope 2,2",
                "03/2025,s1,Scope 9,2",
                "03/2025,s1,1,",
            ]
        ),
        context,
    )
    (row,) = reading.reported.to_dicts()
    assert (row["provider"], row["account"], row["scope"], row["method"]) == (
        "azure",
        "s1",
        "scope_2",
        "location",
    )
    assert row["month"].isoformat() == "2025-03-01"
    assert row["kg_co2e"] == pytest.approx(kg)
    assert "scope 'Scope 9' is not known" in reading.quarantine["reason"][0]
    assert "states no figure" in reading.quarantine["reason"][1]
    assert (reading.rows, reading.activity.height) == (3, 0)


def test_a_column_for_each_scope_and_method(context: Context) -> None:
    meaning = Mapping.from_toml(
        'name = "ccft"\ntarget = "reported"\nperiod = "month"\n[fields.start]\ncolumn = "Month"\n'
        '[fields.provider]\nconstant = "aws"\n'
        '[fields.scope_1]\ncolumn = "S1"\nunit = "t"\n'
        '[fields.scope_2_location]\ncolumn = "S2 LBM"\nunit = "t"\n'
        '[fields.scope_2_market]\ncolumn = "S2 MBM"\nunit = "t"'
    )
    reading = MappedReader(meaning).read(
        text(["Month,S1,S2 LBM,S2 MBM", "2025-03,0.1,2,0"]), context
    )
    assert reading.reported.select("scope", "method", "kg_co2e").rows() == [
        ("scope_1", "unspecified", 100.0),
        ("scope_2", "location", 2000.0),
        ("scope_2", "market", 0.0),
    ]
