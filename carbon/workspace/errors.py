"""What goes wrong with a workspace, in one sentence a user can act on."""


class WorkspaceError(RuntimeError):
    """The workspace cannot be used as asked; the message says why and what to do."""
