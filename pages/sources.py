"""Sources: what do we have, and what is missing?"""

import datetime as dt
from typing import Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import bar, charts, coverage, gate, numbers, states, tables
from pages.ui.view import View

DONE: Final = "place_stated"

TITLES: Final = {
    "name": "Source",
    "first_month": "First month",
    "last_month": "Last month",
    "coverage": "Coverage",
    "gaps": "Months missing between",
    "overdue": "Months overdue",
    "next_expected": "Next expected",
    "last_import": "Last import",
    "last_by": "By",
    "last_file": "Last file",
    "files": "Files",
    "taken": "Rows taken",
    "set_aside": "Rows set aside",
    "superseded": "Rows replaced by a later file or version",
    "superseded_by_meters": "Rows that another source states better",
    "model_versions": "Provider's model versions",
    "restated": "Months restated",
    "timezone": "Time zone of times without one",
    "title": "Format",
}

KINDS: Final = {"host": "Host", "site": "Site", "account": "Account", "workload": "Workload"}


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Sources", anchor=False)
    st.caption(
        "What every source has brought, month by month, and what is missing. A month is covered "
        "as far as its days carry rows; of telemetry only what the meter saw counts."
    )
    # The place stays when what was said goes, so that nothing below it is drawn anew.
    with st.container():
        if said := st.session_state.pop(DONE, None):
            st.success(said, icon=":material/check:")
    # The sample stands still: nothing of it becomes due.
    today = None if view.is_sample else dt.datetime.now(dt.UTC).date()
    sources: pl.DataFrame = view.ask("sources", today)
    if sources.is_empty():
        states.empty(
            "Here every source will stand, with the months that it covers and those it lacks.",
            "Nothing was imported yet.",
        )
        return
    named = _named(sources)
    _outdated(view)
    _calendar(view, named, today)
    _places(view)
    _list(named)
    _replaced(view)
    _general_it(view)


def _named(sources: pl.DataFrame) -> pl.DataFrame:
    """Sources with the name by which a person calls them: that of the files, else the format."""
    family = pl.col("source").str.extract(r" · (.*)$", 1)
    return sources.with_columns(name=pl.coalesce(family, "title", "format"))


def _calendar(view: View, sources: pl.DataFrame, today: dt.date | None) -> None:
    months: pl.DataFrame = view.ask("source_calendar", today)
    months = months.filter(
        pl.col("month") >= (view.month_from or ""), pl.col("month") <= (view.month_to or "9999-12")
    )
    if months.is_empty():
        st.info("No source has a row in this period.", icon=":material/filter_alt_off:")
        return
    st.subheader("Calendar", anchor=False)
    names = {
        source: name
        for source, name in sources.select("source", "name").iter_rows()
        if source in set(months["source"])
    }
    charts.show(coverage.months_by_source(months, names), key="source_calendar")
    st.caption(
        "Strong: the whole month is there; faint: part of it. Red outline: a month is missing "
        "between others. Dotted: the next file is due by the source's own rhythm."
    )
    shown = months.select(
        pl.col("source").replace(names).alias("name"),
        "month",
        "coverage",
        pl.col("state").replace(coverage.STATES),
    )
    tables.beside(
        shown,
        key="calendar",
        alt="Coverage of every month of every source",
        titles={**TITLES, "coverage": "Share of the month", "state": "State"},
        download="sources-by-month.csv",
    )


def _list(sources: pl.DataFrame) -> None:
    st.subheader("Every source", anchor=False)
    tables.show(
        sources,
        key="sources",
        alt="Every source: its files, its months, what is due, and rows that do not count",
        columns=list(TITLES),
        titles=TITLES,
        download="sources.csv",
    )


