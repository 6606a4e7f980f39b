"""Energy of requests and tokens that nobody metered: stated per workload, or EcoLogits' method."""

import math

import pytest
from accounting_rows import account, at, codes, grid, policy, totals, use
from ecologits.tracers.utils import llm_impacts
from recompute import agree, recompute

from carbon.accounting.explain import explain
from carbon.factors.api_models import api_model, nearest
from carbon.policy import Policy
from carbon.schema import Activity

US = grid("US", 0.4)


def requests(quantity=1000.0, **columns):
    return use(
        **{"zone": "DE", "pue": 1.0, "row_number": 2, "quantity_kind": "requests", **columns},
        quantity=quantity,
    )


def tokens(quantity=50_000.0, **columns):
    return requests(quantity, **{"quantity_kind": "output_tokens", "row_number": 2, **columns})


def stated(**columns):
    return [{"workload_id": "w", **{name: str(value) for name, value in columns.items()}}]


def it_kwh(rows, overlay=(), text="", **columns):
    chosen = policy(text)
    return totals(account(rows, overlay=overlay, policy=chosen, **columns), chosen)["energy_it_kwh"]


def test_watt_hours_of_a_request_are_multiplied_by_the_requests():
    # 1,000 x 0.3 Wh = 300 Wh = 0.3 kWh.
    result = account([requests()], overlay=stated(wh_per_request=0.3))
    line = result.lines.row(0, named=True)
    assert line["energy_it_kwh"] == pytest.approx(0.3)
    assert (line["tier"], line["component"]) == ("T6", "it")
    assert line["power_source"] == "0.3 Wh per request, stated for the workload"
    assert "no_energy_stated" not in codes(result)


def test_watt_hours_of_a_thousand_output_tokens_are_multiplied_by_the_tokens():
    # 50,000 tokens / 1,000 x 2 Wh = 100 Wh; input tokens give nothing.
    rows = [tokens(), tokens(900_000.0, quantity_kind="input_tokens")]
    assert it_kwh(rows, stated(wh_per_1k_output_tokens=2)) == pytest.approx(0.1)


def test_overhead_is_added_once_to_energy_from_use():
    # 0.3 kWh IT x PUE 1.5 = 0.45 kWh.
    result = account([requests(pue=1.5)], overlay=stated(wh_per_request=0.3))
    assert totals(result)["energy_facility_kwh"] == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("prefer", "same_row", "expected"),
    [
        ("tokens", True, 0.1),
        ("requests", True, 0.3),
        ("tokens", False, 0.1),
        ("requests", False, 0.3),
    ],
)
def test_of_two_stated_figures_one_counts(prefer, same_row, expected):
    # 0.1 kWh by tokens or 0.3 kWh by requests, never 0.4.
    rows = [requests(), tokens(row_number=2 if same_row else 3)]
    overlay = stated(wh_per_request=0.3, wh_per_1k_output_tokens=2)
    assert it_kwh(rows, overlay, f'[inference]\nprefer = "{prefer}"') == pytest.approx(expected)


METER = {"quantity_kind": "energy_it_kwh", "row_number": 9}


def test_metered_energy_of_the_month_leaves_use_without_energy():
    result = account([requests(), requests(5.0, **METER)], overlay=stated(wh_per_request=0.3))
    assert totals(result)["energy_it_kwh"] == pytest.approx(5.0)
    left = result.superseded.row(0, named=True)
    assert left["kwh_not_counted"] == pytest.approx(0.3)
    assert left["superseded_by_row_number"] == 9


def test_use_of_a_month_without_a_meter_counts():
    february = {"period_start": at("2024-02"), "period_end": at("2024-03")}
    rows = [requests(**february), requests(5.0, **METER)]
    assert it_kwh(rows, stated(wh_per_request=0.3)) == pytest.approx(5.3)


@pytest.mark.parametrize(
    "other",
    [{"workload": "v"}, {"lifecycle": "training"}, {"model": "other"}, {"endpoint": "/other"}],
)
def test_a_meter_of_something_else_leaves_use_its_energy(other):
    row = requests(model="m", endpoint="/chat")
    rows = [row, requests(5.0, **METER, **other)]
    assert it_kwh(rows, stated(wh_per_request=0.3)) == pytest.approx(5.3)


def test_hours_whose_watts_are_known_stand_for_use():
    # 10 h x (700 + 150) W = 8.5 kWh, and nothing of the requests.
    hours = requests(10.0, quantity_kind="accelerator_hours", accelerator="H100", row_number=9)
    assert it_kwh([requests(), hours], stated(wh_per_request=0.3)) == pytest.approx(8.5)


