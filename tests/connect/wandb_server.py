"""A server that speaks as much of Weights & Biases' GraphQL API as its own client asks for.

What it answers is checked with the real client: a protocol of our own invention would not do.
"""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "k" * 40
ENTITY, PROJECT = "lab", "ranker"
PAGE = 2
"""Runs a page holds at most, so that there are several."""


class Project:
    """What the server knows, and what it was asked.

    Args:
        runs: nodes of GraphQL's Run, with `events` (samples) and `metadata` beside them.
    """

    def __init__(self, runs: list[dict[str, Any]]) -> None:
        self.runs = runs
        self.asked: list[str] = []
        self.busy = 0
        self.url = ""

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        operation = re.search(r"query\s+(\w+)", query)
        name = operation[1] if operation else ""
        self.asked.append(name)
        if name in ("Viewer", "GetDefaultEntity"):
            return {"viewer": {"id": "1", "username": "ana", "entity": ENTITY, "teams": {}}}
        if (variables.get("entity"), variables.get("project")) != (ENTITY, PROJECT):
            return {"project": None}
        if name == "Runs":
            return {"project": self._page(variables)}
        run = next((r for r in self.runs if r["name"] == variables.get("name")), None)
        if run is None:
            return {"project": {"run": None}}
        return {"project": {"run": self._of_run(name, run, query, variables)}}

    def _of_run(
        self, name: str, run: dict[str, Any], query: str, variables: dict[str, Any]
    ) -> dict[str, Any]:
        if name == "RunFullHistory":
            samples = [json.dumps(sample) for sample in run["events"]]
            node = "events" if "events(" in query else "history"
            return {node: samples[: variables["samples"]]}
        if name == "RunFiles":
            return {"fileCount": 1, "files": _files(run, self.url)}
        raise AssertionError(f"the server does not know {name}: {query}")

    def _page(self, variables: dict[str, Any]) -> dict[str, Any]:
        start = int(variables.get("cursor") or 0)
        stop = start + min(int(variables.get("perPage") or 50), PAGE)
        edges = [
            {"node": _node(run), "cursor": str(i)}
            for i, run in enumerate(self.runs[start:stop], start=start + 1)
        ]
        more = stop < len(self.runs)
        return {
            "internalId": "1",
            "runCount": len(self.runs),
            "readOnly": True,
            "runs": {"edges": edges, "pageInfo": {"endCursor": str(stop), "hasNextPage": more}},
        }


def _node(run: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in run.items() if k not in ("events", "metadata")} | {"projectId": "1"}


def _files(run: dict[str, Any], url: str) -> dict[str, Any]:
    path = f"{url}/files/{ENTITY}/{PROJECT}/{run['name']}/wandb-metadata.json"
    body = json.dumps(run["metadata"])
    node = {
        "id": "f",
        "name": "wandb-metadata.json",
        "url": path,
        "directUrl": path,
        "sizeBytes": len(body),
        "mimetype": "application/json",
        "updatedAt": "2026-09-03T11:00:00",
        "md5": "",
    }
    edges = [{"node": node, "cursor": "1"}] if run["metadata"] is not None else []
    return {"edges": edges, "pageInfo": {"endCursor": "1", "hasNextPage": False}}


def run_node(
    number: str,
    *,
    state: str = "finished",
    sweep: str | None = None,
    created: str = "2026-09-03T10:00:00",
    config: dict[str, Any] | None = None,
    summary: dict[str, Any] | None = None,
    events: list[dict[str, Any]] | None = None,
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A run as GraphQL gives it: config, summary and system metrics are JSON in a string."""
    settings = {key: {"value": value, "desc": None} for key, value in (config or {}).items()}
    return {
        "id": f"R{number}",
        "name": number,
        "displayName": f"cloud-{number}",
        "tags": ["nlp"],
        "sweepName": sweep,
        "state": state,
        "config": json.dumps(settings | {"_wandb": {"value": {"cli_version": "0.31"}}}),
        "group": None,
        "jobType": "train",
        "commit": None,
        "readOnly": True,
        "createdAt": created,
        "heartbeatAt": "2026-09-03T11:00:00",
        "description": "",
        "notes": None,
        "systemMetrics": json.dumps(events[-1] if events else {}),
        "summaryMetrics": json.dumps(summary or {}),
        "historyLineCount": 3,
        "user": {"name": "Ana", "username": "ana"},
        "historyKeys": None,
        "events": events or [],
        "metadata": metadata,
    }


@contextmanager
def wandb_server(project: Project) -> Iterator[str]:
    """Serve a project until the block ends; gives the address."""
    signed = "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if project.busy:
                project.busy -= 1
                self._say(429, {"errors": [{"message": "rate limit exceeded"}]})
            elif self.headers.get("Authorization") != signed:
                self._say(401, {"errors": [{"message": "user is not logged in"}]})
            else:
                data = project.answer(body["query"], body.get("variables") or {})
                self._say(200, {"data": data})

        def do_GET(self) -> None:
            project.asked.append("GET")
            number = self.path.split("/")[-2]
            run = next(run for run in project.runs if run["name"] == number)
            self._say(200 if self.headers.get("Authorization") == signed else 401, run["metadata"])

        def _say(self, status: int, document: Any) -> None:
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests look at what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        project.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield project.url
        finally:
            server.shutdown()
