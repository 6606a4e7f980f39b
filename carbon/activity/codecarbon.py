"""CodeCarbon's `emissions.csv`, of every 2.x and 3.x version, and its task files.

Energy is taken, emissions only to be compared: the tracker's own factor is a life-cycle figure of
its own data. Since 2.2.3 (the version that added the column `pue`) the energies already include
PUE, so they are facility energy; before it they are energy of the equipment.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import activity_reading, joined_key, place_key
from carbon.activity.own_emissions import keep_emissions
from carbon.activity.places import PROVIDERS, region_code
from carbon.activity.runs import span_of_duration
from carbon.activity.sheet import Sheet, open_sheet, tags
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.activity.subdivisions import subdivision
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH, SECONDS_PER_HOUR

NAME: Final = "codecarbon"
TITLE: Final = "CodeCarbon emissions.csv"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("timestamp", "run_id", "duration", "energy_consumed", "country_iso_code")

VARIABLE_MAP: Final = {
    "timestamp": "period_end",
    "project_name": "workload",
    "run_id": "run_id",
    "task_name": "task_name",
    "duration": "duration_s",
    "gpu_energy": "gpu_kwh",
    "energy_consumed": "energy_kwh",
    "country_name": "country_name",
    "country_iso_code": "country",
    "region": "subdivision",
    "cloud_provider": "provider",
    "cloud_region": "region",
    "gpu_count": "accelerator_count",
    "gpu_model": "accelerator",
    "on_cloud": "on_cloud",
    "pue": "pue",
    "experiment_id": "experiment_id",
    "codecarbon_version": "codecarbon_version",
    "tracking_mode": "tracking_mode",
    "emissions": "emissions",
    # Read by nobody, named so that they are not taken for columns of the user's own.
    "emissions_rate": "emissions_rate",
    "cpu_power": "cpu_power",
    "gpu_power": "gpu_power",
    "ram_power": "ram_power",
    "cpu_energy": "cpu_energy",
    "ram_energy": "ram_energy",
    "water_consumed": "water_consumed",
    "wue": "wue",
    "os": "os",
    "python_version": "python_version",
    "cpu_count": "cpu_count",
    "cpu_model": "cpu_model",
    "longitude": "longitude",
    "latitude": "latitude",
    "ram_total_size": "ram_total_size",
    "cpu_utilization_percent": "cpu_utilization_percent",
    "gpu_utilization_percent": "gpu_utilization_percent",
    "ram_utilization_percent": "ram_utilization_percent",
    "ram_used_gb": "ram_used_gb",
}

REQUIRED: Final = ("timestamp", "run_id", "duration", "energy_consumed")
DISTINCTIVE: Final = ("country_iso_code", "cloud_region", "emissions_rate")

TAGGED: Final = ("task_name", "experiment_id", "codecarbon_version", "tracking_mode")
"""Known columns that are kept as tags, beside columns of the user's own."""

_GPU: Final = r"^\s*(?:(\d{1,6})\s*x\s+)?(.*?)\s*$"
"""`8 x NVIDIA H100 80GB HBM3`: count and name."""


def sniff(head: Head) -> Recognition:
    """Columns run_id, duration and energy_consumed beside a place or the tracker's rate."""
    return by_columns(head, REQUIRED, one_of=(DISTINCTIVE,), optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read CodeCarbon's results.

    Args:
        payload: the file.
        context: zone of its local times; countries, zones and regions that are known.

    Returns:
        Activity of tier T3: `energy_facility_kwh` where the file has a `pue` column or is a task
        file, else `energy_it_kwh`; one row for the accelerators and one for the rest where the
        file tells them apart. Beside it `accelerator_hours`, the run's hours x accelerators,
        from which embodied carbon follows and energy does not. Of cumulative rows of one run all
        but the longest are marked `superseded_in_file`.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED, verbatim=("country",))
    sheet.require(["period_end", "duration_s", "energy_kwh"])
    sheet.numbers(
        {
            "duration_s": None,
            "energy_kwh": ENERGY_KWH,
            "accelerator_count": None,
            "pue": None,
        }
    )
    sheet.numbers({"gpu_kwh": ENERGY_KWH}, least=None)
    keep_emissions(sheet, "emissions")
    sheet.reject((pl.col("pue") >= 0) & (pl.col("pue") < 1), "PUE cannot be below 1", "pue")
    # The timestamp is the end of the run, local time; it starts `duration` seconds earlier.
    sheet.instants(["period_end"], context.timezone)
    span_of_duration(sheet, "period_end")
    _places(sheet, context)
    _describe(sheet)
    _mark_cumulative(sheet)
    _note_pue(sheet)
    return activity_reading(
        _components(sheet).with_columns(
            pl.lit(context.evidence_id).alias("evidence_id"),
            pl.lit(NAME).alias("format"),
            joined_key(NAME, _run(), *place_key()),
        ),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        local_times=sheet.local_times,
    )


