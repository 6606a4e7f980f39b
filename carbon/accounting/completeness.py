"""What the declared boundary asks for and the sources do not hold, and how much it could matter.

Every figure here is an estimate with a range. It is shown beside the footprint and never added to
it: what was not measured is not 0, and it is not known either.

* **host**: accelerators were metered and the server around them was not. Either
  `accelerator-hours x energy.host_w_per_accelerator`, or `accelerator kWh x host / accelerator` of
  the ladder that was published for one production service; less what processors and memory were
  metered at. The two make the range; where only one is known, the 95 % factor of tier T6 does.
* **overhead**: a source states a PUE of 1.0, as trackers do where nobody set one.
  `IT kWh x (default PUE - 1)`; from the published service's overhead to the policy's upper bound.
* **idle**: inference that is known by request or token holds no machines that stood ready.
  `IT kWh x idle / (accelerator + host)` of the published ladder.
* **storage and network**: nothing states how much is stored and moved, so nothing is estimated.

Source of the ladder: Elsworth et al. 2025, Measuring the environmental impact of delivering AI at
Google Scale (arXiv:2508.15734), shipped in `data/references/published.csv`.
"""

from typing import Final

import polars as pl

from carbon.accounting import ladder
from carbon.accounting.sums import known_sum_by, sum_by
from carbon.policy import Policy
from carbon.units import W_PER_KW

MICROSECONDS_PER_HOUR: Final = 3.6e9
GROUP: Final = ["workload", "place"]
TIER_OF_RATIO: Final = "T6"

COLUMNS: Final[dict[str, type[pl.DataType]]] = {
    "workload": pl.String,
    "place": pl.String,
    "missing": pl.String,
    "of_kwh": pl.Float64,
    "low_kwh": pl.Float64,
    "central_kwh": pl.Float64,
    "high_kwh": pl.Float64,
    "low_kg": pl.Float64,
    "central_kg": pl.Float64,
    "high_kg": pl.Float64,
    "low_share": pl.Float64,
    "central_share": pl.Float64,
    "high_share": pl.Float64,
    "why": pl.String,
    "how": pl.String,
}
"""`of_kwh`: facility energy that lacks the part [kWh]; low, central and high of the part: facility
energy [kWh], location-based emissions [kgCO2e] at the rate of what is known, and share of the whole
footprint's energy [1]. Null: not estimated."""

MISSING: Final = ("host", "overhead", "idle", "storage and network")

_WORDS: Final = {
    "host": "Only the accelerators are metered; the server around them is not.",
    "overhead": "The source states a PUE of 1.0: no cooling and no power distribution.",
    "idle": "Known by request or token: machines that stood ready are not in it.",
    "storage and network": "No source states what is stored or moved.",
}


