"""Monte Carlo of a sum whose parts share inputs: each input is drawn once an iteration.

    total_j = sum_i kg_i x exp(s_W,i z_W,j + s_F,i z_F,j + s_P,i z_P,j),   s = ln(G) / 2

with one standard normal z an input and iteration. The deterministic figure is the median of each
part, so that a sum's mean lies above it. G is a GSD squared, two standard deviations: the interval
runs from the 2.275 % to the 97.725 % quantile, which is [kg / G, kg G] of a single part, and is
called 95 % as the pedigree method calls it.

Shared inputs: a factor, a PUE and the energy of a workload are one z wherever they are used; drawn
row by row, the interval would shrink by about sqrt(n).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array

from carbon.accounting.sums import sum_by
from carbon.accounting.uncertainty import INPUTS
from carbon.analysis.parts import KINDS

Floats = npt.NDArray[np.float64]

ENDS: Final = (0.022750131948179195, 0.5, 0.9772498680518208)
"""Quantiles at -2, 0 and +2 standard deviations."""

MOST_INPUTS: Final = 2000
"""Inputs of a kind that are drawn on their own; smaller ones share one draw, which widens."""

MOST_CELLS: Final = 4_000_000
"""Numbers held at a time of any one matrix (32 MB)."""

MOST_GROUPS: Final = 1000
"""Groups whose draws are held at a time; more are drawn again from the same seed."""

DIGITS: Final = 10
"""Significant digits that are kept: those beyond hang on the processor."""

REST: Final = "(others)"

FIGURES: Final = ("mc_low_kg", "mc_median_kg", "mc_high_kg", "mc_mean_kg")


@dataclass(frozen=True)
class _Input:
    """Inputs of one kind: their draws z, and the spread of each (input, 95 % factor).

    Attributes:
        count: inputs that are drawn.
        of: which input each spread belongs to.
        sigma: standard deviation of its logarithm [1].
        used: the spread of each part; -1 where the kind plays no part in it.
    """

    count: int
    of: npt.NDArray[np.int64]
    sigma: Floats
    used: npt.NDArray[np.int64]


def montecarlo(
    parts: pl.DataFrame, by: Sequence[str] = (), *, draws: int = 10_000, seed: int = 1
) -> pl.DataFrame:
    """Low, median, mean and high of each group's sum, drawn.

    Args:
        parts: the columns of `by`, kg [kg], and the names and 95 % factors of `parts.KINDS`.
        by: columns that make a group; none gives the total.
        draws: iterations.
        seed: of PCG64. Same parts, draws and seed give the same figures.

    Returns:
        by, mc_low_kg, mc_median_kg, mc_mean_kg and mc_high_kg [kgCO2e], sorted by `by`; no row
        where nothing is known.

    Raises:
        ValueError: fewer than 2 draws.
    """
    if draws < 2:
        raise ValueError(f"{draws} draws give no interval; ask for 2 or more")
    groups = list(by)
    known = _merged(parts.filter(pl.col("kg").is_not_null()), groups)
    if known.is_empty():
        empty = dict.fromkeys(FIGURES, pl.Float64)
        return known.select(groups).with_columns(pl.lit(None, t).alias(n) for n, t in empty.items())
    numbered = known.with_columns(
        _group=(pl.struct(groups).rank("dense") - 1).cast(pl.Int64)
        if groups
        else pl.lit(0, pl.Int64)
    )
    names = numbered.unique("_group", keep="first").sort("_group").select(groups)
    count = int(numbered["_group"].max()) + 1  # type: ignore[arg-type]
    inputs = [_input(numbered, kind) for kind in KINDS]
    figures = np.vstack(
        [_quantiles(numbered, inputs, some, draws=draws, seed=seed) for some in _blocks(count)]
    )
    drawn = pl.DataFrame(dict(zip(FIGURES, figures.T, strict=True)))
    rounded = drawn.with_columns(pl.all().round_sig_figs(DIGITS))
    return names.hstack(rounded) if groups else rounded


def _merged(parts: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """Parts that are alike in all that matters here, as one; small inputs by one name."""
    for kind in KINDS:
        if kind in parts.columns and parts[kind].n_unique() > MOST_INPUTS:
            parts = _pooled(parts, kind, keep=kind in groups)
    keys = [column for kind in KINDS for column in (_drawn_as(kind, parts), INPUTS[kind])]
    keys = [column for column in dict.fromkeys([*groups, *keys]) if column in parts.columns]
    return sum_by(parts.sort(*keys, "kg", nulls_last=True), keys, ["kg"])


def _drawn_as(kind: str, parts: pl.DataFrame) -> str:
    return f"_{kind}" if f"_{kind}" in parts.columns else kind


def _pooled(parts: pl.DataFrame, kind: str, *, keep: bool) -> pl.DataFrame:
    """The inputs of a kind that matter least, as one input that all of them share."""
    weight = (pl.col("kg") * pl.col(INPUTS[kind]).log()).fill_null(0.0)
    ranked = sum_by(parts.with_columns(_weight=weight), [kind], ["_weight"]).sort(
        "_weight", kind, descending=[True, False], nulls_last=True
    )
    largest = ranked[kind].head(MOST_INPUTS).drop_nulls()
    named = pl.when(pl.col(kind).is_in(largest.implode())).then(kind).otherwise(pl.lit(REST))
    return parts.with_columns(named.alias(f"_{kind}" if keep else kind))


def _input(parts: pl.DataFrame, kind: str) -> _Input:
    """The inputs of a kind in a fixed order, and which of them each part takes."""
    column, gsd2 = _drawn_as(kind, parts), INPUTS[kind]
    if column not in parts.columns or gsd2 not in parts.columns:
        none = np.empty(0, np.int64)
        return _Input(0, none, none.astype(float), np.full(parts.height, -1, np.int64))
    spreads = (
        parts.filter(pl.col(gsd2).is_not_null())
        .select(column, gsd2)
        .unique()
        .sort(column, gsd2, nulls_last=True)
        .with_row_index("_spread")
        .with_columns(_of=(pl.col(column).rle_id()).cast(pl.Int64))
    )
    used = parts.join(
        spreads,
        on=[column, gsd2],
        how="left",
        validate="m:1",
        nulls_equal=True,
        maintain_order="left",
    )["_spread"]
    return _Input(
        count=spreads["_of"].n_unique(),
        of=spreads["_of"].to_numpy(),
        sigma=spreads[gsd2].log().to_numpy() / 2,
        used=used.cast(pl.Int64).fill_null(-1).to_numpy(),
    )


def _quantiles(
    parts: pl.DataFrame, inputs: list[_Input], groups: range, *, draws: int, seed: int
) -> Floats:
    """FIGURES of some groups, one row each [kgCO2e]."""
    group = parts["_group"].to_numpy()
    first, count = groups.start, len(groups)
    inside = np.flatnonzero((group >= first) & (group < groups.stop))
    kg, group = parts["kg"].to_numpy()[inside], group[inside] - first
    energy, factor, *others = (_within(each, inside) for each in inputs)
    # Parts that differ by their factor alone are one row: a sparse product adds them up.
    row_of, rows = _rows(group, [energy, *others])
    factors = np.where(factor.used < 0, factor.sigma.size, factor.used)
    weights = csr_array((kg, (row_of, factors)), shape=(len(rows), factor.sigma.size + 1))
    sums = csr_array((np.ones(len(rows)), (group[rows], np.arange(len(rows)))))
    sums.resize((count, len(rows)))
    drawn = np.empty((count, draws))
    for start, normals in _normals(inputs, draws, seed):
        of_energy, of_factor, *of_others = normals
        each = weights @ np.vstack(
            [_lognormal(factor, of_factor), np.ones((1, of_factor.shape[1]))]
        )
        for kind, normal in zip((energy, *others), (of_energy, *of_others), strict=True):
            _times(each, kind.used[rows], _lognormal(kind, normal))
        drawn[:, start : start + of_factor.shape[1]] = sums @ each
    low, median, high = np.quantile(drawn, ENDS, axis=1)
    return np.column_stack([low, median, high, drawn.mean(axis=1)])


def _blocks(count: int) -> list[range]:
    return [range(first, min(first + MOST_GROUPS, count)) for first in range(0, count, MOST_GROUPS)]


def _within(inputs: _Input, inside: npt.NDArray[np.int64]) -> _Input:
    return _Input(inputs.count, inputs.of, inputs.sigma, inputs.used[inside])


def _rows(
    group: npt.NDArray[np.int64], kinds: list[_Input]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which row each part falls in, and a part of each row, by its place."""
    keys = np.column_stack([group, *(kind.used for kind in kinds)])
    _, first, row_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return row_of.ravel(), first


