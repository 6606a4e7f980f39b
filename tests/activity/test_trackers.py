"""Trackers in a training script: Carbontracker, eco2AI, Zeus, BoAmps, ML.ENERGY."""

import json
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from codecarbon import OfflineEmissionsTracker
from codecarbon.output_methods.boamps import BoAmpsOutput

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.tables.payload import Correction
from carbon.workspace.counting import rows_of
from carbon.workspace.current import split_by_key

DATA = Path(__file__).parents[1] / "data"
RUN = "llm_2026-11-02T170259Z_carbontracker"


def reading(data: bytes, context: Context, format: str, name: str = "file") -> Reading:
    (payload,) = open_payloads(name, data)
    assert recognise(payload)[0] == format
    found = read(payload, context)
    assert rows_of({"activity": found.activity}) + found.quarantine["row_number"].n_unique() == (
        found.rows
    )
    return found


def file(name: str, context: Context, format: str) -> Reading:
    return reading((DATA / name).read_bytes(), context, format, name)


def total(found: Reading, kind: str, component: str | None = None) -> float:
    rows = found.activity.filter(~pl.col("superseded_in_file"), quantity_kind=kind)
    if component is not None:
        rows = rows.filter(component=component)
    return float(rows["quantity"].sum())


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def elsewhere(context: Context, timezone: str) -> Context:
    return Context(**{**vars(context), "timezone": timezone, "timezone_given": True})


# Carbontracker


def test_carbontrackers_last_block_of_actual_consumption_counts(context: Context) -> None:
    found = file(f"{RUN}_output.log", context, "carbontracker")
    assert total(found, "energy_facility_kwh") == 0.4175
    assert found.activity.select("row_number", "superseded_in_file", "quantity").rows() == [
        (7, True, 0.22),
        (14, False, 0.4175),
    ]
    last = found.activity.row(1, named=True)
    # 25 minutes until 17:28:01
    assert (last["period_start"], last["period_end"]) == (
        at(2026, 11, 2, 17, 3, 1),
        at(2026, 11, 2, 17, 28, 1),
    )
    assert (last["workload"], last["tier"]) == ("llm", "T3")


def test_carbontrackers_prediction_is_never_taken(context: Context) -> None:
    found = file(f"{RUN}_output.log", context, "carbontracker")
    assert 4.4 not in found.activity["quantity"].to_list()
    assert any("predicted consumption were not taken: 1" in note.reason for note in found.notes)
    text = (DATA / f"{RUN}_output.log").read_text()
    forecast = "\n".join(text.splitlines()[:5])
    with pytest.raises(RefusalError, match="only holds a prediction"):
        reading(forecast.encode(), context, "carbontracker")


def test_carbontrackers_epochs_are_watts_times_seconds(context: Context) -> None:
    found = file(f"{RUN}.log", context, "carbontracker")
    # two epochs of 750 s: (300 + 310) W and (290 + 310) W; 3.6e6 J are a kWh
    gpu = (610 * 750 + 600 * 750) / 3.6e6
    assert total(found, "energy_it_kwh", "accelerator") == pytest.approx(gpu)
    # The processor was measured in the first epoch alone.
    assert total(found, "energy_it_kwh", "cpu") == pytest.approx(60 * 750 / 3.6e6)
    # two devices for 1500 s
    assert total(found, "accelerator_hours") == pytest.approx(2 * 1500 / 3600)
    boards = found.activity.filter(component="accelerator")
    assert boards["accelerator"].unique().to_list() == ["NVIDIA A100-SXM4-40GB"]
    assert boards["accelerator_count"].unique().to_list() == [2.0]
    assert found.activity.filter(component="cpu")["boundary"].to_list() == ["chip"]


def test_the_two_logs_of_one_run_do_not_both_count(context: Context) -> None:
    first = file(f"{RUN}.log", context, "carbontracker").activity
    other = Context(**{**vars(context), "evidence_id": "a" * 64})
    second = file(f"{RUN}_output.log", other, "carbontracker").activity
    arrived = pl.DataFrame({"evidence_id": ["e" * 64, "a" * 64], "sequence": [1, 2]})
    counted, _ = split_by_key(pl.concat([first, second]), arrived)
    assert counted["evidence_id"].unique().to_list() == ["a" * 64]


