"""What no choice of factor may do, whatever factors there are."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from carbon.factors.resolver import resolve
from carbon.policy import Policy

ZONES = (("AA", "country", None), ("AA-1", "subdivision", "AA"), ("SUB", "egrid_subregion", "AA-1"))
PARENT = {zone: parent for zone, _, parent in ZONES}

a_factor = st.fixed_dictionaries(
    {
        "zone": st.sampled_from([zone for zone, _, _ in ZONES]),
        "basis": st.sampled_from(["direct", "lifecycle"]),
        "method": st.sampled_from(["location", "residual"]),
        "origin": st.sampled_from(["library", "workspace"]),
        "kg_co2e_per_kwh": st.sampled_from([0.0, 0.1, 0.7]),
    },
)
a_period = st.one_of(
    st.builds(lambda y: {"year": y}, st.integers(2019, 2026)),
    st.builds(lambda y, m: {"month": (y, m)}, st.integers(2022, 2025), st.integers(1, 12)),
)
some_factors = st.lists(st.builds(lambda f, p: f | p, a_factor, a_period), min_size=1, max_size=12)
a_request = st.tuples(
    st.sampled_from([zone for zone, _, _ in ZONES]),
    st.builds(lambda y, m: f"{y}-{m:02}", st.integers(2018, 2027), st.integers(1, 12)),
    st.sampled_from(["location", "residual"]),
)


def lineage(zone):
    while zone is not None:
        yield zone
        zone = PARENT[zone]


@settings(max_examples=150, deadline=None)
@given(rows=some_factors, request_=a_request)
def test_never_later_never_life_cycle_beside_direct_and_never_silent(make, gwp, rows, request_):
    zone, month, method = request_
    factors = make.factors(*rows)
    requests = pl.DataFrame({"zone": [zone], "month": [month], "method": [method]})
    answer = resolve(factors, make.zones(*ZONES), gwp, requests, Policy()).row(0, named=True)
    year, number = map(int, month.split("-"))
    start = datetime(year, number, 1, tzinfo=UTC)

    def usable(place):
        return factors.filter(
            pl.col("zone") == place, pl.col("method") == method, pl.col("valid_from") <= start
        )

    assert answer["why"]
    if answer["factor_id"] is None:
        assert all(usable(place).is_empty() for place in lineage(zone))
        assert answer["kg_co2e_per_kwh"] is None
        return
    assert answer["valid_from"] <= start
    of_zone = usable(answer["factor_zone"])
    assert answer["factor_id"] in set(of_zone["factor_id"])
    nearer = list(lineage(zone))[: list(lineage(zone)).index(answer["factor_zone"])]
    assert all(usable(place).is_empty() for place in nearer)
    if answer["basis"] == "lifecycle":
        assert of_zone.filter(basis="direct").is_empty()
    assert answer["lag_years"] == max(0, year - _last_year(answer["valid_to"]))


@settings(max_examples=50, deadline=None)
@given(rows=some_factors, request_=a_request, seed=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(make, gwp, rows, request_, seed):
    zone, month, method = request_
    factors = make.factors(*rows)
    order = list(range(factors.height))
    seed.shuffle(order)
    requests = pl.DataFrame({"zone": [zone], "month": [month], "method": [method]})
    zones = make.zones(*ZONES)
    assert resolve(factors, zones, gwp, requests, Policy()).equals(
        resolve(factors[order], zones, gwp, requests, Policy())
    )


def _last_year(valid_to):
    return valid_to.year - 1 if (valid_to.month, valid_to.day) == (1, 1) else valid_to.year
