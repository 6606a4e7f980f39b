"""Series to rows of activity: devices, doubles, users, keys; energy by hand."""

from dataclasses import replace

import polars as pl
import pytest
from telemetry_files import (
    H100,
    matrix,
    metered,
    payload_of,
    reading,
    rising,
    said,
    series,
    steady,
)

from carbon.activity import read
from carbon.activity.source import Context, RefusalError
from carbon.policy import Policy, Telemetry

POWER = "DCGM_FI_DEV_POWER_USAGE"
ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
FORMAT = "prometheus-json"


@pytest.fixture(scope="module")
def context(context: Context) -> Context:
    """Spans of a day: one row a device and day is easily added up by hand."""
    return replace(context, policy=Policy(telemetry=Telemetry(resolution="day")))


def test_a_gpu_at_300_w_for_an_hour_is_0_3_kwh(context: Context) -> None:
    found = reading(matrix(series(POWER, steady(300, 0, 3600), **H100)), context, FORMAT)
    row = found.activity.row(0, named=True)
    assert row["quantity"] == pytest.approx(0.3, rel=1e-12)
    assert (row["quantity_kind"], row["component"]) == ("energy_it_kwh", "accelerator")
    assert (row["boundary"], row["tier"], row["coverage"]) == ("board", "T3", 1.0)
    assert (row["host"], row["resource"]) == ("dgx-07", H100["UUID"])
    assert (row["accelerator"], row["accelerator_count"]) == ("NVIDIA H100 80GB HBM3", 1.0)
    assert (row["row_number"], row["source_rows"], found.rows) == (1, 61, 61)
    assert row["sku"] == POWER
    assert row["period_start"].isoformat() == "2026-11-02T00:00:00+00:00"
    assert row["period_end"].isoformat() == "2026-11-02T01:00:00+00:00"


