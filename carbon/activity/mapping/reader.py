"""A reader made of a mapping: a source that nobody wrote a module for, in house terms.

Columns become fields as the mapping says, and from there on the rows go the way of the activity
template: the same words for places, lifecycles and periods, the same reasons for what is set aside.
Rows without a place are taken where the mapping names no place at all: where a site, an account or
a host stands is a matter of the policy then.
"""

from collections.abc import Mapping as Names
from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.accept import activity_reading, joined_key, place_key, reading_of
from carbon.activity.lifecycle import read_lifecycle
from carbon.activity.mapping import reported as mapped_reported
from carbon.activity.mapping.fields import QUANTITIES
from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.period import read_mapped_period
from carbon.activity.mapping.sheet import open_mapped, read_numbers
from carbon.activity.places import PROVIDERS, read_places
from carbon.activity.quantities import (
    HOURS_DERIVED,
    INSTANCES_DERIVED,
    PASSED_ON,
    derive_hours,
    hours_tier,
    period_hours,
    stated,
)
from carbon.activity.run_ends import read_run_status
from carbon.activity.sheet import Sheet, tags
from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)
from carbon.tables.names import plain
from carbon.units import W_PER_KW

ALL_THERE: Final = 0.97
"""How sure a file is of a mapping whose every column it has; columns that it has besides cost up to
0.05 by their share."""

COLUMNS: Final = (
    *(*PASSED_ON, "account", "service", "sku", "resource", "host", "coverage"),
    *("endpoint", "run_status", "batch_size"),
)
"""Columns that every row of a quantity takes along."""

BOUNDARY_WORDS: Final = {
    "it": "node",
    "it equipment": "node",
    "node": "node",
    "server": "node",
    "chip": "chip",
    "gpu": "chip",
    "board": "board",
    "rack": "rack",
    "pdu": "rack",
    "facility": "facility",
    "site": "facility",
    "building": "facility",
}
"""What people call what a meter sees -> house name."""

TIERS: Final = {"facility": "T1", "rack": "T2", "node": "T2", "board": "T3", "chip": "T3"}
"""What the meter sees -> tier of its energy."""

PLACES: Final = ("region", "zone", "country")

POWERED: Final = ("energy_kwh", "power_w", "accelerator_hours", "instance_hours", "vcpu_hours")
"""Quantities that are electricity, or hours of a machine."""


class MappedReader:
    """The reader of one mapping; it offers what every reader does."""

    NAME: str
    TITLE: str
    PROVIDER: str | None
    EXAMPLE_COLUMNS: Sequence[str]
    VARIABLE_MAP: Names[str, str]

    def __init__(self, mapping: Mapping, *, all_there: float = ALL_THERE) -> None:
        """The reader of a mapping; `all_there` says how sure the exact header makes it."""
        self.mapping = mapping
        self.all_there = all_there
        self.NAME = mapping.format
        self.TITLE = mapping.title or mapping.name
        self.PROVIDER = _reporter(mapping)
        self.EXAMPLE_COLUMNS = mapping.used
        fields = {c: name for name, origin in mapping.fields.items() for c in origin.columns}
        self.VARIABLE_MAP = {
            column: fields.get(column, column) for column in (*mapping.header, *fields)
        }

    def sniff(self, head: Head) -> Recognition:
        """Every column of the header that the mapping was made for."""
        wanted = [plain(column) for column in self.mapping.header]
        there = {plain(column) for column in head.columns}
        missing = [column for column in wanted if column not in there]
        if not wanted or missing:
            share = 1 - len(missing) / max(len(wanted), 1) if wanted else 0.0
            return Recognition(round(0.45 * share, 3), f"also needs {', '.join(missing[:8])}")
        extra = len(there) - len(set(wanted))
        return Recognition(
            round(self.all_there - 0.05 * extra / len(there), 3),
            f"has the columns of the mapping '{self.mapping.name}'",
        )

    def read(self, payload: Payload, context: Context) -> Reading:
        """Read a file by the mapping.

        Args:
            payload: the file.
            context: as for every reader; the mapping's own time zone goes before the context's.

        Returns:
            Activity or a provider's own figures, as the mapping's target says.

        Raises:
            RefusalError: the mapping lacks something, or the file lacks a column that it names.
        """
        sheet = self.sheet(payload, context)
        if self.mapping.timezone:
            sheet.local_times = False
        if self.mapping.target == "reported":
            rows = mapped_reported.rows(sheet, self.mapping, context.evidence_id)
            return reading_of(
                rows, sheet.rows, sheet.rejections, context, sheet.notes, table="reported"
            )
        return activity_reading(
            _keyed(_quantities(sheet), self.NAME, context.evidence_id),
            sheet.rows,
            sheet.rejections,
            context,
            sheet.notes,
            local_times=sheet.local_times,
        )

    def sheet(self, payload: Payload, context: Context, *, peek: bool = False) -> Sheet:
        """The file's rows under house names, read as far as each field goes by itself.

        Args:
            payload: the file.
            context: as for every reader.
            peek: read only the beginning of the file.

        Returns:
            The sheet, with `<house> (raw)` beside what was read.
        """
        if lacking := self.mapping.lacks():
            raise RefusalError(
                f"The mapping '{self.mapping.name}' is not finished. {' '.join(lacking)}"
            )
        timezone = self.mapping.timezone or context.timezone
        sheet = open_mapped(payload, self.mapping, peek=peek)
        read_numbers(sheet, self.mapping)
        read_mapped_period(sheet, self.mapping, timezone)
        if self.mapping.target == "reported":
            mapped_reported.read_words(sheet)
            return sheet
        sheet.require(["workload"])
        sheet.reject(
            (pl.col("pue") >= 0) & (pl.col("pue") < 1),
            "PUE is facility energy divided by IT energy and cannot be below 1",
            "pue",
        )
        sheet.reject(pl.col("coverage") > 1, "a share cannot be above 1", "coverage")
        read_lifecycle(sheet)
        read_run_status(sheet)
        sheet.translate(
            "boundary",
            BOUNDARY_WORDS,
            "'{value}' is no boundary; write chip, board, node, rack, it or facility",
        )
        placed = any(sheet.has(house) for house in PLACES)
        read_places(sheet, context, required=placed)
        if not placed and any(sheet.has(house) for house in POWERED):
            sheet.notes.append(
                Problem(
                    "The mapping names no place. Energy of these rows has no emission factor until "
                    "the policy says where its sites, hosts or accounts stand."
                )
            )
        sheet.frame = sheet.frame.with_columns(tags(sheet.extra))
        return sheet


