"""An export in Parquet, with the provider's types, gives what the same export gives as text."""

import io

import pyarrow.parquet as pq
import pytest
from accounted import CONTEXT, DATA

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Payload, Reading, RefusalError

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


def test_bytes_that_are_no_text_are_refused() -> None:
    """A disk or a transfer may turn bytes over: what was a name then is no UTF-8."""
    out = io.BytesIO()
    pq.write_table(pq.read_table(DATA / "aws_cur_2.parquet"), out, compression="none")
    for sound, broken in ((b"llm-train", b"llm\xff\xferain"), (b"BoxUsage", b"Box\xff\xfeage")):
        data = out.getvalue().replace(sound, broken)
        assert data != out.getvalue()
        (payload,) = open_payloads("bill.parquet", data)
        assert isinstance(payload, Payload)
        with pytest.raises(RefusalError, match="cannot be read"):
            activity.read(payload, CONTEXT, "aws-cur")
