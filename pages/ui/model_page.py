"""One model's page: its life in one picture, what it takes per use, and beside whom."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import accelerator_figure, charts, lineage, model_charts, numbers, tables, words
from pages.ui.view import View

RUNS: Final = (
    *("workload", "run", "ended", "energy_facility_kwh", "location_kg_co2e", "market_kg_co2e"),
    *("accelerator_hours", "node_hours", "wall_hours", "first_month", "last_month", "tier"),
)
TITLES: Final = {
    "units": "How many",
    "run": "Run",
    "ended": "How it ended",
    "accelerator": "Accelerator",
    "accelerator_hours": "Accelerator-hours [h]",
    "node_hours": "Node-hours [h]",
    "wall_hours": "Wall-hours [h]",
    "first_month": "First month",
    "last_month": "Last month",
    "energy_wh": "Energy, facility [Wh]",
    "location_g": "Location-based [gCO₂e]",
    "market_g": "Market-based [gCO₂e]",
    "boundary": "What the figure sees",
    "name": "Other figure",
    "comparable": "Comparable",
    "ratio": "This model is so many times it",
    "ratio_needed": "Other boundary: published ratio",
    "statistic": "Statistic",
    "task": "What was asked",
    "document": "Document",
    "release": "Edition",
    "publisher": "Publisher",
    "whose": "Whose",
    "format": "Format",
    "workloads": "Workloads",
    "rows": "Rows",
    "endpoint": "Endpoint",
    "batch_size": "Batch size",
}


def draw(view: View, name: str) -> None:
    """The whole page."""
    found = view.of_period("model", name)
    st.header(numbers.plain(name), anchor=False)
    _facts(found)
    _figures(view, found)
    _life(view, found)
    _per_unit(found)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _comparison(found)
    with right:
        _runs(view, found)
        _places(found)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _equivalents(view, found)
    with right:
        _evidence(view, found)


def _facts(found: Any) -> None:
    """What the inventory says of it, in one line."""
    parts = [numbers.count(found.workloads.height, "workload")]
    for column, title in (("parameters", "parameters"), ("architecture", "architecture")):
        stated = found.workloads[column].drop_nulls().unique().sort().to_list()
        if stated:
            parts.append(f"{numbers.plain(', '.join(stated))} {title}")
    owners = found.workloads["owner"].drop_nulls().unique().sort().to_list()
    parts.append(f"owner {numbers.plain(', '.join(owners))}" if owners else "no owner stated")
    st.caption(" · ".join(parts))


def _figures(view: View, found: Any) -> None:
    """Once, per use, and in all: the first thing seen."""
    per = {row["per"]: row for row in found.per_unit.iter_rows(named=True)}
    with st.grid(4, min_column_width=205):
        with st.container(border=True, height="stretch"):
            _once(view, found)
        with st.container(border=True, height="stretch"):
            _use(view, "Per request", per.get("query"), "no count of requests")
        with st.container(border=True, height="stretch"):
            use = per.get("1k_output_tokens") or per.get("1k_tokens")
            title = words.PER_UNITS[use["per"]] if use else "1,000 tokens"
            _use(view, f"Per {title}", use, "no count of tokens")
        with st.container(border=True, height="stretch"):
            st.markdown("**This period, all of it**")
            for method in view.methods:
                kg = found.totals[f"{method}_kg_co2e"]
                st.metric(words.METHODS[method], numbers.mass(kg))
                st.caption(
                    numbers.interval(
                        found.totals[f"{method}_low_kg"], found.totals[f"{method}_high_kg"]
                    )
                )
            st.caption(
                f"{numbers.energy(found.totals['energy_facility_kwh'])} facility energy, "
                f"{words.name_of(words.TIERS, found.totals['tier'])}"
            )


def _once(view: View, found: Any) -> None:
    st.markdown("**Training, once**")
    if found.training.is_empty():
        st.markdown("Nothing trained it here.")
        st.caption("A model that others trained bears no training of its own.")
        return
    row = found.training.row(0, named=True)
    for method in view.methods:
        st.metric(words.METHODS[method], numbers.mass(row[f"{method}_kg_co2e"]))
        st.caption(numbers.interval(row[f"{method}_low_kg"], row[f"{method}_high_kg"]))
    st.caption(
        f"{numbers.energy(row['energy_facility_kwh'])}, {numbers.count(row['runs'], 'run')}, "
        f"{numbers.period(row['first_month'], row['last_month'])}, whatever period is chosen"
    )


def _use(view: View, title: str, row: dict[str, Any] | None, missing: str) -> None:
    st.markdown(f"**{title}**")
    if row is None:
        st.markdown("Not known.")
        st.caption(f"There is {missing} beside its energy in this period.")
        return
    for method in view.methods:
        st.metric(words.METHODS[method], numbers.grams(row[f"{method}_g"]))
        st.caption(numbers.between(row[f"{method}_low_g"], row[f"{method}_high_g"], numbers.grams))
    st.caption(f"{numbers.watt_hours(row['energy_wh'])}, {words.name_of(words.TIERS, row['tier'])}")
    st.caption(f"**{words.name_of(words.FIGURE_BOUNDARIES, row['boundary'])}**")


def _life(view: View, found: Any) -> None:
    st.subheader("Its life", anchor=False)
    method = view.methods[0]
    totals = found.months.select("month", f"{method}_kg_co2e")
    chart = charts.months_by_lifecycle(found.months, totals, method)
    charts.show(chart, key=f"life_{method}", height=280)
    st.caption(
        "Development, training, fine-tuning and inference of every month on record, "
        f"{words.METHODS[method].lower()}."
    )
    tables.beside(
        found.months,
        key="life_table",
        alt="Emissions of the model by month and lifecycle",
        columns=tables.measures("month", "lifecycle"),
        download="model-months.csv",
    )


def _per_unit(found: Any) -> None:
    st.subheader("Per use", anchor=False)
    if found.per_unit.is_empty():
        st.markdown("No requests, tokens, trainings or accelerator-hours are known of it.")
        return
    read = pl.DataFrame([_as_read(row) for row in found.per_unit.iter_rows(named=True)])
    tables.show(
        read,
        key="per_unit",
        alt="Energy and emissions per request, token, training and accelerator-hour",
        titles={title: title for title in read.columns},
    )
    tables.csv_button(found.per_unit, "per-use.csv", key="per_unit_csv")
    if found.per_unit["training_share_g"].null_count() < found.per_unit.height:
        st.caption(
            "The share of training is a scenario: training so far over the requests that the "
            "inventory expects of its life. It is in no other figure."
        )
    else:
        st.caption("No number of requests is expected of its life: no share of training is shown.")
    accelerator_figure.draw(found)
    _told_apart(found)


def _as_read(row: dict[str, Any]) -> dict[str, str]:
    """A figure per unit as it is read: no one format fits a request and a training."""
    grams, wh = numbers.grams, numbers.watt_hours
    return {
        "Per": words.PER_UNITS[row["per"]],
        "What the figure sees": words.name_of(words.FIGURE_BOUNDARIES, row["boundary"]),
        "Energy, facility": wh(row["energy_wh"]),
        "Location-based CO₂e": grams(row["location_g"]),
        "Market-based CO₂e": grams(row["market_g"]),
        "Embodied hardware CO₂e": grams(row["embodied_g"]),
        "Energy, low to high": f"{wh(row['energy_low_wh'])} to {wh(row['energy_high_wh'])}",
        "of it idle capacity": "none" if row["idle_wh"] is None else wh(row["idle_wh"]),
        "of it cooling": wh(row["overhead_wh"]),
        "Scenario: share of training": _share(row["training_share_g"]),
        "How many": numbers.significant(row["units"], 4),
        "Energy with a count": _coverage(row["unit_coverage"]),
        "How the energy is known": words.name_of(words.TIERS, row["tier"]),
    }


def _share(grams: float | None) -> str:
    return "–" if grams is None else numbers.grams(grams)


def _coverage(share: float | None) -> str:
    return "–" if share is None else numbers.percent(share)


def _told_apart(found: Any) -> None:
    """Requests by endpoint, batch size, hardware and region."""
    if found.batches.height < 2:
        return
    with st.expander("By workload, hardware and region", icon=":material/table:"):
        tables.show(
            found.batches.with_columns(pl.col("boundary").replace(_known(words.FIGURE_BOUNDARIES))),
            key="told_apart",
            alt="Energy and emissions per request by workload, endpoint, hardware and region",
            columns=[
                *("workload", "provider", "region", "accelerator", "endpoint", "batch_size"),
                *("energy_wh", "location_g", "market_g", "boundary", "units"),
            ],
            titles=TITLES,
            download="per-request.csv",
        )


def _comparison(found: Any) -> None:
    st.subheader("Beside others, per request", anchor=False)
    rows = found.comparison.filter(pl.col("per") == "query")
    own = found.per_unit.filter(pl.col("per") == "query")
    if own.is_empty() or own["energy_wh"][0] is None:
        st.markdown("Without a figure per request there is nothing to compare.")
        return
    alike = pl.concat(
        [
            own.select(name=pl.lit(f"{found.name}"), energy_wh="energy_wh", whose=pl.lit("own")),
            rows.filter("comparable").select("name", "energy_wh", "whose"),
        ]
    )
    chart = model_charts.beside(alike.drop_nulls("energy_wh").sort("energy_wh", "name"), found.name)
    charts.show(chart, key="beside")
    other = rows.filter(~pl.col("comparable"))
    boundary = words.name_of(words.FIGURE_BOUNDARIES, own["boundary"][0]).lower()
    st.caption(
        f"Only figures with the same boundary are drawn ({boundary}). Tasks differ: a figure here "
        f"is no ranking of quality. {numbers.count(other.height, 'figure')} with another boundary, "
        "or none said, are in the table alone, with the ratio that one provider published between "
        "the two boundaries."
    )
    tables.beside(
        rows.with_columns(
            pl.col("boundary").replace(_known(words.FIGURE_BOUNDARIES)),
            pl.col("whose").replace(words.WHOSE),
        ),
        key="comparison",
        alt="Figures per request of others, with their boundaries and documents",
        columns=[
            *("name", "whose", "energy_wh", "boundary", "comparable", "ratio", "ratio_needed"),
            *("statistic", "task", "location_g", "market_g", "release", "publisher", "document"),
        ],
        titles=TITLES,
        download="comparison.csv",
    )


def _runs(view: View, found: Any) -> None:
    st.subheader("Runs by how they ended", anchor=False)
    if found.runs.is_empty():
        st.markdown("Nothing trained it here.")
        return
    charts.show(model_charts.endings(found.endings, view.methods[0]), key="endings")
    unknown = found.endings.filter(pl.col("ended") == "not_stated")
    if unknown.height == found.endings.height:
        st.caption(
            "No source says how its runs ended. MLflow, Weights & Biases and Slurm do; failed and "
            "search runs are part of training either way."
        )
    tables.beside(
        found.runs.with_columns(pl.col("ended").replace(words.ENDINGS)),
        key="runs",
        alt="Runs of training with their energy, emissions and hours",
        columns=list(RUNS),
        titles=TITLES,
        download="runs.csv",
    )
    st.caption(
        "Accelerator-hours, node-hours and wall-hours are three things: none is worked out from "
        "another, and none is added to another."
    )


def _places(found: Any) -> None:
    st.subheader("Hardware and regions", anchor=False)
    tables.show(
        found.places,
        key="places",
        alt="Energy and emissions of the model by hardware and place",
        columns=[
            *("accelerator", "provider", "region", "site", "zone", "energy_facility_kwh"),
            *("location_kg_co2e", "market_kg_co2e", "embodied_kg_co2e", "tier"),
        ],
        titles=TITLES,
        download="model-places.csv",
    )


def _equivalents(view: View, found: Any) -> None:
    st.subheader("In everyday terms", anchor=False)
    for what, title in (("training", "Its training"), ("period", "This period, all of it")):
        rows = found.equivalents.filter(pl.col("what") == what)
        if rows.is_empty():
            continue
        st.markdown(f"{title}, {numbers.mass(rows['emissions_kg'][0])} location-based, is about")
        for row in rows.iter_rows(named=True):
            st.markdown(f"- **{numbers.significant(row['count'], 2)}** {row['many']}")
    sources = found.equivalents.select("publisher", "document").unique().iter_rows()
    for publisher, document in sources:
        st.caption(
            f"{numbers.plain(publisher)}: {numbers.plain(document, links=True)}. An illustration "
            "with averages of the United States, and no part of any total."
        )


def _evidence(view: View, found: Any) -> None:
    st.subheader("What it rests on", anchor=False)
    tables.show(
        found.evidence,
        key="model_evidence",
        alt="Files behind the model's figures",
        columns=["file", "format", "workloads", "rows", "first_month", "last_month"],
        titles=TITLES,
        download="model-evidence.csv",
    )
    st.caption("A workload opens its formula, factors, rows and files.")
    names = found.workloads["workload_id"].to_list()
    with st.container(horizontal=True):
        for n, name in enumerate(names):
            if st.button(numbers.plain(name), key=f"open_{n}", type="tertiary"):
                lineage.workload(view, name)


def _known(table: dict[Any, str]) -> dict[str, str]:
    return {code: word for code, word in table.items() if code is not None}
