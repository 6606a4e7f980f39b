"""However a file of telemetry or of a tracker is damaged: every row is accounted for, or a refusal
says why."""

from typing import Any

import pytest
from accounted import METERS, a_damage, check_damaged


@pytest.mark.parametrize("file", METERS)
@a_damage
def test_a_damaged_file_is_refused_or_every_row_is_accounted_for(file: str, **damage: Any) -> None:
    check_damaged(file, **damage)