def _quantities(sheet: Sheet) -> pl.DataFrame:
    """One row per quantity that a row states."""
    _energy_of_power(sheet)
    derive_hours(sheet)
    boundary = pl.col("boundary").fill_null("node")
    facility = boundary == "facility"
    of_power = pl.when("(of power)").then(pl.lit("energy derived: mean power x hours"))
    tier = boundary.replace_strict(TIERS, default=None, return_dtype=pl.String)
    metered = {"tier": tier, "boundary": boundary, "remark": of_power}
    plain_kinds = [
        spec.house
        for name, spec in QUANTITIES.items()
        if name
        not in (
            *("energy", "power", "accelerator_hours", "accelerator_count"),
            *("instance_hours", "instance_count"),
        )
    ]
    parts = [
        stated(
            sheet,
            "energy_kwh",
            "energy_facility_kwh",
            passed_on=COLUMNS,
            where=facility,
            **metered,
        ),
        stated(sheet, "energy_kwh", "energy_it_kwh", passed_on=COLUMNS, where=~facility, **metered),
        stated(
            sheet,
            "accelerator_hours",
            "accelerator_hours",
            passed_on=COLUMNS,
            tier=hours_tier(),
            remark=HOURS_DERIVED,
        ),
        stated(
            sheet,
            "instance_hours",
            "instance_hours",
            passed_on=COLUMNS,
            tier=pl.lit("T5"),
            remark=INSTANCES_DERIVED,
        ),
        *[stated(sheet, kind, kind, passed_on=COLUMNS) for kind in plain_kinds],
    ]
    rows = pl.concat(parts)
    named = [spec.house for spec in QUANTITIES.values() if sheet.has(spec.house)]
    sheet.reject(
        ~pl.col("row_number").is_in(rows["row_number"].unique().implode())
        & pl.all_horizontal(pl.col(f"{house} (raw)").is_null() for house in named),
        f"the row states no quantity; one of {', '.join(sheet.column(h) for h in named)} is needed",
    )
    return rows.join(
        sheet.frame.select("row_number", "currency"),
        on="row_number",
        how="left",
        validate="m:1",
        maintain_order="left",
    ).with_columns(pl.when(pl.col("quantity_kind") == "cost").then("currency").alias("currency"))


def _energy_of_power(sheet: Sheet) -> None:
    """Energy of rows that state a mean power and no energy, in place: kWh = W / 1000 x h.

    The hours are those of the row's `duration` where it has one, else of its period.
    """
    hours = pl.coalesce("duration", period_hours())
    derived = pl.col("energy_kwh").is_null() & pl.col("power_w").is_not_null()
    sheet.frame = sheet.frame.with_columns(
        pl.when(derived)
        .then(pl.col("power_w") / W_PER_KW * hours)
        .otherwise("energy_kwh")
        .alias("energy_kwh"),
        derived.alias("(of power)"),
    )


def _keyed(rows: pl.DataFrame, name: str, evidence_id: str) -> pl.DataFrame:
    return rows.with_columns(
        pl.lit(evidence_id).alias("evidence_id"),
        pl.lit(name).alias("format"),
        pl.lit(False).alias("superseded_in_file"),
        joined_key(
            name,
            "workload",
            *place_key(),
            pl.col("site").str.to_lowercase(),
            "account",
            "resource",
            pl.col("period_start").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            pl.col("period_end").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ),
    )


def _reporter(mapping: Mapping) -> str | None:
    """The provider whose own figures the file holds; None where it holds use."""
    provider = mapping.fields.get("provider")
    if mapping.target != "reported" or provider is None:
        return None
    return PROVIDERS.get(provider.constant.lower(), provider.constant or None)
