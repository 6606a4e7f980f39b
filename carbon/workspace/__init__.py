"""The only room that touches disk: evidence, ledger, event log, settings, policy file."""

from carbon.workspace.errors import WorkspaceError
from carbon.workspace.ledger import Commit, Ledger
from carbon.workspace.workspace import Workspace

__all__ = ["Commit", "Ledger", "Workspace", "WorkspaceError"]
