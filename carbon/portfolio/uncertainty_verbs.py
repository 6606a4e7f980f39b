"""Verbs on doubt: how sure a figure is, what makes it so, and scores that an analyst states."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from carbon.accounting import pedigree
from carbon.accounting.summary import DIMENSIONS
from carbon.analysis.doubt import Doubt, doubt
from carbon.analysis.parts import METHODS
from carbon.disclosure.content import Scope
from carbon.policy import Policy, PolicyError, Score
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user

SCORED_AS: Final = {
    "workload": "energy",
    "factor": "factor",
    "pue": "pue",
    "embodied": "embodied",
}
"""Kind of a driver -> what a score is said to be of."""


class DoubtVerbs(Computed):
    """How sure a portfolio is of its figures."""

    def uncertainty(
        self,
        method: str = "location",
        by: Sequence[str] = (),
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        draws: int | None = None,
        seed: int | None = None,
    ) -> Doubt:
        """The 95 % interval of a period's figure, analytic and drawn, and what it comes from.

        Args:
            method: "location", "market", or "embodied", which is no part of either.
            by: columns as of `footprint`.
            month_from: first month, YYYY-MM; None for the first that there is.
            month_to: last month, YYYY-MM; None for the last that there is.
            scope: "in" for what is inside the boundary, "all" for everything.
            draws: iterations of the Monte Carlo run; None for the policy's.
            seed: of its random numbers; None for the policy's.

        Raises:
            PortfolioError: the method or a column is not known, or the draws are too few or many.
        """
        for known in METHODS:
            if known == method:
                break
        else:
            raise PortfolioError(f"There is no method {method!r}; use {', '.join(METHODS)}.")
        unknown = [column for column in by if column not in DIMENSIONS]
        if unknown:
            raise PortfolioError(
                f"Intervals are not known by {unknown[0]!r}; use some of {', '.join(DIMENSIONS)}."
            )
        if draws is not None and not 100 <= draws <= 1_000_000:
            raise PortfolioError(f"{draws} draws are not sensible; use 100 to 1000000.")
        if seed is not None and seed < 0:
            raise PortfolioError(f"Seed {seed} is below 0; use 0 or more.")
        part = self._between(month_from, month_to, scope)
        return doubt(part, self.policy, known, by, draws=draws, seed=seed)

    def pedigree(self) -> pl.DataFrame:
        """The pedigree matrix of the chosen set: indicator, and 95 % factors of scores 1 to 5."""
        chosen = pedigree.SETS[self.policy.uncertainty.pedigree_set]
        rows = [(name, *chosen[name]) for name in pedigree.INDICATORS]
        shape = {"indicator": pl.String, **{str(score): pl.Float64 for score in range(1, 6)}}
        return pl.DataFrame(rows, schema=shape, orient="row")

    def scores(self) -> pl.DataFrame:
        """Scores that stand: of, name, the five indicators, gsd2 [1], reason and evidence."""
        chosen = self.policy.uncertainty
        rows = [
            {**score.model_dump(), "gsd2": pedigree.of_score(score, chosen.pedigree_set)}
            for score in chosen.scores
        ]
        numbers = dict.fromkeys(pedigree.INDICATORS, pl.Int64)
        shape = {"of": pl.String, "name": pl.String, **numbers, "gsd2": pl.Float64}
        return pl.DataFrame(rows, schema={**shape, "reason": pl.String, "evidence": pl.String})

    def score_input(
        self,
        of: str,
        name: str,
        scores: Mapping[str, int],
        reason: str,
        *,
        evidence: str = "",
        who: str | None = None,
    ) -> None:
        """State the quality of an input by the pedigree matrix, in place of its tier's figure.

        Args:
            of: "energy" (of a workload), "factor", "pue" or "embodied".
            name: of the input, or a pattern (* and ?); one that is scored already is scored anew.
            scores: indicator -> 1 (best) to 5.
            reason: why; an auditor asks.
            evidence: the document behind it.
            who: who scores it.

        Raises:
            PortfolioError: a score is missing or not 1 to 5, or there is no name or reason.
        """
        if not name.strip() or not reason.strip():
            raise PortfolioError("A score needs the input's name and a reason; write both.")
        entry = {
            "of": of,
            "name": name.strip(),
            **scores,
            "reason": reason.strip(),
            "evidence": evidence.strip(),
        }
        kept = [
            score.model_dump()
            for score in self.policy.uncertainty.scores
            if (score.of, score.name) != (of, name.strip())
        ]
        # The newest stands first, so that it holds where an older pattern fits too.
        self._doubt_revise("scores", [entry, *kept], who)

    def unscore_input(self, of: str, name: str, who: str | None = None) -> None:
        """Take a score back: the input takes its tier's figure again.

        Raises:
            PortfolioError: there is no such score.
        """
        known = self.policy.uncertainty.scores
        kept: list[Score] = [score for score in known if (score.of, score.name) != (of, name)]
        if len(kept) == len(known):
            raise PortfolioError(f"There is no score of {of} '{name}'.")
        self._doubt_revise("scores", [score.model_dump() for score in kept], who)

    def choose_uncertainty(self, name: str, value: Any, who: str | None = None) -> None:
        """Set one choice of `[uncertainty]`.

        Raises:
            PortfolioError: the choice does not exist, or may not have that value.
        """
        self._doubt_revise(name, value, who)

    def _doubt_revise(self, name: str, value: Any, who: str | None) -> None:
        try:
            text = Policy.revise(self._workspace.policy_text(), "uncertainty", name, value)
        except PolicyError as error:
            raise PortfolioError(str(error)) from error
        self._workspace.save_policy(text, who or local_user())
