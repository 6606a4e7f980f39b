"""A real node_exporter on a fake sysfs: what it says of processors, scraped twice, is read."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from servers import free_port, serving
from telemetry_files import START, metered, reading, said

from carbon.activity.source import Context

ZONES = {"intel-rapl:0": "package-0", "intel-rapl:0:0": "core", "intel-rapl:0:1": "dram"}
RANGE_UJ = 262_143_328_850


def write_zones(sysfs: Path, energy_uj: dict[str, int]) -> None:
    """The files of the kernel's powercap interface."""
    for zone, name in ZONES.items():
        folder = sysfs / "class" / "powercap" / zone
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{RANGE_UJ}\n")
        (folder / "energy_uj").write_text(f"{energy_uj[zone]}\n")


def stamped(page: str, at: int) -> list[str]:
    """A page of /metrics with the time of its scrape behind each sample."""
    return [line if line.startswith("#") else f"{line} {at}" for line in page.splitlines()]


@pytest.fixture
def pages(require: Callable[[str], str], tmp_path: Path) -> list[list[str]]:
    """Scrapes a minute apart; the package wraps before the last of them."""
    sysfs, address = tmp_path / "sys", f"127.0.0.1:{free_port()}"
    readings = [
        {"intel-rapl:0": 250_000_000_000, "intel-rapl:0:0": 1_000_000, "intel-rapl:0:1": 0},
        # 12 000 J in 60 s: 200 W; the memory 1800 J: 30 W
        {
            "intel-rapl:0": 262_000_000_000,
            "intel-rapl:0:0": 2_000_000,
            "intel-rapl:0:1": 1_800_000_000,
        },
        {
            "intel-rapl:0": 11_856_000_000,
            "intel-rapl:0:0": 3_000_000,
            "intel-rapl:0:1": 3_600_000_000,
        },
    ]
    write_zones(sysfs, readings[0])
    command = [
        require("prometheus-node-exporter"),
        f"--path.sysfs={sysfs}",
        "--collector.disable-defaults",
        "--collector.rapl",
        "--web.disable-exporter-metrics",
        f"--web.listen-address={address}",
    ]
    found = []
    with serving(command, f"http://{address}/metrics", tmp_path / "log"):
        for number, reading_uj in enumerate(readings):
            write_zones(sysfs, reading_uj)
            page = requests.get(f"http://{address}/metrics", timeout=60)
            page.raise_for_status()
            found.append(stamped(page.text, START + 60 * number))
    return found


def test_two_scrapes_give_the_energy_between_them(pages: list[list[str]], context: Context) -> None:
    text = "\n".join([*pages[0], *pages[1]]) + "\n"
    found = reading(text.encode(), context, "openmetrics")
    rows = found.activity.select("resource", "component", "tier", "boundary", "quantity").rows()
    assert rows == [
        ("memory-0", "memory", "T3", "chip", pytest.approx(1800 / 3.6e6, rel=1e-9)),
        ("cpu-0", "cpu", "T3", "chip", pytest.approx(12_000 / 3.6e6, rel=1e-9)),
    ]
    assert "node_rapl_core_joules_total (2): part of the package" in said(found)


def test_a_wrap_between_two_scrapes_is_a_gap(pages: list[list[str]], context: Context) -> None:
    text = "\n".join(line for page in pages for line in page) + "\n"
    found = reading(text.encode(), context, "openmetrics")
    package = metered(found).filter(component="cpu")
    assert package["quantity"].to_list() == pytest.approx([12_000 / 3.6e6])
    assert package["coverage"].to_list() == [0.5]
    (gap,) = found.activity.filter(component="gap_estimate").to_dicts()
    # The minute that was seen had 200 W.
    assert gap["quantity"] == pytest.approx(12_000 / 3.6e6)


def test_a_page_without_times_is_refused_with_the_remedy(
    pages: list[list[str]], context: Context
) -> None:
    bare = "\n".join(line.removesuffix(f" {START}") for line in pages[0])
    with pytest.raises(ValueError, match="its samples have no time"):
        reading(bare.encode(), context, "openmetrics")
