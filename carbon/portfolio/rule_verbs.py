"""Verbs on assignment rules: who owns which activity, tried before it is saved."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import polars as pl

from carbon.accounting.sums import known_sum_by
from carbon.factors.library import load
from carbon.inventory import ai_use
from carbon.inventory.assignment import coverage as covered
from carbon.inventory.assignment.coverage import FIGURES, THING, Coverage
from carbon.inventory.assignment.predicates import members_of
from carbon.inventory.assignment.rule_file import STEP, from_toml, in_steps, to_toml
from carbon.inventory.assignment.rules import (
    FILE,
    NUMBER_COLUMNS,
    TAG,
    TEXT_COLUMNS,
    Rule,
    RuleError,
    in_order,
    row_of,
    rule_from,
)
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.schema import AssignmentRule

ACTION: Final = "rule"
"""Under which the event log keeps what became of rules."""

T = TypeVar("T")

_FIGURES_OF_LINES: Final = {
    "energy_facility_kwh": "kwh",
    "location_kg": "location_kg",
    "market_kg": "market_kg",
    "embodied_kg": "embodied_kg",
}


@dataclass(frozen=True)
class Trial:
    """What a set of rules would come to.

    Attributes:
        coverage: of the rules that were tried.
        workloads: those whose figures change, as `coverage.compare` gives them: before, under the
            rules that stand, and after.
        rule_id: the rule that is new or changed, where one alone was tried.
        words: that rule as a sentence.
    """

    coverage: Coverage
    workloads: pl.DataFrame
    rule_id: str | None = None
    words: str = ""


class Rules(Computed):
    """The assignment rules of a workspace."""

    def rules(self) -> list[dict[str, Any]]:
        """The rules in the order in which they are asked, as `save_rule` takes them.

        Each entry also has `words`, the rule as a sentence.
        """
        return [
            {**rule.model_dump(mode="json"), "words": rule.in_words()} for rule in self._rules()
        ]

    def rule_coverage(self) -> Coverage:
        """What the rules that stand come to: rows and kWh asked for, won and left; conflicts."""
        return covered.coverage(self._rows_with_figures(), self._rules(), self._files())

    def try_rules(self, entries: Sequence[Mapping[str, Any]]) -> Trial:
        """What other rules would come to, in place of those that stand; nothing is saved.

        Energy and emissions of each row are those of today's footprint: what is stated of a
        workload (its accelerator, its place, whether it is in scope) acts once rules are saved.

        Args:
            entries: all rules, in the order in which they are to be asked.

        Raises:
            PortfolioError: a rule cannot be kept.
        """
        return self._tried_rules(in_steps(map(_rule, entries)))

    def try_rule(self, entry: Mapping[str, Any]) -> Trial:
        """What saving one rule would come to: it takes its place among those that stand.

        Raises:
            PortfolioError: the rule cannot be kept.
        """
        rule = _rule(entry).with_id()
        tried = self._tried_rules(self._with_rule(rule, entry))
        return replace(tried, rule_id=rule.rule_id, words=rule.in_words())

    def save_rule(self, entry: Mapping[str, Any], who: str | None = None) -> str:
        """Add a rule, or replace the one of its `rule_id`; the event log keeps before and after.

        Args:
            entry: name, conditions, shares, and what else a rule has; without a priority a new
                rule is asked last, and an old one keeps its place.
            who: who states it.

        Returns:
            The rule's id.

        Raises:
            PortfolioError: the rule cannot be kept.
        """
        rule = _rule(entry)
        with self._workspace.ledger.lock():
            after = self._with_rule(rule, entry)
            self._save_rules(after, who)
        return rule.with_id().rule_id

    def delete_rule(self, rule_id: str, who: str | None = None) -> None:
        """Take a rule back; its history stays.

        Raises:
            PortfolioError: there is no such rule.
        """
        with self._workspace.ledger.lock():
            self._known_rule(rule_id)
            self._save_rules([rule for rule in self._rules() if rule.rule_id != rule_id], who)

    def move_rule(self, rule_id: str, steps: int, who: str | None = None) -> None:
        """Ask a rule earlier (negative steps) or later.

        Raises:
            PortfolioError: there is no such rule.
        """
        with self._workspace.ledger.lock():
            rule = self._known_rule(rule_id)
            rules = list(self._rules())
            place = rules.index(rule)
            rules.remove(rule)
            rules.insert(max(0, place + steps), rule)
            self._save_rules(in_steps(rules), who)

    def switch_rule(self, rule_id: str, *, on: bool, who: str | None = None) -> None:
        """Ask a rule, or keep it and not ask it.

        Raises:
            PortfolioError: there is no such rule.
        """
        self.save_rule({**self._known_rule(rule_id).model_dump(), "enabled": on}, who)

    def rule_columns(self) -> list[str]:
        """What a condition may be about here: columns that hold something, file, and tags."""
        rows = self._rows_with_figures()
        stated = [
            column
            for column in (*TEXT_COLUMNS, *NUMBER_COLUMNS)
            if rows[column].null_count() < rows.height
        ]
        tags = {tag for text in rows["tags"].drop_nulls().unique() for tag in members_of(text)}
        return [*stated, FILE, *(TAG + tag for tag in sorted(tags))]

    def rule_values(self, column: str) -> pl.DataFrame:
        """Values that a column or tag has in AI activity.

        Args:
            column: as `rule_columns` names it.

        Returns:
            value, rows, unclaimed (rows that no source claims), most unclaimed rows first.
        """
        rows = self._rows_with_figures().select(
            *("evidence_id", "row_number", "workload", "tags"),
            value=self._rule_value(column),
        )
        row = pl.struct("evidence_id", "row_number")
        return (
            rows.drop_nulls("value")
            .group_by("value")
            .agg(
                rows=row.n_unique().cast(pl.Int64),
                unclaimed=row.filter(pl.col("workload").is_null()).n_unique().cast(pl.Int64),
            )
            .sort("unclaimed", "rows", "value", descending=[True, True, False])
        )

    def export_rules(self) -> str:
        """The rules as TOML, in their order."""
        return to_toml(self._rules())

    def read_rules(self, text: str) -> list[dict[str, Any]]:
        """The entries of a TOML file of rules, in its order.

        Raises:
            PortfolioError: the file cannot be read.
        """
        return [rule.model_dump(mode="json") for rule in _asking(lambda: from_toml(text))]

    def import_rules(self, text: str, who: str | None = None) -> list[dict[str, Any]]:
        """Put the rules of a TOML file in place of those that stand; one that is not there goes.

        Returns:
            The rules as they stand then.

        Raises:
            PortfolioError: the file cannot be read; nothing is changed.
        """
        rules = _asking(lambda: from_toml(text))
        with self._workspace.ledger.lock():
            self._save_rules(rules, who)
        return self.rules()

    def rule_history(self) -> pl.DataFrame:
        """What became of each rule: at, who, rule_id, rule, what and before and after in words."""
        events = self._workspace.events.all().filter(pl.col("action") == ACTION)
        shape: dict[str, pl.DataType | type[pl.DataType]] = {
            "at": pl.Datetime("us", "UTC"),
            **dict.fromkeys(("who", "rule_id", "rule", "what", "before", "after"), pl.String),
        }
        rows = [
            (event["at"], event["who"], event["object"], *_change(event))
            for event in events.sort("sequence", descending=True).iter_rows(named=True)
        ]
        return pl.DataFrame(rows, schema=shape, orient="row")

    # --- inside ----------------------------------------------------------------------------

    def _rows_with_figures(self) -> pl.DataFrame:
        """AI activity before any rule, with what the footprint says of it; kept by version."""
        version = self.version
        kept: tuple[str, pl.DataFrame] | None = getattr(self, "_weighed_rows", None)
        if kept is not None and kept[0] == version:
            return kept[1]
        activity, _ = ai_use.split(
            self._workspace.ledger.current_activity(), self.policy, load().instances
        )
        lines = self._footprint().lines.rename(_FIGURES_OF_LINES)
        rows = covered.with_figures(activity, known_sum_by(lines, THING, FIGURES))
        self._weighed_rows = (version, rows)
        return rows

    def _tried_rules(self, rules: Sequence[Rule]) -> Trial:
        rows, files = self._rows_with_figures(), self._files()
        return Trial(
            covered.coverage(rows, rules, files),
            covered.compare(
                covered.assigned(rows, self._rules(), files),
                covered.assigned(rows, rules, files),
            ),
        )

    def _known_rule(self, rule_id: str) -> Rule:
        for rule in self._rules():
            if rule.rule_id == rule_id:
                return rule
        raise PortfolioError(f"There is no rule '{rule_id}'. `carbon rules list` names them all.")

    def _with_rule(self, rule: Rule, entry: Mapping[str, Any]) -> tuple[Rule, ...]:
        """The rules that stand, with one that is new or changed."""
        standing, rule = self._rules(), rule.with_id()
        old = next((each for each in standing if each.rule_id == rule.rule_id), None)
        if entry.get("priority") is None:
            last = max((each.priority for each in standing), default=0) + STEP
            rule = rule.model_copy(update={"priority": old.priority if old else last})
        return in_order([each for each in standing if each is not old] + [rule])

    def _save_rules(self, rules: Sequence[Rule], who: str | None) -> None:
        """Write what differs from the rules that stand, and one event for each."""
        before = {rule.rule_id: rule for rule in self._rules()}
        after = {rule.rule_id: rule for rule in rules}
        changed = {name: rule for name, rule in after.items() if before.get(name) != rule}
        gone = {name: rule for name, rule in before.items() if name not in after}
        rows = [row_of(rule) for rule in changed.values()]
        rows += [row_of(rule, deleted=True) for rule in gone.values()]
        if not rows:
            return
        shape = AssignmentRule.create_empty().drop("edit").schema
        self._workspace.ledger.edit_rules(pl.DataFrame(rows, schema=shape))
        for rule_id in (*changed, *gone):
            self._workspace.events.append(
                who or local_user(),
                ACTION,
                rule_id,
                _dumped(before.get(rule_id)),
                _dumped(after.get(rule_id)),
            )

    def _rule_value(self, column: str) -> pl.Expr:
        if column == FILE:
            return pl.col("evidence_id").replace_strict(
                self._files(), default=None, return_dtype=pl.String
            )
        if column.startswith(TAG):
            name = column.removeprefix(TAG)
            texts = self._rows_with_figures()["tags"].drop_nulls().unique().to_list()
            said = {text: members_of(text).get(name) for text in texts}
            return pl.col("tags").replace_strict(said, default=None, return_dtype=pl.String)
        if column not in (*TEXT_COLUMNS, *NUMBER_COLUMNS):
            raise PortfolioError(f"No condition can be about '{column}'.")
        return pl.col(column).cast(pl.String)


def _rule(entry: Mapping[str, Any]) -> Rule:
    """An entry as a form or a list gives it; what is only shown is left out."""
    stated = {name: value for name, value in entry.items() if name != "words"}
    if stated.get("priority") is None:
        stated.pop("priority", None)
    return _asking(lambda: rule_from(stated))


def _asking(read: Callable[[], T]) -> T:
    try:
        return read()
    except RuleError as error:
        raise PortfolioError(str(error)) from error


def _dumped(rule: Rule | None) -> dict[str, Any] | None:
    return None if rule is None else rule.model_dump(mode="json")


def _logged(state: str | None) -> Rule | None:
    """A rule as an event bears it: as a form gives it, or as the row that keeps it."""
    if state is None:
        return None
    said = json.loads(state)
    if said is None or said.get("deleted"):
        return None
    whole = {
        name: json.loads(value)
        if name in ("conditions", "shares") and isinstance(value, str)
        else value
        for name, value in said.items()
        if name in Rule.model_fields
    }
    return Rule.model_validate(whole)


def _change(event: Mapping[str, Any]) -> tuple[str, str, str | None, str | None]:
    """Rule, what became of it, and both states in words."""
    before, after = (_logged(event[when]) for when in ("before", "after"))
    said = before.in_words() if before else None
    says = after.in_words() if after else None
    if before is None or after is None:
        what = "added" if before is None else "deleted"
    elif before.enabled != after.enabled:
        what = "switched on" if after.enabled else "switched off"
    else:
        what = "moved" if said == says else "changed"
    shown = after or before
    return (shown.name if shown else "", what, said, says)
