"""Division that is correctly rounded, whatever polars knows of its columns."""

import polars as pl
import pytest

from carbon.exact import ratio

PART, WHOLE = 2_592_000_000_000, 2_678_400_000_000  # 30 and 31 days [µs]


@pytest.mark.parametrize("whole", [pl.lit(WHOLE), pl.Series([WHOLE, WHOLE])])
def test_a_ratio_is_what_ieee_754_says_it_is(whole):
    rows = pl.DataFrame({"part": [PART, PART]}).with_columns(whole=whole)

    found = rows.select(ratio(pl.col("part"), pl.col("whole"))).to_series().to_list()

    assert found == [PART / WHOLE, PART / WHOLE]


def test_the_reciprocal_would_have_been_another_number():
    assert PART / WHOLE != PART * (1 / WHOLE)
