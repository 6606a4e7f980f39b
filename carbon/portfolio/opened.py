"""An opened workspace: what every group of verbs starts from."""

import getpass
from pathlib import Path

from carbon.factors.library import load
from carbon.policy import Policy, PolicyError
from carbon.portfolio.factor_shelf import FactorShelf
from carbon.portfolio.importing import Importer
from carbon.workspace import Workspace, WorkspaceError


class PortfolioError(Exception):
    """A verb that could not be done: one sentence that says why and what to do."""


class Opened:
    """A workspace folder; created on first use.

    Raises:
        PortfolioError: the folder cannot be used, or its policy cannot be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._workspace = Workspace(path)
        except WorkspaceError as error:
            raise PortfolioError(str(error)) from error

    @property
    def path(self) -> Path:
        return self._workspace.path

    @property
    def version(self) -> str:
        """Changes whenever anything that a figure or a screen depends on changes."""
        return self._workspace.version

    @property
    def is_empty(self) -> bool:
        """Whether nothing was imported yet."""
        return self._workspace.is_empty

    @property
    def policy(self) -> Policy:
        """The methodological choices in force."""
        try:
            return Policy.from_toml(self._workspace.policy_text())
        except PolicyError as error:
            raise PortfolioError(f"{error}. Mend {self.path / 'policy.toml'}.") from error

    def _importer(self, format: str | None, timezone: str | None) -> Importer:
        return Importer(self._workspace, load(), self.policy, format, timezone)

    def _shelf(self) -> FactorShelf:
        return FactorShelf(load(), self._workspace.ledger.current_factors(), self.policy)


def local_user() -> str:
    """Who runs this, for the event log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
