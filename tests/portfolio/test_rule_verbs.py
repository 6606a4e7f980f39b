"""Rules through the portfolio: tried, saved, moved, taken back; figures by hand.

row   account   kWh facility     location factor 0.5 kg/kWh
2     lab          60              30
3     lab          40              20     tagged by hand: workload `own`
4     shop        100              50
"""

import datetime as dt

import polars as pl
import pytest

from carbon.portfolio import Portfolio, PortfolioError
from carbon.schema import Activity

STATED = {
    "format": "activity-template",
    "superseded_in_file": False,
    "country": "FR",
    "zone": "FR",
    "site": "Hall A",
    "period_start": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    "period_end": dt.datetime(2025, 2, 1, tzinfo=dt.UTC),
    "quantity_kind": "energy_facility_kwh",
    "location_factor_kg_per_kwh": 0.5,
    "factor_source": "meter.pdf",
}


def take(portfolio, *rows):
    """Rows as a reader would have given them."""
    shape = Activity.create_empty()
    blank = dict.fromkeys(shape.columns)
    number = portfolio._workspace.ledger.read("activity").height + 2
    whole = [
        {
            **blank,
            **STATED,
            "row_number": number + n,
            "key": str(number + n),
            "evidence_id": str(number) * 64,
            **row,
        }
        for n, row in enumerate(rows)
    ]
    portfolio._workspace.ledger.commit(
        {
            "evidence_id": str(number) * 64,
            "name": f"use-{number}.csv",
            "format": "activity-template",
            "rows": len(rows),
            "imported_by": "ana",
        },
        {"activity": Activity.validate(pl.DataFrame(whole, schema=shape.schema))},
    )


@pytest.fixture
def mine(tmp_path):
    portfolio = Portfolio(tmp_path / "ws")
    take(
        portfolio,
        {"account": "lab", "quantity": 60.0},
        {"account": "lab", "quantity": 40.0, "workload": "own"},
        {"account": "shop", "quantity": 100.0},
    )
    return portfolio


def entry(name, account="lab", to=None, **more):
    shares = to or {name: 1.0}
    return {
        "name": name,
        "conditions": [{"column": "account", "op": "is", "values": [account]}],
        "shares": [{"workload": each, "share": share} for each, share in shares.items()],
        **more,
    }


def energies(portfolio):
    rows = portfolio.footprint(["workload"], scope="all").rows
    return dict(rows.select("workload", "energy_facility_kwh").rows())


def test_a_dry_run_says_what_saving_then_does(mine):
    tried = mine.try_rule(entry("vision", to={"vision": 0.75}))
    moved = tried.workloads.select("workload", "kwh_before", "kwh_after", "location_kg_after")
    # 75 % of 60 kWh go to vision; 25 % of 60 and the shop's 100 stay nobody's: 115 kWh, 57.5 kg.
    assert moved.rows() == [
        ("(unassigned)", pytest.approx(160), pytest.approx(115), pytest.approx(57.5)),
        ("vision", None, pytest.approx(45), pytest.approx(22.5)),
    ]
    assert mine.rules() == []
    assert energies(mine) == {"own": 40, "(unassigned)": 160}

    mine.save_rule(entry("vision", to={"vision": 0.75}), who="ana")
    assert energies(mine) == {
        "own": pytest.approx(40),
        "vision": pytest.approx(45),
        "(unassigned)": pytest.approx(115),
    }
    # Once saved, the same rule changes nothing any more.
    assert mine.try_rules(mine.rules()).workloads.is_empty()


def test_coverage_counts_what_each_rule_asks_for_wins_and_leaves(mine):
    mine.save_rule(entry("any of the lab", takes="any", to={"lab": 1.0}))
    mine.save_rule(entry("lab again", to={"other": 1.0}))
    mine.save_rule(entry("nobody", account="nobody"))
    mine.save_rule(entry("shop", account="shop", enabled=False))
    found = mine.rule_coverage()
    assert found.rules.select("name", "state", "rows_asked", "rows_won", "kwh_won").rows() == [
        ("any of the lab", "wins", 2, 2, pytest.approx(100)),
        ("lab again", "shadowed", 1, 0, None),
        ("nobody", "matches nothing", 0, 0, None),
        ("shop", "off", 1, 0, None),
    ]
    assert found.conflicts.select("winner", "loser", "rows", "kwh", "other_owner").rows() == [
        ("any of the lab", "lab again", 1, pytest.approx(60), True)
    ]
    assert found.unclaimed == {
        "rows_before": 2,
        "kwh_before": pytest.approx(160),
        "rows_after": 1,
        "kwh_after": pytest.approx(100),
    }
    assert found.total == {
        "rows_in_all": 3,
        "kwh_in_all": pytest.approx(200),
        "rows_given": 2,
        "kwh_given": pytest.approx(100),
    }
    assert found.kinds.select("quantity_kind", "quantity").rows() == [
        ("energy_facility_kwh", pytest.approx(100))
    ]


