"""The method, in order: from activity and factors to a footprint."""

from typing import Final

import polars as pl

from carbon.accounting import (
    cells,
    copied,
    embodied,
    energy,
    exclusions,
    instruments,
    location,
    market,
    meters,
    months,
    overlap,
    pedigree,
    place,
    plausibility,
    power,
    scope,
    support,
    usage_energy,
    usage_once,
    usage_sources,
    water,
)
from carbon.accounting.describe import describe
from carbon.accounting.findings import find
from carbon.accounting.result import Finding, Footprint, Inputs
from carbon.accounting.uncertainty import both, of_pue, of_tier, pue_input
from carbon.factors import resolver
from carbon.inventory import ai_use
from carbon.inventory.assignment.assign import assign
from carbon.inventory.left_out import reasons
from carbon.inventory.workloads import inventory
from carbon.policy import Policy
from carbon.schema import BOUNDARIES, FootprintLine, MarketLine

SAID: Final = (
    *("account", "service", "resource", "host", "endpoint", "run_status", "batch_size"),
    *("instance_type", "rule_id", "boundary"),
)
"""Columns of activity that a line bears for its readers."""

__all__ = ["Finding", "Footprint", "Inputs", "footprint"]


def footprint(inputs: Inputs, policy: Policy) -> Footprint:
    """Location- and market-based emissions, embodied carbon and water of the activity.

    Same activity, factors and policy give the same lines, whatever order the rows came in.

    Args:
        inputs: activity, what the analyst stated, instruments, factors, reference tables.
        policy: every methodological choice.
    """
    library = inputs.library
    # Of bills, what is AI; general IT stays apart. Then whose each row is.
    activity, general_it = ai_use.split(inputs.activity, policy, library.instances)
    if inputs.rules:
        # A row that is cut is cut in sums, whose last digits depend on the order of the rows.
        activity = activity.sort(activity.columns, nulls_last=True)
    activity = energy.in_order(assign(activity, inputs.rules, inputs.files))
    known = inventory(activity, inputs.workloads, policy)

    # What each row is of, where it ran, and whose scope it is.
    rows = describe(activity, known, inputs.workloads)
    rows = rows.with_columns(declared_out=reasons(rows, policy, inputs.files))
    use = usage_energy.rates(rows, inputs.workloads, policy)
    unmetered = energy.unmetered(rows.filter(pl.col("declared_out").is_null()), use.known)
    rows = usage_energy.with_provider(rows, use)
    rows, left_out = exclusions.exclude(rows, policy)
    usage_twice = usage_sources.twice(rows)
    rows = scope.categorise(rows, policy)
    rows = place.stand(rows, library, policy)
    rows = usage_energy.stand(rows, use, policy)
    rows = energy.energy_rows(rows, use.known)
    rows = place.locate(rows, library)

    # One energy per row of a file; accelerator-hours beside it.
    rows = power.recognise(rows, library)
    rows = power.watts(rows, policy)
    rows = support.watts(rows, library.vcpu_power, policy)
    rows = usage_energy.watts(rows, use, inputs.workloads)
    chosen = energy.choose_kind(copied.compare(rows))
    chosen = embodied.hours_behind(chosen, rows, library, policy)
    chosen = plausibility.flag_rows(chosen, policy)
    chosen = chosen.with_columns(**meters.use_of_machine())

    # Energy by month, each kWh once; by part of the equipment; what follows from it.
    lines = months.spread(chosen.drop(energy.SPENT))
    lines, of_use = usage_once.once(lines, activity)
    lines, superseded = overlap.resolve(lines, activity, policy)
    lines, places = cells.number(lines)
    lines = energy.apply_pue(lines, library.efficiency, policy)
    lines = usage_energy.name_pue(lines)
    lines, parts_out = exclusions.without_parts(lines, policy)
    lines = energy.components(lines, policy)
    lines, overhead_out = exclusions.without_overhead(lines, policy)
    lines = embodied.amortise(lines)
    lines = _how_sure(water.use(lines, library), policy)

    # Two methods, side by side.
    places, answers = _answers(inputs, places, policy)
    lines = lines.with_columns(ask=places["ask"].gather(lines["cell"]))
    lines = location.location_based(lines, answers, policy).with_row_index("line")
    lines = pedigree.scored(lines, "factor", "location_factor_id", "location_gsd2", policy)
    lines = plausibility.flag_factors(lines, policy)
    qualified = instruments.qualify(inputs.instruments)
    cover, used = instruments.cover(market.load(lines, places), qualified, library.zones, policy)
    sliced = market.slices(lines, cover, answers, policy)
    sliced = pedigree.scored(sliced, "factor", "source_id", "gsd2", policy)
    lines = market.market_based(lines, sliced)

    lines = _of_source(_name(lines), activity, chosen)
    result = Footprint(
        lines=lines.select(FootprintLine.column_names()),
        market=_market_lines(sliced, lines),
        factors_used=_factors_used(lines, sliced, answers),
        instruments=used,
        unmetered=unmetered,
        superseded=pl.concat([superseded, of_use]),
        general_it=general_it,
        left_out=pl.concat([left_out, parts_out, overhead_out]),
        unknown_models=use.unknown,
        usage_twice=usage_twice,
        unplaced=place.unplaced(chosen, activity),
        policy=policy,
    )
    return _with_findings(result)


