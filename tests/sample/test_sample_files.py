"""The sample portfolio's files: made as README.md says, read whole, wrong only where it says so."""

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from carbon import activity
from carbon.activity import intake
from carbon.activity.source import Context, Reading
from carbon.factors.library import context_maps, load
from carbon.schema import Factor
from carbon.workspace.counting import rows_of
from data.sample.generator.files import files

SAMPLE = Path(__file__).parents[2] / "data" / "sample"

FORMATS = {
    "aws-carbon-v2.csv.gz": "aws-carbon-export",
    "aws-carbon-v3.csv.gz": "aws-carbon-export",
    "aws-cost-and-usage.csv.gz": "aws-cur",
    "azure-carbon-monthly.json": "azure-carbon-optimization",
    "azure-carbon-resources.json": "azure-carbon-optimization",
    "cloud-accelerator-hours.csv": "activity-template",
    "google-carbon-footprint.jsonl": "google-carbon-footprint",
    "grenoble-emissions-2025.csv": "codecarbon",
    "grenoble-emissions-2026.csv": "codecarbon",
    "hardware.csv": "hardware-template",
    "inference-services.xlsx": "activity-template",
    "instruments.csv": "instrument-template",
    "lyon-meters.csv": "activity-template",
    "reno-cluster.csv": "activity-template",
    "reno-dcgm-week.json.gz": "prometheus-json",
    "reno-ipmi-week.json.gz": "prometheus-json",
    "reno-mlflow-runs.csv": "mlflow-runs",
    "research-team-log.csv": "activity-template",
}
MONTHS = [f"2025-{m:02d}" for m in range(8, 13)] + [f"2026-{m:02d}" for m in range(1, 10)]


def content(name: str, data: bytes) -> object:
    """What is in a file, packing aside: compressors differ between machines, content does not."""
    if name.endswith(".gz"):
        return gzip.decompress(data)
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return {member: book.read(member) for member in book.namelist()}
    return data


@pytest.fixture(scope="module")
def readings() -> dict[str, tuple[str, Reading]]:
    maps = context_maps(load(), Factor.create_empty())
    found = {}
    for name in FORMATS:
        data = (SAMPLE / name).read_bytes()
        (payload,) = intake.open_payloads(name, data)
        recognised = activity.recognise(payload)[0]
        context = Context(evidence_id=hashlib.sha256(data).hexdigest(), **maps)
        found[name] = (recognised, activity.read(payload, context, recognised))
    return found


def all_activity(readings: dict[str, tuple[str, Reading]]) -> pl.DataFrame:
    return pl.concat([reading.activity for _, reading in readings.values()])


def test_the_generator_gives_the_files_that_are_shipped() -> None:
    for name, data in files().items():
        assert content(name, data) == content(name, (SAMPLE / name).read_bytes()), name


def test_every_file_is_recognised_by_its_content(
    readings: dict[str, tuple[str, Reading]],
) -> None:
    assert {name: format for name, (format, _) in readings.items()} == FORMATS


def test_rows_are_conserved_and_only_the_five_documented_ones_are_set_aside(
    readings: dict[str, tuple[str, Reading]],
) -> None:
    aside = {}
    for name, (_, reading) in readings.items():
        frames = {
            "activity": reading.activity,
            "reported": reading.reported,
            "instrument": reading.instruments,
            "asset": reading.assets,
        }
        taken = {row for frame in frames.values() for row in frame["row_number"]}
        quarantined = set(reading.quarantine["row_number"])
        assert not taken & quarantined, name
        assert rows_of(frames) + len(quarantined) == reading.rows, name
        if quarantined:
            aside[name] = quarantined
    assert aside == {"research-team-log.csv": {8, 11, 12, 15, 16}}


def test_forty_workloads_over_fourteen_months_on_three_clouds_and_own_ground(
    readings: dict[str, tuple[str, Reading]],
) -> None:
    rows = all_activity(readings)
    assert rows["workload"].n_unique() >= 40
    assert {"放射線レポート要約", "hôpital-pilote-sepsis"} <= set(rows["workload"])
    months = rows["period_start"].dt.strftime("%Y-%m").unique().sort().to_list()
    assert months == MONTHS
    assert set(rows["provider"].drop_nulls()) == {"aws", "gcp", "azure"}
    assert {"Lyon DC", "Reno"} <= set(rows["site"].drop_nulls())
    assert {"training", "fine_tuning", "inference_batch", "inference_realtime"} <= set(
        rows["lifecycle"].drop_nulls()
    )


def test_decimal_commas_of_the_french_file_are_read_as_decimals(
    readings: dict[str, tuple[str, Reading]],
) -> None:
    """The first line of lyon-meters.csv says 28496,3 kWh at a facility meter."""
    first = readings["lyon-meters.csv"][1].activity.row(0, named=True)
    assert (first["quantity_kind"], first["quantity"]) == ("energy_facility_kwh", 28496.3)


def test_cumulative_codecarbon_rows_do_not_count_twice(
    readings: dict[str, tuple[str, Reading]],
) -> None:
    """One flushed run a job and month: clinical-fr, dermatologie and triage run in all of the five
    months of 2025, clinical-de in two of them (from November), retinal in four (from September).
    """
    rows = readings["grenoble-emissions-2025.csv"][1].activity
    replaced = rows.filter("superseded_in_file")["row_number"].n_unique()
    assert replaced == 3 * 5 + 2 + 4


def test_the_sample_is_small_and_says_that_it_is_invented() -> None:
    shipped = [path for path in SAMPLE.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in shipped) < 1_500_000
    readme = (SAMPLE / "README.md").read_text("utf-8")
    assert "every figure in\nthese files are invented" in readme
    for path in shipped:
        assert path.name == "README.md" or f"`{path.name}`" in readme
