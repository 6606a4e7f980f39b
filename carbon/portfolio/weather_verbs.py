"""Verbs on weather: what a place's energy would be in a normal year, beside what it was.

Normalised figures are no totals of the inventory; both are shown, with the adjustment between them.
"""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from carbon.analysis.cooling import Cooling, cooling
from carbon.analysis.degree_days import Fit, Gate
from carbon.analysis.like_for_like import months_of
from carbon.analysis.pue_record import lines_at
from carbon.analysis.seasonal_cells import seasonal_cells
from carbon.disclosure.content import Scope
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.seasonal_verbs import Seasons


@dataclass(frozen=True)
class WeatherNormalised:
    """A place in the weather of a normal year, and its emissions without season as well.

    Attributes:
        cooling: energies, emissions and the regression behind them, or why there are none.
        months: the months of `cooling`, with seasonless_kg [kgCO2e, location-based]: energy in a
            normal year's weather times the month's factor without its season. Energy is
            normalised first, the factor second, neither twice.
        seasonless_kg: the sum of that; None where no emissions are known.
    """

    cooling: Cooling
    months: pl.DataFrame
    seasonless_kg: float | None

    def to_dict(self) -> dict[str, Any]:
        """The answer of `carbon weather --place`."""
        found = self.cooling
        return {
            "place": found.place,
            "refusal": found.refusal,
            "fit": None if found.fit is None else _as_dict(found.fit),
            "source": found.source,
            "of": found.of,
            "normal_years": found.normal_years,
            **found.totals,
            "seasonless_kg": self.seasonless_kg,
            "untouched_kwh": found.untouched_kwh,
            "months_without_weather": list(found.without),
            "months": self.months.to_dicts(),
        }


class WeatherVerbs(Seasons):
    """Cooling of a workspace's places, normalised by degree days."""

    def weather_places(self) -> pl.DataFrame:
        """Places of which temperatures are known, in order.

        Returns:
            place, spans (rows of weather that was), with_pue (of them, with a metered PUE), first
            and last (days), normal_years and wet_bulb (whether each row has one).
        """
        weather = self._workspace.ledger.current_weather()
        was, day = ~pl.col("normal"), pl.col("at").dt.date()
        return (
            weather.group_by("place")
            .agg(
                spans=was.sum().cast(pl.Int64),
                with_pue=(was & pl.col("pue").is_not_null()).sum().cast(pl.Int64),
                first=day.filter(was).min(),
                last=day.filter(was).max(),
                normal_years=pl.col("at").dt.year().filter("normal").n_unique().cast(pl.Int64),
                wet_bulb=pl.col("wet_bulb_c").is_not_null().all(),
            )
            .sort("place")
        )

    def weather_normalised(
        self,
        place: str,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        base_c: float | None = None,
    ) -> WeatherNormalised:
        """A place's energy and emissions as they would be in a normal year's weather.

        Args:
            place: a place of `weather_places`.
            month_from: first month of the period, YYYY-MM; None for the first that there is.
            month_to: last month, inclusive; None for the last that there is.
            scope: "in" the boundary, or "all".
            base_c: base temperature of cooling [°C]; None finds the one that fits best.

        Raises:
            PortfolioError: no temperature of the place is known.
        """
        period = self._between(month_from, month_to, scope)
        weather = self._workspace.ledger.current_weather()
        try:
            found = cooling(
                weather, period.lines, self._footprint().lines, place, self.policy, base_c=base_c
            )
        except ValueError as error:
            known = ", ".join(weather["place"].unique().sort()) or "none"
            raise PortfolioError(
                f"{str(error).capitalize()}; import a weather template. Known: {known}."
            ) from error
        here = weather.filter(pl.col("place") == place)
        indices = self._season_indices(None, None)
        cells = seasonal_cells(replace(period, lines=lines_at(period.lines, here)), indices)
        intensity = months_of(cells, indices).select("month", "normalised_intensity")
        emits = pl.col("normalised_kg").is_not_null()
        months = (
            found.months.join(
                intensity, on="month", how="left", validate="1:1", maintain_order="left"
            )
            .with_columns(
                seasonless_kg=pl.when(emits).then(
                    pl.col("normalised_kwh") * pl.col("normalised_intensity")
                )
            )
            .drop("normalised_intensity")
        )
        known_kg = months["seasonless_kg"].drop_nulls()
        return WeatherNormalised(found, months, float(sum(known_kg)) if len(known_kg) else None)


def _as_dict(fit: Fit) -> dict[str, Any]:
    return {**vars(fit), "gates": [_of_gate(gate) for gate in fit.gates]}


def _of_gate(gate: Gate) -> dict[str, Any]:
    return {**vars(gate), "passed": gate.passed}
