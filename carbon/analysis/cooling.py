"""Facility energy as it would be in a normal year's weather.

    E_norm,m = IT_m x (b0 + b_c CDD_norm,m + b_h HDD_norm,m)        adjustment = E_norm - E_actual

PUE and its regression on degree days are of the place's own meters (`degree_days`); a PUE of the
year (a policy's default, an operator's annual figure) has no weather in it, and such energy is left
as it is. Emissions follow with the month's own factor: only energy is normalised here, so that a
seasonal index may be applied to the factors afterwards, and never to the same months twice. What
results is normalised, and is no total of an inventory.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.analysis.degree_days import Fit, Observed, Unfit, fit_degree_days
from carbon.analysis.pue_record import (
    energy_of_file,
    finest,
    has_weather,
    lines_at,
    metered_by_month,
    month_of_span,
    observed_pue,
    varying,
)
from carbon.exact import ratio
from carbon.policy import Policy

MONTHS: Final = {
    "month": pl.String,
    "it_kwh": pl.Float64,
    "facility_kwh": pl.Float64,
    "pue": pl.Float64,
    "pue_weather": pl.Float64,
    "pue_normal": pl.Float64,
    "modelled_kwh": pl.Float64,
    "normalised_kwh": pl.Float64,
    "adjustment_kwh": pl.Float64,
    "location_kg": pl.Float64,
    "normalised_kg": pl.Float64,
    "adjustment_kg": pl.Float64,
    "mean_temp_c": pl.Float64,
    "normal_temp_c": pl.Float64,
}
"""Columns of the months of a place."""


NO_ENERGY: Final = (
    "In this period no energy of the place has weather in its PUE: no row of a month or less "
    "states the PUE of its own time, no facility meter stands beside a metered PUE, and the "
    "weather file gives no energies."
)


@dataclass(frozen=True)
class Cooling:
    """A place's energy in a normal year's weather, or why it cannot be said.

    Attributes:
        place: site, provider's region or grid zone.
        fit: the regression; None where there is none.
        refusal: why nothing is normalised, in words; None where something is.
        source: "file" where PUE stands in the weather file, "activity" where it is that of rows.
        of: "portfolio" where the energy is this portfolio's there, "file" where it is the whole
            facility's, of which no emissions are known.
        normal_years: years that the normal year is the mean of.
        months: columns MONTHS, one row a month in order; energies [kWh], PUE [1], kg [kgCO2e,
            location-based], temperatures [°C].
        totals: facility_kwh, modelled_kwh, normalised_kwh, adjustment_kwh, location_kg,
            normalised_kg, adjustment_kg of those months; adjustment_share [1].
        untouched_kwh: energy of the place whose PUE is one of the year [kWh].
        without: months of the period with energy and without temperature or PUE, in order.
        points: at, temperature [°C] and pue [1] of every span that the regression is fitted to.
    """

    place: str
    fit: Fit | None
    refusal: str | None
    source: str | None
    of: str | None
    normal_years: int
    months: pl.DataFrame
    totals: dict[str, float | None]
    untouched_kwh: float
    without: tuple[str, ...]
    points: pl.DataFrame


def cooling(
    weather: pl.DataFrame,
    lines: pl.DataFrame,
    everything: pl.DataFrame,
    place: str,
    policy: Policy,
    *,
    base_c: float | None = None,
) -> Cooling:
    """Normalise the energy of a place by the weather.

    Args:
        weather: schema Weather, rows that count.
        lines: footprint lines of the period and boundary.
        everything: lines of the whole record, for the PUE that rows state by month.
        place: a `place` of the weather.
        policy: `cooling` is used.
        base_c: cooling base temperature [°C]; None finds it.

    Raises:
        ValueError: no weather of such a place.
    """
    here = weather.filter(pl.col("place") == place)
    if here.is_empty():
        raise ValueError(f"no temperature of '{place}' is known")
    was = finest(here.filter(~pl.col("normal")))
    usual = here.filter("normal")
    whole = lines_at(everything, here)
    mine = lines_at(lines, here)
    weathered = has_weather(whole)
    varies = varying(mine.filter(weathered))
    untouched = float(mine.filter(~weathered)["energy_facility_kwh"].sum())
    observed, source, points = observed_pue(was, varying(whole.filter(weathered)))
    found = _fit(observed, usual, policy, base_c)
    nothing = pl.DataFrame(schema=MONTHS)
    if isinstance(found, Unfit):
        return Cooling(place, found.fit, found.reason, source, None, _years(usual), nothing, {},
                       untouched, (), points)  # fmt: skip
    energy, of = (varies, "portfolio") if varies.height else (energy_of_file(was), "file")
    months, without = _normalise(energy, found, was, usual, observed)
    if months.is_empty():
        return Cooling(place, found, NO_ENERGY, source, None, _years(usual), months, {},
                       untouched, without, points)  # fmt: skip
    return Cooling(place, found, None, source, of, _years(usual), months, _totals(months),
                   untouched, without, points)  # fmt: skip


def _fit(
    observed: Observed | None, usual: pl.DataFrame, policy: Policy, base_c: float | None
) -> Fit | Unfit:
    """The regression, where a normal year stands beside it."""
    if observed is None:
        return Unfit(
            "No PUE of this place is known: bring pue, or facility_kwh and it_kwh, beside the "
            "temperatures, or state the PUE of each month in the activity."
        )
    drivers = [name for name in observed.temperatures if _covers_a_year(usual, name)]
    if not drivers:
        return Unfit(
            "No normal year of this place is known: bring rows of all twelve months with normal "
            "= true, such as the daily means of the last ten years or more."
        )
    temperatures = {name: observed.temperatures[name] for name in drivers}
    chosen = Observed(
        observed.span, temperatures, observed.of, observed.pue, observed.weights, observed.months
    )
    return fit_degree_days(chosen, policy, base_c)


def _covers_a_year(usual: pl.DataFrame, driver: str) -> bool:
    return bool(
        usual.filter(pl.col(driver).is_not_null())["at"].dt.month().n_unique() == 12
        and usual[driver].null_count() == 0
    )


def _years(usual: pl.DataFrame) -> int:
    return usual["at"].dt.year().n_unique()


def _normalise(
    energy: pl.DataFrame,
    fit: Fit,
    was: pl.DataFrame,
    usual: pl.DataFrame,
    observed: Observed | None,
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Columns MONTHS for months with energy and weather; and the months that lack weather."""
    actual = _predicted(was, fit, ["month"]).rename({"_pue": "pue_weather"})
    # Years of a normal year count alike, however many rows each has.
    by_year = _predicted(
        usual.with_columns(month=month_of_span(), calendar=_calendar(month_of_span())),
        fit,
        ["month", "calendar"],
    )
    normal = (
        by_year.sort("month")
        .group_by("calendar", maintain_order=True)
        .agg(pue_normal=pl.col("_pue").mean(), normal_temp_c=pl.col("mean_temp_c").mean())
    )
    metered = metered_by_month(observed)
    rows = (
        energy.with_columns(calendar=_calendar(pl.col("month")))
        .join(actual, on="month", how="left", validate="m:1", maintain_order="left")
        .join(normal, on="calendar", how="left", validate="m:1", maintain_order="left")
        .join(metered, on="month", how="left", validate="m:1", maintain_order="left")
    )
    # A facility's meter without IT energy beside it: the month's metered PUE gives it.
    it = pl.coalesce("it_kwh", ratio(pl.col("facility_kwh"), pl.col("metered_pue")))
    rows = rows.with_columns(it_kwh=it)
    whole = pl.col("pue_weather").is_not_null() & (pl.col("it_kwh") > 0)
    without = tuple(rows.filter(~whole.fill_null(False))["month"].sort())
    rows = rows.filter(whole).with_columns(
        pue=ratio(pl.col("facility_kwh"), pl.col("it_kwh")),
        modelled_kwh=pl.col("it_kwh") * pl.col("pue_weather"),
        normalised_kwh=pl.col("it_kwh") * pl.col("pue_normal"),
    )
    change = ratio(pl.col("normalised_kwh"), pl.col("facility_kwh"))
    rows = rows.with_columns(
        adjustment_kwh=pl.col("normalised_kwh") - pl.col("facility_kwh"),
        normalised_kg=pl.col("location_kg") * change,
    ).with_columns(adjustment_kg=pl.col("normalised_kg") - pl.col("location_kg"))
    return rows.select(pl.col(name).cast(kind) for name, kind in MONTHS.items()), without


