"""Mappings that come with the product: usage exports of model vendors and gateways."""

from pathlib import Path
from typing import Final

from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.reader import MappedReader

FOLDER: Final = Path(__file__).parents[3] / "data" / "mappings"

MAPPINGS: Final = tuple(
    Mapping.from_toml(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))
)
"""Each names the document of its columns."""

MAPPED: Final = tuple(MappedReader(mapping) for mapping in MAPPINGS)
"""Their readers."""
