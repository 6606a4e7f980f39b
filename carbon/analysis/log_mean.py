"""Additive LMDI-I: a change of a product, told apart into what each factor did.

For V = x1 x2 … xn, between V0 and V1, the effect of factor k is

    L(V1, V0) ln(xk1 / xk0)      with L(a, b) = (a - b) / ln(a / b), L(a, a) = a

the logarithmic mean, and the effects add up to V1 - V0 without a rest. Where a factor is 0 at one
end, the analytical limit stands in: the other factors' effects go to 0 and that factor's takes the
whole change.

Source: B. W. Ang, LMDI decomposition approach: a guide for implementation, Energy Policy 86 (2015)
233-238; of zeros, B. W. Ang and N. Liu, Handling zero values in the logarithmic mean Divisia index
decomposition approach, Energy Policy 35 (2007) 238-246.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_NEAR: Final = 1e-3
"""Relative distance below which ln(a / b) is log1p((a - b) / b), which keeps its digits."""


def log_ratio(a: Values, b: Values) -> Values:
    """ln(a / b) [1] of positive values, precise also where they are nearly the same."""
    distance = (a - b) / b
    near = np.abs(distance) < _NEAR
    return np.where(near, np.log1p(np.where(near, distance, 0.0)), np.log(a) - np.log(b))


def log_mean(a: Values, b: Values) -> Values:
    """The logarithmic mean of values that are not negative; 0 where one of them is 0.

    Args:
        a: values, any unit.
        b: as many, of the same unit.

    Returns:
        (a - b) / ln(a / b) in that unit, between a and b; a where they are the same.
    """
    positive = (a > 0) & (b > 0)
    safe_a, safe_b = np.where(positive, a, 1.0), np.where(positive, b, 1.0)
    logarithm = log_ratio(safe_a, safe_b)
    apart = logarithm != 0.0
    mean = np.where(apart, (safe_a - safe_b) / np.where(apart, logarithm, 1.0), safe_b)
    return np.where(positive, mean, 0.0)


def effects(factors: Mapping[str, tuple[Values, Values]]) -> dict[str, Values]:
    """What each factor of a product did to it, cell by cell.

    A factor that is not defined at one end (nan: the share of nothing) did not change: it takes its
    value of the other end. Factors that are 0 together at one end share the change.

    Args:
        factors: name -> (before, after), arrays of one length, not negative; their product is the
            quantity that changes.

    Returns:
        name -> effect, in the unit of the product; the effects add up to its change.
    """
    known = {name: _defined(*pair) for name, pair in factors.items()}
    before = np.prod([pair[0] for pair in known.values()], axis=0)
    after = np.prod([pair[1] for pair in known.values()], axis=0)
    mean = log_mean(after, before)
    ordinary = (before > 0) & (after > 0)
    # At the end where the product is 0, which factors are.
    zero = {
        name: np.where(before == 0, pair[0] == 0, pair[1] == 0) & ~ordinary
        for name, pair in known.items()
    }
    many = np.maximum(np.sum(list(zero.values()), axis=0), 1)
    limit = (after - before) / many
    found = {}
    for name, (first, last) in known.items():
        moved = log_ratio(np.where(ordinary, last, 1.0), np.where(ordinary, first, 1.0))
        found[name] = np.where(ordinary, mean * moved, np.where(zero[name], limit, 0.0))
    return found


def _defined(before: Values, after: Values) -> tuple[Values, Values]:
    first = np.where(np.isnan(before), after, before)
    last = np.where(np.isnan(after), before, after)
    return np.nan_to_num(first, nan=1.0), np.nan_to_num(last, nan=1.0)