def _replaced(view: View) -> None:
    """Energy that another source states better, with what counts instead."""
    rows: pl.DataFrame = view.ask("stated_better")
    if rows.is_empty():
        return
    with st.expander(
        "Energy that several sources saw: "
        f"{numbers.count(int(rows['rows'].sum()), 'row')} not counted",
        icon=":material/join_inner:",
    ):
        st.caption("The same kilowatt-hours count once; the policy chooses whose.")
        tables.show(
            rows,
            key="superseded",
            alt="What another source states better, with what counts instead",
            titles={
                "resource": "Device",
                "rows": "Rows",
                "kwh_not_counted": "Not counted [kWh]",
                "instead": "Counts instead",
                "why": "Why",
            },
        )
        # Row by row, as the accounting set them apart.
        every: pl.DataFrame = view.ask("superseded")
        tables.csv_button(every, "rows-stated-better-elsewhere.csv", key="superseded_csv")


def _general_it(view: View) -> None:
    """What bills hold beside AI."""
    services: pl.DataFrame = view.ask("general_services")
    if services.is_empty():
        return
    with st.expander(
        f"General IT on the bills: {numbers.count(int(services['lines'].sum()), 'line')} "
        "not counted",
        icon=":material/dns:",
    ):
        st.caption(
            "No rule of the policy calls these AI. Where some of it is, tag it with its workload, "
            "or name its service, SKU or tag in the policy."
        )
        tables.show(
            services,
            key="general_it",
            alt="Lines of bills that are no AI, by service",
            titles={
                "account": "Account",
                "service": "Service",
                "sku": "What was billed",
                "lines": "Lines",
                "cost": "Cost",
                "currency": "Currency",
            },
            download="general-it.csv",
        )


def _outdated(view: View) -> None:
    """Files that were read under other choices than those of today."""
    files: pl.DataFrame = view.ask("outdated_readings")
    if files.is_empty():
        return
    with st.container(border=True):
        st.markdown(
            f":material/history: **{numbers.count(files.height, 'file')} read under other choices "
            "for telemetry** than those of the policy today (limits of gaps, span of a row): "
            + numbers.plain(", ".join(files["file"].to_list()))
        )
        if st.button("Read again", key="reread", icon=":material/refresh:"):
            try:
                with st.spinner("Reading from evidence"):
                    view.portfolio.reread(who=gate.who())
            except PortfolioError as error:
                st.error(numbers.plain(str(error)), icon=":material/error:")
                return
            st.session_state[DONE] = (
                "Read again. The new reading counts; the old one stays in the log."
            )
            st.rerun()


def _places(view: View) -> None:
    """Hosts, sites and accounts whose files do not say where they stand."""
    wanted: pl.DataFrame = view.ask("places_wanted")
    if wanted.is_empty():
        return
    st.subheader("Where does it stand?", anchor=False)
    st.markdown(
        f"Of {numbers.count(wanted.height, 'name')} no file says where the power is drawn: their "
        "energy has no grid factor, and so no emissions, until a place is stated."
    )
    tables.show(
        wanted.with_columns(pl.col("kind").replace(KINDS)),
        key="places_wanted",
        alt="Hosts, sites and accounts without a place, most rows first",
        titles={
            "kind": "What",
            "name": "Name",
            "rows": "Rows",
            "first_month": "First month",
            "last_month": "Last month",
        },
    )
    with (
        st.form("place"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.selectbox(
            "Name, or a pattern with * and ?",
            wanted["name"].to_list(),
            accept_new_options=True,
            key="place_name",
            width=260,
        )
        where = st.text_input(
            "Stands in",
            key="place_where",
            placeholder="FR, US-CA, CAMX, aws:eu-west-1",
            width=260,
        )
        stated = st.form_submit_button("State the place", icon=":material/place:")
    if stated:
        try:
            view.portfolio.place(name or "", where, who=gate.who())
        except PortfolioError as error:
            st.error(numbers.plain(str(error)), icon=":material/error:")
            return
        st.session_state[DONE] = (
            f"{numbers.plain(name)} stands in {numbers.plain(where)}. The policy keeps it."
        )
        st.rerun()


gate.require()
draw(bar.current())
