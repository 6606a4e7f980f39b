"""Numbers read the same in every locale, and what is not known is never printed as 0."""

import pytest

from carbon.disclosure.numbers import decimals_for, fixed, percent, plain, significant

THIN = "\u202f"


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (1234.5, 1, f"1{THIN}234.5"),
        (1234567.891, 2, f"1{THIN}234{THIN}567.89"),
        (-1234.5, 1, f"\u22121{THIN}234.5"),
        (0.0, 2, "0.00"),
        (0.004, 2, "< 0.01"),
        (-0.004, 2, "> \u22120.01"),
        (None, 1, "not known"),
        (float("nan"), 1, "not known"),
    ],
)
def test_fixed_groups_thousands_and_keeps_zero_missing_and_tiny_apart(value, decimals, shown):
    assert fixed(value, decimals) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (46.71, "46.7"),
        (0.0012345, "0.00123"),
        (1234.0, f"1{THIN}230"),
        (9.996, "10.0"),
        (999.6, f"1{THIN}000"),
        (-46.71, "\u221246.7"),
        (0.0, "0"),
        (None, "not known"),
    ],
)
def test_a_headline_has_three_significant_digits_and_no_exponent(value, shown):
    assert significant(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.56, "1.56"), (0.05, "0.05"), (700.0, "700"), (4.0, "4"), (0.195037, "0.195037")],
)
def test_plain_drops_zeros_that_say_nothing(value, shown):
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("share", "decimals", "shown"),
    [
        (1.0, 0, f"100{THIN}%"),
        (0.9999, 0, f"> 99{THIN}%"),
        (0.0, 0, f"0{THIN}%"),
        (0.0001, 0, f"< 1{THIN}%"),
        (0.8602, 1, f"86.0{THIN}%"),
        (None, 0, "not known"),
    ],
)
def test_a_share_is_rounded_neither_up_to_all_nor_down_to_nothing(share, decimals, shown):
    assert percent(share, decimals) == shown


def test_a_column_has_about_four_digits():
    assert [decimals_for(v) for v in (12345.0, 99.0, 2.0, None)] == [1, 2, 3, 1]
