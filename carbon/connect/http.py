"""One way to ask a server: with patience, within limits, with errors that say what to do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

TIMEOUT_S: Final = (10.0, 120.0)
"""Patience until a server answers at all, and between two parts of its answer [s]."""

ATTEMPTS: Final = 5
TRANSIENT: Final = (408, 425, 429, 500, 502, 503, 504)
"""Statuses of a server that may answer when it is asked again."""

LONGEST_WAIT_S: Final = 60.0


class ConnectError(Exception):
    """A system that could not be asked: one sentence that says why and what to do."""


class NotThereError(ConnectError):
    """The server has nothing at this address."""


class _AgainError(Exception):
    """An answer after which the same question may be asked again."""

    def __init__(self, words: str, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.wait_s = wait_s


class Server:
    """A server that is asked for JSON.

    Args:
        name: what it is, as a person calls it ("MLflow").
        url: its address, without a path of its API.
        sign_in: how it is signed in to, in words, for the errors.
        headers: sent with every question.
        auth: user and password.
        first_wait_s: pause before the second attempt [s]; each later one about doubles it.

    Raises:
        ConnectError: the address is none.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        sign_in: str,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        first_wait_s: float = 0.5,
    ) -> None:
        self.name = name
        self.url = url.strip().rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise ConnectError(
                f"{name}'s address {url!r} must begin with https:// or http://, "
                "as https://tracking.example.org."
            )
        parts = urlsplit(self.url)
        if parts.username:
            # A password in an address would stand in every message.
            auth = auth or (unquote(parts.username), unquote(parts.password or ""))
            self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self._sign_in = sign_in
        self._session = requests.Session()
        self._session.headers.update(headers or {})
        # Without an auth of its own a session sends what ~/.netrc holds for the host.
        self._session.auth = auth or _as_it_is
        self._wait = wait_exponential_jitter(multiplier=first_wait_s, max=LONGEST_WAIT_S)

    def get(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object that a GET answers; errors as of `ask`."""
        return self.ask("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object that a POST answers; errors as of `ask`."""
        return self.ask("POST", path, json=body)

    def ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """Ask, again where the server is busy, and give the JSON object that it answers.

        Raises:
            ConnectError: it cannot be reached, refuses, or answers something else.
        """
        return _object_of(
            self._patiently(method, self.url + path, arguments),
            f"{self.url} answers, but not as {self.name} does (no JSON object under {path}). Give "
            f"the address of the {self.name} server itself, without a page's path.",
        )

    @contextmanager
    def in_its_shape(self) -> Iterator[None]:
        """Whatever is read of answers inside is there, or it was another server that answered.

        Raises:
            ConnectError: an answer lacks what this kind of server always gives.
        """
        try:
            yield
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ConnectError(
                f"{self.url} answers, but not as {self.name} does ({error!r} is not as expected). "
                f"Give the address of the {self.name} server itself."
            ) from error

    def download(self, address: str) -> dict[str, Any]:
        """The JSON object of a file that the server names; errors as of `ask`.

        The sign-in goes with it to the server itself, and never to the store of another host.
        """
        whole = urljoin(self.url + "/", address)
        own = urlsplit(whole)[:2] == urlsplit(self.url)[:2]
        elsewhere = {"auth": _as_it_is, "headers": {"Authorization": None}}
        arguments: dict[str, Any] = {} if own else elsewhere
        answer = self._patiently("GET", whole, arguments)
        return _object_of(answer, f"{whole} holds no JSON object.")

    def _patiently(self, method: str, url: str, arguments: Mapping[str, Any]) -> requests.Response:
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._pause,
            retry=retry_if_exception_type(_AgainError),
            reraise=True,
        )
        try:
            return retrying(self._once, method, url, arguments)
        except _AgainError as error:
            raise ConnectError(
                f"{self.name} at {self.url} {error}, {ATTEMPTS} times in a row. Check the address "
                "and the network, or try again later."
            ) from error

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _AgainError) and error.wait_s is not None:
            return min(error.wait_s, LONGEST_WAIT_S)
        return float(self._wait(state))

    def _once(self, method: str, url: str, arguments: Mapping[str, Any]) -> requests.Response:
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT_S, **arguments)
        except requests.exceptions.SSLError as error:
            raise ConnectError(
                f"The certificate of {self.url} is not trusted by this machine. Set "
                "REQUESTS_CA_BUNDLE to the organisation's certificates."
            ) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _AgainError(f"could not be reached ({type(error).__name__})") from error
        except requests.RequestException as error:
            raise ConnectError(f"{url} cannot be asked: {error}.") from error
        if answer.status_code in TRANSIENT:
            raise _AgainError(f"answered {answer.status_code}", _retry_after(answer))
        if answer.status_code in (401, 403):
            raise ConnectError(
                f"{self.name} at {self.url} does not let this user in "
                f"({answer.status_code}). {self._sign_in}"
            )
        if not answer.ok:
            kind = NotThereError if answer.status_code == 404 else ConnectError
            raise kind(
                f"{self.name} at {self.url} answered {answer.status_code} to "
                f"{url.removeprefix(self.url)}{_reason(answer)}. Check the address."
            )
        return answer


def _object_of(answer: requests.Response, otherwise: str) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError as error:
        raise ConnectError(otherwise) from error
    if not isinstance(document, dict):
        raise ConnectError(otherwise)
    return document


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _retry_after(answer: requests.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _reason(answer: requests.Response) -> str:
    """What the server says of an error, where it says it in JSON."""
    try:
        document = answer.json()
    except ValueError:
        return ""
    said = document.get("message") if isinstance(document, dict) else None
    return f" ({said[:200]})" if isinstance(said, str) and said else ""
