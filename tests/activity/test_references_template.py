"""Published figures that the user brings: the references template and the AI Energy Score."""

from pathlib import Path

import pytest

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.tables.payload import RefusalError

DATA = Path(__file__).parents[1] / "data"
HEADER = b"model,task,per,energy_wh,location_g,boundary,edition,publisher,document\n"


def reading(
    data: bytes, context: Context, name: str = "figures.csv", format: str = "references-template"
) -> Reading:
    (payload,) = open_payloads(name, data)
    assert activity.recognise(payload)[0] == format
    return activity.read(payload, context)


def test_figures_are_per_one_unit_and_in_wh_and_grams(context: Context) -> None:
    found = reading((DATA / "references_template.csv").read_bytes(), context)
    rows = found.references.to_dicts()
    assert found.rows == 10
    # 1.5 kWh a 1,000 queries = 1 500 Wh / 1 000 = 1.5 Wh; 1.8 likewise; 433 MWh = 4.33e8 Wh.
    assert [row["energy_wh"] for row in rows] == pytest.approx([1.5, 1.8, 0.4, 4.33e8])
    assert [row["per"] for row in rows] == ["query", "query", "query", "training_run"]
    # 25 t = 2.5e7 g.
    assert rows[3]["location_g"] == pytest.approx(2.5e7)
    assert [row["release"] for row in rows] == [
        "December 2025",
        "February 2025",
        "December 2025",
        None,
    ]
    assert rows[3]["licence"] is None
    assert len({row["key"] for row in rows}) == 4


def test_rows_that_cannot_be_are_set_aside_with_their_column(context: Context) -> None:
    found = reading((DATA / "references_template.csv").read_bytes(), context)
    assert found.quarantine.select("row_number", "column").rows() == [
        (6, "model"),
        (7, "per"),
        (8, "boundary"),
        (9, "energy_wh"),
        (10, "energy_wh"),
        (11, "document"),
    ]


@pytest.mark.parametrize(
    ("per", "unit", "wh"),
    [
        # 6 Wh of each.
        (b"request", "query", 6.0),
        (b'"1,000 requests"', "query", 0.006),
        (b"token", "1k_tokens", 6000.0),
        (b"1m_output_tokens", "1k_output_tokens", 0.006),
        (b"training", "training_run", 6.0),
    ],
    ids=["request", "thousand", "token", "million", "training"],
)
def test_other_units_become_those_of_the_house(context: Context, per, unit, wh) -> None:
    row = b"M,,%s,6,,node,,P,D\n" % per
    (found,) = reading(HEADER + row, context).references.to_dicts()
    assert (found["per"], found["energy_wh"]) == (unit, pytest.approx(wh))


def test_a_figure_without_its_document_column_is_refused(context: Context) -> None:
    (payload,) = open_payloads("figures.csv", b"model,per,energy_wh,publisher\nM,query,1,P\n")
    with pytest.raises(RefusalError, match="document"):
        activity.read(payload, context, format="references-template")


def test_the_leaderboards_kwh_per_1000_requests_are_wh_per_request(context: Context) -> None:
    found = reading(
        (DATA / "ai_energy_score.csv").read_bytes(),
        context,
        "text_generation.csv",
        "ai-energy-score",
    )
    rows = found.references.to_dicts()
    # 0.125 kWh x 1 000 Wh / 1 000 requests = 0.125 Wh.
    assert [row["energy_wh"] for row in rows] == pytest.approx([0.125, 0.5, 2.75])
    assert {(row["task"], row["per"], row["boundary"]) for row in rows} == {
        ("text generation", "query", "board")
    }
    assert rows[2]["note"] == "Accelerators alone; energy score 1 of 5"
    assert found.quarantine.select("row_number", "column").rows() == [
        (5, "total_gpu_energy"),
        (6, "model"),
    ]
    assert any("no edition" in note.reason for note in found.notes)


def test_an_edition_of_the_leaderboard_may_be_named(context: Context) -> None:
    data = b"model,total_gpu_energy,energy_score,edition\na/b,0.5,4,December 2025\n"
    found = reading(data, context, "reasoning.csv", "ai-energy-score")
    assert found.references["release"].to_list() == ["December 2025"]
    assert not any("no edition" in note.reason for note in found.notes)
