"""Weights & Biases: runs with config, summary and system metrics, over its public GraphQL API."""

from datetime import date

from carbon.connect.http import ConnectError

CLOUD = "https://api.wandb.ai"


def fetch(
    url: str | None,
    entity: str,
    project: str,
    *,
    since: date | None = None,
    until: date | None = None,
    api_key: str | None = None,
) -> bytes:
    """Runs of a project, as `carbon.activity.wandb_runs` reads them."""
    raise ConnectError(f"{url or CLOUD} was not asked for {entity}/{project}.")
