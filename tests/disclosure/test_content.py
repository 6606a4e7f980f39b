"""The content model holds the figures that conftest.py works out by hand."""

import datetime as dt
import json
from dataclasses import replace

import polars as pl
import pytest

from carbon.accounting.pipeline import Finding
from carbon.disclosure import sources
from carbon.disclosure.calendar import last_day, months_between, period_words
from carbon.disclosure.data import result_json
from carbon.disclosure.methodology_of_analysis import seasons
from carbon.policy import Policy

HOSTILE = "=cmd|'/c calc'!A1"
CLOUD, METERED = "b" * 64, "a" * 64


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9)


def by(rows, column, value):
    (row,) = [r for r in rows if r[column] == value]
    return row


def prose(model):
    """The methodology as one text."""
    return " ".join(text for part in model["methodology"] for text in part["paragraphs"])


def test_scope_categories_stand_side_by_side_under_both_methods(report):
    scope_2, category_1 = report["results"]["categories"]
    assert scope_2["scope_category"] == "scope_2"
    assert scope_2["energy_facility_kwh"] == near(40_000)
    assert scope_2["location_kg_co2e"] == near(2_000)
    assert scope_2["market_kg_co2e"] == near(1_000)
    assert scope_2["share_measured"] == near(1)
    assert category_1["title"] == "Category 1, electricity part only"
    assert category_1["energy_facility_kwh"] == near(6_500)
    assert category_1["location_kg_co2e"] == near(2_500)
    assert category_1["market_kg_co2e"] == near(3_100)
    assert category_1["share_measured"] == near(0)


def test_the_compute_total_adds_the_categories_and_no_hardware(report):
    total = report["results"]["compute_total"]
    assert total["location_kg_co2e"] == near(4_500)
    assert total["market_kg_co2e"] == near(4_100)
    assert total["share_measured"] == near(40_000 / 46_500)


def test_amortised_hardware_is_a_memo_item_where_owned_and_category_1_where_bought(report):
    scope_2, category_1 = report["results"]["categories"]
    assert scope_2["embodied_kg_co2e"] == near(30)
    assert scope_2["embodied_treatment"].startswith("Memo item beside Scope 3 category 2")
    assert category_1["embodied_kg_co2e"] == near(12)
    assert category_1["embodied_treatment"].startswith("Belongs to category 1")


def test_workloads_come_largest_first_and_those_outside_the_boundary_not_at_all(report):
    rows = report["results"]["by_workload"]
    assert [r["workload"] for r in rows] == ["chat", "cluster-train", HOSTILE]
    assert [r["location_kg_co2e"] for r in rows] == [near(2_400), near(2_000), near(100)]
    outside = by(report["boundary"]["excluded"], "workload", "lab-test")
    assert outside["boundary_reason"] == "ends in March"
    assert outside["energy_facility_kwh"] == near(1_000)


def test_the_scope_all_counts_what_is_outside_too(build):
    assert build(scope="all")["results"]["categories"][0]["energy_facility_kwh"] == near(41_000)


def test_every_month_of_the_period_is_there_even_one_of_which_nothing_is_known(build):
    months = build(period_start="2024-12")["results"]["by_month"]
    assert [m["month"] for m in months] == ["2024-12", "2025-01", "2025-02"]
    assert months[0]["location_kg_co2e"] is None
    assert months[1]["location_kg_co2e"] == near(1_900)
    assert months[2]["location_kg_co2e"] == near(2_600)


def test_tiers_share_out_the_energy(report):
    tiers = report["quality"]["tiers"]
    assert [(t["tier"], t["energy_facility_kwh"]) for t in tiers] == [
        ("T1", near(40_000)),
        ("T4", near(500)),
        ("T5", near(6_000)),
    ]
    assert report["quality"]["share_measured"] == near(40_000 / 46_500)


def test_rungs_say_what_the_market_based_figures_rest_on(report):
    rungs = {(r["scope_category"], r["rung"]): r for r in report["market"]["rungs"]}
    assert rungs["scope_2", "instrument"]["energy_facility_kwh"] == near(30_000)
    assert rungs["scope_2", "instrument"]["share"] == near(0.75)
    assert rungs["scope_2", "residual"]["market_kg_co2e"] == near(1_000)
    assert rungs["scope_3_cat_1", "row_factor"]["asserted_kwh"] == near(500)
    assert rungs["scope_3_cat_1", "residual"]["energy_facility_kwh"] == near(6_000)
    assert len(rungs) == 4