def test_carbontrackers_times_are_local_despite_the_z(context: Context) -> None:
    berlin = elsewhere(context, "Europe/Berlin")
    found = file(f"{RUN}_output.log", berlin, "carbontracker")
    assert found.local_times
    # 17:28:01 in Berlin in November is 16:28:01 UTC.
    assert found.activity["period_end"][-1] == at(2026, 11, 2, 16, 28, 1)


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ("Time:\t0:25:00", "Time:\tsoon", "Time"),
        ("\tTime:\t0:25:00\n", "", "Time"),
        ("0.4175 kWh", "0.4175 GJh", "Energy"),
        ("\tEnergy:\t0.4175 kWh\n", "", "Energy"),
        ("2026-11-02 17:28:01", "2026-13-02 17:28:01", "timestamp"),
    ],
)
def test_a_block_that_cannot_be_read_is_set_aside(
    before: str, after: str, column: str, context: Context
) -> None:
    text = (DATA / f"{RUN}_output.log").read_text().replace(before, after)
    found = reading(text.encode(), context, "carbontracker")
    assert found.quarantine.select("row_number", "column").rows() == [(14, column)]
    assert found.activity["row_number"].to_list() == [7]


def test_days_in_carbontrackers_durations(context: Context) -> None:
    text = (DATA / f"{RUN}_output.log").read_text().replace("0:25:00", "1 day, 0:25:00")
    found = reading(text.encode(), context, "carbontracker")
    last = found.activity.row(-1, named=True)
    assert (last["period_end"] - last["period_start"]).total_seconds() == 86400 + 1500


# eco2AI


def test_eco2ai_is_facility_energy_and_its_epochs_add_up(context: Context) -> None:
    found = file("eco2ai_emission.csv", context, "eco2ai")
    # 2.4 + 1.25 + 1.15 + 0.002
    assert total(found, "energy_facility_kwh") == pytest.approx(4.802)
    # four accelerators for one hour, and for two half hours
    assert total(found, "accelerator_hours") == 4 + 2 + 2
    assert found.activity["accelerator"].drop_nulls().unique().to_list() == [
        "NVIDIA H100 80GB HBM3"
    ]
    places = found.activity.group_by("row_number", maintain_order=True).first()
    assert places.select("country", "zone", "workload").rows() == [
        ("FR", None, "ner-model"),
        ("US", None, "ner-model"),
        ("US", None, "ner-model"),
        (None, None, None),
    ]


def test_eco2ais_start_is_local(context: Context) -> None:
    found = file("eco2ai_emission.csv", elsewhere(context, "Europe/Paris"), "eco2ai")
    # 01:17:23 in Paris in summer is 23:17:23 UTC of the day before; the run took an hour.
    first = found.activity.row(0, named=True)
    assert first["period_start"] == at(2026, 10, 5, 23, 17, 23)
    assert first["period_end"] == at(2026, 10, 6, 0, 17, 23)


def test_eco2ai_with_devices_apart_and_in_the_older_spelling(context: Context) -> None:
    data = (
        "id,project_name,epoch,start_time,duration(s),power_consumption(kWTh),"
        "GPU_consumption(kWh),region/country\n"
        "a,p,N/A,2026-10-06 01:00:00,3600,2.5,2.0,FR\n"
    )
    found = reading(data.encode(), context, "eco2ai")
    assert total(found, "energy_facility_kwh", "accelerator") == 2.0
    assert total(found, "energy_facility_kwh", "host") == 0.5


def test_eco2ais_scrambled_file_is_refused(context: Context) -> None:
    (payload,) = open_payloads("encoded_emission.csv", (DATA / "eco2ai_emission.csv").read_bytes())
    with pytest.raises(RefusalError, match=r"Import the emission\.csv beside it"):
        read(payload, context)


# Zeus


def test_zeus_counts_the_outermost_windows(context: Context) -> None:
    found = file("zeus_monitor.csv", context, "zeus")
    # epoch: 1.08 + 1.116 MJ; evaluate: 7.2 kJ; the steps lie inside the epoch
    assert total(found, "energy_it_kwh") == pytest.approx((1080000 + 1116000 + 7200) / 3.6e6)
    # two GPUs for 3600 s and for 36 s
    assert total(found, "accelerator_hours") == pytest.approx(2 * 3636 / 3600)
    inner = found.activity.filter("superseded_in_file")
    assert inner["row_number"].unique().to_list() == [2, 3]
    assert found.activity.filter(workload="evaluate")["period_start"][0] == at(
        2026, 9, 3, 11, 0, 0
    ).replace(microsecond=500000)
    assert found.activity["boundary"].drop_nulls().unique().to_list() == ["board"]


