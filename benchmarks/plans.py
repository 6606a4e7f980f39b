"""How each example of `tests/data` becomes large: by devices, accounts and time, as files do."""

from pathlib import Path
from typing import Final

from enlarge import Plan

EXAMPLES: Final = Path(__file__).parents[1] / "tests" / "data"

DAY: Final = 86_400
HOUR: Final = 3_600

CLOUD_CARBON: Final = {
    "aws_carbon.csv": Plan(20_000, ("012345678901", "AmazonEC2"), width=None),
    "aws_sustainability.json": Plan(5_000, ("000987654321",), width=None, rows="0.Results"),
    "google_carbon.jsonl": Plan(15_000, ("ml-prod", "802512345678"), width=None, head=0),
    "azure_carbon.json": Plan(8_000, ("train-nd96-0", "x/disk"), width=None, rows="0.value"),
    "mcfs_emissions.json": Plan(8_000, ("AAAAAAAA-1111",), width=None, rows="value"),
}
"""The figures of a month, of many accounts and services."""

BILLS: Final = {
    "aws_cur_2.csv": Plan(8_000, ("i-0a1", "001122334455"), width=200, step_s=HOUR),
    "gcp_billing.jsonl": Plan(4_000, ("train-1", "ml-prod"), width=200, step_s=HOUR),
    "azure_costs_ea.csv": Plan(8_000, ("train-nd96-0", "rg-train"), width=400, step_s=DAY),
    "focus_aws.csv": Plan(20_000, ("i-0a1", "001122334455"), width=200, step_s=HOUR),
    "focus_azure.csv": Plan(40_000, ("train-nd96-0",), width=2_000, step_s=DAY),
    "focus_gcp.csv": Plan(25_000, ("train-1", "ml-prod"), width=200, step_s=HOUR),
}
"""Lines of an hour or a day, of some hundred resources."""

MODEL_APIS: Final = {
    "anthropic_usage.json": Plan(10_000, ("wrkspc_invented",), width=50, rows="data"),
    "openai_usage.json": Plan(10_000, ("proj_support",), width=50, step_s=3 * DAY, rows="data"),
    "openrouter_activity.json": Plan(10_000, ("mistral-small",), width=50, rows="data"),
    "litellm_spend_logs.csv": Plan(30_000, ("req-", "ana", "search"), width=500),
    "bedrock_log.jsonl": Plan(10_000, ("r-", "assumed-role/app"), width=50, step_s=HOUR, head=0),
    "otel_genai.jsonl": Plan(6_000, ("helpdesk", "5b8efff7"), width=50, step_s=HOUR, head=0),
    "ecologits.jsonl": Plan(15_000, ("helpdesk",), width=50, step_s=HOUR, head=0),
}
"""Calls, or their sums of a day, of many projects."""

TRACKERS: Final = {
    "codecarbon_2_0.csv": Plan(60_000, ("r1",), width=100),
    "codecarbon_3.csv": Plan(20_000, ("7c1e", "llm-ft"), width=100),
    "eco2ai_emission.csv": Plan(15_000, ("6abc598e", "77aa0000", "ner-model"), width=100),
    "zeus_monitor.csv": Plan(25_000, ("step", "epoch", "evaluate"), width=20, step_s=HOUR),
    "boamps_report.json": Plan(5_000, ("2f4643f7", "helpdesk"), width=100, step_s=2 * DAY, rows=""),
    "ml_energy_results.json": Plan(12_000, ("example/model-8b",), width=100, step_s=DAY, rows=""),
    "mlflow_runs.jsonl": Plan(
        1_500, ("aaa1", "bbb2", "ccc3", "ddd4", "gentle-cat"), width=100, head=0
    ),
    "wandb_runs.jsonl": Plan(15_000, ("abc123", "def456", "ghi789"), width=100, head=0),
    "wandb_system.csv": Plan(15_000, ("abc123", "def456"), width=None),
    "llm_2026-11-02T170259Z_carbontracker.log": Plan(4_000, width=1, step_s=HOUR, head=4),
    "llm_2026-11-02T170259Z_carbontracker_output.log": Plan(8_000, width=1, step_s=HOUR, head=5),
}
"""Runs, of many names and days."""

