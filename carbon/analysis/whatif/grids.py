"""From rows of a table to arrays: positions of names, and sums by row and month."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.accounting.sums import sum_by

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def grids(lines: pl.DataFrame, columns: Sequence[str], shape: tuple[int, int]) -> dict[str, Array]:
    """Sums of columns by `_row` and `_month`; what is not known adds nothing."""
    summed = sum_by(lines, ["_row", "_month"], columns)
    at = (summed["_row"].to_numpy(), summed["_month"].to_numpy())
    filled = {}
    for column in columns:
        grid = np.zeros(shape)
        grid[at] = summed[column].fill_null(0.0).to_numpy()
        filled[column] = grid
    return filled


def codes(names: pl.Series, known: list[str]) -> Ints:
    """Position of each name; -1 where it is none of them."""
    if not known:
        return np.full(len(names), -1, dtype=np.int64)
    codes = names.replace_strict(known, list(range(len(known))), default=-1, return_dtype=pl.Int64)
    return codes.fill_null(-1).to_numpy().astype(np.int64)
