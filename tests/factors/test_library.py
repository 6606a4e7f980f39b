"""What is shipped: complete, valid, openly licensed, and a graph of zones that ends."""

import json
import time
from pathlib import Path

import polars as pl
import pytest

from carbon.factors import library as library_module
from carbon.factors.library import DATA, FACTOR_TABLES, context_maps, load
from carbon.schema import (
    Accelerator,
    CloudInstance,
    CloudRegion,
    Embodied,
    Factor,
    RegionEfficiency,
    Zone,
)

FOLDERS = ("factors", "regions", "hardware", "references")
PROVENANCE = ("publisher", "licence", "document")
CLOSED = ("agpl", "by-sa", "by-nc", "restricted", "unclear", "verify", "all rights reserved")


def table_paths() -> list[Path]:
    return sorted(
        path for folder in FOLDERS for path in (DATA / folder).iterdir() if ".csv" in path.suffixes
    )


@pytest.mark.parametrize(
    ("attribute", "schema"),
    [
        ("factors", Factor),
        ("zones", Zone),
        ("regions", CloudRegion),
        ("efficiency", RegionEfficiency),
        ("accelerators", Accelerator),
        ("instances", CloudInstance),
        ("embodied", Embodied),
    ],
)
def test_every_shipped_table_follows_its_schema(attribute, schema):
    frame = getattr(load(), attribute)
    schema.validate(frame)
    assert set(frame.columns) == set(schema.create_empty().columns)
    assert frame.height > 20


def test_factor_ids_are_unique_and_all_rows_are_the_librarys():
    factors = load().factors
    assert factors["factor_id"].is_unique().all()
    assert factors["origin"].unique().to_list() == ["library"]
    assert not factors["checked_against_original"].any()


@pytest.mark.parametrize("path", table_paths(), ids=lambda p: p.name)
def test_every_row_names_publisher_licence_and_document_and_none_is_closed(path):
    frame = pl.read_csv(path, infer_schema=False)
    if path.name in ("zip_egrid.csv.gz", "country_names.csv"):
        package = json.loads((path.parent / "datapackage.json").read_text("utf-8"))
        entry = next(r for r in package["resources"] if r["path"] == path.name)
        assert entry["sources"] and entry["licenses"]
        return
    for column in PROVENANCE:
        assert frame[column].null_count() == 0, column
    licences = " ".join(frame["licence"].unique().to_list()).lower()
    assert [word for word in CLOSED if word in licences] == []


@pytest.mark.parametrize("path", table_paths(), ids=lambda p: p.name)
def test_no_table_carries_what_may_not_be_shipped(path):
    text = pl.read_csv(path, infer_schema=False).write_csv().lower()
    for publisher in ("green-e", "grexel", "electricity maps", "watttime", "iea ", "co2.js"):
        assert publisher not in text


@pytest.mark.parametrize("path", table_paths(), ids=lambda p: p.name)
def test_tables_are_utf8_with_unix_line_ends(path):
    if path.suffix == ".csv":
        data = path.read_bytes()
        assert b"\r" not in data
        assert not data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"\n")


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folders_datapackage_describes_exactly_its_tables(folder):
    package = json.loads((DATA / folder / "datapackage.json").read_text("utf-8"))
    described = {resource["path"]: resource for resource in package["resources"]}
    there = {p.name for p in (DATA / folder).iterdir()} - {"datapackage.json"}
    assert set(described) == there
    for name, resource in described.items():
        assert resource["title"] and resource["sources"] and resource["vintage"]
        assert resource["licenses"], name
        assert isinstance(resource["known_issues"], list)
        header = pl.read_csv(DATA / folder / name, n_rows=1, infer_schema=False).columns
        assert [field["name"] for field in resource["schema"]["fields"]] == header


def test_every_factor_table_in_the_folder_is_loaded():
    others = {"gwp", "egrid_grid_gross_loss", "generation_by_fuel"}
    assert {p.stem for p in (DATA / "factors").glob("*.csv")} - others == set(FACTOR_TABLES)


