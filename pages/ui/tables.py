"""Tables and their CSV: full precision, in the analyst's words, safe to open in a spreadsheet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import numbers, words

_RUNS_IN_A_SPREADSHEET: Final = r"^[=+\-@\t\r]"

MOST_LISTED: Final = 20
"""Up to so many reasons are written out whole; more stand in a table that scrolls."""

CSV_DIGITS: Final = 12
"""Significant digits of a number in CSV: all that a figure has, without the dust of binary sums."""

MOST_STYLED_CELLS: Final = 60_000
"""Beyond this many cells a table shows its numbers unstyled rather than slowly."""

_TEXTS: Final[Mapping[str, tuple[str, Mapping[Any, str]]]] = {
    "lifecycle": ("Lifecycle", words.LIFECYCLES),
    "scope_category": ("Scope category", words.SCOPE_CATEGORIES),
    "component": ("Component", words.COMPONENTS),
    "rung": ("Rung of the hierarchy", words.RUNGS),
    "provider": ("Provider", words.PROVIDERS),
    "tier": ("How the energy is known", words.TIERS),
}

_TITLES: Final[Mapping[str, str]] = {
    "workload": "Workload",
    "workload_id": "Workload",
    "model": "Model",
    "month": "Month",
    "place": "Place",
    "zone": "Grid zone",
    "country": "Country",
    "region": "Region",
    "market": "Market boundary",
    "file": "File",
    "row": "Row",
    "row_number": "Row",
    "iso3": "Country code",
    "country_kg_per_kwh": "Intensity of the country as used [kgCO₂e/kWh]",
    "quantity_kind": "What",
    "quantity": "Quantity",
    "unit": "Unit",
    "period_start": "From",
    "period_end": "Until, exclusive",
    "site": "Site",
    "accelerator_count": "Accelerators",
    "average_power_w": "Mean power [W]",
    "instance_type": "Instance type",
    "pue": "PUE",
    "location_factor_kg_per_kwh": "Location factor [kgCO₂e/kWh]",
    "market_factor_kg_per_kwh": "Market factor [kgCO₂e/kWh]",
    "instrument_id": "Instrument",
    "kg_co2e_per_kwh": "Rate [kgCO₂e/kWh]",
    "column": "Column",
    "value": "Value",
    "reason": "What is wrong, and what to do",
    "kwh": "Energy [kWh]",
    "kg_co2e": "Emissions [kgCO₂e]",
    "asserted_kwh": "Asserted without a document [kWh]",
    "location_kg": "Location-based [kgCO₂e]",
    "market_kg": "Market-based [kgCO₂e]",
    "kg_per_kwh": "Intensity as used [kgCO₂e/kWh]",
    "latitude": "Latitude",
    "longitude": "Longitude",
    **words.MEASURES,
    "tier": "How the energy is known",
}

_MEASURES_SHOWN: Final = (
    "energy_facility_kwh",
    "location_kg_co2e",
    "location_low_kg",
    "location_high_kg",
    "market_kg_co2e",
    "market_low_kg",
    "market_high_kg",
    "embodied_kg_co2e",
    "water_l",
    "location_coverage",
    "market_coverage",
    "tier",
)


def csv(frame: pl.DataFrame) -> bytes:
    """A frame as UTF-8 CSV, numbers to twelve significant digits.

    Text that a spreadsheet would run is marked as text with `'`.
    """
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    safe = (
        frame.select(~pl.selectors.nested())
        .with_columns(
            pl.when(pl.col(name).str.contains(_RUNS_IN_A_SPREADSHEET))
            .then(pl.lit("'") + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        )
        .with_columns(pl.selectors.float().round_sig_figs(CSV_DIGITS))
    )
    # The byte-order mark makes Excel read UTF-8.
    return safe.write_csv(include_bom=True).encode()


def in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """The codes of a frame as words."""
    return frame.with_columns(
        pl.col(name)
        .cast(pl.String)
        .replace({code: word for code, word in table.items() if code is not None})
        for name, (_, table) in _TEXTS.items()
        if name in frame.columns
    )


def show(
    frame: pl.DataFrame,
    *,
    key: str,
    alt: str,
    columns: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
    bars: Mapping[str, str] | None = None,
    height: int | str = "auto",
    as_stated: bool = False,
    select: Callable[[dict[str, Any]], None] | None = None,
    download: str | None = None,
) -> None:
    """A table, its CSV one click away, and what a click on a row opens.

    Args:
        frame: the rows; the CSV holds all of its columns as they are.
        key: of the widget.
        alt: what the table holds, for a screen reader.
        columns: those to show, in order; all by default.
        titles: the columns' titles where the house's do not fit.
        bars: columns of lists of numbers that are drawn as small bars, each with what they show;
            they are not in the CSV.
        height: as `st.dataframe`.
        as_stated: numbers with every decimal that the file gives (six at most), not aligned.
        select: called with the row that was clicked.
        download: file name of the CSV; none, no button.
    """
    shown = _shares(in_words(frame.select(columns or frame.columns)))
    if select:
        key = f"{key}_{panels_closed()}"
    event = st.dataframe(
        _styled(shown, as_stated=as_stated),
        key=key,
        hide_index=True,
        height=height,
        alt=alt,
        column_config=_config(shown, titles or {}) | _bars(bars or {}, titles or {}),
        placeholder="–",
        on_select="rerun" if select else "ignore",
        selection_mode="single-row",
    )
    if download:
        csv_button(frame, download, key=f"{key}_csv")
    if select and (picked := event.selection.rows) and _is_new(key, picked):
        select(frame.row(picked[0], named=True))


def styled(frame: pl.DataFrame) -> Any:
    """The frame with its numbers as a person reads them, for a table that is edited."""
    return _styled(frame, as_stated=False)


def measures(*by: str) -> list[str]:
    """The columns of a footprint table: what it is by, then the measures."""
    return [*by, *_MEASURES_SHOWN]


def csv_button(
    frame: pl.DataFrame, name: str, *, key: str, title: str = "Download CSV", **options: Any
) -> None:
    """A button that hands over the frame as CSV; the bytes are made on the click."""
    st.download_button(
        title,
        data=lambda: csv(frame),
        file_name=name,
        mime="text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        **{"type": "tertiary", **options},
    )


def beside(frame: pl.DataFrame, *, key: str, alt: str, download: str, **options: Any) -> None:
    """The table behind a chart, folded away beneath it."""
    with st.expander("Table and CSV", icon=":material/table:"):
        show(frame, key=key, alt=alt, download=download, **options)


def panels_closed() -> int:
    """How many panels the reader has closed: part of the key of what opens one.

    A selection outlives the panel that it opened; under a new key nothing is selected, and the
    same click opens the same panel again.
    """
    closed: int = st.session_state.get("panels_closed", 0)
    return closed


def panel_closed() -> None:
    """For the `on_dismiss` of a panel."""
    st.session_state["panels_closed"] = panels_closed() + 1


def rows_of(reasons: pl.DataFrame) -> int:
    """How many rows are set aside: a row may have several reasons.

    Args:
        reasons: file, row and reason, one line a reason.
    """
    return reasons.select("file", "row").n_unique()


def reasons(frame: pl.DataFrame, *, key: str, alt: str, download: str | None = None) -> None:
    """What is wrong with which row, each reason whole.

    Args:
        frame: row, column, value, reason, and file where there are several.
        key: of the widget.
        alt: what the table holds, for a screen reader.
        download: file name of the CSV; none, no button.
    """
    order = ["row", "reason", "column", "value", *(["file"] if "file" in frame.columns else [])]
    with st.container(key=f"reasons_{key}"):
        if frame.height <= MOST_LISTED:
            st.table(_written_out(frame), hide_index=True, alt=alt)
        else:
            st.dataframe(
                frame.select(order),
                key=key,
                hide_index=True,
                row_height=92,
                alt=alt,
                column_config={
                    "row": st.column_config.NumberColumn("Row", format="%d", width=60),
                    "reason": st.column_config.Column(_TITLES["reason"], width=460),
                    "column": st.column_config.Column("Column", width=130),
                    "value": st.column_config.Column("Value", width=120),
                    "file": st.column_config.Column("File", width=170),
                },
                placeholder="–",
            )
    if download:
        csv_button(frame, download, key=f"{key}_csv")


def _written_out(frame: pl.DataFrame) -> pl.DataFrame:
    """Reasons as two columns of Markdown: where, and what."""
    lines = []
    for row in frame.to_dicts():
        where = f"**Row {row['row']}**" if row["row"] is not None else "**The file**"
        if row.get("file"):
            where += f" of {numbers.plain(row['file'])}"
        cell = numbers.plain(row["column"]) if row["column"] else ""
        if row["value"] not in (None, ""):
            cell = f"{cell}: {numbers.plain(row['value'])}" if cell else numbers.plain(row["value"])
        lines.append(
            {
                "Where": where + (f", {cell}" if cell else ""),
                _TITLES["reason"]: numbers.plain(row["reason"]),
            }
        )
    return pl.DataFrame(lines)


def _is_new(key: str, picked: list[int]) -> bool:
    """Whether the selection changed since it was last acted on.

    A selection outlives the click that made it; without this, every rerun would open the same
    panel again.
    """
    seen = f"{key}_opened"
    if st.session_state.get(seen) == picked:
        return False
    st.session_state[seen] = picked
    return True


def _config(frame: pl.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for name, kind in frame.schema.items():
        title = titles.get(name) or _TITLES.get(name) or name.replace("_", " ").capitalize()
        if _is_share(name):
            config[name] = st.column_config.ProgressColumn(
                title.replace(" [1]", ""), min_value=0, max_value=1, format="percent", width="small"
            )
        elif kind.is_float():
            config[name] = st.column_config.NumberColumn(title)
        elif isinstance(kind, pl.Datetime):
            config[name] = st.column_config.DatetimeColumn(
                f"{title} (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC"
            )
        elif kind == pl.Date:
            config[name] = st.column_config.DateColumn(title, format="YYYY-MM-DD", width=110)
        elif kind.is_integer():
            config[name] = st.column_config.NumberColumn(title, format="%d")
        else:
            config[name] = st.column_config.Column(title)
    return config


def _bars(bars: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: st.column_config.BarChartColumn(
            titles.get(name, name), help=shown, y_min=0, width=130
        )
        for name, shown in bars.items()
    }


def _styled(frame: pl.DataFrame, *, as_stated: bool) -> Any:
    """The frame with thousands parted by a narrow space; the cells stay numbers, so they sort.

    A widget's own formats part thousands by a comma, which half the world reads as a decimal.
    """
    figures = [name for name, kind in frame.schema.items() if kind.is_float()]
    if not figures or frame.height * frame.width > MOST_STYLED_CELLS:
        return frame
    formats: dict[str, Callable[[Any], str]] = {
        name: numbers.stated if as_stated else _format(frame[name])
        for name in figures
        if not _is_share(name)
    }
    for name, kind in frame.schema.items():
        if kind == pl.Date:
            formats[name] = _day
    return frame.to_pandas().style.format(formats, na_rep=numbers.NOT_KNOWN)


def _day(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}"


def _shares(frame: pl.DataFrame) -> pl.DataFrame:
    """Shares to a tenth of a per cent, which leaves room for their bars; never up to the whole."""
    return frame.with_columns(
        ((pl.col(name) * 1000 + 1e-9).floor() / 1000).alias(name)
        for name, kind in frame.schema.items()
        if kind.is_float() and _is_share(name)
    )


def _is_share(name: str) -> bool:
    return name.endswith(("coverage", "completeness", "share"))


def _format(values: pl.Series) -> Callable[[float], str]:
    """Decimals that give the column's largest value about five significant digits."""
    largest = values.abs().max() or 0.0
    decimals = 0 if largest >= 1e4 else 1 if largest >= 100 else 3 if largest >= 1 else 6
    return lambda value: f"{value:,.{decimals}f}".replace(",", numbers.THIN)
