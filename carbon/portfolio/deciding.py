"""What decisions on proposals write: rules, statements on workloads, and the decision itself."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from carbon.inventory.assignment.rules import Rule, row_of
from carbon.inventory.discovery import deciding
from carbon.inventory.discovery.proposal import Proposal
from carbon.portfolio.inventory_verbs import Inventory
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.schema import UNASSIGNED, AssignmentRule


class Deciding(Inventory):
    """Writes what follows from a decision, so that it can be taken back; the lock is held."""

    def _take(
        self,
        proposal: Proposal,
        name: str,
        changes: Mapping[str, Any] | None,
        who: str | None,
        decision: str,
    ) -> None:
        """Rules first, then what the inventory lacks, then the decision; the lock is held."""
        goes = [w for w in (proposal.workload, proposal.other) if w and w != name]
        rules: tuple[Rule, ...] = deciding.claims(proposal.traces, name)
        if proposal.kind == "merge" and len(goes) > 1:
            raise PortfolioError(
                f"'{proposal.title}' can be merged into one of the two alone, not into '{name}'."
            )
        named = {trace.workload for trace in proposal.traces if trace.claimed}
        for other in (each for each in goes if each in named):
            rules = (*rules, *deciding.moves(other, name, self._rules()))
        before = self._keep_rules(rules, who)
        statements = self._state(proposal, name, changes, who)
        for other in (each for each in goes if each in named):
            statements |= self._hand_over(other, name, who)
        wrote = {"rules": before, "statements": statements}
        self._decide(proposal, decision, who, workload=name, wrote=wrote)

    def _state(
        self,
        proposal: Proposal,
        name: str,
        changes: Mapping[str, Any] | None,
        who: str | None,
    ) -> dict[str, Any]:
        """State what the inventory lacks; gives the earlier statement of each workload."""
        shown = {row["workload_id"]: row for row in self.workloads().to_dicts()}
        wanted = {**deciding.statement(proposal, shown.get(name)), **(changes or {})}
        if not wanted and name in shown:
            return {}
        before = self._statement_of(name)
        try:
            self.edit_workloads([{"workload_id": name, **wanted}], who, may_add=True)
        except PortfolioError:
            if changes:
                raise
            # What a source calls a region or a lifecycle may be none that the inventory knows.
            fine = self._fine(name, wanted)
            self.edit_workloads([{"workload_id": name, **fine}], who, may_add=True)
        return {name: before}

    def _fine(self, name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The statements that the inventory can keep."""
        return {
            column: value
            for column, value in wanted.items()
            if not self.try_edits([{"workload_id": name, column: value}], may_add=True).problems
        }

    def _hand_over(self, goes: str, stays: str, who: str | None) -> dict[str, Any]:
        """What was stated of a workload that is no more, to the one that it is part of."""
        ledger = self._workspace.ledger
        stated = self._statement_of(goes)
        if stated is None:
            return {}
        before = self._statement_of(stays)
        shown = {row["workload_id"]: row for row in self.workloads().to_dicts()}.get(stays, {})
        free = {
            column: value
            for column, value in stated.items()
            if value is not None
            and shown.get(column) is None
            and column not in ("workload_id", "name", "in_scope", "boundary_reason")
        }
        if fine := self._fine(stays, free):
            self.edit_workloads([{"workload_id": stays, **fine}], who)
        gone = pl.DataFrame({"workload_id": [goes], "deleted": [True]})
        ledger.edit_workloads(gone)
        self._workspace.events.append(who or local_user(), "delete", goes, stated, None)
        return {goes: stated, **({stays: before} if fine else {})}

    def _statement_of(self, workload: str) -> dict[str, Any] | None:
        rows = self._workspace.ledger.workloads().filter(pl.col("workload_id") == workload)
        return rows.row(0, named=True) if rows.height else None

    def _keep_rules(self, rules: Iterable[Rule], who: str | None) -> list[dict[str, Any]]:
        """Write rules; gives what stood in place of each."""
        ledger = self._workspace.ledger
        known = {row["rule_id"]: row for row in ledger.rules().to_dicts()}
        kept = [row_of(rule) for rule in rules]
        if kept:
            ledger.edit_rules(_rule_rows(kept))
        before = []
        for row in kept:
            old = known.get(row["rule_id"])
            self._workspace.events.append(who or local_user(), "rule", row["rule_id"], old, row)
            before.append({"rule_id": row["rule_id"], "before": _plain(old)})
        return before

    def _put_rules_back(self, wrote: Sequence[Mapping[str, Any]], who: str | None) -> None:
        ledger = self._workspace.ledger
        known = {row["rule_id"]: row for row in ledger.rules().to_dicts()}
        for each in wrote:
            now = known.get(each["rule_id"])
            if now is None:
                continue
            then = each["before"] or {**now, "deleted": True}
            ledger.edit_rules(_rule_rows([then]))
            self._workspace.events.append(who or local_user(), "rule", now["rule_id"], now, then)

    def _put_statements_back(self, before: Mapping[str, Any], who: str | None) -> None:
        ledger = self._workspace.ledger
        for workload, statement in before.items():
            now = self._statement_of(workload)
            row = statement or {"workload_id": workload, "deleted": True}
            ledger.edit_workloads(pl.DataFrame([row], infer_schema_length=None))
            self._workspace.events.append(who or local_user(), "edit", workload, now, statement)

    def _decide(
        self,
        proposal: Proposal,
        decision: str,
        who: str | None,
        *,
        workload: str | None = None,
        reason: str | None = None,
        wrote: Mapping[str, Any] | None = None,
    ) -> None:
        kept = {**proposal.to_dict(), "wrote": wrote or {}}
        self._workspace.ledger.decide(
            {
                "proposal_id": proposal.proposal_id,
                "decision": decision,
                "workload": workload,
                "reason": reason,
                "proposal": json.dumps(kept, ensure_ascii=False, default=str),
                "at": now(),
                "who": who or local_user(),
            }
        )
        self._workspace.events.append(
            who or local_user(),
            decision.removesuffix("ed") if decision == "accepted" else decision.removesuffix("d"),
            proposal.title,
            None,
            {"proposal_id": proposal.proposal_id, "workload": workload, "reason": reason},
        )


def named(workload: str) -> str:
    name = " ".join(workload.split())
    if not name or name == UNASSIGNED:
        raise PortfolioError("A workload needs a name of its own.")
    return name


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return (
        None
        if row is None
        else {key: str(v) if isinstance(v, dt.date) else v for key, v in row.items()}
    )


def _rule_rows(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of the table of rules, of their dates as dates or as JSON keeps them."""
    types = {
        name: column.dtype for name, column in AssignmentRule.columns().items() if name != "edit"
    }
    dates = [name for name, kind in types.items() if kind == pl.Date]
    plain = [
        {
            **{name: row.get(name) for name in types},
            **{
                name: dt.date.fromisoformat(row[name]) if isinstance(row[name], str) else row[name]
                for name in dates
            },
        }
        for row in rows
    ]
    return pl.DataFrame(plain, schema=types)
