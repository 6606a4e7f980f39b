"""Carbon intensity: what one request, a thousand tokens, a training and an accelerator-hour take.

    query, 1k_output_tokens, 1k_tokens   inference, as `carbon.accounting.inference` divides it
    training_run                         all training of the workload / its runs, however they ended
    gpu_hour                             energy of machines with accelerators / accelerator-hours

The share of training is a scenario, in a column of its own: training of the model so far over the
requests that the analyst expects of its life. It is never part of the use (SCI for AI).
"""

from typing import Final

import polars as pl

from carbon.accounting import per_unit
from carbon.accounting.inference import Serving, per_request_and_token
from carbon.accounting.per_unit import FIGURES, Lines
from carbon.accounting.result import Footprint
from carbon.accounting.sums import known_sum_by, sum_by
from carbon.accounting.training import of_training
from carbon.policy import Policy
from carbon.schema import UNASSIGNED

ROW: Final = (
    *("per", "units", *FIGURES),
    *("unit_coverage", "training_share_g"),
)
"""Columns of a row, besides what it is of."""

_GRAMS: Final = 1000.0
_SERVICES: Final = ("storage", "network")
"""Components beside a machine."""

_PLACE: Final = ("workload", "model", "month", "provider", "region", "site", "zone")


def intensity(
    footprint: Footprint,
    serves: Serving,
    expected: pl.DataFrame,
    groups: list[str],
    policy: Policy,
) -> pl.DataFrame:
    """Every figure per unit.

    Args:
        footprint: of the period and boundary.
        serves: inference of the same footprint, with its usage.
        expected: as `expected_requests` gives it.
        groups: ["workload", "model"], or ["model"].
        policy: of the measures.

    Returns:
        groups and ROW, sorted; `training_share_g` is location-based [gCO2e], on rows per query
        alone, and null where no number of requests is stated.
    """
    physical = per_unit.physical(footprint.lines, footprint.market)
    rows = pl.concat(
        [
            per_request_and_token(serves, groups, policy),
            _trainings(physical, groups, policy),
            _accelerator_hours(physical, groups, policy),
        ],
        how="diagonal",
    )
    share = pl.when(pl.col("per") == "query").then("_share")
    return (
        rows.join(
            expected.select("model", _share="training_share_g"),
            on="model",
            how="left",
            validate="m:1",
        )
        .with_columns(training_share_g=share)
        .select(*groups, *ROW)
        .sort([*groups, "per"], nulls_last=True)
    )


def expected_requests(inventory: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Training of each model over the requests that the analyst expects of its life.

    Where workloads that serve the model state a number, theirs add up; else those that train it.

    Args:
        inventory: workload_id, model, lifecycle, expected_requests (as stated).
        lines: `FootprintLine` rows of the whole record: training may lie before the period.

    Returns:
        model, expected_requests [1], training_kg [kg, location-based] and training_share_g [gCO2e
        per request]; one row per model of which requests are stated and training is known.
    """
    number = pl.col("expected_requests").cast(pl.Float64, strict=False)
    stated = inventory.select(
        "model",
        expected_requests=number,
        _trains=pl.col("lifecycle").is_in(["training", "fine_tuning", "development"]),
    ).filter(pl.col("model").is_not_null(), pl.col("expected_requests") > 0)
    serve = stated.filter(~pl.col("_trains").fill_null(False))
    train = stated.join(serve, on="model", how="anti")
    totals = sum_by(pl.concat([serve, train]).sort("model"), ["model"], ["expected_requests"])
    training = of_training(lines).filter(pl.col("model").is_not_null())
    kg = known_sum_by(training, ["model"], ["location_kg"]).drop_nulls()
    return (
        totals.join(kg.rename({"location_kg": "training_kg"}), on="model", validate="1:1")
        .with_columns(training_share_g=pl.col("training_kg") * _GRAMS / pl.col("expected_requests"))
        .sort("model")
    )


def _trainings(physical: Lines, groups: list[str], policy: Policy) -> pl.DataFrame:
    """Per training: everything that it took, over the runs that there were."""
    lines = of_training(physical.lines)
    runs = lines.group_by(groups, maintain_order=True).agg(
        units=pl.struct("workload", "run").n_unique().cast(pl.Float64)
    )
    chosen = Lines(lines, physical.sliced)
    found = per_unit.figures(chosen, groups, runs, policy, with_idle=True)
    return found.with_columns(per=pl.lit("training_run"))


def _accelerator_hours(physical: Lines, groups: list[str], policy: Policy) -> pl.DataFrame:
    """Per accelerator-hour: machines in the months and places whose accelerator-hours are known."""
    # The overhead of a row that states a service alone cools that service.
    of_service = pl.col("component").is_in(_SERVICES).any().over("evidence_id", "row_number")
    machines = physical.where(
        ~pl.col("component").is_in(_SERVICES),
        ~((pl.col("component") == "overhead") & of_service),
        pl.col("workload") != UNASSIGNED,
    )
    cells = sum_by(machines.lines, _PLACE, ["accelerator_hours", "energy_facility_kwh"]).filter(
        pl.col("accelerator_hours") > 0, pl.col("energy_facility_kwh") > 0
    )
    hours = sum_by(cells, groups, ["accelerator_hours"]).rename({"accelerator_hours": "units"})
    chosen = machines.within(cells, list(_PLACE))
    found = per_unit.figures(chosen, groups, hours, policy, with_idle=True)
    return found.with_columns(per=pl.lit("gpu_hour"))
