"""CodeCarbon: energy by version, runs that were flushed, places, and the real package's file."""

import csv
import logging
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from codecarbon import OfflineEmissionsTracker

from carbon.accounting.pipeline import Inputs, footprint
from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.schema import Instrument, Workload

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("emissions.csv", data)
    assert recognise(payload)[0] == "codecarbon"
    return read(payload, context)


def metered(found: Reading) -> pl.DataFrame:
    """The rows of energy, without the hours beside them."""
    return found.activity.filter(pl.col("quantity_kind") != "accelerator_hours")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def edited(**changes: str) -> bytes:
    """The 3.x file with its first run alone, some cells changed."""
    lines = (DATA / "codecarbon_3.csv").read_text("utf-8").splitlines()
    row = dict(zip(lines[0].split(","), lines[1].split(","), strict=True)) | changes
    return f"{lines[0]}\n{','.join(row.values())}\n".encode()


def test_energy_since_2_2_3_is_facility_energy_split_into_accelerator_and_host(
    context: Context,
) -> None:
    found = reading((DATA / "codecarbon_3.csv").read_bytes(), context)
    run = metered(found).filter(pl.col("row_number") == 2)
    assert run["component"].to_list() == ["accelerator", "host"]
    assert run["quantity_kind"].unique().to_list() == ["energy_facility_kwh"]
    # 4.628 kWh of GPU; 4.9167 - 4.628 = 0.2887 kWh of the rest
    assert run["quantity"].to_list() == pytest.approx([4.628, 0.2887])
    assert run["pue"].to_list() == [1.2, 1.2]
    assert run["tier"].unique().to_list() == ["T3"]
    assert run["accelerator"].to_list() == ["NVIDIA H100 80GB HBM3", None]
    assert run["accelerator_count"].to_list() == [8.0, None]


def test_energy_before_pue_was_a_column_is_it_energy(context: Context) -> None:
    found = metered(reading((DATA / "codecarbon_2_0.csv").read_bytes(), context))
    assert found["quantity_kind"].unique().to_list() == ["energy_it_kwh"]
    assert found["quantity"].sum() == pytest.approx(0.31)
    assert found["pue"].null_count() == found.height
    assert found["workload"].unique().to_list() == ["codecarbon"]
    assert found["zone"].unique().to_list() == ["CA-QC"]


def test_the_timestamp_is_the_end_and_local(context: Context) -> None:
    paris = Context(**{**vars(context), "timezone": "Europe/Paris", "timezone_given": True})
    run = reading(edited(), paris).activity
    # 18:40:11 in Paris in November is 17:40:11 UTC; the run took two hours.
    assert run["period_end"][0] == at(2026, 11, 2, 17, 40, 11)
    assert run["period_start"][0] == at(2026, 11, 2, 15, 40, 11)
    assert reading(edited(), context).local_times


def test_only_the_longest_row_of_a_run_counts(context: Context) -> None:
    found = reading((DATA / "codecarbon_3.csv").read_bytes(), context).activity
    flushed = found.filter(pl.col("resource") == "88aa")
    assert flushed.select("row_number", "superseded_in_file").unique().sort(
        "row_number"
    ).rows() == [
        (3, True),
        (4, False),
    ]
    counted = flushed.filter(~pl.col("superseded_in_file"))
    energy = pl.col("quantity_kind") == "energy_facility_kwh"
    assert counted.filter(energy)["quantity"].sum() == pytest.approx(0.84)
    # 8 accelerators for 1200 s
    assert counted.filter(~energy)["quantity"].to_list() == pytest.approx([8 / 3])


def test_places_are_states_countries_and_cloud_regions(context: Context) -> None:
    found = reading((DATA / "codecarbon_3.csv").read_bytes(), context).activity
    places = found.group_by("row_number", maintain_order=True).first()
    assert places.select("provider", "region", "zone", "country").rows() == [
        (None, None, None, "FR"),
        (None, None, "US-GA", "US"),
        (None, None, "US-GA", "US"),
        ("aws", "us-east-1", None, "US"),
    ]


def test_a_cloud_region_that_is_not_known_falls_back_to_the_country(context: Context) -> None:
    found = reading(edited(on_cloud="Y", cloud_provider="aws", cloud_region="eu-moon-1"), context)
    assert found.activity.select("provider", "region", "country").row(0) == ("aws", None, "FR")
    assert any("'eu-moon-1' is not known" in note.reason for note in found.notes)


def test_a_pue_of_one_is_kept_and_said_to_be_the_default(context: Context) -> None:
    found = reading(edited(pue="1.0"), context)
    assert found.activity["pue"].unique().to_list() == [1.0]
    assert any("CodeCarbon's default" in note.reason for note in found.notes)


@pytest.mark.parametrize("gpu", ["", "-1", "99"])
def test_gpu_energy_that_cannot_be_leaves_the_whole(gpu: str, context: Context) -> None:
    found = metered(reading(edited(gpu_energy=gpu), context))
    assert found.select("component", "quantity").rows() == [("it", 4.9167)]


