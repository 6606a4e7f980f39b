"""Verbs on the boundary: what is in scope, what is left out, and what is missing of it."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from carbon.accounting.completeness import completeness
from carbon.accounting.sums import known_sum_by
from carbon.disclosure.content import Scope
from carbon.factors.references import references
from carbon.inventory.boundary import in_order
from carbon.inventory.workloads import inventory
from carbon.policy import Boundary, BoundaryDecision, Policy, PolicyError
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.schema import LIFECYCLES

SETTABLE: Final = (
    *("organisation", "consolidation_approach", "default_deployment", "in_scope_by_default"),
    *("lifecycles", "components_out"),
)
"""Choices under `boundary` that `set_boundary` takes; decisions have verbs of their own."""

_PARTS: Final = ("accelerator", "host", "cpu", "memory", "storage", "network", "idle", "overhead")


class BoundaryVerbs(Computed):
    """The declared boundary of a workspace."""

    def boundary(self) -> Boundary:
        """The boundary as the policy declares it."""
        return self.policy.boundary

    def boundary_decisions(self) -> pl.DataFrame:
        """Decisions by name, the most specific first, with what each of them moves.

        Returns:
            of, name, side, reason, decided_on, evidence, workloads (that it decides; 0 where a
            more specific word stands above it everywhere) and energy_facility_kwh of them, over
            all months [kWh].
        """
        energy = self._energy_by_workload()
        decided = self._sides()
        rows = []
        for decision in in_order(self.policy.boundary):
            # What it moves is what would fall to the others without it.
            without = self._sides_without(decision)
            moved = decided.join(
                without, on=["workload_id", "boundary_basis", "boundary_reason"], how="anti"
            )["workload_id"]
            kwh = energy.filter(pl.col("workload").is_in(moved.implode()))["energy_facility_kwh"]
            rows.append({**decision.model_dump(), "workloads": len(moved), "kwh": _sum(kwh)})
        schema = {
            **dict.fromkeys(BoundaryDecision.model_fields, pl.String),
            "workloads": pl.Int64,
            "kwh": pl.Float64,
        }
        return pl.DataFrame(rows, schema=schema).rename({"kwh": "energy_facility_kwh"})

    def boundary_lifecycles(self) -> pl.DataFrame:
        """Every lifecycle with its side (`in`, `out`, or null: the default) and its energy.

        Returns:
            lifecycle, side, workloads, energy_facility_kwh (over all months) [kWh].
        """
        sides = self.policy.boundary.lifecycles
        lines = self._footprint().lines
        sums = known_sum_by(lines, ["lifecycle"], ["energy_facility_kwh"])
        counts = lines.group_by("lifecycle").agg(workloads=pl.col("workload").n_unique())
        schema = {"lifecycle": pl.String, "side": pl.String}
        every = [(name, sides.get(name)) for name in LIFECYCLES]
        return (
            pl.DataFrame(every, schema=schema, orient="row")
            .join(counts, on="lifecycle", how="left", validate="1:1", maintain_order="left")
            .join(sums, on="lifecycle", how="left", validate="1:1", maintain_order="left")
            .with_columns(pl.col("workloads").fill_null(0).cast(pl.Int64))
        )

    def boundary_components(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """Parts of the equipment: which count, and with how much.

        Args:
            month_from: first month.
            month_to: last month.
            scope: `in` the boundary, or `all`.

        Returns:
            component, included, energy_facility_kwh (counted) and left_out_kwh (left out by this
            choice) [kWh]; last `supporting services`, which `support.include` decides.
        """
        part = self._between(month_from, month_to, scope)
        counted = known_sum_by(part.lines, ["component"], ["energy_facility_kwh"])
        gone = known_sum_by(
            part.left_out.filter(pl.col("reason") == "component"), ["why"], ["kwh"]
        ).rename({"why": "component", "kwh": "left_out_kwh"})
        out = self.policy.boundary.components_out
        rows = pl.DataFrame({"component": _PARTS, "included": [name not in out for name in _PARTS]})
        services = pl.DataFrame(
            {"component": ["supporting services"], "included": [self.policy.support.include]}
        )
        return (
            pl.concat([rows, services])
            .join(counted, on="component", how="left", validate="1:1", maintain_order="left")
            .join(gone, on="component", how="left", validate="1:1", maintain_order="left")
        )

    def left_out(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """What is left out by policy or model, with the reason.

        Args:
            month_from: first month.
            month_to: last month.
            scope: `in` the boundary, or `all`.

        Returns:
            reason (a code of `carbon.accounting.exclusions`), why (the policy's words), rows,
            workloads and kwh (null where not known) [kWh], the largest first.
        """
        gone = self._between(month_from, month_to, scope).left_out
        key = ["reason", "why"]
        counts = gone.group_by(key).agg(
            rows=pl.struct("evidence_id", "row_number").n_unique().cast(pl.Int64),
            workloads=pl.col("workload").n_unique().cast(pl.Int64),
        )
        return (
            known_sum_by(gone, key, ["kwh"])
            .join(counts, on=key, how="left", validate="1:1", nulls_equal=True)
            .select(*key, "rows", "workloads", "kwh")
            .sort("kwh", *key, descending=[True, False, False], nulls_last=True)
        )

    def completeness(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """What the boundary asks for and no source holds; see `accounting.completeness`.

        Args:
            month_from: first month.
            month_to: last month.
            scope: `in` the boundary, or `all`.
        """
        lines = self._between(month_from, month_to, scope).lines
        return completeness(lines, references().published, self.policy)

    # --- declaring -------------------------------------------------------------------------

    def decide_boundary(
        self,
        of: str,
        name: str,
        side: str,
        reason: str,
        *,
        decided_on: str = "",
        evidence: str = "",
        who: str | None = None,
    ) -> None:
        """Put workloads inside or outside by name or pattern; replaces an earlier word on them.

        Args:
            of: workload, model, project or business_unit.
            name: its name, or a pattern with * and ?.
            side: `in` or `out`.
            reason: why, for the auditor.
            decided_on: day of the decision, YYYY-MM-DD.
            evidence: document or link behind it.
            who: who decides.

        Raises:
            PortfolioError: a reason is missing, or a value is not one of those.
        """
        self._need_reason(reason, f"{of} {name}")
        entry = {
            **{"of": of, "name": name, "side": side, "reason": reason},
            **{"decided_on": decided_on, "evidence": evidence},
        }
        kept = self._entries_but("decisions", of=of, name=name.strip())
        self._revise_boundary("decisions", [*kept, entry], who)

    def undecide_boundary(self, of: str, name: str, who: str | None = None) -> None:
        """Take a decision back.

        Raises:
            PortfolioError: there is none on that name.
        """
        kept = self._entries_but("decisions", of=of, name=name)
        if len(kept) == len(self.policy.boundary.decisions):
            raise PortfolioError(f"There is no decision on {of} '{name}'.")
        self._revise_boundary("decisions", kept, who)

    def leave_out(
        self,
        column: str,
        pattern: str,
        reason: str,
        *,
        decided_on: str = "",
        evidence: str = "",
        who: str | None = None,
    ) -> None:
        """Declare activity to be outside by a column or a tag, whatever its workload.

        Args:
            column: one of `carbon.policy.LEAVES_OUT_BY`, or `tag:NAME`.
            pattern: its value, with * and ?.
            reason: why, for the auditor.
            decided_on: day of the decision, YYYY-MM-DD.
            evidence: document or link behind it.
            who: who decides.

        Raises:
            PortfolioError: a reason is missing, or the column is not known.
        """
        self._need_reason(reason, f"{column} {pattern}")
        entry = {
            **{"column": column, "pattern": pattern, "reason": reason},
            **{"decided_on": decided_on, "evidence": evidence},
        }
        kept = self._entries_but("left_out", column=column, pattern=pattern.strip())
        self._revise_boundary("left_out", [*kept, entry], who)

    def take_back_in(self, column: str, pattern: str, who: str | None = None) -> None:
        """Take back that activity was declared to be outside.

        Raises:
            PortfolioError: it was not.
        """
        kept = self._entries_but("left_out", column=column, pattern=pattern)
        if len(kept) == len(self.policy.boundary.left_out):
            raise PortfolioError(f"Nothing is left out by {column} '{pattern}'.")
        self._revise_boundary("left_out", kept, who)

    def set_boundary(self, name: str, value: Any, who: str | None = None) -> None:
        """Set one choice of the boundary.

        Args:
            name: one of SETTABLE, or `supporting_services` (true or false).
            value: as `policy.toml` has it.
            who: who decides.

        Raises:
            PortfolioError: the choice does not exist, or may not have that value.
        """
        if name == "supporting_services":
            self._save_boundary(self._revised_boundary("support", "include", value), who)
            return
        if name not in SETTABLE:
            known = ", ".join((*SETTABLE, "supporting_services"))
            raise PortfolioError(f"The boundary has no choice '{name}'; there are {known}.")
        self._revise_boundary(name, value, who)

    def _need_reason(self, reason: str, what: str) -> None:
        if not reason.strip():
            raise PortfolioError(
                f"The boundary of {what} is decided without a reason. An auditor asks for it: "
                "write one."
            )

    def _entries_but(self, entries: str, /, **key: str) -> list[dict[str, Any]]:
        """The entries of one list of the boundary without those of a key."""
        known = [entry.model_dump() for entry in getattr(self.policy.boundary, entries)]
        return [entry for entry in known if not key.items() <= entry.items()]

    def _revise_boundary(self, name: str, value: Any, who: str | None) -> None:
        self._save_boundary(self._revised_boundary("boundary", name, value), who)

    def _revised_boundary(self, part: str, name: str, value: Any) -> str:
        try:
            return Policy.revise(self._workspace.policy_text(), part, name, value)
        except PolicyError as error:
            raise PortfolioError(str(error)) from error

    def _save_boundary(self, text: str, who: str | None) -> None:
        self._workspace.save_policy(text, who or local_user())

    # --- what follows ----------------------------------------------------------------------

    def _energy_by_workload(self) -> pl.DataFrame:
        return known_sum_by(self._footprint().lines, ["workload"], ["energy_facility_kwh"])

    def _sides(self, policy: Policy | None = None) -> pl.DataFrame:
        """workload_id, boundary_basis and boundary_reason of every workload."""
        found = inventory(
            self._ai_activity(), self._workspace.ledger.workloads(), policy or self.policy
        )
        return found.select(
            "workload_id", "boundary_basis", pl.col("boundary_reason").fill_null("")
        )

    def _sides_without(self, decision: BoundaryDecision) -> pl.DataFrame:
        policy = self.policy
        others: Sequence[BoundaryDecision] = [
            known for known in policy.boundary.decisions if known != decision
        ]
        boundary = policy.boundary.model_copy(update={"decisions": tuple(others)})
        return self._sides(policy.model_copy(update={"boundary": boundary}))


def _sum(values: pl.Series) -> float | None:
    known = values.drop_nulls()
    return float(known.sum()) if len(known) else None