def test_use_that_two_sources_state_counts_once():
    rows = [
        requests(1000.0, format="otel-genai"),
        requests(900.0, format="vllm", evidence_id="f" * 64),
    ]
    result = account(rows, overlay=stated(wh_per_request=0.3))
    assert totals(result)["energy_it_kwh"] == pytest.approx(0.3)
    assert result.superseded["kwh_not_counted"].to_list() == [pytest.approx(0.27)]


def test_sources_that_follow_each_other_both_count():
    first, second = at("2024-01-10"), at("2024-01-20")
    rows = [
        requests(1000.0, format="otel-genai", period_end=first),
        requests(900.0, format="vllm", evidence_id="f" * 64, period_start=second),
    ]
    assert it_kwh(rows, stated(wh_per_request=0.3)) == pytest.approx(0.3 + 0.27)


@pytest.mark.parametrize(
    ("row", "component"),
    [
        ({"quantity_kind": "instance_hours", "instance_type": "x9.huge"}, "it"),
        ({"quantity_kind": "accelerator_hours", "accelerator": "TPU v9"}, "accelerator"),
        ({"quantity_kind": "accelerator_hours"}, "accelerator"),
    ],
)
def test_mean_watts_stand_where_hours_have_none(row, component):
    # 100 h x 250 W = 25 kWh.
    result = account([requests(100.0, **row)], overlay=stated(mean_power_w=250))
    line = result.lines.row(0, named=True)
    assert line["energy_it_kwh"] == pytest.approx(25.0)
    assert (line["tier"], line["component"]) == ("T4", component)
    assert line["power_source"] == "mean watts stated for the workload"
    assert "energy_unknown" not in codes(result)


def test_hours_with_watts_of_their_own_keep_them():
    # 10 h x (700 + 150) W.
    hours = requests(10.0, quantity_kind="accelerator_hours", accelerator="H100")
    assert it_kwh([hours], stated(mean_power_w=250)) == pytest.approx(8.5)


def by_hand(parameters: float, output_tokens: float, tps: float, ttft: float) -> float:
    """IT energy of one request of a dense model [Wh], as EcoLogits' methodology page writes it."""
    alpha, beta, gamma = 1.1665273170451914e-06, -0.011205921025579175, 4.052928146734005e-05
    batch = 64
    gpu_wh = output_tokens * (alpha * math.exp(beta * batch) * parameters + gamma)
    memory_gb = 1.2 * parameters * 16 / 8
    gpus = 2 ** math.ceil(math.log2(math.ceil(memory_gb / 80)))
    seconds = output_tokens / tps + ttft
    server_wh = seconds / 3600 * 1200 * gpus / 8 / batch
    return server_wh + gpus * gpu_wh


def api_call(output_tokens=400_000.0, calls=1000.0, **columns):
    columns = {"zone": None, "pue": None, "provider": "openai", "model": "gpt-4o-mini", **columns}
    return [tokens(output_tokens, **columns), requests(calls, **columns)]


def test_a_model_behind_an_api_is_estimated_as_ecologits_writes_it():
    # gpt-4o-mini: 8 to 28 billion parameters, 79 tokens/s, 0.54 s to the first token: 400 tokens
    # a request, 1,000 requests; the mean of both ends.
    low, high = (by_hand(size, 400, 79.0, 0.54) for size in (8.0, 28.0))
    result = account(api_call(), factors=[US])
    assert totals(result)["energy_it_kwh"] == pytest.approx((low + high) / 2 * 1000 / 1000)


def test_the_estimate_is_the_library_s_own_and_its_pue_counts_once():
    # The library's request energy holds PUE 1.2 of that vendor's halls.
    whole = llm_impacts("openai", "gpt-4o-mini", 400, math.inf).energy.value
    result = account(api_call(), factors=[US])
    assert totals(result)["energy_facility_kwh"] == pytest.approx(whole.mean * 1000)
    assert result.lines["pue"].unique().to_list() == [1.2]
    assert result.lines["pue_source"].unique().item().startswith("EcoLogits")
    assert result.lines["scope_category"].unique().to_list() == ["scope_3_cat_1"]


def test_the_range_widens_the_interval_where_it_is_wider_than_the_tier():
    wide = policy("[uncertainty]\nenergy_by_tier = {T6 = 1.01}")
    model = api_model("openai", "gpt-4o-mini", 64)
    lines = account(api_call(), factors=[US], policy=wide).lines
    of_tokens = lines.filter(quantity_kind="output_tokens", component="it")["energy_gsd2"].item()
    mean = (model.token_low + model.token_high) / 2
    assert of_tokens == pytest.approx(mean / model.token_low)
    usual = account(api_call(), factors=[US]).lines.filter(component="it")["energy_gsd2"]
    assert usual.unique().to_list() == [Policy().uncertainty.energy_by_tier["T6"]]


