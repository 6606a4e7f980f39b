"""Hardware that was bought: booked once in category 2, and charged to models over its life.

Two views of the same carbon, which are never summed:

* *booked*: `count x kg of a piece`, whole, in the year of purchase (GHG Protocol Scope 3 Standard,
  category 2: no depreciation);
* *charged*: the amortised embodied carbon of the lines of own and colocated hardware (SCI's
  `M = TE x TS x RS`), a product's figure.

Between them stands a reconciliation: what was bought in the year, without what of it later years
bear, with what of earlier purchases this year bears, is due by straight line; what is left is the
difference to what was charged: idle hours, hardware that no register holds, other figures.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.accounting.embodied import rates
from carbon.accounting.embodied_hosts import ENDS
from carbon.accounting.sums import known_sum_by
from carbon.factors.hardware import match_accelerators
from carbon.factors.library import Library
from carbon.policy import Policy

DAYS_PER_YEAR: Final = 365.25
OF_ITS_OWN: Final = ("own", "colocated")
"""Deployments whose hardware is the organisation's."""

KG: Final = tuple(f"{end}_kg" for end in ENDS)
CHARGED: Final = ("charged_low_kg", "charged_kg", "charged_high_kg")
LIFETIMES: Final = (3, 4, 5, 6)
"""Service lives that are compared [y]: the span that studies and providers use."""

UNEXPLAINED: Final = "Idle hours, hardware outside the register, other figures"


@dataclass(frozen=True)
class Hardware:
    """The two views of a year, and what stands between them.

    Attributes:
        year: the calendar year.
        assets: one row per asset: asset_id, item, known_as, kind, count, purchased_on, retired_on,
            site, life_years [y], each_kg [kgCO2e], the total by KG and source.
        by_year: year, pieces, without_figure (assets), booked by KG, and charged by CHARGED.
        reconciliation: step, what, kg [kgCO2e]: from what was booked to what was charged.
        charged: workload, model, and the year's amortised carbon by KG.
        lifetimes: years, due_kg and charged_kg if every piece lived that long.
    """

    year: int
    assets: pl.DataFrame
    by_year: pl.DataFrame
    reconciliation: pl.DataFrame
    charged: pl.DataFrame
    lifetimes: pl.DataFrame


def hardware(
    assets: pl.DataFrame, lines: pl.DataFrame, library: Library, policy: Policy, year: int
) -> Hardware:
    """What was booked and what was charged in a year.

    Args:
        assets: `Asset` rows that count.
        lines: `FootprintLine` rows.
        library: `embodied` and `accelerators` are used.
        policy: the lives under `embodied`, where an asset has none of its own.
        year: the calendar year.
    """
    known = priced(assets, library, policy)
    own = lines.filter(pl.col("deployment").is_in(OF_ITS_OWN)).sort("line_id")
    of_year = own.filter(pl.col("month").str.starts_with(f"{year}-"))
    known_kg = of_year["embodied_kg"].drop_nulls()
    charged = float(known_kg.sum()) if len(known_kg) else None
    return Hardware(
        year=year,
        assets=known,
        by_year=_by_year(known, own),
        reconciliation=_reconciliation(known, charged, year),
        charged=_charged(of_year),
        lifetimes=_lifetimes(known, of_year, library, policy, year),
    )


def years(assets: pl.DataFrame, lines: pl.DataFrame) -> list[int]:
    """Years in which hardware was bought, or own hardware was charged; in order."""
    charged = lines.filter(
        pl.col("deployment").is_in(OF_ITS_OWN) & pl.col("embodied_kg").is_not_null()
    )["month"]
    found = {int(month[:4]) for month in charged.unique()}
    return sorted(found | set(assets["purchased_on"].dt.year().unique()))


def priced(assets: pl.DataFrame, library: Library, policy: Policy) -> pl.DataFrame:
    """Carbon of each asset: its document's, else the library's; null where neither knows it.

    `kg = count x kg of a piece`. A figure of a document brings its own low and high, or none.

    Args:
        assets: `Asset` rows.
        library: `embodied` and `accelerators` are used.
        policy: `embodied.accelerator_lifetime_years` and `embodied.server_lifetime_years`.

    Returns:
        The columns of `Hardware.assets`, sorted by day of purchase and asset_id.
    """
    names = match_accelerators(assets["item"], library.accelerators)
    figures = library.embodied.select(
        known_as="item",
        **{f"library_{end}": pl.col(f"{end}_kg") for end in ENDS},
        library_source=pl.format("{}, {}", "publisher", "document"),
    )
    item = pl.col("item").str.strip_chars()
    own = pl.col("kg_co2e_each").is_not_null()
    stated = {"low": "low_kg_each", "central": "kg_co2e_each", "high": "high_kg_each"}
    each = {end: pl.when(own).then(pl.col(stated[end])).otherwise(f"library_{end}") for end in ENDS}
    lives = {
        "accelerator": policy.embodied.accelerator_lifetime_years,
        "server": policy.embodied.server_lifetime_years,
    }
    return (
        assets.join(
            names.select(item="name", canonical="accelerator"),
            on="item",
            how="left",
            validate="m:1",
        )
        .with_columns(known_as=pl.coalesce("canonical", item))
        .join(figures, on="known_as", how="left", validate="m:1")
        .select(
            *("asset_id", "item", "known_as", "kind"),
            pl.col("count").cast(pl.Int64),
            *("purchased_on", "retired_on", "site"),
            life_years=pl.coalesce(
                "lifetime_years", pl.col("kind").replace_strict(lives, return_dtype=pl.Float64)
            ),
            each_kg=each["central"],
            **{f"{end}_kg": pl.col("count") * value for end, value in each.items()},
            source=pl.when(own)
            .then(pl.coalesce("document", pl.lit("stated, without a document")))
            .otherwise(pl.format("library: {}", "library_source")),
            evidence_id="evidence_id",
            row_number="row_number",
        )
        .sort("purchased_on", "asset_id")
    )