def test_zones_form_a_forest():
    """Following parents from any zone ends, within three steps, at one that has none."""
    parents = dict(load().zones.select("zone", "parent").iter_rows())
    for zone in parents:
        seen = [zone]
        while (above := parents[seen[-1]]) is not None:
            assert above in parents, f"{seen[-1]} names the parent {above}, which is no zone"
            seen.append(above)
            assert len(seen) <= 4, seen


def test_every_zone_of_a_factor_or_a_region_is_a_zone():
    library = load()
    zones = set(library.zones["zone"])
    assert set(library.factors["zone"]) <= zones
    assert set(library.regions["zone"]) <= zones
    assert set(library.zip_zones["zone"]) <= zones


def test_every_instances_accelerator_and_every_embodied_one_is_in_the_table():
    library = load()
    known = set(library.accelerators["accelerator"])
    assert set(library.instances["accelerator"].drop_nulls()) <= known
    items = set(library.embodied.filter(kind="accelerator")["item"]) - {"accelerator"}
    assert items == known


def test_an_alias_means_one_accelerator():
    aliases = load().accelerators["aliases"].str.split("|").explode()
    assert aliases.is_unique().all()


def test_efficiency_is_of_known_regions_and_plausible():
    library = load()
    known = library.regions.select("provider", "region")
    assert library.efficiency.join(known, on=["provider", "region"], how="anti").is_empty()
    assert library.efficiency["pue"].drop_nulls().is_between(1.0, 1.6).all()


def test_cloud_regions_take_the_most_specific_zone_that_has_a_factor():
    zones = dict(load().regions.select("region", "zone").iter_rows())
    assert zones["us-east-1"] == "SRVC"
    assert zones["ca-central-1"] == "CA-QC"
    assert zones["northamerica-northeast2"] == "CA-ON"
    assert zones["ap-southeast-2"] == "AU-NSW"
    assert zones["cn-north-1"] == "CN-BJ"
    assert zones["asia-east2"] == "HK"
    assert zones["uksouth"] == "GB"


def test_coordinates_of_regions_are_plain_facts_of_two_decimals():
    for column in ("latitude", "longitude"):
        values = load().regions[column]
        assert ((values * 100 - (values * 100).round()).abs() < 1e-6).all()


def test_context_knows_zip_codes_names_and_codes():
    maps = context_maps(load(), load().factors.clear())
    assert maps["zip_zones"]["94103"] == "CAMX"
    assert maps["zip_zones"]["00601"] == "PRMS"
    assert maps["zones"]["camx"] == "CAMX"
    assert maps["zones"]["deu"] == maps["zones"]["germany"] == "DE"
    assert maps["zones"]["us-in"] == "US-IN"
    assert maps["countries"]["uk"] == maps["countries"]["united kingdom"] == "GB"
    assert maps["countries"]["el"] == "GR"
    assert maps["countries"]["na"] == "NA"
    assert maps["regions"]["aws"]["us east (n. virginia)"] == "us-east-1"
    assert maps["regions"]["azure"]["east us"] == "eastus"
    assert maps["zone_countries"]["CAMX"] == "US"
    assert maps["zone_countries"]["CN-HK"] == "HK"


def test_zones_of_the_users_own_factors_are_zones(make):
    own = make.factors({"zone": "IT-NORD", "year": 2024}, {"zone": "MY_GRID", "year": 2024})
    maps = context_maps(load(), own)
    assert maps["zones"]["it-nord"] == "IT-NORD"
    assert maps["zones"]["my_grid"] == "MY_GRID"
    assert maps["zone_countries"]["IT-NORD"] == "IT"
    assert "MY_GRID" not in maps["zone_countries"]
    assert "my_grid" not in context_maps(load(), own.clear())["zones"]


def test_loading_takes_well_under_a_second():
    """The budget is 150 ms on an idle machine; the test leaves room for a busy one."""
    library_module.load.cache_clear()
    started = time.perf_counter()
    load()
    assert time.perf_counter() - started < 1.0