def test_energy_without_a_market_based_factor_is_a_rung_of_its_own_and_has_no_mass(
    build, footprint
):
    # The 500 kWh of row 4 lose their factor: 6 000 of 6 500 kWh keep one.
    row_4 = pl.col("line_id").str.contains(":4:")
    without = replace(
        footprint,
        market=footprint.market.filter(~row_4),
        lines=footprint.lines.with_columns(
            pl.when(row_4).then(None).otherwise(pl.col(c)).alias(c)
            for c in ("market_kg", "market_kwh_covered", "asserted_kwh")
        ),
    )
    model = build(footprint=without)
    rung = by(model["market"]["rungs"], "rung", "none")
    assert (rung["energy_facility_kwh"], rung["market_kg_co2e"]) == (near(500), None)
    category_1 = model["results"]["categories"][1]
    assert category_1["market_kg_co2e"] == near(3_000)
    assert category_1["market_coverage"] == near(6_000 / 6_500)


def test_an_instrument_shows_what_it_covers_and_which_criterion_it_fails(report):
    good = by(report["market"]["instruments"], "instrument_id", "GO-1")
    assert (good["used_kwh"], good["failed"], good["criteria"]["q6"]) == (near(30_000), None, None)
    bad = by(report["market"]["instruments"], "instrument_id", "REC-9")
    assert bad["used_kwh"] == 0
    assert bad["criteria"]["q3"] is False
    assert "criterion 3" in bad["failed"]


def test_every_factor_used_is_listed_with_its_document_and_its_energy(report):
    location = by(report["factors"], "factor_id", "epa-egrid2023-SRVC")
    assert location["document"] == "eGRID2023 data file"
    assert (location["location_kwh"], location["market_kwh"]) == (near(6_000), None)
    market = by(report["factors"], "factor_id", "aib-2024-FR")
    assert (market["location_kwh"], market["market_kwh"]) == (None, near(10_000))
    assert market["market_rungs"] == ["Residual mix"]
    assert [f["factor_id"] for f in report["factors"]] == [
        "aib-2024-FR",
        "eea-2024-FR",
        "epa-egrid2023-SRVC",
        "greene-2024-US",
    ]


def test_a_factor_that_a_row_brought_is_listed_with_its_file_and_row(report):
    location, market = report["row_factors"]
    assert (location["file"], location["rows"]) == ("<b>sheet</b>.xlsx", [4])
    assert "supplier letter 12" in location["document"]
    assert location["kg_co2e_per_kwh"] == near(0.2)
    assert (market["method"], market["asserted"]) == ("market", True)


def test_quarantine_is_counted_by_file_and_reason(report):
    assert report["quarantine"]["rows"] == 3
    assert report["quarantine"]["by_reason"] == [
        {"file": "cloud.csv", "reason": "no such region", "rows": 1, "first": 9},
        {"file": "meters.csv", "reason": "negative energy", "rows": 2, "first": 7},
    ]


def test_a_row_with_two_bad_cells_is_one_row():
    frame = pl.DataFrame(
        {
            "file": ["a.csv", "a.csv", "a.csv"],
            "row": [4, 4, 5],
            "column": ["kwh", "pue", "kwh"],
            "value": ["x", "y", "z"],
            "reason": ["not a number"] * 3,
        }
    )
    counted = sources.quarantine(frame)
    assert (counted["rows"], counted["by_reason"][0]["rows"]) == (2, 2)
    assert [r["column"] for r in counted["listed"]] == ["kwh", "pue", "kwh"]


def test_files_carry_their_hash_and_the_rows_that_carry_a_figure(report):
    meters = by(report["evidence"], "name", "meters.csv")
    # Rows 2 and 3; row 5 is of a workload outside the boundary.
    assert (meters["evidence_id"], meters["rows"], meters["rows_used"]) == ("a" * 64, 5, 2)


def test_what_providers_report_stands_beside_and_only_of_the_period(report):
    assert report["reported"] == [
        {
            "provider": "aws",
            "method": "location",
            "kg_co2e": near(1_600),
            "months": 2,
            "first_month": "2025-01",
            "last_month": "2025-02",
        },
        {
            "provider": "aws",
            "method": "market",
            "kg_co2e": near(11),
            "months": 1,
            "first_month": "2025-01",
            "last_month": "2025-01",
        },
    ]


def test_assumptions_name_the_energy_that_rests_on_them_and_not_what_rows_state(report):
    found = {
        (a["subject"], a["assumption"]): a["energy_facility_kwh"] for a in report["assumptions"]
    }
    assert found == {
        ("Power", "TDP of NVIDIA H100 SXM (700 W)"): near(6_000),
        ("PUE", "policy default"): near(6_500),
    }


