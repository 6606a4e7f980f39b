"""Verbs on models: what each costs the climate, once and per use."""

import polars as pl

from carbon.accounting.comparison import accelerators
from carbon.accounting.inference import (
    Serving,
    accelerator_wh_per_1000_queries,
    cells,
    per_request_and_token,
    serving,
)
from carbon.accounting.intensity import expected_requests, intensity
from carbon.accounting.ladder import published
from carbon.accounting.pipeline import Footprint
from carbon.accounting.summary import summarise
from carbon.accounting.training import training
from carbon.accounting.usage import usage
from carbon.disclosure.content import Scope
from carbon.factors.library import load
from carbon.factors.references import references, with_own
from carbon.portfolio import model_view
from carbon.portfolio.inventory_verbs import Inventory
from carbon.portfolio.model_view import ModelView
from carbon.portfolio.opened import PortfolioError


class Models(Inventory):
    """Training and inference of the models of a workspace."""

    def models(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """One row a model: its training so far, its inference per use, its total of the period.

        Returns:
            model, workloads (how many), the measures R of the period, training_kwh,
            training_location_kg, training_market_kg (of the whole record; null where nothing
            trained it), and per `query`, `1k_output_tokens` and `1k_tokens` the energy_wh,
            location_g, market_g with a suffix, boundary_query; largest first.
        """
        chosen = self._between(month_from, month_to, scope)
        named = model_view.named(chosen)
        totals = summarise(named, ["model"], self.policy)
        count = named.lines.group_by("model").agg(workloads=pl.col("workload").n_unique())
        trained = self._trained(scope, ["model"]).select(
            "model",
            training_kwh="energy_facility_kwh",
            training_location_kg="location_kg_co2e",
            training_market_kg="market_kg_co2e",
        )
        used = per_request_and_token(self._serving(chosen, month_from, month_to, scope), ["model"],
                                     self.policy)  # fmt: skip
        found = totals.join(count, on="model", how="left", validate="1:1").join(
            trained.filter(pl.col("model").is_not_null()), on="model", how="full", coalesce=True
        )
        for per in ("query", "1k_output_tokens", "1k_tokens"):
            columns = ("energy_wh", "location_g", "market_g", "boundary", "units")
            found = found.join(
                used.filter(pl.col("per") == per, pl.col("model").is_not_null()).select(
                    "model", *(pl.col(name).alias(f"{name}_{per}") for name in columns)
                ),
                on="model",
                how="left",
                validate="1:1",
            )
        return found.sort("location_kg_co2e", "model", descending=[True, False], nulls_last=True)

    def model_months(
        self,
        method: str = "location",
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> pl.DataFrame:
        """Each model's emissions of every month of the period, in order, for small multiples.

        Args:
            method: `location` or `market`.
            month_from: first month of the period.
            month_to: last month of the period.
            scope: `in` the boundary, or `all`.

        Returns:
            model and months, a list [kgCO2e]; a month without activity is 0 there.
        """
        named = model_view.named(self._between(month_from, month_to, scope))
        rows = summarise(named, ["model", "month"], self.policy)
        every = rows.select(pl.col("month").unique().sort())
        return (
            rows.select(pl.col("model").unique())
            .join(every, how="cross")
            .join(rows, on=["model", "month"], how="left", validate="1:1")
            .sort("model", "month")
            .group_by("model", maintain_order=True)
            .agg(months=pl.col(f"{method}_kg_co2e").fill_null(0.0))
        )

    def model(
        self,
        name: str,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> ModelView:
        """Everything that a model's page shows.

        Raises:
            PortfolioError: no workload of the boundary trains or serves the model.
        """
        whole = model_view.only(self._between(None, None, scope), name)
        if whole.lines.is_empty():
            raise PortfolioError(
                f"No activity belongs to model '{name}'. `carbon models` lists those that have "
                "any; name the model of a workload in the AI inventory."
            )
        chosen = model_view.only(self._between(month_from, month_to, scope), name)
        serves = self._serving(
            self._between(month_from, month_to, scope), month_from, month_to, scope
        )
        per_unit = self.intensity(None, month_from, month_to, scope=scope, by_model=True)
        mine = pl.col("model") == name
        own = per_unit.filter(mine)
        totals = summarise(chosen, [], self.policy).row(0, named=True)
        baseline = self._trained(scope, ["model"]).filter(mine)
        known = self.references()
        only = accelerator_wh_per_1000_queries(serves, ["model"]).filter(mine)
        return ModelView(
            name=name,
            workloads=self.workloads().filter(mine),
            totals=totals,
            months=summarise(whole, ["month", "lifecycle"], self.policy),
            training=baseline,
            endings=self._trained(scope, ["model", "ended"]).filter(mine),
            runs=self._trained(scope, ["model", "workload", "run", "ended"])
            .filter(mine)
            .sort("energy_facility_kwh", descending=True, nulls_last=True, maintain_order=True),
            per_unit=own,
            inference=cells(serves).filter(mine),
            places=model_view.places(chosen, self.policy),
            batches=self._told_apart(name, month_from, month_to, scope),
            accelerator_only=only,
            accelerators=accelerators(only, known.filter("own")),
            comparison=model_view.beside(own, per_unit.filter(~mine), known),
            ladder=published(references().published),
            equivalents=model_view.equivalents(baseline, totals, references()),
            evidence=self._evidence_of(whole),
        )

    def training(
        self,
        model: str | None = None,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> pl.DataFrame:
        """The training baseline by model, workload, run and how the run ended.

        Args:
            model: one model; None is all of them.
            month_from: first month of the period.
            month_to: last month of the period.
            scope: `in` the boundary, or `all`.

        Returns:
            as `carbon.accounting.training.training` gives it.
        """
        chosen = self._between(month_from, month_to, scope)
        groups = ["model", "workload", "run", "ended"]
        rows = training(chosen, groups, load().instances, self.policy)
        return rows if model is None else rows.filter(pl.col("model") == model)

    def inference(
        self,
        model: str | None = None,
        workload: str | None = None,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        by: tuple[str, ...] = ("endpoint",),
    ) -> pl.DataFrame:
        """Energy, requests and tokens of inference by workload, model, month and `by`.

        Args:
            model: one model; None is all of them.
            workload: one workload; None is all of them.
            month_from: first month of the period.
            month_to: last month of the period.
            scope: `in` the boundary, or `all`.
            by: of endpoint, batch_size, accelerator, provider and region.

        Returns:
            as `carbon.accounting.inference.cells` gives it.
        """
        chosen = self._between(month_from, month_to, scope)
        rows = cells(self._serving(chosen, month_from, month_to, scope, by))
        if model is not None:
            rows = rows.filter(pl.col("model") == model)
        return rows if workload is None else rows.filter(pl.col("workload") == workload)

    def intensity(
        self,
        workload: str | None = None,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
        by_model: bool = False,
    ) -> pl.DataFrame:
        """Figures per request, per 1,000 tokens, per training and per accelerator-hour.

        Args:
            workload: one workload; None is all of them.
            month_from: first month of the period.
            month_to: last month of the period.
            scope: `in` the boundary, or `all`.
            by_model: one row a model instead of one a workload and model.

        Returns:
            as `carbon.accounting.intensity.intensity` gives it.

        Raises:
            PortfolioError: nobody knows the workload.
        """
        if workload is not None and workload not in self.workloads()["workload_id"]:
            raise PortfolioError(
                f"Workload '{workload}' is not known. `carbon workloads` lists them all."
            )
        chosen = self._between(month_from, month_to, scope)
        groups = ["model"] if by_model else ["workload", "model"]
        rows = intensity(
            chosen,
            self._serving(chosen, month_from, month_to, scope),
            expected_requests(self.workloads(), self._between(None, None, scope).lines),
            groups,
            self.policy,
        )
        return rows if workload is None else rows.filter(pl.col("workload") == workload)

    def references(self) -> pl.DataFrame:
        """Published figures of models, each with its boundary and its document.

        Returns:
            the columns of `Reference` and own (true: brought by the user); the user's first.
        """
        return with_own(self._workspace.ledger.current_references())

    def _serving(
        self,
        chosen: Footprint,
        month_from: str | None,
        month_to: str | None,
        scope: Scope,
        by: tuple[str, ...] = ("endpoint",),
    ) -> Serving:
        """What serves in a period, with the usage of the same period and boundary."""
        stated = self._workspace.ledger.workloads()
        month = pl.col("month")
        served = usage(
            self._ai_activity(), stated, self._footprint().lines, self.policy, self._files()
        ).filter(month >= (month_from or ""), month <= (month_to or "9999-12"))
        if scope == "in":
            served = served.filter("in_scope")
        return serving(chosen, served, self.policy, by)

    def _trained(self, scope: Scope, groups: list[str]) -> pl.DataFrame:
        """Training over the whole record: it happens once, and seldom in the period asked for."""
        return training(self._between(None, None, scope), groups, load().instances, self.policy)

    def _told_apart(
        self, name: str, month_from: str | None, month_to: str | None, scope: Scope
    ) -> pl.DataFrame:
        """Figures per request by endpoint, batch size, accelerator and region."""
        by = ("endpoint", "batch_size", "accelerator", "provider", "region")
        whole = self._between(month_from, month_to, scope)
        serves = self._serving(whole, month_from, month_to, scope, by)
        rows = per_request_and_token(serves, ["workload", "model", *by], self.policy)
        return rows.filter(pl.col("model") == name, pl.col("per") == "query")

    def _evidence_of(self, whole: Footprint) -> pl.DataFrame:
        """The files behind a model's lines."""
        files, evidence = self._files(), "evidence_id"
        return (
            whole.lines.group_by(evidence, "format")
            .agg(
                rows=pl.col("row_number").n_unique(),
                first_month=pl.col("month").min(),
                last_month=pl.col("month").max(),
                workloads=pl.col("workload").unique().sort().str.join(", "),
            )
            .with_columns(file=pl.col(evidence).replace_strict(files, default=None))
            .sort("file", evidence, nulls_last=True)
            .select(
                "file", "format", "workloads", "rows", "first_month", "last_month", "evidence_id"
            )
        )
