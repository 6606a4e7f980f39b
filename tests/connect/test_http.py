"""Servers that are busy, away, somebody else's, or do not let us in."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from servers import free_port

from carbon.connect import ConnectError, http, mlflow


@contextmanager
def answering(answers: list[tuple[int, str]], seen: list[dict[str, str]]) -> Iterator[str]:
    """A server that gives these answers (status, body) one after the other, the last for ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append(dict(self.headers))
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of a hundredth of a second instead of many."""
    monkeypatch.setattr(http, "LONGEST_WAIT_S", 0.01)


NOTHING = (200, json.dumps({"experiments": [], "runs": []}))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_until_it_answers(status: int) -> None:
    seen: list[dict[str, str]] = []
    with (
        answering([(status, ""), (status, ""), NOTHING], seen) as url,
        pytest.raises(ConnectError, match="has no run"),
    ):
        mlflow.fetch(url)
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((503, ""), "answered 503, 5 times in a row"),
        ((401, ""), r"does not let this user in \(401\). Set MLFLOW_TRACKING_TOKEN"),
        ((403, ""), r"does not let this user in \(403\)"),
        ((404, "<html>"), "answered 404 to /api/2.0/mlflow/experiments/search. Check the address"),
        ((400, '{"message": "no such filter"}'), r"answered 400 .*\(no such filter\)"),
        ((200, "<html>A shop</html>"), "answers, but not as MLflow does"),
        ((200, "[]"), "answers, but not as MLflow does"),
        ((200, '{"experiments": "none"}'), "answers, but not as MLflow does"),
        ((200, '{"experiments": [{}]}'), "answers, but not as MLflow does"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_why_a_server_cannot_be_read(answer: tuple[int, str], words: str) -> None:
    with answering([answer], []) as url, pytest.raises(ConnectError, match=words):
        mlflow.fetch(url)


def test_a_server_that_is_away() -> None:
    with pytest.raises(ConnectError, match=r"could not be reached .* 5 times in a row"):
        mlflow.fetch(f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("url", ["tracking.example.org", "sqlite:///mlflow.db", ""])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConnectError, match="must begin with https://"):
        mlflow.fetch(url)


@pytest.mark.parametrize(
    ("environment", "header"),
    [
        ({"TOKEN": "abc"}, "Bearer abc"),
        ({"USERNAME": "ana", "PASSWORD": "secret"}, "Basic YW5hOnNlY3JldA=="),
        ({"USERNAME": "ana", "PASSWORD": "secret", "TOKEN": "abc"}, "Basic YW5hOnNlY3JldA=="),
        ({}, None),
    ],
    ids=["token", "password", "both", "nothing"],
)
def test_how_it_signs_in(
    environment: dict[str, str], header: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)
    seen: list[dict[str, str]] = []
    with answering([NOTHING], seen) as url, pytest.raises(ConnectError, match="has no run"):
        mlflow.fetch(url)
    assert seen[0].get("Authorization") == header


def test_what_a_store_elsewhere_holds_is_fetched_without_the_sign_in() -> None:
    seen: list[dict[str, str]] = []
    own: list[dict[str, str]] = []
    with answering([(200, "{}")], seen) as store, answering([(200, "{}")], own) as url:
        server = http.Server("Somebody", url, sign_in="", auth=("ana", "secret"))
        server.download(f"{store}/file.json")
        server.download("/file.json")
    assert "Authorization" not in seen[0]
    assert own[0]["Authorization"].startswith("Basic ")


def test_a_password_in_the_address_signs_in_and_stands_in_no_message() -> None:
    seen: list[dict[str, str]] = []
    with answering([(401, "")], seen) as url, pytest.raises(ConnectError) as refused:
        mlflow.fetch(url.replace("http://", "http://ana:se%40cret@"))
    assert seen[0]["Authorization"] == "Basic YW5hOnNlQGNyZXQ="
    assert "cret" not in str(refused.value)
