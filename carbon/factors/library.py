"""The shipped reference tables of `data/`: factors, places, hardware.

The tables are plain CSV, read once per process. Each folder's `datapackage.json` says where its
tables come from; each row names publisher, release, vintage, licence and document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import dataframely as dy
import polars as pl

from carbon.schema import (
    Accelerator,
    CloudInstance,
    CloudRegion,
    Embodied,
    Factor,
    RegionEfficiency,
    Zone,
)

DATA: Final = Path(__file__).parents[2] / "data"

FACTOR_TABLES: Final = (
    "egrid_subregion",
    "egrid_us",
    "egrid_state",
    "uk_desnz",
    "eu_eea",
    "ca_eccc",
    "au_nga",
    "cn_mee",
    "in_cea",
    "nz_mfe",
    "owid_ember_country",
)
"""Tables of `data/factors/` that hold emission factors, most of them one publisher each."""


@dataclass(frozen=True)
class Library:
    """The shipped reference tables.

    Attributes:
        factors: emission factors (schema Factor, origin "library").
        zones: grid zones and their parents (schema Zone).
        regions: cloud regions and the zone of each (schema CloudRegion).
        efficiency: PUE and WUE by region and year (schema RegionEfficiency).
        accelerators: accelerators, their power and their names (schema Accelerator).
        instances: cloud instance types (schema CloudInstance).
        embodied: embodied carbon of hardware (schema Embodied).
        gwp: gwp_set, gas, gwp: 100-year global warming potentials [kgCO2e/kg].
        zip_zones: zip, zone, n_zones: US ZIP code -> its predominant eGRID subregion.
        grid_loss: area, kind, year, loss_fraction: grid gross loss [1] by interconnect and
            subregion; a consumption-based rate is the output rate / (1 - loss).
        generation: set, fuel, basis, gases, kg_per_kwh, publisher, release: emissions of
            generation by fuel [kg/kWh].
        cpus: cpu, tdp_w: thermal design power of CPUs [W].
        vcpu_power: provider, architecture, min_w_per_vcpu, max_w_per_vcpu [W].
        platforms: provider, instance_type, vcpu, platform_vcpu [1] and platform_kg [kgCO2e]: the
            machine that a type without accelerators stands on, and its share of it.
        country_names: name (lower case), country (alpha-2).
    """

    factors: pl.DataFrame
    zones: pl.DataFrame
    regions: pl.DataFrame
    efficiency: pl.DataFrame
    accelerators: pl.DataFrame
    instances: pl.DataFrame
    embodied: pl.DataFrame
    gwp: pl.DataFrame
    zip_zones: pl.DataFrame
    grid_loss: pl.DataFrame
    generation: pl.DataFrame
    cpus: pl.DataFrame
    vcpu_power: pl.DataFrame
    country_names: pl.DataFrame
    platforms: pl.DataFrame = field(default_factory=pl.DataFrame)


@lru_cache(maxsize=1)
def load() -> Library:
    """The shipped library, read on first use and shared afterwards."""
    factors, regions, hardware = DATA / "factors", DATA / "regions", DATA / "hardware"
    return Library(
        factors=pl.concat([_factor_table(factors / f"{name}.csv") for name in FACTOR_TABLES]).sort(
            "factor_id"
        ),
        zones=_table(regions / "zones.csv", Zone),
        regions=_table(regions / "cloud_regions.csv", CloudRegion),
        efficiency=_table(regions / "region_efficiency.csv", RegionEfficiency),
        accelerators=_table(hardware / "accelerators.csv", Accelerator),
        instances=_table(hardware / "cloud_instances.csv", CloudInstance),
        embodied=_table(hardware / "embodied.csv", Embodied),
        gwp=_plain(factors / "gwp.csv", {"gwp": pl.Float64}),
        zip_zones=_plain(regions / "zip_egrid.csv.gz", {"n_zones": pl.Int64}),
        grid_loss=_plain(
            factors / "egrid_grid_gross_loss.csv", {"year": pl.Int64, "loss_fraction": pl.Float64}
        ),
        generation=_plain(factors / "generation_by_fuel.csv", {"kg_per_kwh": pl.Float64}),
        cpus=_plain(hardware / "cpu_tdp.csv", {"tdp_w": pl.Float64}),
        vcpu_power=_plain(
            hardware / "vcpu_power.csv",
            {"min_w_per_vcpu": pl.Float64, "max_w_per_vcpu": pl.Float64},
        ),
        country_names=_plain(regions / "country_names.csv", {}),
        platforms=_plain(
            hardware / "platforms.csv",
            dict.fromkeys(("vcpu", "platform_vcpu", "platform_kg"), pl.Float64),
        ),
    )


def context_maps(library: Library, workspace_factors: pl.DataFrame) -> dict[str, Any]:
    """What a reader may know of places: the fields of its context, as plain dicts.

    Args:
        library: the shipped tables.
        workspace_factors: the user's own factors (schema Factor); a zone that only they define
            is a zone.

    Returns:
        zones (lower-case id, alpha-3 or name -> zone), zip_zones (ZIP -> eGRID subregion),
        countries (lower-case alpha-2, alpha-3 or English name -> alpha-2), regions (provider ->
        {lower-case code or name -> region}), zone_countries (zone -> alpha-2) and instances
        (provider -> {lower-case type -> (accelerator, how many)}, of types that carry any).
    """
    shipped = _shipped_maps() if library is load() else _maps(library)
    own = workspace_factors["zone"].unique().sort().to_list()
    countries: Mapping[str, str] = shipped["countries"]
    zones = dict(shipped["zones"])
    zone_countries = dict(shipped["zone_countries"])
    for zone in own:
        zones.setdefault(zone.lower(), zone)
        prefix = zone.split("-", 1)[0].lower()
        if zone not in zone_countries and len(prefix) == 2 and prefix in countries:
            zone_countries[zone] = countries[prefix]
    return {**shipped, "zones": zones, "zone_countries": zone_countries}


@lru_cache(maxsize=1)
def _shipped_maps() -> dict[str, Any]:
    return _maps(load())


def _maps(library: Library) -> dict[str, Any]:
    """`context_maps` of the library alone."""
    zones = library.zones
    is_country = zones.filter(kind="country")
    countries = _pairs(library.country_names, "name", "country")
    countries |= _pairs(is_country, pl.col("iso3").str.to_lowercase(), "country")
    countries |= _pairs(is_country, pl.col("country").str.to_lowercase(), "country")
    subregions = zones.filter(kind="egrid_subregion")
    by_name = dict(countries)
    by_name |= _pairs(subregions, pl.col("name").str.to_lowercase(), "zone")
    by_name |= _pairs(zones, pl.col("zone").str.to_lowercase(), "zone")
    return {
        "zones": by_name,
        "zip_zones": _pairs(library.zip_zones, "zip", "zone"),
        "countries": countries,
        "regions": _region_names(library.regions),
        "zone_countries": _pairs(zones, "zone", "country"),
        "instances": _accelerated(library.instances),
    }


def _accelerated(instances: pl.DataFrame) -> dict[str, dict[str, tuple[str, float | None]]]:
    """Provider -> {lower-case instance type -> (accelerator, how many of them)}."""
    found: dict[str, dict[str, tuple[str, float | None]]] = {}
    columns = ("provider", "instance_type", "accelerator", "accelerator_count")
    carrying = instances.filter(pl.col("accelerator").is_not_null()).select(columns)
    for provider, type_, accelerator, count in carrying.iter_rows():
        found.setdefault(provider, {})[type_.lower()] = (accelerator, count)
    return found


def _region_names(regions: pl.DataFrame) -> dict[str, dict[str, str]]:
    """Provider -> {lower-case code or unambiguous name -> region code}."""
    found: dict[str, dict[str, str]] = {}
    for (provider,), group in regions.group_by("provider", maintain_order=True):
        name = pl.col("name").str.to_lowercase()
        named = group.filter(pl.col("name").is_not_null(), name.is_unique())
        found[str(provider)] = _pairs(named, name, "region") | _pairs(
            group, pl.col("region").str.to_lowercase(), "region"
        )
    return found


def _pairs(frame: pl.DataFrame, key: str | pl.Expr, value: str) -> dict[str, str]:
    pairs = frame.select(pl.col(key) if isinstance(key, str) else key, pl.col(value).alias("_to"))
    return dict(pairs.drop_nulls().iter_rows())


def _factor_table(path: Path) -> pl.DataFrame:
    """A table of factors; what the file leaves out of the schema is the library's own."""
    schema = dict(Factor.create_empty().schema)
    moments = [name for name, dtype in schema.items() if isinstance(dtype, pl.Datetime)]
    frame = pl.read_csv(path, schema_overrides=schema | dict.fromkeys(moments, pl.String))
    given = frame.with_columns(
        pl.col(moments).str.to_datetime("%Y-%m-%d", time_unit="us", time_zone="UTC"),
        pl.lit("library").alias("origin"),
    )
    return given.select(
        pl.col(name) if name in given.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def _table(path: Path, schema: type[dy.Schema]) -> pl.DataFrame:
    return pl.read_csv(path, schema_overrides=schema.create_empty().schema)


def _plain(path: Path, numbers: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """A small table without a schema of its own: text, but for the numbers named."""
    frame = pl.read_csv(path, infer_schema=False)
    return frame.with_columns(pl.col(name).cast(dtype) for name, dtype in numbers.items())