@pytest.mark.parametrize(
    ("changes", "hours", "count"),
    [
        # 8 accelerators for 7200 s are 16 h
        ({}, [16.0], 8.0),
        ({"gpu_count": ""}, [16.0], 8.0),
        ({"gpu_model": "NVIDIA H100 80GB HBM3", "gpu_count": "4"}, [8.0], 4.0),
        ({"gpu_model": "NVIDIA H100 80GB HBM3", "gpu_count": ""}, [], None),
        ({"gpu_model": "", "gpu_count": "0"}, [], 0.0),
    ],
)
def test_the_runs_hours_stand_beside_its_energy(
    changes: dict[str, str], hours: list[float], count: float | None, context: Context
) -> None:
    found = reading(edited(**changes), context)
    beside = found.activity.filter(pl.col("quantity_kind") == "accelerator_hours")
    assert beside["quantity"].to_list() == hours
    assert metered(found).filter(component="accelerator")["accelerator_count"].to_list() == [count]
    assert metered(found)["quantity"].sum() == pytest.approx(4.9167)
    if hours:
        assert beside.row(0, named=True)["accelerator"] == "NVIDIA H100 80GB HBM3"


def test_embodied_carbon_follows_from_the_hours_and_energy_does_not(context: Context) -> None:
    library, policy = load(), Policy()

    def lines(activity: pl.DataFrame) -> pl.DataFrame:
        nothing = Workload.create_empty(), Instrument.create_empty()
        return footprint(Inputs(activity, *nothing, library.factors, library), policy).lines

    found = reading(edited(), context)
    without, beside = lines(metered(found)), lines(found.activity)
    assert beside["energy_facility_kwh"].sum() == pytest.approx(4.9167, rel=1e-9)
    assert beside["energy_facility_kwh"].to_list() == without["energy_facility_kwh"].to_list()
    assert without["embodied_kg"].sum() == 0
    assert beside["accelerator_hours"].sum() == pytest.approx(16)
    (rate,) = beside["embodied_kg_per_hour"].drop_nulls()
    assert rate > 0
    assert beside["embodied_kg"].sum() == pytest.approx(16 * rate)


def test_the_trackers_emissions_are_never_taken(context: Context) -> None:
    found = reading((DATA / "codecarbon_3.csv").read_bytes(), context)
    assert found.reported.height == 0
    assert found.activity["location_factor_kg_per_kwh"].null_count() == found.activity.height


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"energy_consumed": "-1"}, "energy_consumed"),
        ({"energy_consumed": ""}, "energy_consumed"),
        ({"duration": "0"}, "duration"),
        ({"duration": "1e30"}, "duration"),
        # 40 years before November 2026 is 1986
        ({"duration": "1262304000"}, "duration"),
        ({"timestamp": "9999-12-31T23:59:59"}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"pue": "0.4"}, "pue"),
        ({"country_iso_code": "XXX", "country_name": "Atlantis"}, "country_iso_code"),
    ],
)
def test_a_run_that_cannot_be_is_set_aside(
    changes: dict[str, str], column: str, context: Context
) -> None:
    found = reading(edited(**changes), context)
    assert (found.rows, found.activity.height) == (1, 0)
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]


def test_a_row_with_another_number_of_fields_is_set_aside(context: Context) -> None:
    data = (DATA / "codecarbon_3.csv").read_bytes() + b"2026-11-02T18:40:11,short,row\n"
    found = reading(data, context)
    assert found.rows == 5
    assert found.quarantine["row_number"].to_list() == [6]


def test_task_files_are_read_and_warned_about(context: Context) -> None:
    data = (
        "task_name,timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,"
        "gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,"
        "country_iso_code,region,cloud_provider,cloud_region,on_cloud\n"
        "load,2026-11-02T18:40:11,p,r1,60,0,0,0,0,0,0.1,0.2,0.1,0.4,France,FRA,,,,N\n"
        "train,2026-11-02T18:50:11,p,r1,600,0,0,0,0,0,0.1,0.5,0.1,0.7,France,FRA,,,,N\n"
    )
    found = reading(data.encode(), context)
    assert found.activity["quantity"].sum() == pytest.approx(1.1)
    assert not found.activity["superseded_in_file"].any()
    assert any("task file" in note.reason for note in found.notes)


def test_the_file_that_the_package_itself_writes_is_read(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODECARBON_LOG_LEVEL", "critical")
    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA",
        measure_power_secs=1,
        output_dir=str(tmp_path),
        project_name="学習ジョブ",
        log_level="critical",
        allow_multiple_runs=True,
    )
    tracker.start()
    time.sleep(1.1)
    tracker.stop()
    data = (tmp_path / "emissions.csv").read_bytes()
    (written,) = csv.DictReader(data.decode("utf-8").splitlines())
    found = reading(data, context)
    assert (found.rows, found.quarantine.height) == (1, 0)
    assert found.activity["workload"].unique().to_list() == ["学習ジョブ"]
    assert found.activity["country"].unique().to_list() == ["FR"]
    assert metered(found)["quantity"].sum() == pytest.approx(
        float(written["energy_consumed"]), rel=1e-12
    )
    length = found.activity["period_end"][0] - found.activity["period_start"][0]
    assert length.total_seconds() == pytest.approx(float(written["duration"]), abs=1e-5)
