"""What tests with damaged files share: the examples, and how a file is accounted for.

The examples stand in three groups, each damaged in a test file of its own, so that workers share
the work.
"""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from damaging import DAMAGES, ENCODINGS, PACKINGS, flipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, RefusalError, RefusedMember
from carbon.factors import readers as factor_files
from carbon.factors.library import context_maps, load
from carbon.schema import Factor
from carbon.tables import Payload
from carbon.tables.recognition import recognise
from carbon.workspace.counting import rows_of

DATA: Final = Path(__file__).parent / "data"
READERS: Final[dict[str, Any]] = {**activity.READERS, **factor_files.READERS}
CONTEXT: Final = Context(evidence_id="e" * 64, **context_maps(load(), Factor.create_empty()))

MANY: Final = 200
"""Damaged files of each example: more than ten thousand in all."""

EXAMPLES: Final = int(os.environ.get("DAMAGED", "0")) or max(MANY, settings().max_examples)
"""As many as `make fuzz` asks for, or fewer while a reader is being written: `DAMAGED=20`."""

BINARY: Final = (".parquet", ".xlsx", ".gz", ".zip")

FILES: Final = sorted(path.name for path in DATA.iterdir() if path.is_file())

_FACTORS: Final = (
    *("aib_", "egrid", "eia_", "electricity_maps", "ember_", "entsoe_", "factor_", "greene_"),
    *("iea_", "uk_", "watttime_"),
)
_CLOUD: Final = (
    *("anthropic_", "aws_", "azure_", "bedrock_", "focus_", "gcp_", "google_", "instruments"),
    *("litellm_", "mcfs_", "openai_", "openrouter_", "otel_", "template"),
)

FACTORS: Final = [name for name in FILES if name.startswith(_FACTORS)]
"""Official factor files and grid data."""

CLOUD: Final = [name for name in FILES if name.startswith(_CLOUD)]
"""Bills, usage, providers' own figures, and the house's templates."""

METERS: Final = [name for name in FILES if not name.startswith((*_FACTORS, *_CLOUD))]
"""Telemetry and trackers."""

relaxed: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

Steps = Sequence[tuple[int, int, int]]
"""Kinds of damage, and where."""

steps = st.lists(
    st.tuples(st.sampled_from(range(len(DAMAGES))), st.integers(0, 10_000), st.integers(0, 10_000)),
    max_size=5,
)


def a_damage(test: Any) -> Any:
    """`steps`, `encoding`, `cut`, `packing` and `named` for `check_damaged`, many times."""
    return relaxed(
        given(
            steps=steps,
            encoding=st.sampled_from(ENCODINGS),
            cut=st.integers(0, 40),
            packing=st.sampled_from(range(len(PACKINGS))),
            named=st.booleans(),
        )(test)
    )


def account_for(payload: Payload, format: str | None) -> str:
    """Read a file, count its rows, and give its format.

    rows = rows that accepted frames stand for + rows set aside, and no row is both.
    """
    name, _, _ = recognise(payload, READERS, format)
    count_rows(READERS[name].read(payload, CONTEXT))
    return name


def count_rows(reading: Any) -> None:
    """Assert that each row of a reading is accepted or set aside, and none is both."""
    if isinstance(reading, activity.Reading):
        frames = {
            "activity": reading.activity,
            "reported": reading.reported,
            "instrument": reading.instruments,
            "sighting": reading.sightings,
            "asset": reading.assets,
            "reference": reading.references,
            "weather": reading.weather,
        }
    else:
        frames = {"factor": reading.factors}
    accepted = {row for frame in frames.values() for row in frame["row_number"]}
    aside = set(reading.quarantine["row_number"])
    assert accepted & aside == set()
    assert rows_of(frames) + len(aside) == reading.rows


def read_all(name: str, data: bytes, format: str | None) -> None:
    """Read every file in some bytes: rows are accounted for, or it is refused in words."""
    try:
        for payload in open_payloads(name, data):
            if isinstance(payload, RefusedMember):
                raise RefusalError(payload.reason)
            account_for(payload, format)
    except RefusalError as refusal:
        in_words(refusal)


def in_words(refusal: RefusalError) -> None:
    """Assert that a refusal is a sentence that a person can read."""
    message = str(refusal)
    assert message.rstrip("`)\"'").endswith((".", "?")), message
    assert "Traceback" not in message


def damaged_text(text: str, steps: Steps) -> str:
    """A text after some damages."""
    for kind, a, b in steps:
        text = DAMAGES[kind](text, a, b)
    return text


def damaged(file: str, steps: Steps, encoding: str, cut: int, packing: int) -> bytes:
    """The bytes of an example after some damages, in another encoding, cut off, and packed."""
    text = damaged_text((DATA / file).read_text("utf-8"), steps)
    data = text.encode(encoding, errors="replace")
    return PACKINGS[packing](data[: len(data) - cut])


def check_damaged(
    file: str,
    *,
    steps: Steps,
    encoding: str,
    cut: int,
    packing: int,
    named: bool,
) -> None:
    """Read an example after damage: of a binary one bytes are turned over, of a text much more."""
    if file.endswith(BINARY):
        flips = [a * 10_000 + b for _, a, b in steps]
        data = flipped((DATA / file).read_bytes(), flips, cut * 10 if cut % 2 else 0)
    else:
        data = damaged(file, steps, encoding, cut, packing)
    read_all(file, data, format_of(file) if named else None)


@cache
def format_of(file: str) -> str:
    """The format of an example, as it is recognised undamaged."""
    (payload,) = open_payloads(file, (DATA / file).read_bytes())
    assert isinstance(payload, Payload)
    return account_for(payload, None)