def due(assets: pl.DataFrame, year: int, life: pl.Expr | None = None) -> pl.Series:
    """Carbon of each asset that a year bears by straight line [kgCO2e].

    `kg x days in service in the year / days of its life`; what is left when it leaves service
    early is borne by the year in which it leaves, so that the years of a life bear the whole.

    Args:
        assets: as `priced` gives them.
        year: the calendar year.
        life: service life [y], in place of each asset's own.
    """
    days = (life if life is not None else pl.col("life_years")) * DAYS_PER_YEAR
    retired = (pl.col("retired_on") - pl.col("purchased_on")).dt.total_days()
    return assets.select(
        pl.col("central_kg") * (_borne(year + 1, days, retired) - _borne(year, days, retired))
    ).to_series()


def _borne(year: int, days: pl.Expr, retired: pl.Expr) -> pl.Expr:
    """Share of an asset's carbon that is borne before the first day of a year [1]."""
    passed = (pl.lit(dt.date(year, 1, 1)) - pl.col("purchased_on")).dt.total_days()
    share = (passed.clip(0) / days).clip(0.0, 1.0)
    return pl.when(retired.is_not_null() & (passed > retired)).then(1.0).otherwise(share)


def _by_year(assets: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """What each year booked, and what it was charged: side by side, never summed."""
    bought = assets.with_columns(year=pl.col("purchased_on").dt.year().cast(pl.Int64))
    counts = bought.group_by("year").agg(
        pieces=pl.col("count").sum(), without_figure=pl.col("central_kg").null_count()
    )
    booked = known_sum_by(_with_range(bought), ["year"], list(KG)).join(
        counts, on="year", how="left", validate="1:1"
    )
    names = dict(zip(KG, CHARGED, strict=True))
    charged = known_sum_by(
        _with_range(_carrying(own).with_columns(year=pl.col("month").str.head(4).cast(pl.Int64))),
        ["year"],
        list(KG),
    ).rename(names)
    return (
        booked.join(charged, on="year", how="full", coalesce=True, validate="1:1")
        .select("year", "pieces", "without_figure", *KG, *CHARGED)
        .sort("year")
    )


def _reconciliation(assets: pl.DataFrame, charged: float | None, year: int) -> pl.DataFrame:
    """From what was booked in the year to what was charged in it."""
    this = assets["purchased_on"].dt.year() == year
    borne = due(assets, year)
    booked = float(assets["central_kg"].filter(this).sum())
    later = booked - float(borne.filter(this).sum())
    earlier = float(borne.filter(~this).sum())
    by_line = booked - later + earlier
    steps: list[tuple[str, str, float | None]] = [
        ("booked", f"Bought in {year}, booked in category 2", booked),
        ("later", "Of that, borne by later years", -later),
        ("earlier", f"Of earlier purchases, borne by {year}", earlier),
        ("due", f"Due in {year} by straight line", by_line),
        ("difference", UNEXPLAINED, None if charged is None else charged - by_line),
        ("charged", f"Charged to models in {year}", charged),
    ]
    schema = {"step": pl.String, "what": pl.String, "kg": pl.Float64}
    return pl.DataFrame(steps, schema=schema, orient="row")


def _charged(of_year: pl.DataFrame) -> pl.DataFrame:
    lines = _with_range(_carrying(of_year))
    return known_sum_by(lines, ["workload", "model"], list(KG)).sort(
        -pl.col("central_kg"), "workload", "model"
    )


def _carrying(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that bear embodied carbon, with the columns of KG."""
    return lines.filter(pl.col("embodied_kg").is_not_null()).select(
        *("workload", "model", "month"),
        low_kg="embodied_low_kg",
        central_kg="embodied_kg",
        high_kg="embodied_high_kg",
    )


def _with_range(frame: pl.DataFrame) -> pl.DataFrame:
    """A figure without a range stands at itself in a sum of lows and of highs."""
    return frame.with_columns(pl.coalesce(end, "central_kg").alias(end) for end in KG)


def _lifetimes(
    assets: pl.DataFrame, of_year: pl.DataFrame, library: Library, policy: Policy, year: int
) -> pl.DataFrame:
    """The year's two amortised figures, if every piece lived so many years."""
    now = rates(library.embodied, policy).select("accelerator", now="rate_central")
    rows = []
    for life in LIFETIMES:
        lives = {"accelerator_lifetime_years": life, "server_lifetime_years": life}
        other = policy.model_copy(update={"embodied": policy.embodied.model_copy(update=lives)})
        then = rates(library.embodied, other).select("accelerator", then="rate_central")
        ratio = pl.coalesce(
            pl.col("then") / pl.col("now"),
            # Machines without accelerators are spread over the server's life alone.
            pl.lit(policy.embodied.server_lifetime_years / life),
        )
        charged = (
            of_year.filter(pl.col("embodied_kg").is_not_null())
            .join(now.join(then, on="accelerator", validate="1:1"), on="accelerator", how="left")
            .select(pl.col("embodied_kg") * ratio)
            .to_series()
        )
        borne = due(assets, year, pl.lit(life))
        rows.append((life, float(borne.sum()), float(charged.sum()) if len(charged) else None))
    schema = {"years": pl.Int64, "due_kg": pl.Float64, "charged_kg": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