def completeness(lines: pl.DataFrame, references: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What is missing of each workload at each place, with an estimate of how much it matters.

    Args:
        lines: `FootprintLine` rows of a period and a boundary.
        references: `Reference` rows; those of the published ladder are used.
        policy: the parts that `boundary.components_out` leaves out are not missing; the
            coefficients under `energy` and `uncertainty` are used.

    Returns:
        COLUMNS, the largest estimate first, then by workload.
    """
    placed = ladder.seen(lines).with_columns(
        place=pl.coalesce(
            "site",
            pl.concat_str("provider", "region", separator=":"),
            "provider",
            "zone",
            pl.lit("no place"),
        )
    )
    rungs = ladder.published(references)
    out = set(policy.boundary.components_out)
    parts = [
        _host(placed, rungs, policy) if "host" not in out else None,
        _overhead(placed, rungs, policy) if "overhead" not in out else None,
        _idle(placed, rungs, policy) if "idle" not in out else None,
        _stored(placed) if policy.support.include and not {"storage", "network"} & out else None,
    ]
    found = [part for part in parts if part is not None and part.height]
    blank = pl.DataFrame(schema=COLUMNS)
    if not found:
        return blank
    return _in_kilograms(pl.concat([blank, *found], how="diagonal"), placed, policy)


def _host(lines: pl.DataFrame, rungs: dict[str, float], policy: Policy) -> pl.DataFrame | None:
    """The server around accelerators that were metered alone: IT energy."""
    alone = lines.filter(pl.col("_seen") < 2)
    use = (pl.col("use_end") - pl.col("use_start")).dt.total_microseconds() / MICROSECONDS_PER_HOUR
    one = pl.when(pl.col("resource").is_not_null()).then(1.0)
    counted = pl.coalesce("accelerator_count", one) * use * pl.col("assigned_share")
    accelerator = pl.col("component") == "accelerator"
    known = known_sum_by(
        alone.with_columns(
            _kwh=pl.when(accelerator).then("energy_it_kwh"),
            _hours=pl.when(accelerator).then(
                pl.coalesce("accelerator_hours", counted * pl.col("equity_share"))
            ),
            _inside=pl.when(pl.col("component").is_in(["cpu", "memory"])).then("energy_it_kwh"),
        ),
        GROUP,
        ["_kwh", "_hours", "_inside", "energy_facility_kwh"],
    ).filter(pl.col("_kwh") > 0)
    watts = policy.energy.host_w_per_accelerator
    board, node = rungs.get(ladder.BOARD), rungs.get(ladder.NODE)
    ratio = (node - board) / board if board and node else None
    by_hours = pl.col("_hours") * watts / W_PER_KW
    by_ratio = pl.lit(None, pl.Float64) if ratio is None else pl.col("_kwh") * ratio
    inside = pl.col("_inside").fill_null(0.0)
    how = pl.concat_str(
        pl.when(by_hours.is_not_null()).then(pl.lit(f"accelerator-hours x {watts:g} W")),
        pl.when(by_ratio.is_not_null()).then(pl.lit(f"{_plain(ratio)} x accelerator energy")),
        separator=", or ",
        ignore_nulls=True,
    )
    return _ranged(
        known,
        "host",
        [(by_hours - inside).clip(0), (by_ratio - inside).clip(0)],
        how,
        policy,
    )


def _overhead(lines: pl.DataFrame, rungs: dict[str, float], policy: Policy) -> pl.DataFrame | None:
    """Cooling and power distribution where a PUE of 1 is stated."""
    bare = lines.filter(
        pl.col("pue") == 1.0,
        pl.col("tier").ne_missing(pl.lit("T1")),
        pl.col("energy_it_kwh") > 0,
    ).with_columns(place="place")
    known = sum_by(bare, GROUP, ["energy_it_kwh", "energy_facility_kwh"])
    default = policy.energy.default_pue - 1
    idle, facility = rungs.get(ladder.NODE_IDLE), rungs.get(ladder.FACILITY)
    least = (facility - idle) / idle if idle and facility else default
    widest = default * policy.uncertainty.default_pue
    it = pl.col("energy_it_kwh")
    return known.select(
        *GROUP,
        missing=pl.lit("overhead"),
        of_kwh="energy_facility_kwh",
        low_kwh=it * min(least, default),
        central_kwh=it * default,
        high_kwh=it * max(widest, least),
        how=pl.lit(f"{_plain(default)} x IT energy, {_plain(least)} to {_plain(widest)}"),
    )


def _idle(lines: pl.DataFrame, rungs: dict[str, float], policy: Policy) -> pl.DataFrame | None:
    """Machines that stood ready, of inference known by request or token."""
    node, ready = rungs.get(ladder.NODE), rungs.get(ladder.NODE_IDLE)
    if not node or not ready:
        return None
    served = pl.col("lifecycle").str.starts_with("inference").fill_null(False)
    parts = ["cpu", "memory", "storage", "network", "overhead"]
    with_idle = lines.filter(pl.col("component") == "idle").select(GROUP).unique()
    by_unit = lines.filter(
        served, pl.col("tier") == TIER_OF_RATIO, ~pl.col("component").is_in(parts)
    ).join(with_idle, on=GROUP, how="anti", maintain_order="left")
    known = sum_by(by_unit, GROUP, ["energy_it_kwh", "energy_facility_kwh"]).filter(
        pl.col("energy_it_kwh") > 0
    )
    share = (ready - node) / node
    return _ranged(
        known,
        "idle",
        [pl.col("energy_it_kwh") * share],
        pl.lit(f"{_plain(share)} x IT energy"),
        policy,
    )


def _stored(lines: pl.DataFrame) -> pl.DataFrame:
    """Workloads of which nobody states storage or network, and no meter of a hall sees them."""
    kwh = pl.col("energy_facility_kwh")
    told = pl.col("component").is_in(["storage", "network", "facility"]) | (pl.col("tier") == "T1")
    return (
        sum_by(
            lines.with_columns(
                _told=pl.when(told.fill_null(False)).then(1.0).otherwise(0.0), _kwh=kwh
            ),
            GROUP,
            ["_told", "_kwh"],
        )
        .filter(pl.col("_told") == 0, pl.col("_kwh") > 0)
        .select(
            *GROUP,
            missing=pl.lit("storage and network"),
            of_kwh="_kwh",
            how=pl.lit("not estimated: GB stored and moved are not stated"),
        )
    )


def _ranged(
    known: pl.DataFrame, missing: str, candidates: list[pl.Expr], how: pl.Expr, policy: Policy
) -> pl.DataFrame:
    """Low, central and high of an estimate that several ways lead to; the first is central."""
    spread = policy.uncertainty.energy_by_tier.get(TIER_OF_RATIO, 1.0)
    with_ways = known.with_columns(
        **{f"_way{n}": candidate for n, candidate in enumerate(candidates)}
    )
    ways = [f"_way{n}" for n in range(len(candidates))]
    alone = pl.sum_horizontal(pl.col(way).is_not_null() for way in ways) == 1
    central = pl.coalesce(ways)
    return with_ways.select(
        *GROUP,
        missing=pl.lit(missing),
        of_kwh="energy_facility_kwh",
        low_kwh=pl.when(alone).then(central / spread).otherwise(pl.min_horizontal(ways)),
        central_kwh=central,
        high_kwh=pl.when(alone).then(central * spread).otherwise(pl.max_horizontal(ways)),
        how=how,
    )


def _in_kilograms(found: pl.DataFrame, lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """With overhead, at the rate of what is known of the group, and as share of everything."""
    it_and_more = known_sum_by(
        lines.with_columns(
            _cooled=pl.when(pl.col("energy_it_kwh") > 0).then(
                pl.col("energy_it_kwh") * pl.col("pue")
            ),
            _placed=pl.when(pl.col("location_kg").is_not_null()).then("energy_facility_kwh"),
        ),
        GROUP,
        ["energy_it_kwh", "_cooled", "location_kg", "_placed"],
    ).select(
        *GROUP,
        _pue=pl.col("_cooled") / pl.col("energy_it_kwh"),
        _rate=pl.when(pl.col("_placed") > 0).then(pl.col("location_kg") / pl.col("_placed")),
    )
    total = sum_by(lines.with_columns(_all=pl.lit("")), ["_all"], ["energy_facility_kwh"])
    whole = float(total["energy_facility_kwh"].sum())
    cooled = "overhead" not in policy.boundary.components_out
    pue = pl.when((pl.col("missing") != "overhead") & cooled).then("_pue").otherwise(1.0)
    ends = ("low", "central", "high")
    return (
        found.join(it_and_more, on=GROUP, how="left", validate="m:1", maintain_order="left")
        .with_columns(pl.col(f"{end}_kwh") * pue.fill_null(1.0) for end in ends)
        .with_columns(
            *((pl.col(f"{end}_kwh") * pl.col("_rate")).alias(f"{end}_kg") for end in ends),
            *(
                (pl.col(f"{end}_kwh") / (whole if whole else None)).alias(f"{end}_share")
                for end in ends
            ),
            why=pl.col("missing").replace_strict(_WORDS, return_dtype=pl.String),
        )
        .select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
        .sort("central_kwh", *GROUP, "missing", descending=[True, *[False] * 3], nulls_last=True)
    )


def _plain(value: float | None) -> str:
    return f"{value:.3g}" if value is not None else ""