def _answers(
    inputs: Inputs, places: pl.DataFrame, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The factors of every place and time, and which answer (`ask`) each cell takes."""
    factors, library = inputs.factors, inputs.library
    with_hours = resolver.with_hours(places["zone"].unique(), library.zones, factors)
    places, asked = cells.ask(places, with_hours)
    requests = location.requests(asked)
    answers = resolver.resolve(factors, library.zones, library.gwp, requests, policy)
    answers = pedigree.of_answers(answers, policy)
    key = ["zone", "month", "method", "use_start", "use_end"]
    numbered = answers.join(
        requests, on=key, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
    )
    return places, numbered


def _how_sure(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """95 % factors of each line's energy, of the PUE in it, and of its embodied figure."""
    lines = lines.with_columns(
        own=usage_energy.gsd2(of_tier(pedigree.by_tier(policy))),
        pue_gsd2=of_pue(policy),
        embodied_gsd2=embodied.gsd2(policy),
    )
    lines = pedigree.scored(lines, "energy", "workload", "own", policy)
    lines = lines.with_columns(pue_name=pue_input())
    lines = pedigree.scored(lines, "pue", "pue_name", "pue_gsd2", policy)
    lines = pedigree.scored(lines, "embodied", "embodied_source", "embodied_gsd2", policy)
    return lines.with_columns(energy_gsd2=both(pl.col("own"), pl.col("pue_gsd2"))).drop(
        "own", "pue_name"
    )


def _with_findings(result: Footprint) -> Footprint:
    return Footprint(**{**vars(result), "findings": find(result)})


def _of_source(lines: pl.DataFrame, activity: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Give each line what its row says and no step needed line by line."""
    said = activity.select(SAID)[lines["row"]]
    known = chosen.select(
        "row", pl.coalesce("accelerator", "accelerator_named"), "accelerator_count"
    )
    meter = (
        pl.when(pl.col("component") == "overhead")
        .then(pl.lit("facility"))
        .when(pl.col("component") == "host")
        .then(pl.lit("node"))
        .otherwise("boundary")
    )
    return (
        lines.hstack(said)
        .join(known, on="row", how="left", validate="m:1", maintain_order="left")
        .with_columns(
            boundary=pl.coalesce(
                meter,
                meters.rank().replace_strict(dict(enumerate(BOUNDARIES)), return_dtype=pl.String),
            )
        )
    )


def _name(lines: pl.DataFrame) -> pl.DataFrame:
    """Give each line its id; parts of one row that are alike are numbered."""
    part = ["source", "month", "component"]
    evidence = pl.col("evidence_id").str.head(12)
    whole = pl.col("assigned_part") == 0
    row = (
        pl.when(whole)
        .then(pl.col("row_number").cast(pl.String))
        .otherwise(pl.format("{}.{}", "row_number", "assigned_part"))
    )
    plain = pl.concat_str(evidence, row, "month", "component", separator=":")
    # Lines are in order, so parts that are alike follow each other; as a rule there are none.
    alike = pl.all_horizontal(pl.col(column) == pl.col(column).shift() for column in part)
    if not lines.select(alike.any()).item():
        return lines.with_columns(line_id=plain)
    ordinal = pl.int_range(1, pl.len() + 1).over(part)
    numbered = pl.when(ordinal > 1).then(pl.format("{}:{}", plain, ordinal)).otherwise(plain)
    return lines.with_columns(line_id=numbered)


def _market_lines(sliced: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    # `line` is the position of the line, so a gather does what a join would.
    return sliced.with_columns(line_id=lines["line_id"].gather(sliced["line"])).select(
        MarketLine.column_names()
    )


def _factors_used(lines: pl.DataFrame, sliced: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The resolver's answers that a figure rests on."""
    by_location = (
        lines.filter(pl.col("row_location_factor").is_null())
        .select("ask", method=pl.lit("location"))
        .unique()
    )
    grid = sliced.filter(pl.col("rung").is_in(["supplier", "residual", "grid_average"]))
    by_market = pl.DataFrame(
        {
            "ask": lines["ask"].gather(grid["line"]),
            "method": grid["rung"].replace("grid_average", "location"),
        }
    ).unique()
    used = pl.concat([by_location, by_market]).unique()
    return (
        answers.filter(pl.col("factor_id").is_not_null())
        .join(used, on=["ask", "method"], how="semi")
        .drop("ask")
        .sort("method", "zone", "month", "use_start", "use_end")
    )
