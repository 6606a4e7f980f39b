"""Which rows count, case by case; every expected list is written by hand from the contract."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from workspace_rows import activity, factor, imports, quarantine, reported

from carbon.workspace import current


def numbers(frame: pl.DataFrame) -> list[tuple[str, int]]:
    return list(frame.select("evidence_id", "row_number").iter_rows())


def test_rows_with_equal_keys_in_one_file_all_count() -> None:
    rows = activity({"row_number": 2}, {"row_number": 3})
    counts, superseded = current.split_activity(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 2), ("a", 3)]
    assert superseded.is_empty()


def test_a_later_file_supersedes_equal_keys_and_nothing_else() -> None:
    rows = activity(
        {"evidence_id": "a", "row_number": 2, "key": "june"},
        {"evidence_id": "a", "row_number": 3, "key": "july"},
        {"evidence_id": "b", "row_number": 2, "key": "july"},
    )
    counts, superseded = current.split_activity(rows, imports((1, "a"), (2, "b")))
    assert numbers(counts) == [("a", 2), ("b", 2)]
    assert numbers(superseded) == [("a", 3)]


def test_the_order_is_that_of_imports_not_of_names() -> None:
    rows = activity({"evidence_id": "a"}, {"evidence_id": "b"})
    counts, _ = current.split_activity(rows, imports((1, "b"), (2, "a")))
    assert numbers(counts) == [("a", 2)]


def seen(evidence: str, start: int, end: int, **columns: object) -> dict[str, object]:
    """What a meter saw of the hour from 12:00 UTC, in minutes."""
    hour = datetime(2026, 6, 1, 12, tzinfo=UTC)
    return {
        "evidence_id": evidence,
        "format": "prometheus-json",
        "key": "gpu 12:00",
        "coverage": (end - start) / 60,
        "period_start": hour + timedelta(minutes=start),
        "period_end": hour + timedelta(minutes=end),
        **columns,
    }


def test_exports_that_meet_within_an_hour_both_count() -> None:
    rows = activity(seen("a", 0, 25), seen("b", 25, 60))
    counts, superseded = current.split_activity(rows, imports((1, "a"), (2, "b")))
    assert numbers(counts) == [("a", 2), ("b", 2)]
    assert superseded.is_empty()


def minutes(frame: pl.DataFrame) -> list[tuple[str, int, int, float]]:
    """File, first and last minute of the hour, quantity."""
    hour = datetime(2026, 6, 1, 12, tzinfo=UTC)
    columns = frame.select("evidence_id", "period_start", "period_end", "quantity").iter_rows()
    return [(e, (a - hour).seconds // 60, (b - hour).seconds // 60, q) for e, a, b, q in columns]


def test_of_exports_that_overlap_each_counts_for_its_own_minutes() -> None:
    rows = activity(
        seen("a", 0, 25, quantity=5.0),
        seen("a", 21, 25, component="gap_estimate", coverage=None),
        seen("b", 20, 60, quantity=8.0),
    )
    counts, superseded = current.split_activity(rows, imports((1, "a"), (2, "b")))
    # b saw more and counts in full; a for 20 of its 25 minutes, 5 x 20/25 = 4.
    assert minutes(counts) == [("a", 0, 20, pytest.approx(4.0)), ("b", 20, 60, 8.0)]
    assert counts["note"].to_list() == ["20.0 % of its time counts from another file", None]
    assert superseded["component"].to_list() == ["gap_estimate"]


def test_a_part_of_an_hour_does_not_replace_the_hour() -> None:
    rows = activity(seen("a", 0, 60), seen("b", 40, 60))
    counts, superseded = current.split_activity(rows, imports((1, "a"), (2, "b")))
    assert numbers(counts) == [("a", 2)]
    assert numbers(superseded) == [("b", 2)]


def test_of_exports_of_the_same_minutes_the_later_counts() -> None:
    rows = activity(seen("a", 0, 60), seen("b", 0, 60), seen("c", 10, 60))
    counts, superseded = current.split_activity(rows, imports((1, "a"), (3, "b"), (2, "c")))
    assert numbers(counts) == [("b", 2)]
    assert numbers(superseded) == [("a", 2), ("c", 2)]


def test_a_second_import_of_a_file_does_not_make_it_newer() -> None:
    """a (1) has rows 2 and 3, b (2) restates them; row 4 of a, set aside before, comes with 3."""
    rows = activity(
        {"import_id": "i1", "evidence_id": "a", "row_number": 2, "key": "june"},
        {"import_id": "i1", "evidence_id": "a", "row_number": 3, "key": "may"},
        {"import_id": "i3", "evidence_id": "a", "row_number": 4, "key": "may"},
        {"import_id": "i2", "evidence_id": "b", "row_number": 2, "key": "june"},
    )
    counts, superseded = current.split_activity(rows, imports((1, "a"), (2, "b"), (3, "a")))
    assert numbers(counts) == [("a", 3), ("a", 4), ("b", 2)]
    assert numbers(superseded) == [("a", 2)]


def test_a_cumulative_row_replaced_within_its_file_does_not_count() -> None:
    rows = activity(
        {"row_number": 2, "superseded_in_file": True, "quantity": 1.0},
        {"row_number": 3, "quantity": 2.0},
    )
    counts, superseded = current.split_activity(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 3)]
    assert numbers(superseded) == [("a", 2)]


def test_superseded_and_counting_rows_are_all_rows_in_any_order_of_arrival() -> None:
    rows = activity(
        *({"evidence_id": e, "row_number": n, "key": f"k{n % 3}"} for e in "abc" for n in (2, 3, 4))
    )
    order = imports((1, "b"), (2, "c"), (3, "a"))
    counts, superseded = current.split_activity(rows, order)
    assert numbers(counts) == [("a", 2), ("a", 3), ("a", 4)]
    assert counts.height + superseded.height == 9
    shuffled, _ = current.split_activity(rows.reverse(), order)
    assert shuffled.equals(counts)


def test_quarantine_is_that_of_the_latest_import_of_each_file() -> None:
    rows = quarantine(
        {"import_id": "i1", "evidence_id": "a", "row_number": 2},
        {"import_id": "i1", "evidence_id": "a", "row_number": 3},
        {"import_id": "i3", "evidence_id": "a", "row_number": 3},
        {"import_id": "i2", "evidence_id": "b", "row_number": 7},
    )
    left = current.current_quarantine(rows, imports((1, "a"), (2, "b"), (3, "a")))
    assert numbers(left) == [("a", 3), ("b", 7)]


def test_a_factor_is_replaced_by_a_later_file_with_the_same_id() -> None:
    rows = factor(
        {"evidence_id": "a", "factor_id": "x", "kg_co2e_per_kwh": 0.1},
        {"evidence_id": "a", "factor_id": "y", "kg_co2e_per_kwh": 0.0},
        {"evidence_id": "b", "factor_id": "x", "kg_co2e_per_kwh": 0.2},
    )
    left = current.current_factors(rows, imports((1, "a"), (2, "b")))
    assert dict(left.select("factor_id", "kg_co2e_per_kwh").iter_rows()) == {"x": 0.2, "y": 0.0}


@pytest.mark.parametrize(
    ("older", "newer"),
    [("v2.0.0", "v3.0.0"), ("v9.1.0", "v10.0.0"), ("9", "14"), (None, "1"), ("v3", "v3.0.1")],
)
def test_versions_sort_as_numbers(older: str | None, newer: str) -> None:
    ranks = pl.DataFrame({"v": [older, newer]}, schema={"v": pl.String}).select(
        current.version_rank(pl.col("v"))
    )["v"]
    assert ranks[0] < ranks[1]


def test_v3_and_v3_0_0_are_one_version() -> None:
    ranks = pl.DataFrame({"v": ["v3", "v3.0.0"]}).select(current.version_rank(pl.col("v")))["v"]
    assert ranks[0] == ranks[1]


def test_an_older_model_version_does_not_count_even_for_a_service_that_vanished() -> None:
    rows = reported(
        {"row_number": 2, "model_version": "v2.0.0", "service": "AmazonEC2", "key": "e2"},
        {"row_number": 3, "model_version": "v2.0.0", "service": "AmazonS3", "key": "s2"},
        {"row_number": 4, "model_version": "v3.0.0", "service": "AmazonEC2", "key": "e3"},
        {"row_number": 5, "model_version": "v2.0.0", "month": date(2026, 5, 1), "key": "m2"},
        {"row_number": 6, "model_version": "v2.0.0", "payer_account": "009", "key": "p2"},
    )
    counts, rest = current.split_reported(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 4), ("a", 5), ("a", 6)]
    assert numbers(rest) == [("a", 2), ("a", 3)]


def test_a_later_file_of_the_same_version_restates_a_month() -> None:
    rows = reported(
        {"evidence_id": "a", "model_version": "v3.0.0", "kg_co2e": 5.0},
        {"evidence_id": "b", "model_version": "v3.0.0", "kg_co2e": 6.0},
    )
    counts, rest = current.split_reported(rows, imports((1, "a"), (2, "b")))
    assert counts["kg_co2e"].to_list() == [6.0]
    assert rest["kg_co2e"].to_list() == [5.0]


def azure(number: int, view: str | None, account: str | None, **more: object) -> dict[str, object]:
    return {
        "row_number": number,
        "provider": "azure",
        "payer_account": None,
        "account": account,
        "view": view,
        "key": f"key{number}",
        **more,
    }


def test_azure_counts_one_view_per_subscription_and_month_the_most_detailed() -> None:
    rows = reported(
        azure(2, "MonthlySummaryData", "s1"),
        azure(3, "ResourceItemDetailsData", "s1"),
        azure(4, "ResourceItemDetailsData", "s1"),
        azure(5, "ResourceGroupItemDetailsData", "s1"),
        azure(6, "MonthlySummaryData", "s2"),
        azure(7, "MonthlySummaryData", "s1", month=date(2026, 5, 1)),
        azure(8, "OverallSummaryData", "s1"),
        azure(9, "TopItemsMonthlySummaryData", "s2"),
    )
    counts, rest = current.split_reported(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 3), ("a", 4), ("a", 6), ("a", 7)]
    assert numbers(rest) == [("a", 2), ("a", 5), ("a", 8), ("a", 9)]


def test_azure_sum_over_unnamed_subscriptions_gives_way_to_named_ones() -> None:
    rows = reported(
        azure(2, "MonthlySummaryData", None),
        azure(3, "ResourceItemDetailsData", "s1"),
        azure(4, "MonthlySummaryData", None, month=date(2026, 5, 1)),
    )
    counts, _ = current.split_reported(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 3), ("a", 4)]


def test_two_azure_listings_of_one_depth_are_not_added_up() -> None:
    rows = reported(
        azure(2, "ItemDetailsData Location", "s1"),
        azure(3, "ItemDetailsData ResourceType", "s1"),
    )
    counts, _ = current.split_reported(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 2)]


def test_google_emissions_without_project_count_beside_those_of_projects() -> None:
    rows = reported(
        {"row_number": 2, "provider": "gcp", "account": "p1", "key": "x"},
        {"row_number": 3, "provider": "gcp", "account": None, "key": "y"},
    )
    counts, _ = current.split_reported(rows, imports((1, "a")))
    assert numbers(counts) == [("a", 2), ("a", 3)]
