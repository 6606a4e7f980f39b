"""Verbs on what sources propose: accept, merge, ignore; and on what nobody claims."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from carbon.accounting.by_row import by_row
from carbon.inventory.discovery import deciding, of_activity, shadow
from carbon.inventory.discovery.decided import Decided, decisions_of
from carbon.inventory.discovery.proposal import Proposal
from carbon.inventory.discovery.proposals import GONE, proposals
from carbon.inventory.discovery.shadow import Shadow, Totals
from carbon.inventory.discovery.traces import Trace, of_sightings
from carbon.portfolio.deciding import Deciding, named, now
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.schema import UNASSIGNED


class Discovery(Deciding):
    """What exists and nobody declared."""

    def proposals(
        self, sources: Sequence[str] | None = None, status: str | None = None
    ) -> tuple[Proposal, ...]:
        """What sources propose, and what was decided on: open ones first.

        Args:
            sources: systems, as `terraform` or `billing`; None for all.
            status: `open`, `accepted`, `merged` or `ignored`; None for all.
        """
        ledger = self._workspace.ledger
        found = proposals(
            self._traces(),
            ledger.workloads()["workload_id"],
            self._proposal_decisions(),
            self._files(),
        )
        return tuple(
            each
            for each in found
            if (sources is None or set(sources) & set(each.sources))
            and status in (None, each.status)
        )

    def discovered(self, source: str) -> dict[str, list[dict[str, Any]]]:
        """What a system shows: what it proposes, and what of it matches no activity.

        Args:
            source: the system, as `terraform`.

        Returns:
            `proposed`: open proposals with that system among their sources. `unmatched`: source,
            reference, name, file, row, proposal_id (None: it is not proposed) and reason of each
            thing that it shows of which no bill, meter or tracker knows any use, or that exists no
            more.
        """
        open_ones = self.proposals([source], "open")
        files = self._files()
        by_reference = {
            reference: each for each in self.proposals([source]) for reference in each.references
        }
        unmatched = []
        for trace in self._traces():
            if trace.source != source or not (trace.declared or trace.claimed):
                continue
            known = by_reference.get(trace.reference)
            reason = _unmatched(trace, known)
            if reason:
                unmatched.append(
                    {
                        "source": source,
                        "reference": trace.reference.partition(":")[2],
                        "name": trace.name,
                        "file": files.get(trace.evidence_id, trace.evidence_id[:12]),
                        "row": trace.row_number,
                        "proposal_id": known.proposal_id if known else None,
                        "reason": reason,
                    }
                )
        return {"proposed": [each.to_dict() for each in open_ones], "unmatched": unmatched}

    def accept(
        self,
        proposal_id: str,
        workload: str | None = None,
        changes: Mapping[str, Any] | None = None,
        who: str | None = None,
    ) -> str:
        """Make a proposal a workload, or a part of the one that it belongs to.

        Rules claim the activity that nobody claims; the workload is given the metadata that the
        inventory lacks. Accepting two workloads that look like one merges them.

        Args:
            proposal_id: an open proposal.
            workload: its name; None for the one that is proposed.
            changes: columns of the inventory to state beside what is proposed.
            who: who accepts it.

        Returns:
            The workload's name.

        Raises:
            PortfolioError: no such open proposal, or something stated cannot be kept.
        """
        with self._workspace.ledger.lock():
            proposal = self._open_proposal(proposal_id)
            if proposal.kind == "merge":
                return self.merge(proposal_id, workload or proposal.workload, who)
            name = named(workload or proposal.workload)
            self._take(proposal, name, changes, who, "accepted")
            return name

    def merge(self, proposal_id: str, into: str, who: str | None = None) -> str:
        """Make a proposal part of a workload that is in the inventory already.

        Of two workloads that look like one, the other's activity counts for `into` from now on.

        Raises:
            PortfolioError: no such open proposal, or no such workload.
        """
        with self._workspace.ledger.lock():
            proposal = self._open_proposal(proposal_id)
            name = named(into)
            if name not in self.workloads()["workload_id"]:
                raise PortfolioError(
                    f"No workload is called '{name}'. `carbon workloads` lists them all; to make a "
                    "new one, accept the proposal."
                )
            self._take(proposal, name, None, who, "merged")
            return name

    def ignore(self, proposal_id: str, reason: str, who: str | None = None) -> None:
        """Leave a proposal aside; its activity, if it has any, stays unassigned.

        Raises:
            PortfolioError: no such open proposal, or no reason.
        """
        if not reason.strip():
            raise PortfolioError("Say why the proposal is ignored; the reason is kept.")
        with self._workspace.ledger.lock():
            proposal = self._open_proposal(proposal_id)
            self._decide(proposal, "ignored", who, reason=reason.strip())

    def reopen(self, proposal_id: str, who: str | None = None) -> None:
        """Take a decision back: rules that it wrote are deleted, statements are as before.

        Raises:
            PortfolioError: nobody decided on such a proposal.
        """
        ledger = self._workspace.ledger
        with ledger.lock():
            decided = next(
                (
                    each
                    for each in self._proposal_decisions()
                    if each.row["proposal_id"] == proposal_id
                ),
                None,
            )
            if decided is None:
                raise PortfolioError(
                    f"Nobody decided on a proposal {proposal_id}. `carbon proposals` lists them."
                )
            wrote = decided.proposal.get("wrote") or {}
            self._put_rules_back(wrote.get("rules") or [], who)
            self._put_statements_back(wrote.get("statements") or {}, who)
            ledger.decide(
                {**decided.row, "decision": "reopened", "who": who or local_user(), "at": now()}
            )
            self._workspace.events.append(
                who or local_user(), "reopen", proposal_id, decided.row["decision"], None
            )

    def shadow(self) -> tuple[Shadow, ...]:
        """Use of accelerators and AI services that no workload claims, most energy first."""
        activity = self._ai_activity()
        inventory = self.workloads()
        ignored = {
            reference: str(each.row["reason"])
            for each in self._proposal_decisions()
            if each.row["decision"] == "ignored"
            for reference in each.references
        }
        known = shadow.Known(
            by_account=shadow.owners_by_account(activity, inventory),
            by_name=shadow.owners_by_name(self.proposals()),
            ignored=ignored,
        )
        parts = of_activity.parts(activity, self._unassigned_energy())
        return shadow.shadow(of_activity.unclaimed(parts, ()), known)

    def shadow_totals(self) -> Totals:
        """Unclaimed use as a whole, and by account or site."""
        return shadow.totals(self.shadow())

    def assign_shadow(self, group_id: str, workload: str, who: str | None = None) -> str:
        """Give unclaimed use to a workload, new or in the inventory, by a rule.

        Raises:
            PortfolioError: no such group.
        """
        ledger = self._workspace.ledger
        with ledger.lock():
            group = shadow.find(self.shadow(), group_id)
            if group is None:
                raise PortfolioError(
                    f"No unclaimed use is called {group_id}. `carbon shadow` lists what there is."
                )
            name = named(workload)
            self._keep_rules(deciding.claims([group.trace], name), who)
            self._workspace.events.append(
                who or local_user(), "assign", group.name, None, {"workload": name}
            )
            return name

    # --- what it starts from ---------------------------------------------------------------

    def _traces(self) -> tuple[Trace, ...]:
        """What every system shows, in files of discovery and in activity."""
        activity = self._ai_activity()
        declared = of_sightings(self._workspace.ledger.current_sightings())
        energy = by_row(self._footprint().lines)
        named = of_activity.claimed(activity, energy)
        known = frozenset[str]().union(*(trace.ids for trace in (*declared, *named)))
        placed = frozenset[str]().union(*(trace.ids for trace in declared if trace.is_tenant))
        parts = of_activity.parts(activity, self._unassigned_energy())
        return (*declared, *named, *of_activity.unclaimed(parts, known, placed))

    def _unassigned_energy(self) -> pl.DataFrame:
        energy = by_row(self._footprint().lines)
        return energy.filter(pl.col("workload") == UNASSIGNED)

    def _proposal_decisions(self) -> tuple[Decided, ...]:
        return decisions_of(_as_text(row) for row in self._workspace.ledger.decisions().to_dicts())

    def _open_proposal(self, proposal_id: str) -> Proposal:
        found = next((p for p in self.proposals() if p.proposal_id == proposal_id), None)
        if found is None:
            raise PortfolioError(
                f"There is no proposal {proposal_id}. `carbon proposals` lists them."
            )
        if found.status != "open":
            raise PortfolioError(
                f"Proposal '{found.title}' was {found.status} already. Reopen it first."
            )
        return found


def _unmatched(trace: Trace, known: Proposal | None) -> str | None:
    """Why a declared thing matches no activity; None where it matches some."""
    if trace.claimed:
        no_energy = "no energy follows from what it states: no power, accelerator or processors"
        return no_energy if trace.kwh is None else None
    if trace.state == GONE:
        return "it exists no more"
    if known is not None and any(each["activity"] for each in known.evidence):
        return None
    names = ", ".join(trace.names[:3])
    what = f"{names}" if names else trace.name
    return (
        f"no bill, meter or tracker that was imported names {what}: declared, and its energy is "
        "not known"
    )


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": row["at"].strftime("%Y-%m-%dT%H:%M:%SZ") if row["at"] else None}
