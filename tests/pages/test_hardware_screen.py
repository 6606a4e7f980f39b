"""Embodied: what was bought and what models are charged, worked out here by hand.

bought 2024-01-01: 2 servers x 1 461 kg (of a document; low 1 000, high 2 000), life 4 years
  = 2 922 kg in category 2; 2024 has 366 of 1 461 days: due 2 922 x 366 / 1 461 = 732 kg
charged in 2024: 35 040 accelerator-hours of an A100 of 127.6 kg over 4 x 8 760 h
  = 127.6 kg, its server left out by the policy
"""

import json
from pathlib import Path

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"
BOUGHT = b"""\
asset_id,item,kind,count,purchased_on,site,lifetime_years,kg_co2e_each,low_kg_each,high_kg_each,document
<b>LOT</b>,Node,server,2,2024-01-01,Lyon,4,1461,1000,2000,pcf.pdf
"""
UNKNOWN = BOUGHT + b"WAFER,<i>Wafer engine,accelerator,3,2024-05-01,Lyon,,,,,\n"
USED = b"""\
workload,country,site,period_start,period_end,accelerator,accelerator_hours,pue
train,FR,Lyon,2024-01-01,2024-12-31,A100-SXM4-40GB,35040,1.2
"""


def bought(path: Path, *files: bytes) -> Portfolio:
    mine = Portfolio(path)
    (path / "policy.toml").write_text("[embodied]\ninclude_server = false\n")
    mine.import_files([(f"{n}.csv", data) for n, data in enumerate(files)], who="ana")
    return mine


def test_what_is_booked_stands_beside_what_is_charged(tmp_path):
    bought(tmp_path / "ws", BOUGHT, USED)
    app = open_app("hardware.py")
    assert not app.exception
    text = words(app)
    assert "**Bought in 2024: category 2, in full**" in text
    assert f"## 2.92{THIN}t CO₂e" in text
    assert f"published figures give 2.00{THIN}t to 4.00{THIN}t" in text
    assert f"## 128{THIN}kg CO₂e" in text
    said = next(found.proto.alt for found in app.get("plotly_chart"))
    # 732 kg are due; 127.6 - 732 = -604 kg are the difference.
    assert f"Due in 2024 by straight line: 732{THIN}kg" in said
    assert f"−604{THIN}kg" in said
    assert f"3.05{THIN}t" not in text + said  # 2 922 + 128 kg is nobody's figure


def test_lots_are_data_and_a_lot_without_a_figure_is_named(tmp_path):
    bought(tmp_path / "ws", UNKNOWN)
    app = open_app("hardware.py")
    assert not app.exception
    assert "No figure is known of" in words(app)
    assert "1 asset without a figure" in words(app)
    assert "<b>" not in json.dumps([str(part.value) for part in (*app.markdown, *app.warning)])
    assets = next(f.value for f in app.dataframe if "asset_id" in f.value.columns)
    assert assets["asset_id"].to_list() == ["WAFER", "<b>LOT</b>"]
    assert assets["central_kg"].to_list()[1] == pytest.approx(2922.0)


def test_a_year_is_chosen(tmp_path):
    bought(tmp_path / "ws", BOUGHT.replace(b"2024-01-01", b"2023-01-01"), USED)
    app = open_app("hardware.py")
    assert "**Bought in 2024" in words(app)
    app.selectbox(key="hardware_year").select(2023).run()
    assert not app.exception
    assert f"## 2.92{THIN}t CO₂e" in words(app)
    assert "Nothing is known." in words(app)


def test_without_hardware_the_screen_says_what_to_do(tmp_path):
    bought(tmp_path / "ws", USED.replace(b"A100-SXM4-40GB", b"Wafer engine"))
    app = open_app("hardware.py")
    assert not app.exception
    assert "No hardware was bought or charged yet." in words(app)