def test_an_unknown_place_stays_without_factor_until_the_policy_says_one():
    assert account(api_call(), factors=[US]).lines["location_kg"].null_count() == 4
    chosen = policy('[inference]\napi_zone = "US"')
    result = account(api_call(), factors=[US], policy=chosen)
    kwh = totals(result)["energy_facility_kwh"]
    assert totals(result)["location_kg_co2e"] == pytest.approx(kwh * 0.4)


def test_the_model_may_be_stated_of_the_workload():
    rows = api_call(provider=None, model="our-assistant")
    overlay = stated(api_model="openai/gpt-4o-mini")
    result = account(rows, overlay=overlay, factors=[US])
    known = account(api_call(), factors=[US])
    assert totals(result)["energy_it_kwh"] == totals(known)["energy_it_kwh"]
    assert result.lines["provider"].unique().to_list() == ["openai"]


def test_a_machine_of_ones_own_is_not_the_vendor_s_energy():
    meter = use(zone="DE", pue=1.0, quantity=5.0, **METER)
    result = account([*api_call(), meter], factors=[US])
    estimate = totals(account(api_call(), factors=[US]))["energy_it_kwh"]
    assert totals(result)["energy_it_kwh"] == pytest.approx(5.0 + estimate)


def test_the_vendor_s_own_energy_stands_for_the_estimate():
    meter = {**api_call()[0], **METER, "quantity": 5.0}
    assert it_kwh([*api_call(), meter]) == pytest.approx(5.0)


def test_machines_at_the_same_provider_stand_for_what_they_serve():
    # The model runs on the organisation's own instance there: 10 h x 8 x (700 + 150) W = 68 kWh.
    served = api_call(provider="aws", model="mistralai/Mistral-7B-v0.1")
    machine = {**served[0], "quantity_kind": "instance_hours", "instance_type": "p5.48xlarge",
               "quantity": 10.0, "row_number": 9}  # fmt: skip
    assert it_kwh(served) is not None
    assert it_kwh([*served, machine]) == pytest.approx(68.0)


def test_a_model_of_ones_own_on_rented_machines_is_no_unknown_api():
    served = api_call(provider="aws", model="our-own-8b")
    machine = {**served[0], "quantity_kind": "instance_hours", "instance_type": "p5.48xlarge",
               "row_number": 9}  # fmt: skip
    assert "api_model_unknown" in codes(account(served))
    assert "api_model_unknown" not in codes(account([*served, machine]))


def test_own_weights_on_own_machines_are_not_estimated():
    rows = api_call(provider=None)
    assert it_kwh(rows) is None
    assert "no_energy_stated" in codes(account(rows))


def test_requests_alone_are_no_estimate():
    assert it_kwh(api_call()[1:]) is None


def test_the_estimate_can_be_switched_off():
    assert it_kwh(api_call(), text="[inference]\nestimate_api = false") is None


def test_an_unknown_model_is_a_finding_with_the_nearest_names():
    result = account(api_call(model="gpt-4o-minni"), factors=[US])
    finding = next(f for f in result.findings if f.code == "api_model_unknown")
    assert "openai/gpt-4o-minni" in finding.detail
    assert "openai/gpt-4o-mini" in finding.detail
    assert totals(result)["energy_it_kwh"] is None


@pytest.mark.parametrize(
    ("provider", "name", "known"),
    [
        ("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("gcp", "publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("azure", "gpt-4o", "gpt-4o"),
        ("openrouter", "openai/gpt-4o-mini", "gpt-4o-mini"),
        ("mistral_ai", "mistral-large-latest", "mistral-large-latest"),
    ],
)
def test_names_of_resellers_are_read(provider, name, known):
    assert api_model(provider, name, 64).model == known


def test_names_that_mean_nothing_are_not_guessed():
    assert api_model("openai", "gpt-9-ultra", 64) is None
    assert api_model(None, "gpt-4o", 64) is None
    assert nearest("openai", "gpt-4o-minni")[0] == "openai/gpt-4o-mini"


def test_every_figure_recomputes_from_its_lines():
    overlay = [*stated(wh_per_request=0.3), {"workload_id": "v"}]
    rows = [requests(), *api_call(workload="v", row_number=3)]
    chosen = policy('[inference]\napi_zone = "US"')
    result = account(rows, overlay=overlay, policy=chosen, factors=[US, grid("DE", 0.4)])
    for workload in ("v", "w"):
        told = explain(result, Activity.create_empty(), workload, None, chosen)
        for measure, value in recompute(told["lines"]).items():
            assert agree(value, told["figure"][measure]), measure
        assert "Wh / 1000" in told["formula"]