def test_findings_come_gravest_first():
    found = [
        Finding("b", "info", "For information", ""),
        Finding("a", "warn", "A warning", "", 5.0, ("chat",)),
        Finding("c", "block", "Must be settled", ""),
    ]
    assert [f["title"] for f in sources.findings(found)] == [
        "Must be settled",
        "A warning",
        "For information",
    ]


def test_the_same_rows_in_another_order_give_the_same_bytes(build, footprint):
    shuffled = replace(
        footprint,
        lines=footprint.lines.reverse(),
        market=footprint.market.sample(fraction=1.0, shuffle=True, seed=7),
        factors_used=footprint.factors_used.reverse(),
        instruments=footprint.instruments.reverse(),
    )
    assert result_json(build(footprint=shuffled)) == result_json(build())


def test_frames_of_files_in_another_order_give_the_same_bytes(
    build, inventory, evidence, quarantine, reported
):
    again = build(
        inventory=inventory.reverse(),
        evidence=evidence.reverse(),
        quarantine=quarantine.reverse(),
        reported=reported.reverse(),
    )
    assert result_json(again) == result_json(build())


def test_content_is_json_without_nan(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_nothing_known_is_null_and_never_zero(empty_report):
    total = empty_report["results"]["compute_total"]
    assert (total["location_kg_co2e"], total["energy_facility_kwh"]) == (None, None)
    assert [c["present"] for c in empty_report["results"]["categories"]] == [False, False]


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("2025-02", "A reference period shorter than a year"),
        ("2025-12", "A full year"),
        ("2026-01", "A period longer than a year"),
    ],
)
def test_a_period_is_called_a_year_only_where_it_is_one(build, end, kind):
    assert build(period_end=end)["period"]["kind"].startswith(kind)


def test_periods_are_named_as_a_person_says_them():
    assert months_between("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert period_words("2025-08", "2026-09") == "August 2025 to September 2026"
    assert period_words("2025-08", "2025-08") == "August 2025"
    assert last_day("2024-02").isoformat() == "2024-02-29"


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [("2025-03", "2025-01", "before it starts"), ("2025-13", "2025-12", "YYYY-MM")],
)
def test_a_period_that_is_none_is_refused_in_words(start, end, says):
    with pytest.raises(ValueError, match=says):
        months_between(start, end)


def test_methodology_is_written_from_what_ran(report):
    words = {c["id"]: " ".join([*c["paragraphs"], *c["formulae"]]) for c in report["methodology"]}
    assert list(words) == [
        "standard",
        "energy",
        "location",
        "market",
        "embodied",
        "uncertainty",
        "seasons",
        "changes",
        "completeness",
    ]
    assert "operational control" in words["standard"]
    assert "T5: E_facility" in words["energy"] and "T2: E_facility" not in words["energy"]
    assert "US EPA, eGRID2023" in words["location"]
    assert "2 of 2 factors are older" in words["location"]
    assert "Contractual instrument 75.0" in words["market"]
    assert "no residual mix is available" not in words["market"]


def test_a_choice_that_changes_changes_the_methodology(build):
    policy = Policy.from_toml(
        '[boundary]\nconsolidation_approach = "equity_share"\n'
        "[boundary.equity_share]\nLyon = 0.4\n[energy]\nhost_w_per_accelerator = 99.0\n"
    )
    model = build(policy=policy)
    words = " ".join(p for c in model["methodology"] for p in c["paragraphs"])
    assert "equity share" in words and "Lyon 40" in words and "99 W per accelerator" in words
    changed = [c["name"] for c in model["choices"] if c["changed"]]
    assert changed == ["consolidation_approach", "equity_share", "host_w_per_accelerator"]


def test_the_chapter_on_intervals_names_what_was_taken(build):
    plain = next(c for c in build()["methodology"] if c["id"] == "uncertainty")
    words = " ".join(plain["paragraphs"])
    assert "T1 1.05; T4 1.30; T5 1.50" in words and "direct 1.10" in words
    assert "pedigree" not in words and len(plain["formulae"]) == 1
    policy = Policy.from_toml(
        '[uncertainty]\ninputs = "pedigree"\n[[uncertainty.scores]]\nof = "energy"\n'
        'name = "chat"\nreliability = 2\ncompleteness = 2\ntemporal = 2\ngeographical = 2\n'
        'technological = 3\nreason = "bill of the hall"\n'
    )
    scored = next(c for c in build(policy=policy)["methodology"] if c["id"] == "uncertainty")
    words = " ".join(scored["paragraphs"])
    # Basic 1.05 and scores (2, 2, 2, 2, 3): exp sqrt(sum ln^2) = 1.2195, as of T4 by default.
    assert "energy of chat 1.22 (bill of the hall)" in words
    assert "T1 1.05; T4 1.22" in words and "direct 1.10" not in words
    assert "expert set of ecoinvent 2" in words and len(scored["formulae"]) == 2