def _predicted(weather: pl.DataFrame, fit: Fit, by: list[str]) -> pl.DataFrame:
    """by, _pue: what the model says of each group's temperatures [1], and mean_temp_c."""
    known = weather.filter(pl.col(fit.driver).is_not_null())
    above = (pl.col(fit.driver) - fit.base_cooling_c).clip(lower_bound=0.0)
    pue = fit.intercept + fit.per_cooling * above
    if fit.base_heating_c is not None:
        below = (fit.base_heating_c - pl.col(fit.driver)).clip(lower_bound=0.0)
        pue = pue + fit.per_heating * below
    sums = sum_by(
        known.sort("at", "row_number").with_columns(_pue=pue, _n=1.0),
        by,
        ["_pue", "mean_temp_c", "_n"],
    )
    return sums.select(
        *by,
        ratio(pl.col("_pue"), pl.col("_n")).alias("_pue"),
        ratio(pl.col("mean_temp_c"), pl.col("_n")).alias("mean_temp_c"),
    )


def _calendar(month: pl.Expr) -> pl.Expr:
    return month.str.slice(5, 2).cast(pl.Int64)


def _totals(months: pl.DataFrame) -> dict[str, float | None]:
    """Sums over the months; null where nothing of a column is known."""
    names = ("it_kwh", "facility_kwh", "modelled_kwh", "normalised_kwh", "adjustment_kwh",
             "location_kg", "normalised_kg", "adjustment_kg")  # fmt: skip
    totals: dict[str, float | None] = {
        name: float(sum(months[name].drop_nulls())) if months[name].count() else None
        for name in names
    }
    facility, change = totals["facility_kwh"], totals["adjustment_kwh"]
    totals["adjustment_share"] = change / facility if facility and change is not None else None
    return totals