def test_rules_with_dates_that_never_meet_do_not_conflict(mine):
    day = dt.date(2025, 1, 11).isoformat()
    mine.save_rule(entry("before", effective_to=day))
    mine.save_rule(entry("after", effective_from=day))
    found = mine.rule_coverage()
    assert found.conflicts.is_empty()
    # 10 of 31 days before, 21 after, of 60 kWh.
    assert found.rules["kwh_won"].to_list() == pytest.approx([60 * 10 / 31, 60 * 21 / 31])


def test_the_order_decides_and_can_be_changed(mine):
    mine.save_rule(entry("first"))
    second = mine.save_rule(entry("second"))
    assert energies(mine)["first"] == 60
    mine.move_rule(second, -1)
    assert [rule["name"] for rule in mine.rules()] == ["second", "first"]
    assert energies(mine) == {"own": 40, "second": 60, "(unassigned)": 100}
    mine.switch_rule(second, on=False)
    assert "second" not in energies(mine)
    mine.delete_rule(second)
    assert [rule["name"] for rule in mine.rules()] == ["first"]
    with pytest.raises(PortfolioError, match="There is no rule"):
        mine.delete_rule(second)


def test_every_change_stays_readable_with_its_author(mine):
    rule = mine.save_rule(entry("vision"), who="ana")
    mine.save_rule({**mine.rules()[0], "shares": [{"workload": "vision", "share": 0.5}]}, "ben")
    mine.switch_rule(rule, on=False, who="ana")
    mine.delete_rule(rule, who="cleo")
    history = mine.rule_history()
    assert history.select("who", "what").rows() == [
        ("cleo", "deleted"),
        ("ana", "switched off"),
        ("ben", "changed"),
        ("ana", "added"),
    ]
    assert history["before"][2] == "Unclaimed rows where account is lab: 100 % to vision"
    assert history["after"][2] == (
        "Unclaimed rows where account is lab: 50 % to vision; the rest (50 %) stays as it is"
    )
    assert mine._workspace.events.verify() == []


def test_rules_go_out_as_toml_and_come_back(mine, tmp_path):
    mine.save_rule(entry("vision", to={"vision": 0.5, "speech": 0.5}, note="agreed in May"))
    mine.save_rule(entry("shop", account="shop", effective_from="2025-01-01"))
    text = mine.export_rules()
    other = Portfolio(tmp_path / "other")
    assert other.import_rules(text) == mine.rules()
    assert other.export_rules() == text
    # A rule that the file does not hold is gone.
    mine.import_rules(text[text.index("[[rule]]", 5) :])
    assert [rule["name"] for rule in mine.rules()] == ["shop"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]", "no TOML"),
        ("[[rules]]\nname = 'x'", r"holds \[\[rule\]\] entries"),
        ("[[rule]]\nname = 'x'", "Rule 'x': conditions"),
    ],
    ids=["not toml", "something else", "half a rule"],
)
def test_a_file_of_rules_that_cannot_be_read_changes_nothing(mine, text, said):
    mine.save_rule(entry("vision"))
    with pytest.raises(PortfolioError, match=said):
        mine.import_rules(text)
    assert [rule["name"] for rule in mine.rules()] == ["vision"]


def test_the_form_is_given_values_of_the_data(mine):
    assert {"account", "workload", "file", "quantity"} <= set(mine.rule_columns())
    assert "sku" not in mine.rule_columns()
    assert mine.rule_values("account").rows() == [("lab", 2, 1), ("shop", 1, 1)]
    assert mine.rule_values("file")["value"].to_list() == ["use-2.csv"]
    with pytest.raises(PortfolioError, match="No condition can be about 'colour'"):
        mine.rule_values("colour")


def test_what_has_no_energy_is_told_apart_from_nothing(mine):
    take(mine, {"account": "bot", "quantity_kind": "requests", "quantity": 5000.0})
    found = mine.try_rule(entry("bot", account="bot", to={"bot": 0.5}))
    won = found.coverage.rules.filter(pl.col("name") == "bot").row(0, named=True)
    assert (won["rows_won"], won["kwh_won"], won["unknown_rows"]) == (1, None, 1)
    assert found.coverage.kinds.rows()[0][1:] == ("requests", pytest.approx(2500))
