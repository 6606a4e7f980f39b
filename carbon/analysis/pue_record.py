"""PUE beside temperature: what a regression is fitted to, and which energy has weather in it.

PUE comes from the weather file where it stands there, else from the rows of activity that state it
month by month. A PUE that is one figure for all months is one of the year, whoever states it, and
has no weather in it.
"""

from typing import Final

import numpy as np
import polars as pl

from carbon.accounting.sums import known_sum_by, sum_by
from carbon.analysis.degree_days import Driver, Observed, Values
from carbon.exact import ratio

DRIVERS: Final[tuple[Driver, ...]] = ("mean_temp_c", "wet_bulb_c")
_WHOLE: Final = 1e-9
_FINENESS: Final = {"hour": 0, "day": 1, "month": 2}


def lines_at(lines: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    """Lines of the place that some weather is of: its site, else its region, else its zone."""
    row = weather.row(0, named=True)
    if row["site"] is not None:
        return lines.filter(pl.col("site").str.to_lowercase() == row["site"].lower())
    if row["region"] is not None:
        at = (pl.col("provider") == row["provider"]) & (pl.col("region") == row["region"])
        return lines.filter(at)
    return lines.filter(pl.col("zone") == row["zone"])


def has_weather(lines: pl.DataFrame) -> pl.Expr:
    """Which lines have weather in their PUE: those of rows within one month that state it, or that
    are the facility's meter. One PUE for all months is a figure of the year, whoever states it.

    Args:
        lines: of the place, of the whole record.
    """
    stated = (pl.col("pue_source") == "row").fill_null(False)
    values = lines.filter(stated).select(pl.col("pue").n_unique(), pl.col("month").n_unique())
    flat = values["pue"][0] == 1 and values["month"][0] > 1
    metered = (pl.col("boundary") == "facility").fill_null(False)
    within = pl.col("month_share") > 1 - _WHOLE
    return within & (metered if flat else metered | stated)


def varying(lines: pl.DataFrame) -> pl.DataFrame:
    """Energy by month: month, it_kwh, facility_kwh [kWh], location_kg [kgCO2e].

    IT energy is null in a month where part of the facility's energy has none beside it.
    """
    columns = ["energy_it_kwh", "energy_facility_kwh", "location_kg"]
    known = lines.filter(pl.col("energy_facility_kwh").is_not_null())
    sums = known_sum_by(known.sort("month", "line_id"), ["month"], columns)
    bare = known.filter(pl.col("energy_it_kwh").is_null())["month"].unique().implode()
    return sums.select(
        "month",
        it_kwh=pl.when(~pl.col("month").is_in(bare)).then("energy_it_kwh"),
        facility_kwh="energy_facility_kwh",
        location_kg="location_kg",
    ).sort("month")


def finest(weather: pl.DataFrame) -> pl.DataFrame:
    """Rows of the finest span that the place has PUE of, else of any, so that no hour counts twice;
    with month (YYYY-MM), in order of time.

    Args:
        weather: schema Weather, of one place, of years that were.
    """
    metered = weather.filter(pl.col("pue").is_not_null())
    spans = (metered if metered.height else weather)["span"].unique().to_list()
    chosen = min(spans, key=_FINENESS.__getitem__, default=None)
    return weather.filter(pl.col("span") == chosen).sort("at").with_columns(month=month_of_span())


def month_of_span() -> pl.Expr:
    """YYYY-MM of a row of weather."""
    return pl.col("at").dt.strftime("%Y-%m")


def observed_pue(
    was: pl.DataFrame, by_month: pl.DataFrame
) -> tuple[Observed | None, str | None, pl.DataFrame]:
    """PUE beside temperature: of the weather file, else the months that rows state.

    Args:
        was: weather of the place, as `finest` gives it.
        by_month: its energy by month, as `varying` gives it.

    Returns:
        what to fit, null where no PUE is known; "file" or "activity", where it comes from; and
        at, temperature [°C], pue [1] of every span.
    """
    metered = was.filter(pl.col("pue").is_not_null())
    if metered.height:
        weights = metered["it_kwh"] if metered["it_kwh"].null_count() == 0 else None
        observed = Observed(
            span=metered["span"][0],
            temperatures=_temperatures(metered),
            of=np.arange(metered.height),
            pue=metered["pue"].to_numpy(),
            weights=np.ones(metered.height) if weights is None else weights.to_numpy(),
            months=tuple(metered["month"]),
        )
        return observed, "file", metered.select("at", temperature="mean_temp_c", pue="pue")
    stated = by_month.filter(pl.col("it_kwh") > 0)
    # A month of a facility's meter alone has no PUE; one without temperatures no degree days.
    joined = was.join(
        stated.with_row_index("_of"), on="month", how="inner", validate="m:1", maintain_order="left"
    )
    kept = stated.filter(pl.col("month").is_in(joined["month"].unique().implode()))
    if kept.is_empty():
        empty = pl.DataFrame(schema={"at": was.schema["at"], "temperature": pl.Float64,
                                     "pue": pl.Float64})  # fmt: skip
        return None, None, empty
    kept = kept.with_columns(pue=ratio(pl.col("facility_kwh"), pl.col("it_kwh")))
    number = {month: index for index, month in enumerate(kept["month"])}
    observed = Observed(
        span="month",
        temperatures=_temperatures(joined),
        of=np.array([number[month] for month in joined["month"]]),
        pue=kept["pue"].to_numpy(),
        weights=kept["it_kwh"].to_numpy(),
        months=tuple(kept["month"]),
    )
    points = (
        joined.group_by("month", maintain_order=True)
        .agg(at=pl.col("at").first(), temperature=pl.col("mean_temp_c").mean())
        .join(kept.select("month", "pue"), on="month", validate="1:1", maintain_order="left")
        .select("at", "temperature", "pue")
    )
    return observed, "activity", points


def _temperatures(rows: pl.DataFrame) -> dict[Driver, Values]:
    """Drivers that stand in every row."""
    return {name: rows[name].to_numpy() for name in DRIVERS if rows[name].null_count() == 0}


def metered_by_month(observed: Observed | None) -> pl.DataFrame:
    """month, metered_pue [1]: of each month's spans, weighed by IT energy where it is known."""
    if observed is None:
        return pl.DataFrame(schema={"month": pl.String, "metered_pue": pl.Float64})
    frame = pl.DataFrame(
        {"month": observed.months, "_pue": observed.pue * observed.weights, "_w": observed.weights}
    )
    sums = sum_by(frame, ["month"], ["_pue", "_w"])
    return sums.select("month", metered_pue=ratio(pl.col("_pue"), pl.col("_w")))


def energy_of_file(was: pl.DataFrame) -> pl.DataFrame:
    """Energy by month that the weather file states, columns as of `varying`; no emissions belong
    to it.
    """
    known = was.filter(pl.col("facility_kwh").is_not_null() & pl.col("it_kwh").is_not_null())
    sums = sum_by(known, ["month"], ["it_kwh", "facility_kwh"])
    return sums.with_columns(location_kg=pl.lit(None, pl.Float64)).sort("month")
