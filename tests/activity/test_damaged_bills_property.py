"""However a bill, a usage export or a provider's own figures are damaged: every row is accounted
for, or a refusal says why."""

from typing import Any

import pytest
from accounted import CLOUD, a_damage, check_damaged


@pytest.mark.parametrize("file", CLOUD)
@a_damage
def test_a_damaged_file_is_refused_or_every_row_is_accounted_for(file: str, **damage: Any) -> None:
    check_damaged(file, **damage)