def _normals(inputs: list[_Input], draws: int, seed: int) -> Iterator[tuple[int, list[Floats]]]:
    """Standard normals of every input, by bunches of iterations: where each bunch starts, and z.

    Every kind has a stream of its own, read iteration by iteration, so that neither the size of
    the bunches nor the groups that are looked at change what is drawn.
    """
    streams = [
        np.random.Generator(np.random.PCG64(child))
        for child in np.random.SeedSequence(seed).spawn(len(inputs))
    ]
    widest = max(1, *(max(each.sigma.size, each.used.size) for each in inputs))
    bunch = max(1, min(draws, MOST_CELLS // widest))
    for start in range(0, draws, bunch):
        size = min(bunch, draws - start)
        yield (
            start,
            [
                np.ascontiguousarray(stream.standard_normal((size, each.count)).T)
                for stream, each in zip(streams, inputs, strict=True)
            ],
        )


def _lognormal(inputs: _Input, normals: Floats) -> Floats:
    """exp(sigma z) of each spread, one row each."""
    logs: Floats = normals[inputs.of] * inputs.sigma[:, np.newaxis]
    return np.exp(logs, out=logs)


def _times(rows: Floats, used: npt.NDArray[np.int64], spreads: Floats) -> None:
    """Multiply each row by the spread that it uses, in place."""
    if spreads.shape[0] == 0:
        return
    if (used >= 0).all():
        rows *= spreads[used]
        return
    some = np.flatnonzero(used >= 0)
    rows[some] *= spreads[used[some]]
