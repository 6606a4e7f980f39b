"""Verbs on seasons: a year from a part of it, a line without its winter, two periods like for like.

Every figure here is normalised: none is a total of the inventory, and none is in a report's totals.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from carbon.accounting.pipeline import Footprint
from carbon.analysis.annualise import annualise
from carbon.analysis.hourly_profile import hourly_profile
from carbon.analysis.like_for_like import compare_windows, months_of, season_of
from carbon.analysis.seasonal_cells import seasonal_cells
from carbon.analysis.seasonal_index import Indices, monthly_series, seasonal_index
from carbon.analysis.windows import observed_window, twelve_months
from carbon.disclosure.content import Scope
from carbon.portfolio.model_verbs import Models
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.seasonal_view import Seasonal, WindowComparison, seasonal, treated

Period = tuple[str, str]
"""First and last month, YYYY-MM, inclusive."""

_Kept = tuple[str, str | None, tuple[int, int] | None]
"""State of the workspace, method and years that indices were made from."""

_SPAN = ("month", "use_start", "use_end")


class Seasons(Models):
    """Location-based figures of a workspace without the season of their grids."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._season_kept: dict[_Kept, Indices] = {}

    def seasonal(
        self,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        year: int | None = None,
        workloads: Sequence[str] | None = None,
        zone: str | None = None,
        scope: Scope = "in",
        method: str | None = None,
        years: tuple[int, int] | None = None,
        volumes: Mapping[str, float] | None = None,
    ) -> Seasonal:
        """A year from the part of it that was observed, by seasonal index and by hours alone.

        Args:
            month_from: first month of the period, YYYY-MM; None for the first that there is.
            month_to: last month, inclusive; None for the last that there is.
            year: calendar year to annualise; None as `carbon.analysis.windows.twelve_months` says.
            workloads: only these; None for all.
            zone: only what is computed with factors of this zone; None for all.
            scope: "in" the boundary, or "all".
            method: "ratio" or "stl"; None is the policy's choice.
            years: first and last calendar year of factors that indices rest on; None for all.
            volumes: month -> expected activity, of all twelve months, where demand is not flat.

        Raises:
            PortfolioError: nothing lies in the period, or the method is not known.
        """
        whole = self._season_record(month_from, month_to, scope)
        months = whole.lines["month"].unique().sort()
        first, last = month_from or months[0], month_to or months[-1]
        wanted = twelve_months(first, last, year)
        indices = self._season_indices(method, years)
        window = observed_window(self._season_spans(), wanted, first, last)
        cells = self._season_cells(whole, indices, workloads, zone)
        cells = cells.filter(pl.col("month").is_in(wanted))
        if cells.is_empty():
            raise PortfolioError(
                f"Nothing of {window.label} is observed from {first} to {last}. "
                "Choose months that have activity with a factor, or another year."
            )
        try:
            found = annualise(cells, indices, window, volumes)
        except ValueError as error:
            raise PortfolioError(f"{error}.") from error
        return seasonal(found, indices, window, first, last)

    def seasonal_series(
        self,
        *,
        zone: str | None = None,
        workload: str | None = None,
        scope: Scope = "in",
        method: str | None = None,
        years: tuple[int, int] | None = None,
    ) -> pl.DataFrame:
        """Emissions of every month, as they are and without season.

        Args:
            zone: only what is computed with factors of this zone; None for all.
            workload: one workload; None for all.
            scope: "in" the boundary, or "all".
            method: "ratio" or "stl"; None is the policy's choice.
            years: first and last calendar year of factors that indices rest on; None for all.

        Returns:
            month, kwh [kWh], actual_kg, normalised_kg [kgCO2e, location-based], intensity,
            normalised_intensity [kgCO2e/kWh], index with its band low to high [1] (null where no
            index applies) and indexed_share [1], sorted; no rows where there is nothing.
        """
        indices = self._season_indices(method, years)
        whole = self._between(None, None, scope)
        chosen = None if workload is None else [workload]
        return months_of(self._season_cells(whole, indices, chosen, zone), indices)

    def seasonal_indices(
        self, *, method: str | None = None, years: tuple[int, int] | None = None
    ) -> Indices:
        """The index of every zone that has monthly factors, and why others have none.

        Args:
            method: "ratio" or "stl"; None is the policy's choice.
            years: first and last calendar year of factors that they rest on; None for all.

        Returns:
            as `carbon.analysis.seasonal_index.seasonal_index` gives them.
        """
        return self._season_indices(method, years)

    def compare_windows(
        self,
        first: Period,
        second: Period,
        *,
        normalise: bool = True,
        workloads: Sequence[str] | None = None,
        zone: str | None = None,
        scope: Scope = "in",
        method: str | None = None,
        years: tuple[int, int] | None = None,
    ) -> WindowComparison:
        """Two periods like for like: as they are, and without season.

        Args:
            first: first and last month of the period compared against.
            second: those of the other period.
            normalise: False leaves the season in, and warns where that misleads.
            workloads: only these; None for all.
            zone: only what is computed with factors of this zone; None for all.
            scope: "in" the boundary, or "all".
            method: "ratio" or "stl"; None is the policy's choice.
            years: first and last calendar year of factors that indices rest on; None for all.

        Raises:
            PortfolioError: a period ends before it begins, or nothing was recorded in it.
        """
        _in_order(first, second)
        indices = self._season_indices(method, years)
        whole = self._between(None, None, scope)
        spans = self._season_spans()
        cells = self._season_cells(whole, indices, workloads, zone)
        try:
            change = compare_windows(cells, indices, spans, first, second, normalise=normalise)
        except ValueError as error:
            raise PortfolioError(f"{error}. Choose months that have activity.") from error
        inside = pl.col("month").is_between(pl.lit(first[0]), pl.lit(first[1]))
        inside |= pl.col("month").is_between(pl.lit(second[0]), pl.lit(second[1]))
        return WindowComparison(change, treated(cells.filter(inside), indices))

    def units_of_windows(
        self,
        first: Period,
        second: Period,
        *,
        workloads: Sequence[str] | None = None,
        zone: str | None = None,
        scope: Scope = "in",
        method: str | None = None,
        years: tuple[int, int] | None = None,
    ) -> pl.DataFrame:
        """What a unit of work takes in two periods: demand by activity instead of by calendar.

        Args:
            first: first and last month of the period compared against.
            second: those of the other period.
            workloads: only these; None for all.
            zone: only workloads with something computed with factors of this zone; None for all.
            scope: "in" the boundary, or "all".
            method: "ratio" or "stl"; None is the policy's choice.
            years: first and last calendar year of factors that indices rest on; None for all.

        Returns:
            workload, model, per (query, 1k_tokens, ...), first_g, second_g [gCO2e per unit,
            location-based], change [1] and normalised_change [1] (without season; the same where
            no index applies), sorted; of workloads that ran in both periods.

        Raises:
            PortfolioError: a period ends before it begins.
        """
        _in_order(first, second)
        indices = self._season_indices(method, years)
        whole = self._between(None, None, scope)
        cells = self._season_cells(whole, indices, workloads, zone)
        keys = ["workload", "model", "per"]
        sides = []
        for name, period in (("first", first), ("second", second)):
            part = cells.filter(pl.col("month").is_between(pl.lit(period[0]), pl.lit(period[1])))
            seasons = season_of(part, indices).rename({"season": f"_{name}"})
            sides.append(
                self.intensity(None, *period, scope=scope)
                .select(*keys, pl.col("location_g").alias(f"{name}_g"))
                .join(seasons, on="workload", validate="m:1")
            )
        change = pl.col("second_g") / pl.col("first_g")
        seasonless = change * pl.col("_first") / pl.col("_second")
        there = pl.col("first_g") > 0
        return (
            sides[0]
            .join(sides[1], on=keys, validate="1:1", nulls_equal=True)
            .select(
                *keys,
                "first_g",
                "second_g",
                pl.when(there).then(change - 1.0).alias("change"),
                pl.when(there).then(seasonless - 1.0).alias("normalised_change"),
            )
            .sort(keys, nulls_last=True)
        )

    def hourly_profile(self, zone: str, method: str | None = None) -> pl.DataFrame:
        """Which hours of a day (UTC) a zone's grid is cleaner, in each calendar month.

        Returns:
            as `carbon.analysis.hourly_profile.hourly_profile` gives it; no rows where the zone
            has no hourly factors of its own.

        Raises:
            PortfolioError: the method is not known.
        """
        try:
            return hourly_profile(self._shelf().all(), zone, method or self.policy.seasonal.method)
        except ValueError as error:
            raise PortfolioError(f"{error}.") from error

    def _season_record(
        self, month_from: str | None, month_to: str | None, scope: Scope
    ) -> Footprint:
        """The footprint of a period that is not empty."""
        whole = self._between(month_from, month_to, scope)
        if whole.lines.is_empty():
            raise PortfolioError("There is no activity in this period: choose others, or import.")
        return whole

    def _season_spans(self) -> pl.DataFrame:
        """When the record of this workspace holds any use at all, of whatever workload."""
        return self._footprint().lines.select(_SPAN)

    def _season_indices(self, method: str | None, years: tuple[int, int] | None) -> Indices:
        """The indices of the factors at hand, made once per state of the workspace."""
        key = (self.version, method, years)
        if key not in self._season_kept:
            try:
                found = seasonal_index(
                    monthly_series(self._shelf().all()), self.policy, method=method, years=years
                )
            except ValueError as error:
                raise PortfolioError(f"{error}.") from error
            self._season_kept = {
                known: kept for known, kept in self._season_kept.items() if known[0] == key[0]
            }
            self._season_kept[key] = found
        return self._season_kept[key]

    def _season_cells(
        self,
        whole: Footprint,
        indices: Indices,
        workloads: Sequence[str] | None,
        zone: str | None,
    ) -> pl.DataFrame:
        cells = seasonal_cells(whole, indices)
        if workloads is not None:
            cells = cells.filter(pl.col("workload").is_in(list(workloads)))
        return cells if zone is None else cells.filter(pl.col("zone") == zone)


def _in_order(*periods: Period) -> None:
    """Each period ends no earlier than it begins.

    Raises:
        PortfolioError: one does.
    """
    for begins, ends in periods:
        if ends < begins:
            raise PortfolioError(f"A period ends before it begins: {begins} to {ends}.")
