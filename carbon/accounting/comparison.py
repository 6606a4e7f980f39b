"""Figures beside those of others: only what sees as much of the machine is compared.

A figure of the chip alone and one of the whole facility differ by more than most models do. The
published ladder says by how much for one service (2.4 between the two ways of measuring one
request); it is told beside a pair that does not compare, and never applied.
"""

import polars as pl

from carbon.accounting.inference import ACCELERATOR_ONLY
from carbon.accounting.ladder import published


def compare(own: pl.DataFrame, others: pl.DataFrame, ladder: dict[str, float]) -> pl.DataFrame:
    """Each own figure beside each other one per the same unit.

    Args:
        own: model, per, boundary, energy_wh [Wh], location_g, market_g [g].
        others: name, per, boundary, energy_wh, location_g, market_g; further columns are kept.
        ladder: as `carbon.accounting.ladder.published` gives it.

    Returns:
        others' columns, model, own_boundary, own_energy_wh, own_location_g, own_market_g,
        comparable (both boundaries known and the same), ratio (own energy over the other's, where
        they compare [1]) and ratio_needed (the published ladder's ratio of the other's rung to the
        own one, where they do not [1]); sorted by model, per and the other's name.
    """
    mine = own.select(
        "model",
        "per",
        *(
            pl.col(name).alias(f"own_{name}")
            for name in ("boundary", "energy_wh", "location_g", "market_g")
        ),
    )
    comparable = (pl.col("boundary") == pl.col("own_boundary")).fill_null(False)
    height = {name: pl.col(name).replace_strict(ladder, default=None, return_dtype=pl.Float64)
              for name in ("boundary", "own_boundary")}  # fmt: skip
    return (
        mine.join(others, on="per", how="inner", suffix="_other")
        .with_columns(comparable=comparable)
        .with_columns(
            ratio=pl.when(comparable & (pl.col("energy_wh") > 0)).then(
                pl.col("own_energy_wh") / pl.col("energy_wh")
            ),
            ratio_needed=pl.when(~comparable).then(height["boundary"] / height["own_boundary"]),
        )
        .sort("model", "per", "name", nulls_last=True)
    )


def with_published(own: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Own figures beside the published ones; the columns of `compare`.

    Args:
        own: model, per, boundary, energy_wh, location_g, market_g.
        references: `Reference` rows; parts of a figure stand for none.
    """
    whole = pl.col("part").is_null() | (pl.col("part") == "chip")
    others = references.filter(whole).rename({"model": "name"})
    return compare(own, others, published(references))


def accelerators(own: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Accelerator energy per 1,000 requests beside published figures of accelerators alone.

    Args:
        own: model and accelerator_wh_per_1000_queries [Wh].
        references: `Reference` rows; those per request of chips or boards are used.

    Returns:
        columns of `references` with name for its model, model, wh_per_1000 and own_wh_per_1000
        [Wh], and ratio (own over the published one [1]); sorted by task, then least energy first.
    """
    seen = pl.col("boundary").is_in(ACCELERATOR_ONLY) & (pl.col("per") == "query")
    whole = pl.col("part").is_null() | (pl.col("part") == "chip")
    others = references.filter(seen, whole, pl.col("energy_wh").is_not_null()).rename(
        {"model": "name"}
    )
    mine = own.select("model", own_wh_per_1000="accelerator_wh_per_1000_queries")
    wh = pl.col("energy_wh") * 1000.0
    return (
        mine.join(others, how="cross")
        .with_columns(wh_per_1000=wh)
        .with_columns(
            ratio=pl.when(pl.col("wh_per_1000") > 0).then(
                pl.col("own_wh_per_1000") / pl.col("wh_per_1000")
            )
        )
        .sort("model", "task", "wh_per_1000", "name", "reference_id", nulls_last=True)
    )


def equivalents(kg: float | None, table: pl.DataFrame) -> pl.DataFrame:
    """An amount of emissions in everyday terms: `kg / kg of one`.

    Args:
        kg: emissions [kgCO2e]; None gives nothing.
        table: `Equivalent` rows.

    Returns:
        the rows of the table with count [1].
    """
    if kg is None:
        return table.clear().with_columns(count=pl.lit(None, pl.Float64))
    return table.with_columns(count=kg / pl.col("kg_co2e"))
