"""A rule of assignment: its conditions, its shares, and when it holds."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from carbon.schema import UNASSIGNED

TEXT_COLUMNS: Final = (
    *("workload", "model", "lifecycle", "project", "business_unit", "owner"),
    *("provider", "account", "region", "zone", "country", "site"),
    *("service", "sku", "resource", "host", "endpoint", "instance_type", "accelerator"),
    *("quantity_kind", "component", "boundary", "tier", "run_status", "format", "note"),
)
"""Columns of activity that a condition may be about, as text."""

NUMBER_COLUMNS: Final = ("quantity", "average_power_w", "accelerator_count", "batch_size")
"""Columns that a condition may bound."""

FILE: Final = "file"
"""The name of the file that the row is from."""

TAG: Final = "tag:"
"""Before the name of a tag or label: `tag:team`."""

Op = Literal["is", "is_not", "like", "not_like", "present", "absent", "at_least", "below"]
_WORDS: Final = {
    "is": "is",
    "is_not": "is not",
    "like": "is like",
    "not_like": "is not like",
    "present": "has a value",
    "absent": "has no value",
    "at_least": "is at least",
    "below": "is below",
}
BARE: Final = ("present", "absent")
BOUNDS: Final = ("at_least", "below")

FULL: Final = 1.0 + 1e-9
"""Shares of a rule may add up to 1, within the rounding of their decimals."""


class RuleError(ValueError):
    """A rule that cannot be kept; the message names the rule, what is wrong, and the remedy."""


class Condition(BaseModel):
    """One test of a row: a column or a tag, and what it must be.

    `is` and `is_not` compare whole texts; `like` and `not_like` patterns with * and ?, in any
    case; `present` and `absent` ask whether there is a value; `at_least` and `below` bound a
    number. A row without a value is neither `is` nor `like` anything; it is `is_not` and
    `not_like` all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    op: Op = "is"
    values: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "Condition":
        known = (*TEXT_COLUMNS, *NUMBER_COLUMNS, FILE)
        if self.column not in known and not self.column.removeprefix(TAG).strip():
            raise ValueError("a tag needs a name, as tag:team")
        if self.column not in known and not self.column.startswith(TAG):
            raise ValueError(
                f"column '{self.column}' is not known; use one of {', '.join(known)}, or tag:NAME"
            )
        if (self.op in BOUNDS) != (self.column in NUMBER_COLUMNS):
            raise ValueError(
                f"'{self.op}' does not go with {self.column}: numbers ({', '.join(NUMBER_COLUMNS)})"
                " take at_least and below, everything else the other tests"
            )
        if self.op in BARE and self.values:
            raise ValueError(f"'{self.op}' takes no value")
        if self.op not in BARE and not any(value.strip() for value in self.values):
            raise ValueError(f"'{self.op}' of {self.column} needs a value")
        if self.op in BOUNDS and not all(_finite(value) for value in self.values):
            raise ValueError(
                f"'{self.op}' of {self.column} needs a number as 8 or 0.5, not "
                f"{' or '.join(self.values)}"
            )
        return self

    def in_words(self) -> str:
        """`tag:team is research or vision`."""
        return f"{self.column} {_WORDS[self.op]} {' or '.join(self.values)}".strip()


class Share(BaseModel):
    """How much of what a rule takes belongs to a workload."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workload: Annotated[str, Field(min_length=1)]
    share: Annotated[float, Field(gt=0, le=1)] = 1.0

    @field_validator("workload", mode="before")
    @classmethod
    def _trim(cls, value: Any) -> Any:
        return value.strip() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _of_somebody(self) -> "Share":
        if self.workload == UNASSIGNED:
            raise ValueError(
                f"{UNASSIGNED} is no workload; leave the share out, and it stays as it was"
            )
        return self


class Rule(BaseModel):
    """Rows whose conditions all hold belong to these workloads, by these shares.

    What the shares leave over, and what lies outside the dates, stays as it was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: str = ""
    priority: int = 100
    name: Annotated[str, Field(min_length=1)]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]
    shares: Annotated[tuple[Share, ...], Field(min_length=1)]
    takes: Literal["unclaimed", "any"] = "unclaimed"
    effective_from: date | None = None
    effective_to: date | None = None
    enabled: bool = True
    note: str | None = None

    @field_validator("name", "note", mode="before")
    @classmethod
    def _trim(cls, value: Any) -> Any:
        return value.strip() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if sum(share.share for share in self.shares) > FULL:
            raise ValueError("the shares add up to more than 1")
        names = [share.workload for share in self.shares]
        if len(set(names)) < len(names):
            raise ValueError("a workload stands twice among the shares; add its shares up")
        if self.effective_from and self.effective_to and self.effective_to <= self.effective_from:
            raise ValueError("it ends before it begins; effective_to is the first day without it")
        return self

    def in_words(self) -> str:
        """`Unclaimed rows where account is lab: 60 % to vision; the rest stays as it is`."""
        said = "All rows" if self.takes == "any" else "Unclaimed rows"
        said += " where " + " and ".join(each.in_words() for each in self.conditions)
        if self.effective_from:
            said += f", from {self.effective_from}"
        if self.effective_to:
            said += f", before {self.effective_to}"
        given = ", ".join(f"{share.share * 100:.4g} % to {share.workload}" for share in self.shares)
        left = 1 - sum(share.share for share in self.shares)
        rest = f"; the rest ({left * 100:.4g} %) stays as it is" if left > FULL - 1 else ""
        return f"{said}: {given}{rest}"

    def with_id(self) -> "Rule":
        """The rule with an id of its own, made of what it says where it has none."""
        if self.rule_id:
            return self
        said = self.model_dump_json(exclude={"rule_id", "priority", "enabled", "note"})
        return self.model_copy(
            update={"rule_id": "rule-" + hashlib.sha256(said.encode()).hexdigest()[:10]}
        )


def rule_from(entry: Mapping[str, Any]) -> Rule:
    """A rule as TOML, JSON or a form gives it.

    Raises:
        RuleError: in words, with the rule's name.
    """
    try:
        return Rule.model_validate(entry)
    except ValidationError as error:
        what = "; ".join(
            ": ".join(
                part
                for part in (".".join(str(place) for place in each["loc"]), _plain(each["msg"]))
                if part
            )
            for each in error.errors()
        )
        raise RuleError(f"Rule '{entry.get('name') or '(without a name)'}': {what}.") from error


def _finite(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def rules_of(table: pl.DataFrame) -> tuple[Rule, ...]:
    """The rules that stand, in the order in which they are asked.

    Args:
        table: `AssignmentRule` rows, one a rule: the latest edit of each.
    """
    rules = [
        Rule(
            **{
                **{name: row[name] for name in Rule.model_fields if name in row},
                "conditions": json.loads(row["conditions"]),
                "shares": json.loads(row["shares"]),
            }
        )
        for row in table.filter(~pl.col("deleted")).iter_rows(named=True)
    ]
    return in_order(rules)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """By priority; of equal ones by name and id, so that the order never depends on storage."""
    return tuple(sorted(rules, key=lambda rule: (rule.priority, rule.name, rule.rule_id)))


def row_of(rule: Rule, *, deleted: bool = False) -> dict[str, Any]:
    """The row of `AssignmentRule` that keeps a rule, without its edit."""
    row = rule.model_dump()
    return {
        **row,
        "conditions": json.dumps(_listed(rule.conditions), ensure_ascii=False),
        "shares": json.dumps(_listed(rule.shares), ensure_ascii=False),
        "deleted": deleted,
    }


def _listed(parts: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [part.model_dump(mode="json") for part in parts]
