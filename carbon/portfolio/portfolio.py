"""One verb a method: read tables from the workspace, call the core, write what it gives."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from carbon.accounting.bridge import bridge
from carbon.accounting.explain import explain
from carbon.accounting.pipeline import Finding
from carbon.activity.mapping.model import Mapping as ColumnMapping
from carbon.disclosure.content import Scope, content
from carbon.disclosure.data import attachments, result_json
from carbon.disclosure.pdf import pdf
from carbon.disclosure.workbook import workbook
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.portfolio import examples, figures
from carbon.portfolio.boundary_verbs import BoundaryVerbs
from carbon.portfolio.change_verbs import Changes
from carbon.portfolio.collection_verbs import Collection
from carbon.portfolio.composition_verbs import Composition
from carbon.portfolio.discovery_verbs import Discovery
from carbon.portfolio.fetching import Fetching
from carbon.portfolio.figures import Headline, Result
from carbon.portfolio.hardware_verbs import HardwareVerbs
from carbon.portfolio.how_to import HowTos
from carbon.portfolio.importing import Progress
from carbon.portfolio.mappings import Mappings
from carbon.portfolio.measure_verbs import Measures
from carbon.portfolio.model_verbs import Models
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.portfolio.placement_verbs import Placements
from carbon.portfolio.plan_verbs import Plans
from carbon.portfolio.rereading import Rereading
from carbon.portfolio.results import FilePreview, ImportResult
from carbon.portfolio.rule_verbs import Rules
from carbon.portfolio.seasonal_verbs import Seasons
from carbon.portfolio.source_verbs import Sources
from carbon.portfolio.uncertainty_verbs import DoubtVerbs
from carbon.portfolio.watching import Watching
from carbon.portfolio.weather_verbs import WeatherVerbs
from carbon.portfolio.whatif_verbs import WhatIf
from carbon.portfolio.workload_files import WorkloadFiles
from carbon.workspace import WorkspaceError

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


_NOT_SAMPLE = (".md", ".toml")
"""Files beside the sample that are not imported: the words about it, its policy, its rules."""


class Portfolio(
    Rereading,
    Mappings,
    Collection,
    Sources,
    BoundaryVerbs,
    Discovery,
    WorkloadFiles,
    Composition,
    Fetching,
    Rules,
    WeatherVerbs,
    Measures,
    Seasons,
    Models,
    HardwareVerbs,
    Watching,
    HowTos,
    Placements,
    WhatIf,
    Plans,
    Changes,
    DoubtVerbs,
):
    """An organisation's AI portfolio: its evidence, its inventory, its footprint.

    Args:
        path: the workspace folder; created on first use.

    Raises:
        PortfolioError: the folder cannot be used, or its policy cannot be read.
    """

    @classmethod
    def sample(cls, path: Path, progress: Progress | None = None) -> "Portfolio":
        """The sample portfolio in a workspace of its own, loaded on first use."""
        portfolio = cls(path)
        if portfolio.is_empty:
            portfolio.load_sample(progress=progress)
        return portfolio

    # --- what there is ---------------------------------------------------------------------

    def name_organisation(self, name: str, who: str | None = None) -> None:
        """Set the name that reports bear; the rest of the policy stays as it is written."""
        text = self._workspace.policy_text()
        revised = Policy.revise(text, "boundary", "organisation", " ".join(name.split()))
        self._workspace.save_policy(revised, who or local_user())

    def months(self) -> list[str]:
        """Every month (YYYY-MM) that carries activity, in order."""
        return self._footprint().lines["month"].unique().sort().to_list()

    @staticmethod
    def templates() -> dict[str, bytes]:
        """Empty templates to fill in, by file name."""
        return examples.templates()

    # --- taking files in -------------------------------------------------------------------

    def preview(
        self, name: str, data: bytes, *, format: str | None = None, timezone: str | None = None
    ) -> list[FilePreview]:
        """What an import of the file would give; nothing is written."""
        return self._importer(format, timezone).preview(name, data)

    def import_files(
        self,
        sources: Sequence[tuple[str, bytes | Path]],
        *,
        format: str | None = None,
        timezone: str | None = None,
        mapping: ColumnMapping | None = None,
        who: str | None = None,
        progress: Progress | None = None,
    ) -> ImportResult:
        """Recognise, read, store evidence, append to the ledger. The same file twice adds nothing.

        Args:
            sources: (name, bytes or path) of each file; archives are opened.
            format: reader to use instead of the recognised one.
            timezone: IANA zone of local times that carry none; remembered for their source.
            mapping: what the columns mean, for files that no reader knows.
            who: who brings them, for the event log.
            progress: called with (done, total, what is being done).
        """
        try:
            importer = self._importer(format, timezone).mapped_by(mapping)
            return importer.import_files(sources, who or local_user(), progress)
        except WorkspaceError as error:
            raise PortfolioError(str(error)) from error

    def load_sample(self, progress: Progress | None = None) -> ImportResult:
        """Import the sample portfolio's files into this workspace.

        A workspace that was empty also takes the sample organisation's policy and its rules.
        """
        if self.is_empty and not self._workspace.policy_text():
            self._workspace.save_policy((SAMPLE / "policy.toml").read_text("utf-8"), who="sample")
            if not self.rules():
                self.import_rules((SAMPLE / "rules.toml").read_text("utf-8"), who="sample")
        files = sorted(p for p in SAMPLE.iterdir() if p.is_file() and p.suffix not in _NOT_SAMPLE)
        return self.import_files(
            [(path.name, path) for path in files], who="sample", progress=progress
        )

    # --- figures ---------------------------------------------------------------------------

    def footprint(
        self,
        by: Sequence[str] = (),
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> Result:
        """Energy and emissions by columns, location-based and market-based side by side."""
        return figures.result(self._between(month_from, month_to, scope), by, self.policy)

    def headline(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> Headline:
        """Totals by scope category, and as a whole."""
        return figures.headline(self._between(month_from, month_to, scope), self.policy)

    def rungs(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """What the market-based figure rests on, by market boundary."""
        return figures.rungs(self._between(month_from, month_to, scope))

    def map_points(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """Energy and emissions by place, with coordinates."""
        library = load()
        return figures.map_points(
            self._between(month_from, month_to, scope), library.regions, library.zones
        )

    def findings(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> tuple[Finding, ...]:
        """What a careful reader would ask before the figures are handed on."""
        return (*self._of_readings(), *self._between(month_from, month_to, scope).findings)

    def bridge(
        self,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        market: str | None = None,
    ) -> pl.DataFrame:
        """The steps from the location-based total to the market-based one, by rung."""
        return bridge(self._between(month_from, month_to, scope), market)

    def instruments(self) -> pl.DataFrame:
        """Contractual instruments that count, with what each covered and which criteria fail."""
        return self._footprint().instruments

    def superseded(self) -> pl.DataFrame:
        """Rows whose energy another source states better, by month, with what counts instead."""
        return self._footprint().superseded

    def general_it(self) -> pl.DataFrame:
        """Rows of bills that no rule of the policy calls AI; they are in no figure."""
        return self._footprint().general_it

    def unplaced(self) -> pl.DataFrame:
        """Rows of which nobody says where they drew power, with the host, site or account."""
        return self._footprint().unplaced

    def reported(self, month_from: str | None = None, month_to: str | None = None) -> pl.DataFrame:
        """Providers' own figures: provider, month, method, kg_co2e. Never part of a footprint."""
        totals = figures.reported_totals(self._workspace.ledger.current_reported())
        month = pl.col("month")
        return totals.filter(month >= (month_from or ""), month <= (month_to or "9999-12"))

    def explain(
        self,
        workload: str,
        month: str | None = None,
        *,
        month_from: str | None = None,
        month_to: str | None = None,
        scope: Scope = "all",
    ) -> dict[str, Any]:
        """Lineage of a workload's figure: formula, factors and documents, rows and files.

        Args:
            workload: its name, or `(unassigned)`.
            month: one month; else the whole period.
            month_from: first month of the period.
            month_to: last month of the period.
            scope: `in` the boundary, or `all`.

        Raises:
            PortfolioError: the workload has no activity (in that month).
        """
        chosen = self._between(month or month_from, month or month_to, scope)
        if chosen.lines.filter(pl.col("workload") == workload).is_empty():
            when = f" in {month}" if month else ""
            raise PortfolioError(
                f"Workload '{workload}' has no figure{when}. `carbon workloads` lists them all."
            )
        return explain(
            chosen,
            self._workspace.ledger.current_activity(),
            workload,
            month,
            self.policy,
            names=self._files(),
        )

    # --- factors ---------------------------------------------------------------------------

    def factors(self, zone: str | None = None, year: int | None = None) -> pl.DataFrame:
        """The factor library and the workspace's own factors, of a zone and a year."""
        return self._shelf().listed(zone, year)

    def resolve_factor(
        self, zone: str, year: int, method: str, month: int | None = None
    ) -> dict[str, Any]:
        """Which factor applies to a zone and period, and why; see `FactorShelf.resolve`.

        Raises:
            PortfolioError: no factor fits; the message says why.
        """
        try:
            return self._shelf().resolve(zone, year, method, month)
        except LookupError as refusal:
            raise PortfolioError(str(refusal.args[0])) from refusal

    def import_factors(
        self,
        name: str,
        source: bytes | Path,
        *,
        format: str | None = None,
        who: str | None = None,
        progress: Progress | None = None,
    ) -> ImportResult:
        """Take factors from a file of any factor format; refuse anything else."""
        importer = replace(self._importer(format, None), factors_only=True)
        return importer.import_files([(name, source)], who or local_user(), progress)

    # --- disclosure ------------------------------------------------------------------------

    def report_content(
        self,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        scenarios: Sequence[str | Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """The content model that PDF, workbook and JSON print.

        Args:
            month_from, month_to: the period; None for the first and the last month that there is.
            scope: "in" for what is inside the boundary, "all" for everything.
            scenarios: listed beside the inventory, as `scenarios_reported` takes them.

        Raises:
            PortfolioError: nothing was imported yet, nothing lies in the period, or a scenario is
                not kept.
        """
        months = [
            month
            for month in self.months()
            if (month_from or "") <= month <= (month_to or "9999-12")
        ]
        if not months:
            raise PortfolioError(
                "There is nothing to report yet: import activity of the period first."
            )
        ledger = self._workspace.ledger
        first, last = month_from or months[0], month_to or months[-1]
        return content(
            self._footprint(),
            self.policy,
            inventory=self.workloads(),
            evidence=ledger.read("imports")
            .group_by("evidence_id")
            .agg(pl.col("name", "format", "rows").first())
            .sort("name", "evidence_id"),
            quarantine=self.quarantine(discarded=True),
            period_start=first,
            period_end=last,
            scope=scope,
            reported=self.reported(first, last),
            collection=self.collection(),
            scenarios=self.scenarios_reported(scenarios, first, last),
        )

    def report(
        self,
        kind: str,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        scenarios: Sequence[str | Mapping[str, Any]] | None = None,
    ) -> bytes:
        """A disclosure as bytes; the same state gives the same bytes.

        Args:
            kind: "pdf" (PDF/A-3a and PDF/UA-1, results attached), "xlsx" or "data" (JSON).
            month_from: first month, YYYY-MM; None for the first that there is.
            month_to: last month, YYYY-MM; None for the last that there is.
            scope: "in" for what is inside the boundary, "all" for everything.
            scenarios: listed beside the inventory, as `scenarios_reported` takes them.
        """
        model = self.report_content(month_from, month_to, scope=scope, scenarios=scenarios)
        if kind == "data":
            return result_json(model)
        if kind == "xlsx":
            return workbook(model)
        return pdf(model, attachments(model, self._footprint()))

    def write_reports(
        self,
        targets: Mapping[str, Path],
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        scenarios: Sequence[str | Mapping[str, Any]] | None = None,
    ) -> list[dict[str, str]]:
        """Write disclosures to files; gives path and sha256 of each.

        Raises:
            PortfolioError: there is nothing to report, a scenario is not kept, or a file cannot be
                written.
        """
        written = []
        for kind, path in targets.items():
            data = self.report(kind, month_from, month_to, scope=scope, scenarios=scenarios)
            try:
                path.write_bytes(data)
            except OSError as error:
                raise PortfolioError(f"{path} cannot be written: {error.strerror}.") from error
            written.append({"path": str(path), "sha256": hashlib.sha256(data).hexdigest()})
        return written

    def verify(self) -> dict[str, Any]:
        """Re-hash all evidence and the event chain."""
        return self._workspace.verify()