def test_the_chapter_on_seasons_tells_which_factors_bear_one(build, footprint, policy):
    (chapter,) = (c for c in build()["methodology"] if c["id"] == "seasons")
    words = " ".join(chapter["paragraphs"]).replace("\u202f", " ")
    # 46 000 of 46 500 kWh by annual factors, 500 kWh by the row's own.
    assert "rest 98.9 % on annual factors, which bear none; 1.1 % on factors of the rows" in words
    assert "covers 2 calendar months, which is no whole year" in words
    assert "index" not in words and chapter["formulae"] == []
    assert seasons(footprint, 12, policy) is None

    january = (dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2025, 2, 1, tzinfo=dt.UTC))
    french = pl.col("factor_id") == "eea-2024-FR"
    monthly = footprint.factors_used.with_columns(
        pl.when(french).then(pl.lit(moment)).otherwise(name).alias(name)
        for name, moment in zip(("valid_from", "valid_to"), january, strict=True)
    )
    policy = Policy.from_toml('[seasonal]\nmethod = "stl"\nleast_years = 4\n')
    inside = footprint.lines.filter("in_scope")
    chapter = seasons(replace(footprint, lines=inside, factors_used=monthly), 12, policy)
    words = " ".join(chapter["paragraphs"]).replace("\u202f", " ")
    # January's 20 000 kWh of 46 500 by its own factor; February's by that of January.
    assert "43.0 % on factors of the month itself, with a season; 12.9 % on annual" in words
    assert "43.0 % on factors of another period that stand in for theirs" in words
    assert "robust STL" in words and "at least 4 full years" in words and "no whole" not in words
    assert "year = Σ_observed actual" in chapter["formulae"][0]


def test_what_counts_from_another_source_is_told_with_its_energy(build, footprint):
    superseded = pl.DataFrame(
        {
            "evidence_id": [CLOUD, CLOUD, METERED],
            "row_number": [2, 2, 5],
            "format": ["aws-cur", "aws-cur", "redfish"],
            "month": ["2025-01", "2025-01", "2025-03"],
            "workload": ["chat", "chat", "chat"],
            "in_scope": [True, True, True],
            "kwh_not_counted": [1200.0, 300.0, 9999.0],
            "superseded_by_format": ["prometheus-json"] * 3,
            "rest_not_counted": [False, True, False],
        }
    )
    model = build(footprint=replace(footprint, superseded=superseded))
    # March lies outside of the period: 1,200 + 300 kWh.
    assert model["superseded"]["rows"] == 1
    assert model["superseded"]["kwh"] == near(1500)
    text = prose(model)
    assert "1\u202f500 kWh of aws-cur counted from prometheus-json" in text
    assert "Of 300 kWh what counts sees only part of the equipment." in text
    assert "the better tier, then the wider boundary" in text


def test_general_it_and_supporting_services_are_told(build, footprint):
    general = pl.DataFrame(
        {
            "evidence_id": [CLOUD, CLOUD],
            "row_number": [8, 8],
            "source_rows": [40, 40],
            "month": ["2025-01", "2025-01"],
            "service": ["AmazonS3", "AmazonS3"],
            "quantity_kind": ["gb_hours", "cost"],
            "quantity": [7.0, 12.5],
            "currency": [None, "USD"],
        }
    )
    cloud = pl.col("workload") == "chat"
    lines = footprint.lines.with_columns(
        quantity_kind=pl.when(cloud).then(pl.lit("gb_hours")).otherwise("quantity_kind"),
        tier=pl.when(cloud).then(pl.lit("T6")).otherwise("tier"),
    )
    model = build(footprint=replace(footprint, lines=lines, general_it=general))
    assert model["general_it"] == {"lines": 40, "costs": [{"currency": "USD", "cost": 12.5}]}
    text = prose(model)
    assert "40 lines of bills are general IT" in text
    assert "memory at 0.392 W per GB" in text
    plain = prose(build())
    assert "general IT" not in plain
    assert "counts once" not in plain
    assert "Supporting services" not in plain