TELEMETRY: Final = {
    "nvidia_smi.csv": Plan(3_000, ("GPU-5fd4f087",), width=100, step_s=120),
    "dcgmi_dmon.txt": Plan(4_000, ("GPU ",), width=8),
    "prometheus_query_range.json": Plan(
        300, ("GPU-5fd4f087", "dgx-07", "k8s-"), width=None, rows="data.result"
    ),
    "prometheus_samples.csv": Plan(4_000, ("k8s-1", "ipmi"), width=100, step_s=HOUR),
    "openmetrics.txt": Plan(6_000, ("node-3", "serve-1"), width=100, step_s=HOUR, head=2),
    "promtool_dump.txt": Plan(6_000, ("cpu-1",), width=100, step_s=HOUR, head=0),
    "grafana_panel.csv": Plan(8_000, width=1, step_s=65 * 60),
    "grafana_query.json": Plan(3_000, ("pdu-a1",), width=None, rows="results.A.frames"),
    "sacct.txt": Plan(15_000, ("48213", "48214", "48215", "48216"), width=500, step_s=DAY),
    "redfish.jsonl": Plan(1_500, ("bmc-7", "pdu-a"), width=50, step_s=660, head=0),
}
"""Samples, of many devices and hours."""

DISCOVERY: Final = {
    "terraform_state.json": Plan(
        300, ("trainer", "chat-asg", "rank"), width=None, rows="values.root_module.resources"
    ),
    "terraform_plan.json": Plan(1_000, ("trainer", "neuron"), width=None, rows="resource_changes"),
    "terraform_gpu.tf": Plan(40, ("trainer", "serving", "chat", "lab"), width=None, head=0),
    "kubectl_list.json": Plan(300, ("chat", "ranker", "ip-10-0-1"), width=None, rows="items"),
}
"""Resources and objects, of many names."""

HOUSE: Final = {
    "template.csv": Plan(15_000, ("T5-11B", "chat", "scoring", "hall"), width=None),
    "instruments.csv": Plan(30_000, ("GO-FR-1", "SUP-GB"), width=None),
    "references_template.csv": Plan(6_000, ("Cedar 8B", "Cedar 70B"), width=None),
    "ai_energy_score.csv": Plan(15_000, ("willow-1b", "willow-8b", "willow-70b"), width=None),
}
"""The house's own templates."""

FACTORS: Final = {
    "factor_template.csv": Plan(15_000, ("HALL-1", "DE", "FR"), width=None),
    "electricity_maps.csv": Plan(15_000, width=1, step_s=3 * HOUR),
    "watttime_aoer.json": Plan(3_000, width=1, step_s=12 * HOUR, rows="data"),
    "uk_carbon_intensity.json": Plan(12_000, width=1, step_s=5 * 1800, rows="data"),
    "eia_fuel_type.json": Plan(3_000, width=1, step_s=4 * HOUR, rows="response.data"),
    "entsoe_generation.xml": Plan(
        2_500, width=1, step_s=2 * HOUR, between=("<TimeSeries>", "</TimeSeries>")
    ),
    "entsoe_generation_DE_LU.csv": Plan(15_000, width=1, step_s=2 * HOUR, head=2),
    "ember_yearly.csv": Plan(15_000, width=None),
    "ember_long.csv": Plan(25_000, width=None),
    "ember_api.json": Plan(25_000, width=None, rows="data"),
    "uk_desnz_flat.csv": Plan(15_000, width=None, head=2),
    "aib_residual_mix.csv": Plan(15_000, width=None, head=2),
    "greene_residual_mix.csv": Plan(20_000, width=None, head=2),
}
"""Hours of a zone; of yearly tables the same rows again and again."""

PLANS: Final = {
    **CLOUD_CARBON,
    **BILLS,
    **MODEL_APIS,
    **TRACKERS,
    **TELEMETRY,
    **DISCOVERY,
    **HOUSE,
    **FACTORS,
}
"""Example -> how it becomes large."""

WORKBOOKS: Final = {
    "egrid2023_small.xlsx": ("SRL23", 2, 8_000),
    "iea_emission_factors.xlsx": ("CO2KWH ELE", 4, 8_000),
}
"""Example -> its sheet of rows, the rows of its header, and how often the others stand."""
