"""One module per input format, each with the same verbs: `sniff` and `read`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from carbon.activity import (
    ai_energy_score,
    aws_carbon,
    aws_cur,
    aws_sustainability,
    azure_carbon,
    azure_costs,
    bedrock_log,
    boamps,
    carbontracker,
    codecarbon,
    dcgmi_dmon,
    eco2ai,
    ecologits,
    focus,
    gcp_billing,
    google_carbon,
    grafana,
    hardware,
    instruments,
    kubernetes,
    mcfs,
    ml_energy,
    mlflow_runs,
    nvidia_smi,
    openmetrics,
    otel_genai,
    prometheus_csv,
    prometheus_json,
    published,
    redfish_json,
    sacct,
    template,
    terraform_hcl,
    terraform_json,
    wandb_runs,
    wandb_system,
    weather,
    zeus,
)
from carbon.activity.mapping import shipped
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables import recognition

__all__ = ["READERS", "Reader", "Reading", "read", "recognise"]


class Reader(Protocol):
    """What a module of this room offers."""

    NAME: str
    TITLE: str
    PROVIDER: str | None
    EXAMPLE_COLUMNS: Sequence[str]
    VARIABLE_MAP: Mapping[str, str]

    def sniff(self, head: Head) -> Recognition: ...

    def read(self, payload: Payload, context: Context) -> Reading: ...


READERS: Final[Mapping[str, Reader]] = {
    module.NAME: module
    for module in (
        template,
        terraform_json,
        terraform_hcl,
        kubernetes,
        codecarbon,
        aws_carbon,
        google_carbon,
        azure_carbon,
        instruments,
        hardware,
        published,
        weather,
        ai_energy_score,
        aws_sustainability,
        mcfs,
        bedrock_log,
        otel_genai,
        carbontracker,
        eco2ai,
        zeus,
        ecologits,
        boamps,
        ml_energy,
        aws_cur,
        gcp_billing,
        azure_costs,
        focus,
        nvidia_smi,
        dcgmi_dmon,
        prometheus_json,
        openmetrics,
        prometheus_csv,
        grafana,
        sacct,
        redfish_json,
        mlflow_runs,
        wandb_runs,
        wandb_system,
    )
} | {reader.NAME: reader for reader in shipped.MAPPED}
"""Format name -> reader. To add a format, write its module and name it here."""


def recognise(
    payload: Payload, format: str | None = None
) -> tuple[str, Recognition, tuple[tuple[str, Recognition], ...]]:
    """Tell which activity format a file has; see `carbon.tables.recognition.recognise`."""
    return recognition.recognise(payload, READERS, format)


def read(payload: Payload, context: Context, format: str | None = None) -> Reading:
    """Read a file: every row accepted or set aside.

    Args:
        payload: the file.
        context: what may be known of the world.
        format: the name of its format; None recognises it.

    Raises:
        RefusalError: no format fits, or the whole file cannot be taken.
    """
    name, _, _ = recognise(payload, format)
    reading = READERS[name].read(payload, context)
    if not payload.warnings:
        return reading
    warnings = tuple(Problem(warning) for warning in payload.warnings)
    return replace(reading, notes=(*warnings, *reading.notes))
