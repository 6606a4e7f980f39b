"""Accelerators by whatever name a source gives them: `8 x NVIDIA H100 80GB HBM3`, `a100-80gb`."""

from typing import Final

import polars as pl

_COUNT: Final = r"^\s*\(?\d+\)?\s*[x×*]\s*"
"""`8 x `, `8x`, `(4) × `: how many there are stands before the name in tracker files."""

_VENDORS: Final = r"\b(nvidia|amd|intel|google|cloud|aws|amazon|corporation|inc)\b"
_SEPARATORS: Final = r"[\s\-_/,;:()\[\]+™®]+"
_SPLIT_MEMORY: Final = r"\b(\d+)\s*(gb|gib|g)\b"
_NOISE: Final = r"\b(gpus?|tensor core|tensor|cores?|accelerators?|graphics|card|module)\b"


def match_accelerators(names: pl.Series, accelerators: pl.DataFrame) -> pl.DataFrame:
    """Canonical accelerator and its power for names as sources write them.

    A count before the name, the vendor, case and separators do not matter; memory and form factor
    do. A short name that fits several parts (`A100`) means the one whose aliases list it; its note
    says so. A part of a device (a MIG slice) is not the device, and matches nothing.

    Args:
        names: names as they stand in the source.
        accelerators: schema Accelerator.

    Returns:
        One row per distinct name, sorted: name, accelerator (canonical, null where not known),
        tdp_w [W] (null where not known, or the vendor publishes none) and why.
    """
    distinct = names.cast(pl.String).drop_nulls().unique().sort().alias("name").to_frame()
    aliases = (
        accelerators.select(
            "accelerator",
            "tdp_w",
            pl.col("note").alias("_note"),
            pl.concat_list(pl.col("aliases").str.split("|"), _normal(pl.col("accelerator"))).alias(
                "_plain"
            ),
        )
        .explode("_plain")
        # The alias that is listed first keeps the word: a name means one part only.
        .unique("_plain", keep="first", maintain_order=True)
    )
    return (
        distinct.with_columns(_normal(pl.col("name")).alias("_plain"))
        .join(aliases, on="_plain", how="left", validate="m:1", maintain_order="left")
        .select("name", "accelerator", "tdp_w", _why().alias("why"))
    )


def _normal(name: pl.Expr) -> pl.Expr:
    """A name as the aliases are written: lower case, no count, no vendor, single blanks."""
    return (
        name.str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace(_COUNT, "")
        .str.replace_all(_SEPARATORS, " ")
        .str.replace_all(_VENDORS, " ")
        .str.replace_all(_NOISE, " ")
        .str.replace_all(_SPLIT_MEMORY, "${1}gb")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )


def _why() -> pl.Expr:
    note = (
        pl.when(pl.col("_note").is_not_null()).then(pl.format(" {}", "_note")).otherwise(pl.lit(""))
    )
    return (
        pl.when(pl.col("accelerator").is_null())
        .then(
            pl.format(
                "'{}' is not in the table of accelerators. State average_power_w, or use a name "
                "such as NVIDIA H100 SXM5 80GB.",
                "name",
            )
        )
        .otherwise(pl.format("'{}' is read as {}.{}", "name", "accelerator", note))
    )
