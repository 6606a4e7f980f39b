"""Files whose rows are sums of their lines (bills, telemetry) on whole workspaces: lines are
conserved, importing again changes nothing, and what two exports both tell counts once."""

import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.portfolio import Portfolio

EXAMPLES = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Each example opens a workspace on disk, and imports into it twice."""

START = 1_793_577_600
"""2026-11-02T00:00:00Z in seconds since 1970."""

HEADER = (
    "bill_payer_account_id,line_item_usage_account_id,line_item_line_item_type,"
    "line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,"
    "line_item_usage_type,line_item_resource_id,line_item_usage_amount,line_item_currency_code,"
    "line_item_unblended_cost,product_region_code,pricing_unit"
)

line = st.tuples(
    st.sampled_from(["i-1", "i-2"]), st.integers(1, 28), st.sampled_from(["0.5", "1.0", "x"])
)
bill = st.lists(line, min_size=1, max_size=8)
span = st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 6), st.integers(1, 4))
export = st.lists(span, min_size=1, max_size=2, unique_by=lambda item: item[0])

Bill = Sequence[tuple[str, int, str]]
Export = Sequence[tuple[str, int, int]]
Inputs = Sequence[Bill | Export]


def bill_csv(lines: Bill) -> bytes:
    """An hour's part of a p4d.24xlarge per line; an amount of x cannot be read."""
    rows = [
        f"012345678901,001122334455,Usage,2026-09-{day:02d}T10:00:00Z,2026-09-{day:02d}T11:00:00Z,"
        f"AmazonEC2,USW2-BoxUsage:p4d.24xlarge,{resource},{hours},USD,32.77,us-west-2,Hrs"
        for resource, day, hours in lines
    ]
    return "\n".join([HEADER, *rows]).encode()


def samples_json(spans: Export) -> bytes:
    """400 W of each device every minute of some whole hours."""
    result = [
        {
            "metric": {
                "__name__": "DCGM_FI_DEV_POWER_USAGE",
                "UUID": f"GPU-{device}",
                "Hostname": "dgx-07",
                "modelName": "NVIDIA H100 80GB HBM3",
            },
            "values": [
                [START + second, "400"]
                for second in range(start * 3600, (start + hours) * 3600 + 1, 60)
            ],
        }
        for device, start, hours in spans
    ]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    return json.dumps(answer).encode()


@cache
def kwh_per_hour() -> float:
    """What an hour of the machine is worth, by a workspace of its own."""
    with tempfile.TemporaryDirectory() as folder:
        portfolio = Portfolio(Path(folder) / "w")
        portfolio.import_files([("one.csv", bill_csv([("i-1", 1, "1.0")]))])
        return portfolio.footprint().totals["energy_it_kwh"]


def expected_kwh(bills: Sequence[Bill], exports: Sequence[Export]) -> float:
    """A slow, obvious reference: of bills that begin at the same moment for a machine the last one
    decides its month; an hour of a device counts once."""
    hours: dict[tuple[str, int], float] = {}
    for lines in unlike(bills):
        good = [(resource, day, float(text)) for resource, day, text in lines if text != "x"]
        for machine in {resource for resource, _, _ in good}:
            own = [(day, amount) for resource, day, amount in good if resource == machine]
            hours[machine, min(own)[0]] = sum(amount for _, amount in own)
    seen = {
        (device, start + hour)
        for spans in exports
        for device, start, length in spans
        for hour in range(length)
    }
    return sum(hours.values()) * kwh_per_hour() + len(seen) * 0.4


def unlike(bills: Sequence[Bill]) -> list[Bill]:
    """Bills without those whose bytes were imported before."""
    return list({bill_csv(lines): lines for lines in reversed(bills)}.values())[::-1]


@EXAMPLES
@given(
    bills=st.lists(bill, min_size=1, max_size=2), exports=st.lists(export, min_size=1, max_size=3)
)
def test_property_lines_are_conserved_and_energy_counts_once(bills, exports):
    files = [(f"bill-{i}.csv", bill_csv(lines)) for i, lines in enumerate(bills)]
    files += [(f"export-{i}.json", samples_json(spans)) for i, spans in enumerate(exports)]
    with tempfile.TemporaryDirectory() as folder:
        portfolio = Portfolio(Path(folder) / "w")
        first = portfolio.import_files(files)
        totals, version = portfolio.footprint().totals, portfolio.version

        again = portfolio.import_files(files)

        assert portfolio.footprint().totals == totals
        assert portfolio.version == version
        lines = [*map(len, bills), *(sum(h * 60 + 1 for _, _, h in spans) for spans in exports)]
        for outcomes in (first.files, again.files):
            assert [outcome.rows for outcome in outcomes] == lines
            for outcome in outcomes:
                parts = outcome.accepted + outcome.quarantined + outcome.duplicates
                assert outcome.rows == parts
        assert all(outcome.accepted == 0 for outcome in again.files)
        energy = totals["energy_it_kwh"] or 0.0
        assert abs(energy - expected_kwh(bills, exports)) <= 1e-9 * max(1.0, energy)
