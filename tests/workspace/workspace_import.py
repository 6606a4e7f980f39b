"""A process that imports files into a workspace, and may kill itself at a write.

    python workspace_import.py WORKSPACE KILL_AT FILE_NUMBER...

KILL_AT counts every write to the disk that an import makes (evidence, each table, the event);
the process sends itself SIGKILL just before that write. 0 never kills.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from workspace_rows import activity, import_row, quarantine

from carbon.workspace import Workspace

ACCEPTED_ROWS = 3


def take_file(workspace: Workspace, number: int) -> None:
    """File `number` has three good rows and one bad one."""
    with workspace.ledger.lock():
        evidence_id = workspace.evidence.put(f"file {number}".encode())
        good = activity(
            *(
                {"evidence_id": evidence_id, "row_number": row, "key": f"{number}-{row}"}
                for row in range(2, 2 + ACCEPTED_ROWS)
            )
        )
        bad = quarantine({"evidence_id": evidence_id, "row_number": 9})
        workspace.commit_import(
            import_row(evidence_id, ACCEPTED_ROWS + 1), {"activity": good, "quarantine": bad}
        )


def _kill_before(kill_at: int, workspace: Workspace) -> None:
    count = 0

    def armed(write: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return write(*args, **more)

        return wrapped

    workspace.evidence.put = armed(workspace.evidence.put)  # type: ignore[method-assign]
    workspace.ledger.append = armed(workspace.ledger.append)  # type: ignore[method-assign]
    workspace.events.append = armed(workspace.events.append)  # type: ignore[method-assign]


if __name__ == "__main__":
    place = Workspace(sys.argv[1])
    _kill_before(int(sys.argv[2]), place)
    for file_number in sys.argv[3:]:
        take_file(place, int(file_number))
