"""However a mapping or the sheet that it was made for is damaged: rows are accounted for, or it is
refused in words."""

import pytest
from accounted import CONTEXT, count_rows, damaged_text, in_words, relaxed, steps
from hypothesis import given
from hypothesis import strategies as st

from carbon.activity.intake import open_payloads
from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.mapping.shipped import MAPPINGS
from carbon.activity.source import Payload, RefusalError

SHEET = """\
Hall meters 2025;;;;;
Monat;Team;Job;Verbrauch [MWh];PUE;Land
01/2025;NLP;chat;1.234,5;1,2;FR
01/2025;NLP;search;12,25;;FR
02/2025;Vision;;7;1,3;DE
03/2025;NLP;chat;-4;1,2;FR
;Total;;1.249,75;;
"""

HALLS = """\
name = "halls"
columns = ["Monat", "Team", "Job", "Verbrauch [MWh]", "PUE", "Land"]
numbers = "1.234,5"
dates = "%m/%Y"
period = "month"

[fields.start]
column = "Monat"

[fields.workload]
columns = ["Team", "Job"]

[fields.energy]
column = "Verbrauch [MWh]"
unit = "MWh"

[fields.pue]
column = "PUE"

[fields.country]
column = "Land"

[[skip]]
column = "Team"
values = ["Total"]
"""

PROVIDERS = """\
name = "emissions"
target = "reported"
period = "month"
dates = "%m/%Y"

[fields.start]
column = "Monat"

[fields.provider]
constant = "gcp"

[fields.carbon]
column = "Verbrauch [MWh]"
unit = "t"

[fields.service]
column = "Team"
"""


def read(mapping: str, sheet: str) -> None:
    try:
        reader = MappedReader(Mapping.from_toml(mapping))
        (payload,) = open_payloads("sheet.csv", sheet.encode())
        assert isinstance(payload, Payload)
        count_rows(reader.read(payload, CONTEXT))
    except RefusalError as refusal:
        in_words(refusal)


@pytest.mark.parametrize("mapping", [HALLS, PROVIDERS], ids=["use", "reported"])
@relaxed
@given(steps=steps)
def test_a_damaged_sheet_is_accounted_for(
    mapping: str, *, steps: list[tuple[int, int, int]]
) -> None:
    read(mapping, damaged_text(SHEET, steps))


@pytest.mark.parametrize("mapping", [HALLS, PROVIDERS], ids=["use", "reported"])
@relaxed
@given(steps=steps)
def test_a_damaged_mapping_is_refused_in_words_or_works(
    mapping: str, *, steps: list[tuple[int, int, int]]
) -> None:
    read(damaged_text(mapping, steps), SHEET)


@relaxed
@given(shipped=st.sampled_from(MAPPINGS), steps=steps)
def test_damaged_shipped_mappings_are_refused_in_words_or_stay_mappings(
    shipped: Mapping, steps: list[tuple[int, int, int]]
) -> None:
    try:
        mapping = Mapping.from_toml(damaged_text(shipped.to_toml(), steps))
        assert Mapping.from_toml(mapping.to_toml()) == mapping
    except RefusalError as refusal:
        in_words(refusal)


def test_the_sheet_is_read_undamaged() -> None:
    (payload,) = open_payloads("sheet.csv", SHEET.encode())
    assert isinstance(payload, Payload)
    found = MappedReader(Mapping.from_toml(HALLS)).read(payload, CONTEXT)
    # Four rows, a total left out; of the four one is negative, which cannot be.
    assert (found.rows, found.quarantine["row_number"].to_list()) == (4, [6])
    # 1234.5 + 12.25 + 7 MWh
    assert found.activity["quantity"].sum() == pytest.approx(1_253_750)
