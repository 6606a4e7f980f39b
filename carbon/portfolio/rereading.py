"""Files read again where the choices that their reading rests on have changed."""

import polars as pl

from carbon.accounting.pipeline import Finding
from carbon.portfolio.choices import reading_choices
from carbon.portfolio.corrections import Corrections
from carbon.portfolio.results import ImportResult


class Rereading(Corrections):
    """Verbs that keep what was read in step with the policy."""

    def outdated_readings(self) -> pl.DataFrame:
        """Files that were read under other choices for telemetry than those of the policy today.

        Returns:
            evidence_id, file; by file.
        """
        imports = self._workspace.ledger.read("imports").sort("sequence")
        last = imports.unique("evidence_id", keep="last", maintain_order=True)
        return last.filter(pl.col("choices") != reading_choices(self.policy)).select(
            "evidence_id", file="name"
        )

    def reread(self, *, who: str | None = None) -> ImportResult:
        """Read these files again from evidence; the new reading counts in place of the old one.

        Raises:
            PortfolioError: a file is missing, or cannot be taken any more.
        """
        outdated = self.outdated_readings()["evidence_id"]
        return ImportResult(tuple(self.resubmit(evidence_id, who=who) for evidence_id in outdated))

    def _of_readings(self) -> tuple[Finding, ...]:
        """The finding that the ledger is behind the policy, where it is."""
        files = self.outdated_readings()["file"]
        if files.is_empty():
            return ()
        count = "1 file was" if len(files) == 1 else f"{len(files)} files were"
        return (
            Finding(
                code="outdated_reading",
                severity="warn",
                title=f"{count} read under other choices for telemetry",
                detail="The policy's gap limits or the span of a row changed since. Read them "
                "again on the Sources screen, or with `carbon reread`.",
            ),
        )
