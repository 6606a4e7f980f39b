"""Mappings that come with the product: usage exports of model vendors and gateways."""

from pathlib import Path
from typing import Final

from carbon.activity.mapped import MappedReader
from carbon.activity.mapping import Mapping

FOLDER: Final = Path(__file__).parents[2] / "data" / "mappings"

MAPPINGS: Final = tuple(
    Mapping.from_toml(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))
)
"""Each names the document of its columns."""

MAPPED: Final = tuple(MappedReader(mapping) for mapping in MAPPINGS)
"""Their readers."""