def test_zeus_says_which_windows_overlap_in_part(context: Context) -> None:
    data = (
        "start_time,window_name,elapsed_time,gpu9_energy\n"
        "1788429600,a,100,36000\n"
        "1788429650,b,100,36000\n"
        "1788429750,c,0,36000\n"
    )
    found = reading(data.encode(), context, "zeus")
    assert total(found, "energy_it_kwh") == pytest.approx(2 * 36000 / 3.6e6)
    assert "overlap an earlier one in part: 1" in found.notes[0].reason
    assert found.quarantine.select("row_number", "column").rows() == [(4, "elapsed_time")]


# BoAmps


def test_boamps_takes_the_largest_of_measures_of_one_time(context: Context) -> None:
    found = file("boamps_report.json", context, "boamps")
    # The wattmeter's 3.1 kWh cover CodeCarbon's 2.5 of the same time; the next day 0.4 more.
    assert total(found, "energy_it_kwh") == pytest.approx(3.1 + 0.4)
    assert total(found, "energy_facility_kwh") == 0
    assert found.activity.filter(row_number=1)["superseded_in_file"].all()
    assert total(found, "requests") == 1000
    # two GPUs for 2 h and for 10 min
    assert total(found, "accelerator_hours") == pytest.approx(2 * 2 + 2 / 6)
    row = found.activity.filter(row_number=2).row(0, named=True)
    assert (row["workload"], row["model"], row["country"], row["lifecycle"]) == (
        "helpdesk",
        "llama2-13b",
        "FR",
        "inference_realtime",
    )
    assert row["accelerator"] == "Tesla V100S-PCIE-32GB"
    assert row["location_factor_kg_per_kwh"] is None
    assert json.loads(row["tags"])["stated_intensity"] == "25"


def test_a_gpu_that_has_no_name_of_its_own_is_named_by_its_series(context: Context) -> None:
    report = json.loads((DATA / "boamps_report.json").read_text())
    part = {"componentType": "gpu", "componentName": "GPU", "series": "A100", "nbComponent": 2}
    report["infrastructure"]["components"] = [part]
    found = reading(json.dumps(report).encode(), context, "boamps")
    assert found.activity["accelerator"].unique().to_list() == ["A100"]


def test_reports_one_after_the_other_are_a_list_of_them(context: Context) -> None:
    report = json.loads((DATA / "boamps_report.json").read_text())
    other = report | {"header": report["header"] | {"reportId": "other"}}
    texts = [json.dumps(item, indent=2) for item in (report, other)]
    found = reading("\n\n".join(texts).encode(), context, "boamps")
    assert total(found, "energy_it_kwh") == pytest.approx(2 * (3.1 + 0.4))
    with pytest.raises(RefusalError, match="not valid JSON"):
        reading(f"{texts[0]} and {texts[1]}".encode(), context, "boamps")


def boamps(context: Context, **changes: Any) -> Reading:
    """The report with one measure, some of its members changed."""
    report = json.loads((DATA / "boamps_report.json").read_text())
    report["measures"] = [report["measures"][0] | changes]
    return reading(json.dumps(report).encode(), context, "boamps")


@pytest.mark.parametrize(
    ("method", "version", "kind"),
    [
        ("codecarbon", "2.2.3", "energy_facility_kwh"),
        ("CodeCarbon", None, "energy_facility_kwh"),
        ("codecarbon", "2.2.2", "energy_it_kwh"),
        ("wattmeter", "3.0", "energy_it_kwh"),
    ],
)
def test_boamps_energy_holds_pue_where_codecarbon_put_it(
    method: str, version: str | None, kind: str, context: Context
) -> None:
    found = boamps(context, measurementMethod=method, version=version)
    assert total(found, kind) == 2.5


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"unit": "furlong"}, "unit"),
        ({"powerConsumption": -1}, "powerConsumption"),
        ({"measurementDuration": None}, "measurementDuration"),
        ({"measurementDateTime": "soon"}, "measurementDateTime"),
    ],
)
def test_a_measure_that_cannot_be_is_set_aside(
    changes: dict[str, Any], column: str, context: Context
) -> None:
    found = boamps(context, **changes)
    assert (found.rows, found.activity.height) == (1, 0)
    assert found.quarantine["column"].to_list() == [column]


