"""The templates and their examples can be taken as they are, and every column is explained."""

import pytest

from carbon.portfolio import Portfolio
from pages.ui import templates

NAMES = (
    *("activity-template", "instrument-template", "references-template", "weather-template"),
    "factor-template",
)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_taken_whole(tmp_path, name):
    data = Portfolio.templates()[f"{name}-example.csv"]
    (file,) = Portfolio(tmp_path / "ws").import_files([("x.csv", data)], who="test").files
    assert (file.refusal, file.format) == (None, name)
    assert (file.rows, file.accepted, file.quarantined) == (2, 2, 0)


def test_the_examples_give_a_footprint(tmp_path):
    portfolio = Portfolio(tmp_path / "ws")
    portfolio.import_files(
        [("x.csv", Portfolio.templates()["activity-template-example.csv"])], who="test"
    )
    rows = portfolio.footprint(["workload"]).rows.to_dicts()
    kwh = {row["workload"]: row["energy_facility_kwh"] for row in rows}
    # 12 500.5 kWh at the servers x PUE 1.3.
    assert kwh["example-training"] == pytest.approx(16_250.65)
    assert kwh["example-assistant"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_every_column_of_a_template_is_explained(name):
    header = Portfolio.templates()[f"{name}.csv"].decode().strip().split(",")
    lines = templates.how(name, header).replace("\\", "").splitlines()
    said = dict(
        line.removeprefix("- ").replace("**", "").split(": ", 1)
        for line in lines
        if line.startswith("- ")
    )
    assert set(said) == set(header)
    assert all(said.values())
    assert not any("null" in words or "_METHODS" in words for words in said.values())