def _places(sheet: Sheet, context: Context) -> None:
    """Cloud rows by provider and region, others by country and, where known, subdivision."""
    cells = sheet.frame.select(
        "on_cloud", "provider", "region", "country", "country_name", "subdivision"
    )
    distinct = cells.unique(maintain_order=True)
    found = pl.DataFrame(
        [_place(row, context) for row in distinct.iter_rows(named=True)],
        schema={
            "(provider)": pl.String,
            "(region)": pl.String,
            "(zone)": pl.String,
            "(country)": pl.String,
            "(unknown region)": pl.Boolean,
        },
        orient="row",
    )
    sheet.frame = sheet.frame.join(
        distinct.hstack(found),
        on=cells.columns,
        how="left",
        nulls_equal=True,
        validate="m:1",
        maintain_order="left",
    ).with_columns(
        pl.coalesce("region", "country", "country_name").alias("country (raw)"),
        pl.col("region").alias("region (raw)"),
        pl.col("(provider)").alias("provider"),
        pl.col("(region)").alias("region"),
        pl.col("(zone)").alias("zone"),
        pl.col("(country)").alias("country"),
    )
    placed = pl.any_horizontal(pl.col("region", "zone", "country").is_not_null())
    sheet.reject(~placed, "neither the country nor the cloud region of the run is known", "country")
    strange = sheet.frame.filter(pl.col("(unknown region)") & placed)
    for region, row in (
        strange.group_by("region (raw)", maintain_order=True)
        .agg(pl.col("row_number").first())
        .iter_rows()
    ):
        sheet.notes.append(
            Problem(
                f"Cloud region '{region}' is not known; the run's country was taken.",
                row=row,
                column=sheet.column("region"),
                value=region,
            )
        )


def _place(
    row: dict[str, str | None], context: Context
) -> tuple[str | None, str | None, str | None, str | None, bool]:
    """Provider, region, zone, country of one place, and whether its region is unknown."""
    country = None
    for word in (row["country"], row["country_name"]):
        country = country or context.countries.get((word or "").strip().casefold())
    on_cloud = (row["on_cloud"] or "").strip().casefold() in ("y", "yes", "true", "1")
    if on_cloud and row["provider"]:
        name = row["provider"].strip().casefold()
        provider = PROVIDERS.get(name, name)
        known = context.regions.get(provider)
        region = region_code(row["region"] or "", known)[0] if known else row["region"]
        unknown = known is not None and row["region"] is not None and region is None
        # A region of a provider without a list is kept for the record; the country places it.
        placed = region if known or country else None
        return provider, placed, None, country, unknown
    code = subdivision(country, row["subdivision"])
    zone = context.zones.get(code.casefold()) if code else None
    return None, None, zone, country, False


