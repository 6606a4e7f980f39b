"""Accelerators under the names that trackers, clouds and people give them."""

import polars as pl
import pytest

from carbon.factors.hardware import match_accelerators
from carbon.factors.library import load


def match(*names):
    return match_accelerators(pl.Series(list(names), dtype=pl.String), load().accelerators)


@pytest.mark.parametrize(
    ("written", "accelerator", "watts"),
    [
        ("8 x NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM5 80GB", 700),
        ("H100", "NVIDIA H100 SXM5 80GB", 700),
        ("nvidia-h100-80gb", "NVIDIA H100 SXM5 80GB", 700),
        ("NVIDIA H100 PCIe", "NVIDIA H100 PCIe 80GB", 350),
        ("a100-80gb", "NVIDIA A100 SXM4 80GB", 400),
        ("NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB", 400),
        ("NVIDIA A100 80GB PCIe", "NVIDIA A100 PCIe 80GB", 300),
        ("4×A100 40 GB", "NVIDIA A100 SXM4 40GB", 400),
        ("Tesla V100-SXM2-16GB", "NVIDIA V100 SXM2", 300),
        ("1 x Tesla T4", "NVIDIA T4", 70),
        ("TPU v3", "Google TPU v3", 220),
        ("tpu-v3", "Google TPU v3", 220),
        ("Google Cloud TPUv4", "Google TPU v4", 170),
        ("AMD Instinct MI300X", "AMD Instinct MI300X", 750),
        ("NVIDIA L40S GPU", "NVIDIA L40S", 350),
        ("NVIDIA L4", "NVIDIA L4", 72),
        ("NVIDIA H100 Tensor Core GPU", "NVIDIA H100 SXM5 80GB", 700),
    ],
)
def test_names_of_the_field(written, accelerator, watts):
    row = match(written).row(0, named=True)
    assert (row["accelerator"], row["tdp_w"]) == (accelerator, watts)
    assert row["why"].startswith(f"'{written}' is read as {accelerator}.")


def test_every_canonical_name_means_itself():
    names = load().accelerators["accelerator"]
    found = match(*names)
    assert found["accelerator"].to_list() == found["name"].to_list()


@pytest.mark.parametrize(
    "written", ["A100-SXM4-40GB MIG 1g.5gb", "H100 L40S", "Quadro X9", "", "8 x", "GPU"]
)
def test_what_is_not_known_is_not_guessed(written):
    row = match(written).row(0, named=True)
    assert row["accelerator"] is None and row["tdp_w"] is None
    assert "State average_power_w" in row["why"]


def test_a_short_name_says_what_it_was_taken_for():
    assert "SXM and PCIe differ in power" in match("A100")["why"].item()


def test_a_part_without_a_published_tdp_is_known_and_has_no_watts():
    row = match("TPU v5e").row(0, named=True)
    assert (row["accelerator"], row["tdp_w"]) == ("Google TPU v5e", None)
    assert "state average_power_w" in row["why"]


def test_names_are_answered_once_and_sorted_and_nulls_are_left_out():
    found = match("T4", None, "A100", "T4")
    assert found["name"].to_list() == ["A100", "T4"]
    assert found.columns == ["name", "accelerator", "tdp_w", "why"]
