"""Verbs on the AI inventory: what there is, and what analysts state about it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from carbon.factors.hardware import match_accelerators
from carbon.factors.library import context_maps, load
from carbon.inventory import edits
from carbon.inventory.checks import CellProblem
from carbon.inventory.edits import Edited
from carbon.inventory.fields import FIELDS, Field
from carbon.inventory.history import history
from carbon.inventory.known import Known
from carbon.inventory.volumes import volumes, wall_hours
from carbon.inventory.workloads import inventory
from carbon.portfolio import figures
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.schema import UNASSIGNED

_TAKEN = ("accepted", "merged")


class Inventory(Computed):
    """The AI inventory of a workspace."""

    def workloads(self, month_from: str | None = None, month_to: str | None = None) -> pl.DataFrame:
        """The AI inventory: what the sources say, overlaid with what the analyst stated.

        Args:
            month_from: first month of the volumes and wall-clock hours; None for all there is.
            month_to: last month of them.

        Returns:
            The columns of `carbon.inventory.workloads.inventory`; requests and tokens [1];
            wall_hours of its runs [h]; and files, the names of the files behind it.
        """
        activity, ledger = self._ai_activity(), self._workspace.ledger
        known = self._known_names()
        rows = inventory(
            activity,
            ledger.workloads(),
            self.policy,
            known=known,
            sightings=ledger.current_sightings(),
            decisions=ledger.decisions(),
        )
        rows = _with_memory(rows)
        for more in (
            volumes(activity, month_from, month_to),
            wall_hours(activity, month_from, month_to),
            self._files_behind(activity),
        ):
            rows = _beside(rows, more)
        return rows

    def inventory_table(
        self, month_from: str | None = None, month_to: str | None = None
    ) -> pl.DataFrame:
        """`workloads` of a period, with the energy and emissions of each in it.

        Workloads outside the boundary have their figures too: whether they belong inside is what
        the reader decides.

        Returns:
            The columns of `workloads`, and the measures of a footprint row; null where no energy
            is known.
        """
        rows = self.workloads(month_from, month_to)
        result = figures.result(
            self._between(month_from, month_to, "all"), ["workload"], self.policy
        ).rows
        measures = result.rename({"workload": "workload_id"}).drop(
            [name for name in result.columns if name in rows.columns]
        )
        return _beside(rows, measures)

    @staticmethod
    def workload_fields() -> tuple[Field, ...]:
        """The fields of the inventory, by group, in the order in which tables show them."""
        return FIELDS

    def try_edits(
        self,
        changes: Sequence[Mapping[str, Any]],
        *,
        may_add: bool = False,
        on: dt.date | None = None,
    ) -> Edited:
        """What edits would come to, and everything that is wrong with them; nothing is kept.

        Args:
            changes: one mapping a workload: workload_id and the columns to set; a blank takes a
                statement back.
            may_add: whether a workload that nobody named is added.
            on: the day of a decision on the boundary; None for today.
        """
        return edits.edited(
            self.workloads(),
            self._workspace.ledger.workloads(),
            changes,
            known=self._known_names(),
            today=(on or dt.datetime.now(dt.UTC).date()).isoformat(),
            may_add=may_add,
        )

    def edit_workloads(
        self,
        changes: Sequence[Mapping[str, Any]],
        who: str | None = None,
        *,
        may_add: bool = False,
        on: dt.date | None = None,
    ) -> Edited:
        """State metadata or boundary of workloads; the event log keeps before and after.

        Args:
            changes: one mapping a workload: workload_id and the columns to set. Putting a workload
                inside or outside the boundary needs a boundary_reason.
            who: who states it.
            may_add: whether a workload that nobody named is added.
            on: the day of a decision on the boundary; None for today.

        Raises:
            PortfolioError: everything that cannot be kept, each with its remedy; nothing is.
        """
        with self._workspace.ledger.lock():
            found = self.try_edits(changes, may_add=may_add, on=on)
            if found.problems:
                raise PortfolioError(in_words(found.problems))
            self._keep_statements(found, who)
            return found

    def add_workload(
        self,
        workload: str,
        stated: Mapping[str, Any] | None = None,
        who: str | None = None,
        *,
        on: dt.date | None = None,
    ) -> None:
        """Add a workload by hand, before any activity names it.

        Args:
            workload: its name, under which activity will refer to it.
            stated: columns to set.
            who: who adds it.
            on: the day of a decision on the boundary; None for today.

        Raises:
            PortfolioError: there is such a workload already, or something stated cannot be kept.
        """
        name = workload.strip()
        with self._workspace.ledger.lock():
            if name in self.workloads()["workload_id"]:
                raise PortfolioError(
                    f"A workload is called '{name}' already. Edit it, or choose another name."
                )
            self.edit_workloads([{**(stated or {}), "workload_id": name}], who, may_add=True, on=on)

    def delete_workload(self, workload: str, who: str | None = None) -> None:
        """Take a workload that was added by hand off the inventory; its history stays.

        Raises:
            PortfolioError: there is no such workload, or something refers to it.
        """
        ledger = self._workspace.ledger
        with ledger.lock():
            stated = ledger.workloads().filter(pl.col("workload_id") == workload)
            refers = self._names_workload(workload)
            if refers:
                raise PortfolioError(
                    f"Workload '{workload}' stays: {' and '.join(refers)}. Put it outside the "
                    "boundary instead, with a reason."
                )
            if stated.is_empty():
                raise PortfolioError(
                    f"No workload is called '{workload}'. `carbon workloads` lists them all."
                )
            ledger.edit_workloads(stated.select("workload_id").with_columns(deleted=pl.lit(True)))
            self._workspace.events.append(
                who or local_user(), "delete", workload, stated.row(0, named=True), None
            )

    def workload_history(self, workload: str | None = None) -> pl.DataFrame:
        """Who changed what of a workload, and when, the latest first; see `history`."""
        return history(self._workspace.events.all(), workload)

    def _keep_statements(self, found: Edited, who: str | None) -> None:
        """Write checked statements; the caller holds the lock."""
        if found.rows.is_empty():
            return
        ledger = self._workspace.ledger
        before = {row["workload_id"]: row for row in ledger.workloads().to_dicts()}
        ledger.edit_workloads(found.rows)
        for row in found.rows.iter_rows(named=True):
            workload = row["workload_id"]
            action = "add" if workload in found.new else "edit"
            self._workspace.events.append(
                who or local_user(), action, workload, before.get(workload), row
            )

    def _names_workload(self, workload: str) -> list[str]:
        """What names a workload, in words."""
        ledger = self._workspace.ledger
        activity = self._ai_activity().filter(pl.col("workload") == workload)
        rules = [
            rule.name
            for rule in self._rules()
            if any(share.workload == workload for share in rule.shares)
        ]
        decisions = ledger.decisions().filter(
            pl.col("decision").is_in(_TAKEN) & (pl.col("workload") == workload)
        )
        found = []
        if activity.height:
            rows = activity.select("evidence_id", "row_number").n_unique()
            found.append(f"{rows} {'row names' if rows == 1 else 'rows name'} it in its files")
        if workload == UNASSIGNED:
            found.append("it is what nobody claims")
        if rules:
            found.append(f"the assignment rule '{rules[0]}' gives activity to it")
        if any(d.of == "workload" and d.name == workload for d in self.policy.boundary.decisions):
            found.append("a decision on the boundary names it")
        if decisions.height:
            found.append("a proposal was accepted as it")
        return found

    def _known_names(self) -> Known:
        """Grid zones, providers, regions and instance types that the inventory may name."""
        library = load()
        maps = context_maps(library, self._workspace.ledger.current_factors())
        return Known(
            zones=maps["zones"],
            regions=maps["regions"],
            region_zones=library.regions.select("provider", "region", "zone"),
            instances=library.instances,
        )

    def _files_behind(self, activity: pl.DataFrame) -> pl.DataFrame:
        """workload_id and files: the names of the files behind each workload."""
        names = self._files()
        return (
            activity.select(
                workload_id=pl.col("workload").fill_null(UNASSIGNED), evidence_id="evidence_id"
            )
            .unique()
            .with_columns(
                file=pl.col("evidence_id").replace_strict(
                    list(names), list(names.values()), default=pl.col("evidence_id")
                )
            )
            .group_by("workload_id")
            .agg(files=pl.col("file").unique().sort().str.join("; "))
        )


def _with_memory(rows: pl.DataFrame) -> pl.DataFrame:
    """The inventory with the memory of each accelerator that the library knows."""
    library = load().accelerators
    matched = match_accelerators(rows["accelerator"], library).select(
        pl.col("name").alias("_named"), pl.col("accelerator").alias("_canonical")
    )
    memory = library.select(_canonical="accelerator", _memory=pl.col("memory_gb"))
    whole = pl.col("_memory").cast(pl.Int64, strict=False)
    text = (
        pl.when(whole == pl.col("_memory"))
        .then(whole.cast(pl.String))
        .otherwise(pl.col("_memory").cast(pl.String))
    )
    return (
        rows.join(
            matched.join(memory, on="_canonical", how="left", validate="m:1"),
            left_on="accelerator",
            right_on="_named",
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(accelerator_memory_gb=pl.coalesce("accelerator_memory_gb", text))
        .select(rows.columns)
    )


def _beside(rows: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """The inventory with more columns of its workloads."""
    return rows.join(more, on="workload_id", how="left", validate="1:1", maintain_order="left")


def in_words(problems: Sequence[CellProblem]) -> str:
    """Everything that is wrong, one sentence after the other."""
    return " ".join(problem.in_words() for problem in problems)
