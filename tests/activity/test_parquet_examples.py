"""An export in Parquet, with the provider's types, gives what the same export gives as text."""

import pytest
from accounted import CONTEXT, DATA

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Payload, Reading

PAIRS = [
    ("aws_cur_2.csv", "aws_cur_2.parquet"),
    ("focus_aws.csv", "focus_aws.parquet"),
    ("gcp_billing.jsonl", "gcp_billing.parquet"),
    ("google_carbon.jsonl", "google_carbon.parquet"),
]


def reading(name: str) -> tuple[str, Reading]:
    (payload,) = open_payloads(name, (DATA / name).read_bytes())
    assert isinstance(payload, Payload)
    return activity.recognise(payload)[0], activity.read(payload, CONTEXT)


@pytest.mark.parametrize(("text", "parquet"), PAIRS)
def test_parquet_gives_what_text_gives(text: str, parquet: str) -> None:
    (format, as_text), (same_format, typed) = reading(text), reading(parquet)
    assert same_format == format
    assert typed.rows == as_text.rows
    # JSON lines count from 1; a table counts its header as row 1.
    first = 2 if text.endswith(".csv") else 1
    for table in ("activity", "reported"):
        left, right = getattr(as_text, table), getattr(typed, table)
        assert left.drop("row_number").equals(right.drop("row_number"))
        assert (left["row_number"] - first).equals(right["row_number"] - 2)
    assert typed.quarantine.is_empty()
    assert as_text.quarantine.is_empty()