def test_a_counter_goes_before_a_gauge_of_the_same_device(context: Context) -> None:
    # 310 W by the counter (mJ), 300 W by the gauge
    counter = series(ENERGY, rising(310_000, 0, 3600), **H100)
    found = reading(matrix(series(POWER, steady(300, 0, 3600), **H100), counter), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([0.31])
    assert found.activity.select("row_number", "source_rows").rows() == [(1, 122)]
    assert f"there {ENERGY} counts" in said(found)


@pytest.mark.parametrize(
    "counter",
    [
        pytest.param([(at, "NaN") for at in range(0, 3601, 60)], id="never measured"),
        pytest.param(rising(310_000, 3000, 3600), id="switched on late"),
    ],
)
def test_a_counter_that_saw_little_does_not_stand_for_the_gauge(
    counter: list[tuple[float, float]], context: Context
) -> None:
    both = matrix(series(ENERGY, counter, **H100), series(POWER, steady(300, 0, 3600), **H100))
    found = reading(both, context, FORMAT)
    assert metered(found)["quantity"].to_list() == pytest.approx([0.3])


@pytest.mark.parametrize("value", ["9223372036854775792", "2147483632", "NaN", "+Inf"])
def test_values_that_mean_not_measured_are_gaps(value: str, context: Context) -> None:
    blank = [(at, value) for at in range(3660, 7200, 60)]
    points = [*steady(300, 0, 3600), *blank, *steady(300, 7200, 10_800)]
    found = reading(matrix(series(POWER, points, **H100)), context, FORMAT)
    # Two hours seen, one not: 0.6 kWh, and 0.3 kWh estimated
    assert found.activity.select("component", "quantity", "tier", "coverage").rows() == [
        ("accelerator", pytest.approx(0.6), "T3", pytest.approx(2 / 3)),
        ("gap_estimate", pytest.approx(0.3), "T4", None),
    ]
    assert found.activity["source_rows"].unique().to_list() == [61 + 59 + 61]


def test_a_device_that_measured_nothing_keeps_its_rows(context: Context) -> None:
    blank = series(POWER, [(at, "NaN") for at in range(0, 601, 60)], **H100)
    found = reading(matrix(blank), context, FORMAT)
    assert found.activity.select("quantity", "coverage", "source_rows").rows() == [(0, 0, 11)]
    assert "measured nothing" in said(found)


def test_a_gpu_that_several_pods_share_counts_once_and_for_nobody(context: Context) -> None:
    one = series(POWER, steady(300, 0, 3600), **H100, namespace="ml", container="a", pod="a-0")
    two = series(POWER, steady(300, 0, 3600), **H100, namespace="ml", container="b", pod="b-0")
    found = reading(matrix(one, two), context, FORMAT)
    assert found.activity.select("workload", "quantity", "source_rows").rows() == [
        (None, pytest.approx(0.3), 122)
    ]
    assert "belong to no workload" in said(found)


def test_mig_instances_repeat_the_whole_gpu(context: Context) -> None:
    instances = [
        series(POWER, steady(300, 0, 3600), **H100, GPU_I_ID=str(i), GPU_I_PROFILE="1g.10gb")
        for i in range(7)
    ]
    found = reading(matrix(*instances), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([0.3])
    assert found.activity["source_rows"].to_list() == [7 * 61]


def test_pods_that_follow_each_other_each_have_their_time(context: Context) -> None:
    first = series(POWER, steady(300, 0, 1800), **H100, namespace="ml", container="train")
    then = series(POWER, steady(600, 1860, 3600), **H100, namespace="web", container="serve")
    found = reading(matrix(first, then), context, FORMAT)
    by_user = dict(found.activity.select("workload", "quantity").iter_rows())
    # ml/train: 1800 s at 300 W, and the step of 60 s from 300 W to 600 W: 567 000 J
    # web/serve: 1740 s at 600 W: 1 044 000 J
    assert by_user == {
        "ml/train": pytest.approx(567_000 / 3.6e6),
        "web/serve": pytest.approx(1_044_000 / 3.6e6),
    }
    assert found.activity["project"].to_list() == ["ml", "web"]
    # Who used a device is no person who answers for a workload.
    assert found.activity["owner"].to_list() == [None, None]
    assert found.activity["key"].n_unique() == 1
    # 1860 s and 1740 s of 3600 s
    assert found.activity["coverage"].to_list() == pytest.approx([1860 / 3600, 1740 / 3600])


@pytest.mark.parametrize(
    ("labels", "workload"),
    [
        ({"hpc_job": "48213"}, "48213"),
        ({"exported_namespace": "ml", "exported_container": "t", "namespace": "gpu"}, "ml/t"),
        ({"exported_pod": "p-0", "exported_namespace": "ml", "pod": "dcgm-exporter-x"}, "ml/p-0"),
        ({"pod": "dcgm-exporter-x7", "container": "exporter", "namespace": "gpu"}, None),
        ({"pod_name": "p", "pod_namespace": "ml", "container_name": "t"}, "ml/t"),
    ],
)
def test_the_user_is_named_by_the_labels_of_the_pod_or_the_job(
    labels: dict[str, str], workload: str | None, context: Context
) -> None:
    found = reading(matrix(series(POWER, steady(300, 0, 600), **H100, **labels)), context, FORMAT)
    assert found.activity["workload"].to_list() == [workload]


def test_the_label_of_the_host_may_be_written_either_way(context: Context) -> None:
    new = {"hostname": "dgx-07", "UUID": "GPU-2"}
    found = reading(matrix(series(POWER, steady(300, 0, 600), **new)), context, FORMAT)
    assert found.activity["host"].to_list() == ["dgx-07"]


def test_names_of_the_old_namespace_are_known(context: Context) -> None:
    counter = series("dcgm_total_energy_consumption", rising(300_000, 0, 600), uuid="GPU-9")
    found = reading(matrix(counter), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([0.05])


def test_processor_counters_are_packages_and_memory_never_their_parts(context: Context) -> None:
    def rapl(zone: str, watts: float, index: str) -> dict[str, object]:
        return series(
            f"node_rapl_{zone}_joules_total",
            rising(watts, 0, 600),
            index=index,
            instance="node-3:9100",
        )

    zones = [rapl("package", 200, "0"), rapl("package", 100, "1"), rapl("core", 150, "0")]
    found = reading(matrix(*zones, rapl("dram", 30, "0")), context, FORMAT)
    rows = found.activity.select("resource", "component", "quantity", "boundary").rows()
    # 600 s: 120 000, 60 000 and 18 000 J
    assert rows == [
        ("node-3:cpu-0", "cpu", pytest.approx(120_000 / 3.6e6), "chip"),
        ("node-3:cpu-1", "cpu", pytest.approx(60_000 / 3.6e6), "chip"),
        ("node-3:memory-0", "memory", pytest.approx(18_000 / 3.6e6), "chip"),
    ]
    assert "node_rapl_core_joules_total (11): part of the package" in said(found)


def test_the_nodes_view_counts_and_kepler_beside_rapl_does_not(context: Context) -> None:
    node = {"node_name": "k8s-1", "zone": "package", "path": "/sys/class/powercap/intel-rapl:0"}
    rapl = series(
        "node_rapl_package_joules_total", rising(200, 0, 600), index="0", instance="k8s-1:9100"
    )
    kepler = series("kepler_node_cpu_joules_total", rising(199, 0, 600), **node)
    pod = series("kepler_pod_cpu_joules_total", rising(80, 0, 600), **node, pod_id="p1")
    found = reading(matrix(kepler, pod, rapl), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([120_000 / 3.6e6])
    assert found.activity["source_rows"].to_list() == [33]


def test_parts_of_the_older_kepler_add_up(context: Context) -> None:
    parts = [
        series(
            "kepler_node_package_joules_total",
            rising(watts, 0, 600),
            instance="k8s-1",
            package="0",
            mode=mode,
        )
        for mode, watts in (("dynamic", 150), ("idle", 50))
    ]
    found = reading(matrix(*parts), context, FORMAT)
    # (150 + 50) W for 600 s
    assert found.activity["quantity"].sum() == pytest.approx(120_000 / 3.6e6)


@pytest.mark.parametrize(
    ("name", "value", "labels", "kwh", "boundary", "tier"),
    [
        ("ipmi_dcmi_power_consumption_watts", 1200, {}, 1.2, "node", "T2"),
        ("ipmi_dcmi_power_consumption_current_watts", 1200, {}, 1.2, "node", "T2"),
        ("kepler_platform_watts", 1200, {"source_id": "psys"}, 1.2, "node", "T2"),
        ("idrac_power_control_consumed_watts", 1200, {"id": "0"}, 1.2, "node", "T2"),
        ("scaph_host_power_microwatts", 2e8, {}, 0.2, "chip", "T3"),
        # hundredths of a kilowatt: 4.5 kW
        ("rPDU2DeviceStatusPower", 450, {"rPDU2DeviceStatusIndex": "1"}, 4.5, "rack", "T2"),
        ("st4InputCordActivePower", 4500, {"st4InputCordIndex": "1"}, 4.5, "rack", "T2"),
        ("measurementsInletSensorValue", 4500, {"sensorType": "activePower"}, 4.5, "rack", "T2"),
        ("measurementsInletSensorValue", 4500, {"sensorType": "5"}, 4.5, "rack", "T2"),
        ("nv_gpu_power_usage", 250, {"gpu_uuid": "GPU-1"}, 0.25, "board", "T3"),
        ("kepler_node_gpu_watts", 250, {"gpu_uuid": "GPU-1"}, 0.25, "board", "T3"),
    ],
)
def test_an_hour_of_every_gauge(
    name: str,
    value: float,
    labels: dict[str, str],
    *,
    kwh: float,
    boundary: str,
    tier: str,
    context: Context,
) -> None:
    data = matrix(series(name, steady(value, 0, 3600), instance="h-1:9100", **labels))
    row = reading(data, context, FORMAT).activity.row(0, named=True)
    assert row["quantity"] == pytest.approx(kwh)
    assert (row["boundary"], row["tier"], row["host"]) == (boundary, tier, "h-1")


@pytest.mark.parametrize(
    ("name", "per_second", "labels", "kwh"),
    [
        ("nv_energy_consumption", 300, {"gpu_uuid": "GPU-1"}, 0.3),
        ("scaph_host_energy_microjoules", 2e8, {}, 0.2),
        ("kepler_node_dram_joules_total", 20, {"package": "0", "mode": "idle"}, 0.02),
        # tenths of a kilowatt-hour: 36 of them in an hour
        ("rPDU2DeviceStatusEnergy", 0.01, {"rPDU2DeviceStatusIndex": "1"}, 3.6),
        ("st4InputCordEnergy", 0.01, {"st4InputCordIndex": "1"}, 3.6),
        # watt-hours: 3600 of them
        ("measurementsInletSensorValue", 1, {"sensorType": "activeEnergy"}, 3.6),
    ],
)
def test_an_hour_of_every_counter(
    name: str, per_second: float, labels: dict[str, str], kwh: float, context: Context
) -> None:
    data = matrix(series(name, rising(per_second, 0, 3600), instance="h-1:9100", **labels))
    assert reading(data, context, FORMAT).activity["quantity"].to_list() == pytest.approx([kwh])


def test_trays_inside_a_server_are_not_added_to_it(context: Context) -> None:
    name = "redfish_power_consumed_watts"
    server = series(name, steady(6000, 0, 600), instance="bmc-1", chassis="System.Embedded.1")
    tray = series(name, steady(4000, 0, 600), instance="bmc-1", chassis="HGX_GPU_0")
    found = reading(matrix(server, tray), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([1.0])


def test_both_feeds_of_a_rack_add_up(context: Context) -> None:
    feeds = [
        series("st4InputCordActivePower", steady(2000, 0, 600), instance=f"pdu-{feed}")
        for feed in "ab"
    ]
    found = reading(matrix(*feeds), context, FORMAT)
    assert found.activity["quantity"].sum() == pytest.approx(2 * 2000 * 600 / 3.6e6)


def test_requests_and_tokens_are_rises_with_restarts(context: Context) -> None:
    server = {"model_name": "llama-3-70b", "instance": "serve-1:8000"}
    tokens = [(0, 1000), (60, 1600), (120, 250), (180, 400)]
    found = reading(
        matrix(
            series("vllm:generation_tokens_total", tokens, engine="0", **server),
            series("vllm:generation_tokens_total", [(0, 0), (180, 90)], engine="1", **server),
            series("vllm:prompt_tokens_total", [(0, 10), (180, 30)], **server),
            series("vllm:request_success_total", [(0, 1), (180, 5)], finished_reason="stop")
            | {"metric": {"__name__": "vllm:request_success_total", **server}},
        ),
        context,
        FORMAT,
    )
    by_kind = dict(found.activity.select("quantity_kind", "quantity").iter_rows())
    # output: 600 + 250 + 150 of engine 0, 90 of engine 1
    assert by_kind == {"input_tokens": 20, "output_tokens": 1090, "requests": 4}
    assert found.activity["model"].unique().to_list() == ["llama-3-70b"]
    assert found.activity["lifecycle"].unique().to_list() == ["inference_realtime"]
    assert found.activity["row_number"].unique().to_list() == [1]


def test_token_usage_of_opentelemetry_is_told_apart_by_its_type(context: Context) -> None:
    name = "gen_ai_client_token_usage"
    model = {"gen_ai_request_model": "gpt-x", "gen_ai_provider_name": "openai"}

    def usage(what: str, kind: str, rise: int) -> dict[str, object]:
        points = [(0, 5), (600, 5 + rise)]
        return series(f"{name}_{what}", points, gen_ai_token_type=kind, **model)

    data = matrix(
        usage("sum", "input", 900), usage("sum", "output", 300), usage("count", "input", 7)
    )
    found = reading(data, context, FORMAT)
    by_kind = dict(found.activity.select("quantity_kind", "quantity").iter_rows())
    assert by_kind == {"input_tokens": 900, "output_tokens": 300, "requests": 7}


def test_the_same_device_and_day_have_the_same_key_in_every_export(context: Context) -> None:
    later = replace(context, evidence_id="f" * 64)
    one = reading(matrix(series(POWER, steady(300, 0, 600), **H100)), context, FORMAT)
    moved = H100 | {"Hostname": "dgx-07.example"}
    two = reading(matrix(series(ENERGY, rising(3e5, 600, 1200), **moved)), later, FORMAT)
    assert one.activity["key"].to_list() == two.activity["key"].to_list()
    assert "inside a day" in said(one)


def test_devices_without_a_name_of_their_own_never_replace_each_other(context: Context) -> None:
    data = matrix(series(POWER, steady(300, 0, 600), gpu="0"))
    later = replace(context, evidence_id="f" * 64)
    keys = {reading(data, c, FORMAT).activity["key"].item() for c in (context, later)}
    assert len(keys) == 2


def test_spans_are_those_of_the_policy(context: Context) -> None:
    hourly = replace(context, policy=Policy(telemetry=Telemetry(resolution="hour")))
    data = matrix(series(POWER, steady(300, 1800, 9000), **H100))
    found = reading(data, hourly, FORMAT).activity
    # half an hour, an hour, half an hour at 300 W
    assert found["quantity"].to_list() == pytest.approx([0.15, 0.3, 0.15])
    assert found["key"].n_unique() == 3
    # The samples of 01:00 and 02:00 close the hours before: 31 + 60 + 30
    assert found["source_rows"].to_list() == [31, 60, 30]


def test_a_pause_over_days_is_estimated_day_by_day(context: Context) -> None:
    points = [*steady(300, 0, 3600), *steady(300, 3 * 86_400, 3 * 86_400 + 3600)]
    found = reading(matrix(series(POWER, points, **H100)), context, FORMAT)
    gaps = found.activity.filter(component="gap_estimate").sort("period_start")
    # 23 h, 24 h, 24 h at 300 W
    assert gaps["quantity"].to_list() == pytest.approx([6.9, 7.2, 7.2])
    assert metered(found)["quantity"].sum() == pytest.approx(0.6)


def test_impossible_values_are_set_aside_by_sample(context: Context) -> None:
    points = [*steady(300, 0, 300), (360, -5), (420, 3e8), (480, "many"), *steady(300, 540, 600)]
    found = reading(matrix(series(POWER, points, **H100)), context, FORMAT)
    aside = found.quarantine.select("row_number", "column", "value").rows()
    assert aside == [(7, POWER, "-5.0"), (8, POWER, "300000000.0"), (9, POWER, "1793578080.0 many")]
    assert metered(found)["quantity"].to_list() == pytest.approx([0.05])


def test_a_file_of_unknown_metrics_names_near_ones(context: Context) -> None:
    data = matrix(series("DCGM_FI_DEV_POWER_USAG", steady(300, 0, 600)))
    with pytest.raises(RefusalError, match=r"Near to them are DCGM_FI_DEV_POWER_USAGE"):
        reading(data, context, FORMAT)


def test_results_of_functions_have_no_name_and_are_refused(context: Context) -> None:
    nameless = {"metric": {"gpu": "0"}, "values": [[1_793_577_600, "0.3"]]}
    with pytest.raises(RefusalError, match="no metric name"):
        reading(matrix(nameless), context, FORMAT)


def test_the_bytes_of_a_result_do_not_depend_on_the_order_of_series(context: Context) -> None:
    several = [
        series(POWER, [(at, 300 + (at * 7 + i) % 13) for at in range(0, 7200, 60)], UUID=f"GPU-{i}")
        for i in range(20)
    ]
    totals = [
        read_sorted(matrix(*order), context)
        for order in (several, several[::-1], several[5:] + several[:5])
    ]
    assert totals[0].equals(totals[1])
    assert totals[0].equals(totals[2])


def read_sorted(data: bytes, context: Context) -> pl.DataFrame:
    return read(payload_of(data), context).activity.select("resource", "quantity").sort("resource")