def test_the_boamps_report_that_codecarbon_writes_is_read(context: Context, tmp_path: Path) -> None:
    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
    with pytest.warns(UserWarning, match="No BoAmps task context"):
        tracker = OfflineEmissionsTracker(
            country_iso_code="FRA",
            measure_power_secs=1,
            output_dir=str(tmp_path),
            log_level="critical",
            allow_multiple_runs=True,
            output_handlers=[BoAmpsOutput(output_dir=str(tmp_path))],
        )
        tracker.start()
        time.sleep(1.1)
        tracker.stop()
    (written,) = tmp_path.glob("*.json")
    (measure,) = json.loads(written.read_text())["measures"]
    found = reading(written.read_bytes(), context, "boamps")
    assert (found.rows, found.quarantine.height) == (1, 0)
    assert total(found, "energy_facility_kwh") == pytest.approx(
        measure["powerConsumption"], rel=1e-12
    )
    # CodeCarbon writes the end of the run where BoAmps wants its start.
    end = found.activity["period_end"][0]
    assert end == datetime.fromisoformat(measure["measurementDateTime"]).replace(tzinfo=UTC)
    assert found.activity["country"].to_list() == ["FR"]


# ML.ENERGY


def test_a_benchmark_run_of_ones_own_is_use(context: Context) -> None:
    found = file("ml_energy_results.json", context, "ml-energy")
    # the whole of the first run, 90 + 90 kJ; of the second its steady state, 28.8 kJ
    assert total(found, "energy_it_kwh") == pytest.approx((90000 + 90000 + 28800) / 3.6e6)
    assert total(found, "requests") == 1024 + 100
    assert total(found, "output_tokens") == 660000
    # 2 GPUs for 180 s, 1 for 60 s
    assert total(found, "accelerator_hours") == pytest.approx((2 * 180 + 60) / 3600)
    first = found.activity.row(0, named=True)
    assert (first["period_start"], first["period_end"]) == (
        at(2026, 9, 3, 10, 12),
        at(2026, 9, 3, 10, 15),
    )
    assert any("steady state alone" in note.reason for note in found.notes)
    assert found.quarantine["row_number"].unique().to_list() == [3]
    assert "reference values" in " ".join(found.quarantine["reason"])
    assert "secret" not in found.activity.write_json()


@pytest.mark.parametrize(
    "record",
    [
        {"Model": "m", "GPU model": "A100", "Batch energy (J)": 1856.4, "Batch size": 4},
        {"task": "chat", "configurations": [{"model_id": "m", "energy_per_token_joules": 0.2}]},
    ],
    ids=["diffusion", "leaderboard"],
)
def test_reference_figures_of_a_benchmark_are_refused(
    record: dict[str, Any], context: Context
) -> None:
    with pytest.raises(RefusalError, match="are no use of yours"):
        reading(json.dumps(record).encode(), context, "ml-energy")


# Cells that a user mended


@pytest.mark.parametrize(
    ("name", "change", "fix", "sum_of"),
    [
        (
            f"{RUN}_output.log",
            ("0:25:00", "soon"),
            Correction(14, "Time", "soon", "0:25:00"),
            ("energy_facility_kwh", 0.4175),
        ),
        (
            "boamps_report.json",
            ('"powerConsumption": 3100', '"powerConsumption": "lots"'),
            Correction(2, "powerConsumption", "lots", "3100"),
            ("energy_it_kwh", 3.5),
        ),
        (
            "bedrock_log.jsonl",
            ('"inputTokenCount":1500', '"inputTokenCount":-1'),
            Correction(1, "input.inputTokenCount", "-1", "1500"),
            ("input_tokens", 2560.0),
        ),
        (
            "otel_genai.jsonl",
            ('{"intValue":"5000"}', '{"intValue":"many"}'),
            Correction(4, "gen_ai.usage.input_tokens", "many", "5000"),
            ("input_tokens", 6200.0),
        ),
    ],
    ids=["carbontracker", "boamps", "bedrock", "otel"],
)
def test_a_mended_cell_is_read_as_it_was_mended(
    name: str,
    change: tuple[str, str],
    fix: Correction,
    sum_of: tuple[str, float],
    context: Context,
) -> None:
    text = (DATA / name).read_text()
    assert change[0] in text
    (payload,) = open_payloads(name, text.replace(*change).encode())
    broken = read(payload, context)
    assert fix.row in broken.quarantine["row_number"]
    mended = read(replace(payload, corrections=(fix,)), context)
    assert fix.row not in mended.quarantine["row_number"]
    assert total(mended, sum_of[0]) == pytest.approx(sum_of[1])
