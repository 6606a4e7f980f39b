"""Weights & Biases: runs with config, summary, metadata and system metrics, over its GraphQL API.

The questions are those of its own client, `wandb.Api().runs(...)`, `.metadata` and
`.history(stream="system")`. Source: wandb 0.31 (MIT), `wandb/apis/public/runs.py` and `files.py`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from carbon.connect.http import ConnectError, NotThereError, Server

CLOUD: Final = "https://api.wandb.ai"

PAGE: Final = 50
SAMPLES: Final = 100_000
"""Points of a run's system metrics that are asked for; the agent takes one every 15 seconds."""

METADATA: Final = "wandb-metadata.json"

SIGN_IN: Final = "Set WANDB_API_KEY to a key of a user who may see the project."

RUNS: Final = """
query Runs($project: String!, $entity: String!, $cursor: String, $perPage: Int, $order: String) {
    project(name: $project, entityName: $entity) {
        runs(after: $cursor, first: $perPage, order: $order) {
            edges {
                node {
                    id tags name displayName sweepName state config group jobType createdAt
                    heartbeatAt systemMetrics summaryMetrics user { name username }
                }
                cursor
            }
            pageInfo { endCursor hasNextPage }
        }
    }
}
"""

HISTORY: Final = """
query RunFullHistory($project: String!, $entity: String!, $name: String!, $samples: Int) {
    project(name: $project, entityName: $entity) {
        run(name: $name) { events(samples: $samples) }
    }
}
"""

FILES: Final = """
query RunFiles($project: String!, $entity: String!, $name: String!, $fileNames: [String] = []) {
    project(name: $project, entityName: $entity) {
        run(name: $name) {
            files(names: $fileNames, first: 1) { edges { node { name url } } }
        }
    }
}
"""


def fetch(
    url: str | None,
    entity: str,
    project: str,
    *,
    since: date | None = None,
    until: date | None = None,
    api_key: str | None = None,
) -> bytes:
    """Runs of a project, as `carbon.activity.wandb_runs` reads them.

    Args:
        url: the server; None for Weights & Biases' own.
        entity: user or team.
        project: the project.
        since: day (UTC) on or after which a run was created.
        until: day (UTC) before the end of which a run was created.
        api_key: how to sign in; default WANDB_API_KEY.

    Returns:
        A line of JSON a run, by its creation: id, name, project, state, created_at, heartbeat_at,
        user, sweep, config, summary, metadata, system_metrics (the last) and system_history (its
        samples). A project in which nothing changed gives the same bytes.

    Raises:
        ConnectError: the server cannot be reached, refuses, or has no such project or runs.
    """
    key = api_key or os.environ.get("WANDB_API_KEY")
    server = Server(
        "Weights & Biases", url or CLOUD, sign_in=SIGN_IN, auth=("api", key) if key else None
    )
    variables = {"entity": entity, "project": project}
    with server.in_its_shape():
        nodes = [n for n in _nodes(server, variables) if _within(n["createdAt"][:10], since, until)]
        if not nodes:
            raise ConnectError(
                f"{entity}/{project} at {server.url} has no runs"
                + (" in this period." if since or until else ".")
            )
        ordered = sorted(nodes, key=lambda node: (node["createdAt"], node["name"]))
        runs = [_run(server, variables, node) for node in ordered]
        return "".join(
            json.dumps(run, ensure_ascii=False, sort_keys=True) + "\n" for run in runs
        ).encode()


def _within(day: str, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since.isoformat()) and (
        until is None or day <= until.isoformat()
    )


def _ask(server: Server, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The project that a query answers.

    Raises:
        ConnectError: the server says that something is wrong, or shows no such project.
    """
    answer = server.post("/graphql", {"query": query, "variables": dict(variables)})
    errors = answer.get("errors")
    if errors:
        said = errors[0].get("message") if isinstance(errors[0], dict) else errors[0]
        raise ConnectError(f"Weights & Biases at {server.url} says: {str(said)[:200]}. {SIGN_IN}")
    data = answer.get("data")
    if not isinstance(data, dict):
        raise ConnectError(f"{server.url} answers, but not as Weights & Biases does.")
    project = data.get("project")
    if not isinstance(project, dict):
        raise ConnectError(
            f"Weights & Biases at {server.url} shows no project "
            f"{variables['entity']}/{variables['project']}. Check the names. {SIGN_IN}"
        )
    return project


def _nodes(server: Server, variables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every run of the project."""
    cursor: str | None = None
    while True:
        page = {**variables, "cursor": cursor, "perPage": PAGE, "order": "+created_at"}
        runs = _ask(server, RUNS, page)["runs"]
        yield from (edge["node"] for edge in runs["edges"])
        before, cursor = cursor, runs["pageInfo"]["endCursor"]
        if not runs["pageInfo"]["hasNextPage"] or cursor == before:
            return


def _run(server: Server, variables: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """A run with its metadata and the history of its system metrics."""
    named = {**variables, "name": node["name"]}
    user = node.get("user") or {}
    samples = _ask(server, HISTORY, {**named, "samples": SAMPLES})["run"]["events"] or []
    return {
        "id": node["name"],
        "name": node.get("displayName"),
        "entity": variables["entity"],
        "project": variables["project"],
        "state": node.get("state"),
        "created_at": node["createdAt"],
        "heartbeat_at": node.get("heartbeatAt"),
        "user": user.get("username") or user.get("name"),
        "sweep": node.get("sweepName"),
        "group": node.get("group"),
        "job_type": node.get("jobType"),
        "tags": node.get("tags") or [],
        "config": _config(node.get("config")),
        "summary": _plain(_object(node.get("summaryMetrics"))),
        "metadata": _metadata(server, named),
        "system_metrics": _object(node.get("systemMetrics")),
        "system_history": [_object(sample) for sample in samples],
    }


def _metadata(server: Server, named: Mapping[str, Any]) -> dict[str, Any]:
    """What the agent wrote of the machine; nothing where the run has no such file."""
    files = _ask(server, FILES, {**named, "fileNames": [METADATA]})["run"]["files"]["edges"]
    urls = [edge["node"].get("url") for edge in files if edge["node"].get("name") == METADATA]
    if not urls or not urls[0]:
        return {}
    try:
        return server.download(urls[0])
    except NotThereError:
        return {}


def _object(value: Any) -> dict[str, Any]:
    """An object that stands in the answer as such, or as JSON in a string."""
    if isinstance(value, str):
        try:
            # Control characters in what users logged are no reason to lose the run.
            value = json.loads(value, strict=False)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _config(value: Any) -> dict[str, Any]:
    """Settings by name, without what the agent keeps for itself."""
    settings = {k: v for k, v in _object(value).items() if k not in ("_wandb", "wandb_version")}
    return {
        k: v["value"] if isinstance(v, dict) and "value" in v else v for k, v in settings.items()
    }


def _plain(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Last values, without pictures, tables and histograms."""
    return {
        key: value
        for key, value in summary.items()
        if key == "_wandb" or not isinstance(value, dict | list)
    }
