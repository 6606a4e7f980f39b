"""eco2AI's `emission.csv`: one row per run, or per epoch of a training.

How the file is got: the tracker writes it into the working directory (`Tracker(file_name=...)`); a
file `encoded_*` beside it is scrambled and is refused.

`power_consumption(kWh)` (`kWTh` in older versions) is *energy*, and holds the PUE that was given to
the tracker (1 by default): facility energy. Rows of epochs are increments, so all of them count.
`start_time` is local. The tracker's cost is not taken; its emissions are kept to be compared.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.own_emissions import keep_emissions
from carbon.activity.runs import country_and_zone, run_reading, span_of_duration, stamp
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH, SECONDS_PER_HOUR

NAME: Final = "eco2ai"
TITLE: Final = "eco2AI emission.csv"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "id",
    "project_name",
    "start_time",
    "duration(s)",
    "power_consumption(kWh)",
)

VARIABLE_MAP: Final = {
    "id": "run_id",
    "project_name": "workload",
    "experiment_description": "experiment",
    "epoch": "epoch",
    "start_time": "period_start",
    "duration(s)": "duration_s",
    "power_consumption(kWh)": "energy_kwh",
    "power_consumption(kWTh)": "energy_kwh (older)",
    "GPU_consumption(kWh)": "gpu_kwh",
    "CPU_consumption(kWh)": "cpu_kwh",
    "RAM_consumption(kWh)": "ram_kwh",
    "GPU_name": "gpu",
    "region/country": "place",
    "CO2_emissions(kg)": "emissions",
    # Read by nobody, named so that they are known.
    "CPU_name": "cpu",
    "OS": "os",
    "cost": "cost",
}

REQUIRED: Final = ("start_time", "duration(s)")
ENERGIES: Final = ("power_consumption(kWh)", "power_consumption(kWTh)")

_GPU: Final = r"^(.*?)\s*(\d{1,6}) device\(s\)"
"""`NVIDIA H100 80GB HBM3 8 device(s)`: name and count."""


def sniff(head: Head) -> Recognition:
    """start_time and duration(s) beside the energy that is called power_consumption."""
    return by_columns(head, REQUIRED, one_of=(ENERGIES,), optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read eco2AI's results.

    Args:
        payload: the file.
        context: zone of its local times; countries and zones that are known.

    Returns:
        Activity of tier T3: `energy_facility_kwh`, accelerators and host apart where the file
        tells them apart, and beside it the run's `accelerator_hours`.

    Raises:
        RefusalError: a required column is missing, or the file is the scrambled one.
    """
    if payload.name.rsplit("/", 1)[-1].rsplit(" › ", 1)[-1].startswith("encoded_"):
        raise RefusalError(
            f"{payload.name} is eco2AI's encoded file, whose values are scrambled. Import the "
            "emission.csv beside it."
        )
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    if not sheet.has("energy_kwh"):
        _older_name(sheet)
    sheet.require(["period_start", "duration_s", "energy_kwh"])
    sheet.numbers({"duration_s": None, "energy_kwh": ENERGY_KWH, "gpu_kwh": ENERGY_KWH})
    keep_emissions(sheet, "emissions")
    sheet.instants(["period_start"], context.timezone)
    span_of_duration(sheet, "period_start")
    _describe(sheet, context)
    sheet.notes.append(
        Problem("The energy holds the PUE that was given to eco2AI (1 unless it was set).")
    )
    key = joined_key(NAME, "run_id", "workload", "epoch", stamp("period_start"))
    return run_reading(
        sheet, _components(sheet).with_columns(key).drop("run_id", "epoch"), NAME, context
    )


def _older_name(sheet: Sheet) -> None:
    """Take the older name of the energy's column for the newer."""
    written = sheet.written.pop("energy_kwh (older)", None)
    if written is None:
        raise RefusalError(
            f"{sheet.name} lacks the column power_consumption(kWh), which holds the energy."
        )
    sheet.written["energy_kwh"] = written
    sheet.cells = sheet.cells.rename({"energy_kwh (older)": "energy_kwh"})
    sheet.frame = sheet.frame.with_columns(pl.col("energy_kwh (older)").alias("energy_kwh"))


def _describe(sheet: Sheet, context: Context) -> None:
    """Place, accelerator and the run's own name; a run without a project is eco2AI's."""
    places = country_and_zone(sheet.frame["place"], context)
    count = pl.col("gpu").str.extract(_GPU, 2).cast(pl.Float64)
    default = pl.col("workload").str.to_lowercase() == "default project name"
    sheet.frame = sheet.frame.with_columns(
        places["country"],
        places["zone"],
        pl.when(count > 0).then(pl.col("gpu").str.extract(_GPU, 1)).alias("accelerator"),
        pl.when(count > 0).then(count).alias("accelerator_count"),
        pl.when(~default).then(pl.col("workload")).alias("workload"),
        pl.col("run_id").alias("resource"),
        pl.col("experiment").replace("no experiment description", None).alias("note"),
    )


def _components(sheet: Sheet) -> pl.DataFrame:
    gpu, whole = pl.col("gpu_kwh"), pl.col("energy_kwh")
    apart = ((gpu > 0) & (gpu <= whole)).fill_null(False)
    used = pl.col("accelerator_count").is_not_null()
    hours = pl.col("accelerator_count") * pl.col("duration_s") / SECONDS_PER_HOUR
    energy = "energy_facility_kwh"
    parts = [
        (apart, energy, gpu, "accelerator"),
        (apart, energy, whole - gpu, "host"),
        (~apart, energy, whole, "it"),
        (used, "accelerator_hours", hours, "accelerator"),
    ]
    return pl.concat(
        sheet.frame.filter(where & whole.is_not_null()).select(
            "row_number",
            "run_id",
            "epoch",
            *("workload", "resource", "period_start", "period_end", "country", "zone", "note"),
            *("accelerator", "accelerator_count", "stated_kg_co2e"),
            pl.lit(kind).alias("quantity_kind"),
            quantity.alias("quantity"),
            pl.lit(component).alias("component"),
            pl.lit("board" if kind == energy else None, pl.String).alias("boundary"),
            pl.lit("T3" if kind == energy else None, pl.String).alias("tier"),
        )
        for where, kind, quantity, component in parts
    )
