"""Numbers and user text as they are printed. Expected values are written out by hand."""

import pytest

from pages.ui import numbers

T = "\u202f"


@pytest.mark.parametrize(
    ("kg", "text"),
    [
        (None, "not known"),
        (0.0, f"0{T}kg"),
        (0.0004, f"0.400{T}g"),
        (0.25, f"250{T}g"),
        (46.7, f"46.7{T}kg"),
        (999.9, f"1{T}000{T}kg"),
        (1000.0, f"1.00{T}t"),
        (291_420.0, f"291{T}t"),
        (12_345_678.0, f"12{T}300{T}t"),
        (-29_600.0, f"\u221229.6{T}t"),
    ],
)
def test_mass_keeps_three_digits_and_its_unit(kg, text):
    assert numbers.mass(kg) == text


@pytest.mark.parametrize(
    ("kwh", "text"),
    [
        (None, "not known"),
        (0.0, f"0{T}kWh"),
        (85.3, f"85.3{T}kWh"),
        (85_333.0, f"85.3{T}MWh"),
        (1.74e6, f"1.74{T}GWh"),
    ],
)
def test_energy_keeps_three_digits_and_its_unit(kwh, text):
    assert numbers.energy(kwh) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "not known"),
        (0.0, f"0{T}%"),
        (0.001, f"< 1{T}%"),
        (0.412, f"41{T}%"),
        (0.9999, f"> 99{T}%"),
        (1.0, f"100{T}%"),
    ],
)
def test_a_share_short_of_all_is_never_all(share, text):
    assert numbers.percent(share) == text


def test_full_precision_parts_thousands():
    assert numbers.full(1234567.891) == f"1{T}234{T}567.891"
    assert numbers.full(0.195037) == "0.195037"
    assert numbers.full(None) == "not known"


def test_an_interval_is_in_the_unit_of_its_upper_end():
    assert numbers.interval(900.0, 1500.0) == f"95{T}% interval 0.900 to 1.50{T}t"
    assert numbers.interval(9.0, 15.0) == f"95{T}% interval 9.00 to 15.0{T}kg"


def test_an_exclusive_end_is_shown_as_the_last_day():
    assert numbers.last_day("2025-03-01T00:00:00Z") == "28 Feb 2025"
    assert numbers.last_day("2025-03-01T12:00:00Z") == "1 Mar 2025"
    assert numbers.period("2025-08", "2026-09") == "Aug 2025 to Sep 2026"
    assert numbers.period("2025-08", "2025-08") == "Aug 2025"


@pytest.mark.parametrize(
    "text", ["*b*", "_i_", "`c`", "[x](y)", "<script>", "$x$", ":smile:", "# h"]
)
def test_user_text_is_never_markdown(text):
    plain = numbers.plain(text)
    # Every character with a meaning is escaped, and nothing else changed.
    assert plain.replace("\\", "") == text
    for mark in "*_`[]()<>$:#":
        assert f"\\{mark}" in plain or mark not in text


@pytest.mark.parametrize("text", ["https://evil.example", "www.evil.example", "a@evil.example"])
def test_an_address_in_user_text_is_no_link(text):
    plain = numbers.plain(text)
    assert "\u2060" in plain
    assert plain.replace("\\", "").replace("\u2060", "") == text
    assert "\u2060" not in numbers.plain(text, links=True)


def test_lines_of_user_text_are_one_line():
    assert numbers.plain("a\n\n# b") == "a \\# b"
