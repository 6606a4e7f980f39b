"""Evidence that is fetched from the systems that hold it, and imported like any other file.

What is fetched is kept as it was answered. It is named after the system and the latest run that it
holds, never after the hour at which it was asked: an unchanged system gives the same bytes under
the same name, and importing them again adds nothing.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from carbon.connect import ConnectError, mlflow, wandb
from carbon.portfolio.importing import Progress
from carbon.portfolio.opened import Opened, PortfolioError, local_user
from carbon.portfolio.results import ImportResult
from carbon.workspace import WorkspaceError

_PLAIN: Final = re.compile(r"[^A-Za-z0-9.]+")


class Fetching(Opened):
    """Verbs that fetch from a system into evidence, then import."""

    def fetch_mlflow(
        self,
        url: str,
        *,
        experiments: Sequence[str] | None = None,
        since: date | None = None,
        until: date | None = None,
        who: str | None = None,
        progress: Progress | None = None,
    ) -> ImportResult:
        """Runs of an MLflow tracking server with their system metrics; see `connect.mlflow.fetch`.

        Args:
            url: the tracking server.
            experiments: names or ids of experiments; None for all.
            since: first day (UTC) on which a run started.
            until: last day (UTC) on which a run started.
            who: who fetches, for the event log.
            progress: called with (done, total, what is being done).

        Raises:
            PortfolioError: the server cannot be asked, or has no such runs.
        """
        data = _ask(lambda: mlflow.fetch(url, experiments=experiments, since=since, until=until))
        name = f"mlflow-{_host(url)}-{_latest_of_mlflow(data)}.jsonl"
        return self._take_in(name, data, who, progress)

    def fetch_wandb(
        self,
        url: str | None,
        entity: str,
        project: str,
        *,
        since: date | None = None,
        until: date | None = None,
        who: str | None = None,
        progress: Progress | None = None,
    ) -> ImportResult:
        """Runs of a project of Weights & Biases with their system metrics.

        Args:
            url: the server; None for Weights & Biases' own.
            entity: user or team.
            project: the project.
            since: first day (UTC) on which a run started.
            until: last day (UTC) on which a run started.
            who: who fetches, for the event log.
            progress: called with (done, total, what is being done).

        Raises:
            PortfolioError: the server cannot be asked, or has no such runs.
        """
        data = _ask(lambda: wandb.fetch(url, entity, project, since=since, until=until))
        latest = max(str(run["created_at"]) for run in _lines(data))[:10]
        return self._take_in(
            f"wandb-{_plain(entity)}-{_plain(project)}-{latest}.jsonl", data, who, progress
        )

    def _take_in(
        self, name: str, data: bytes, who: str | None, progress: Progress | None
    ) -> ImportResult:
        try:
            return self._importer(None, None).import_files(
                [(name, data)], who or local_user(), progress
            )
        except WorkspaceError as error:
            raise PortfolioError(str(error)) from error


def _ask(fetch: Callable[[], bytes]) -> bytes:
    try:
        return fetch()
    except ConnectError as error:
        raise PortfolioError(str(error)) from error


def _lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode().splitlines()]


def _latest_of_mlflow(data: bytes) -> str:
    """The day (UTC) on which the latest run started."""
    starts = [
        int(run["info"].get("start_time", 0))
        for page in _lines(data)
        for run in page.get("runs", [])
    ]
    return datetime.fromtimestamp(max(starts) / 1000, UTC).date().isoformat()


def _host(url: str) -> str:
    """Host, port and path of an address, as part of a file's name."""
    parts = urlsplit(url)
    # Never the user or password that an address may hold.
    at = f"{parts.hostname or ''}{f'-{parts.port}' if parts.port else ''}{parts.path}"
    return _plain(at)


def _plain(words: str) -> str:
    return _PLAIN.sub("-", words).strip("-")
