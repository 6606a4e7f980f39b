"""Units of a mapped file, each by hand."""

import pytest
from mapping_rows import at, energies, mapping, text

from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context


@pytest.mark.parametrize(
    ("unit", "kwh"),
    [
        ("kWh", 7200.0),
        ("MWh", 7_200_000.0),
        ("Wh", 7.2),
        ("GWh", 7_200_000_000.0),
        ("J", 7200 / 3_600_000),
        ("kJ", 7200 / 3_600),
        ("MJ", 7200 / 3.6),
        ("GJ", 7200 * 1000 / 3.6),
        ("mJ", 7200 / 3_600_000_000),
        ("µJ", 7200 / 3_600_000_000_000),
    ],
)
def test_energy_in_every_unit(context: Context, unit: str, kwh: float) -> None:
    meaning = mapping(f'[fields.energy]\ncolumn = "use"\nunit = "{unit}"')
    reading = MappedReader(meaning).read(text(["date,job,use", "2025-03,chat,7200"]), context)
    assert energies(reading) == [pytest.approx(kwh, rel=1e-12)]


def test_a_unit_in_the_cell_goes_before_the_unit_of_the_column(context: Context) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"\nunit = "MWh"')
    reading = MappedReader(meaning).read(
        text(["date,job,use", "2025-03,a,2", "2025-03,b,3 kWh", "2025-03,c,4 furlongs"]), context
    )
    assert energies(reading) == [2000.0, 3.0]
    (row,) = reading.quarantine.to_dicts()
    assert (row["row_number"], row["column"], row["value"]) == (4, "use", "4 furlongs")
    assert "unit 'furlongs' is not known" in row["reason"]


@pytest.mark.parametrize(
    ("unit", "watts"), [("W", 500.0), ("kW", 500_000.0), ("MW", 5e8), ("mW", 0.5)]
)
def test_mean_power_times_the_hours_of_the_period(
    context: Context, unit: str, watts: float
) -> None:
    meaning = mapping(f'[fields.power]\ncolumn = "draw"\nunit = "{unit}"', 'period = "hour"')
    reading = MappedReader(meaning).read(
        text(["date,job,draw", "2025-03-04T10:00:00Z,chat,500"]), context
    )
    # One hour at that power.
    assert energies(reading) == [pytest.approx(watts / 1000 * 1)]
    (row,) = reading.activity.to_dicts()
    assert row["note"] == "energy derived: mean power x hours"
    assert (row["period_start"], row["period_end"]) == (at(2025, 3, 4, 10), at(2025, 3, 4, 11))


@pytest.mark.parametrize(
    ("unit", "cell", "hours"),
    [
        ("h", "36", 36.0),
        ("min", "90", 1.5),
        ("s", "5400", 1.5),
        ("d", "2", 48.0),
        ("h:m:s", "1:30:00", 1.5),
        ("h:m:s", "2-01:30:36", 49.51),
        ("h:m:s", "0:06", 0.1),
    ],
)
def test_power_times_a_column_of_durations(
    context: Context, unit: str, cell: str, hours: float
) -> None:
    meaning = mapping(
        f'[fields.power]\ncolumn = "draw"\n[fields.duration]\ncolumn = "took"\nunit = "{unit}"',
        'period = "duration"',
    )
    reading = MappedReader(meaning).read(
        text(["date,job,draw,took", f"2025-03-04 10:00,chat,400,{cell}"]), context
    )
    assert energies(reading) == [pytest.approx(0.4 * hours)]
    (row,) = reading.activity.to_dicts()
    assert (row["period_end"] - row["period_start"]).total_seconds() == pytest.approx(3600 * hours)


def test_a_length_that_is_none_is_set_aside(context: Context) -> None:
    meaning = mapping(
        '[fields.power]\ncolumn = "draw"\n[fields.duration]\ncolumn = "took"\nunit = "h:m:s"',
        'period = "duration"',
    )
    reading = MappedReader(meaning).read(
        text(
            [
                "date,job,draw,took",
                "2025-03-04 10:00,a,400,long",
                "2025-03-04 10:00,b,400,",
                "2025-03-04 10:00,c,400,99999999999999999:00",
            ]
        ),
        context,
    )
    assert reading.activity.is_empty()
    assert reading.quarantine["reason"].to_list() == [
        "this is no length of time; write it as 1:30:00 or 2-01:30:00",
        "took is empty; every row needs it",
        "this is longer than a century; check the unit of the column",
    ]


@pytest.mark.parametrize(
    ("unit", "factor"), [("1", 1), ("k", 1e3), ("M", 1e6), ("B", 1e9)], ids=["one", "k", "M", "B"]
)
def test_tokens_and_requests_in_thousands_and_more(
    context: Context, unit: str, factor: float
) -> None:
    names = ("requests", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    fields = "\n".join(f'[fields.{n}]\ncolumn = "{n}"\nunit = "{unit}"' for n in names)
    reading = MappedReader(mapping(fields)).read(
        text([f"date,job,{','.join(names)}", "2025-03,chat,1,2,3,4,5"]), context
    )
    found = dict(reading.activity.select("quantity_kind", "quantity").iter_rows())
    assert found == {name: (i + 1) * factor for i, name in enumerate(names)}


def test_pue_and_shares_as_percent_or_fraction(context: Context) -> None:
    fields = (
        '[fields.energy]\ncolumn = "use"\n[fields.pue]\ncolumn = "pue"\nunit = "{}"\n'
        '[fields.coverage]\ncolumn = "seen"\nunit = "{}"'
    )
    rows = ["date,job,use,pue,seen", "2025-03,chat,10,{},{}"]
    for unit, pue, seen in (("1", "1.25", "0.5"), ("%", "125", "50"), ("1", "125 %", "50 %")):
        reading = MappedReader(mapping(fields.format(unit, unit))).read(
            text([rows[0], rows[1].format(pue, seen)]), context
        )
        (row,) = reading.activity.to_dicts()
        assert (row["pue"], row["coverage"]) == (pytest.approx(1.25), pytest.approx(0.5))
    low = MappedReader(mapping(fields.format("%", "%"))).read(
        text([rows[0], "2025-03,chat,10,25,150"]), context
    )
    assert "cannot be below 1" in low.quarantine["reason"][0]
    assert low.quarantine["reason"][1] == "a share cannot be above 1"


@pytest.mark.parametrize(
    ("unit", "kg_per_kwh"),
    [
        ("kgCO2e/kWh", 400.0),
        ("gCO2e/kWh", 0.4),
        ("kgCO2e/MWh", 0.4),
        ("tCO2e/MWh", 400.0),
        ("lb/MWh", 400 * 0.45359237 / 1000),
    ],
)
def test_factors_on_the_row(context: Context, unit: str, kg_per_kwh: float) -> None:
    fields = (
        '[fields.energy]\ncolumn = "use"\n'
        f'[fields.location_factor]\ncolumn = "ef"\nunit = "{unit}"\n'
        '[fields.factor_source]\nconstant = "utility.pdf"'
    )
    reading = MappedReader(mapping(fields)).read(
        text(["date,job,use,ef", "2025-03,chat,1,400"]), context
    )
    (row,) = reading.activity.to_dicts()
    assert row["location_factor_kg_per_kwh"] == pytest.approx(kg_per_kwh)
    assert row["factor_source"] == "utility.pdf"