def _describe(sheet: Sheet) -> None:
    """Accelerator's bare name, and tags."""
    tagged = [name for name in TAGGED if sheet.has(name)]
    extra = sheet.extra.drop([name for name in tagged if name in sheet.extra.columns])
    # A frame without columns has no rows either, so it must not stand beside one that has.
    described = [part for part in (sheet.frame.select(tagged), extra) if part.width]
    sheet.frame = sheet.frame.with_columns(
        pl.col("accelerator").str.extract(_GPU, 2).replace("", None).alias("accelerator"),
        pl.coalesce(
            "accelerator_count", pl.col("accelerator").str.extract(_GPU, 1).cast(pl.Float64)
        ).alias("accelerator_count"),
        tags(pl.concat(described, how="horizontal"))
        if described
        else pl.lit(None, pl.String).alias("tags"),
        pl.concat_str("run_id", "task_name", separator="/", ignore_nulls=True)
        .replace("", None)
        .alias("resource"),
    )


def _run() -> pl.Expr:
    """The run, or where it has no id the project and its end."""
    end = pl.col("period_end").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    nameless = pl.concat_str("workload", end, separator=" ", ignore_nulls=True)
    return pl.coalesce("resource", nameless)


def _mark_cumulative(sheet: Sheet) -> None:
    """`flush()` writes the same run again with grown totals: only its longest row counts."""
    good = sheet.rejections.keep(sheet.frame).filter(pl.col("run_id").is_not_null())
    last = (
        good.sort("duration_s", "row_number")
        .group_by("resource")
        .agg(pl.col("row_number").last())["row_number"]
    )
    sheet.frame = sheet.frame.with_columns(
        (pl.col("run_id").is_not_null() & ~pl.col("row_number").is_in(last.implode())).alias(
            "superseded_in_file"
        )
    )
    superseded = good.height - len(last)
    if superseded:
        sheet.notes.append(
            Problem(
                f"{superseded} rows are earlier states of runs that a later row completes; only "
                "the last row of a run counts."
            )
        )


def _includes_pue(sheet: Sheet) -> bool:
    return sheet.has("pue") or sheet.has("task_name")


def _note_pue(sheet: Sheet) -> None:
    if sheet.has("task_name"):
        sheet.notes.append(
            Problem(
                "This is a task file: its tasks are parts of the runs in emissions.csv. Import one "
                "of the two, or their energy counts twice.",
                column=sheet.column("task_name"),
            )
        )
    ones = sheet.rejections.keep(sheet.frame).filter(pl.col("pue") == 1.0)["row_number"]
    if len(ones):
        sheet.notes.append(
            Problem(
                f"PUE is 1.0 in {len(ones)} row{'s' if len(ones) > 1 else ''}: that is "
                "CodeCarbon's default, so the overhead of the building was probably not counted.",
                row=int(ones[0]),
                column=sheet.column("pue"),
                value="1.0",
            )
        )


def _components(sheet: Sheet) -> pl.DataFrame:
    """Accelerators and host apart where the file tells them apart, else the whole."""
    gpu, whole = pl.col("gpu_kwh"), pl.col("energy_kwh")
    apart = ((gpu >= 0) & (gpu <= whole)).fill_null(False)
    used = (pl.col("accelerator_count") > 0).fill_null(False)
    hours = pl.col("accelerator_count") * pl.col("duration_s") / SECONDS_PER_HOUR
    energy = "energy_facility_kwh" if _includes_pue(sheet) else "energy_it_kwh"
    parts = [
        (apart & ((gpu > 0) | used), energy, gpu, "accelerator"),
        (apart, energy, whole - gpu, "host"),
        (~apart, energy, whole, "it"),
        (used, "accelerator_hours", hours, "accelerator"),
    ]
    frames = [
        sheet.frame.filter(where & whole.is_not_null()).select(
            "row_number",
            "superseded_in_file",
            "workload",
            "period_start",
            "period_end",
            "provider",
            "region",
            "zone",
            "country",
            "resource",
            "tags",
            "pue",
            "stated_kg_co2e",
            pl.lit(kind).alias("quantity_kind"),
            quantity.alias("quantity"),
            pl.lit(component).alias("component"),
            *([] if component == "host" else ["accelerator", "accelerator_count"]),
            pl.lit("board" if kind == energy else None, pl.String).alias("boundary"),
            pl.lit("T3" if kind == energy else None, pl.String).alias("tier"),
        )
        for where, kind, quantity, component in parts
    ]
    return pl.concat(frames, how="diagonal")
