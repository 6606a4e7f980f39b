"""Which scope category a row's electricity falls in, and how much of it counts.

GHG Protocol Scope 2 Guidance (2015) and Scope 3 Standard: electricity of hardware that the
organisation owns, or runs in a colocation hall, is its Scope 2; purchased compute (cloud) is
Scope 3 category 1, never Scope 2 of the customer.
"""

import polars as pl

from carbon.policy import Policy


def categorise(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Deployment, scope category and equity share of each row.

    A cloud provider makes a row purchased compute, even where it names a site as well; a site is
    own hardware, or colocated where the policy lists it; with neither, the policy's default.

    Own and colocated hardware is Scope 2 under every consolidation approach: under operational
    and financial control the tenant controls its servers. Under the equity-share approach the
    quantity of a site counts by the organisation's share of it (`boundary.equity_share`, 1 where
    not named); purchased compute is bought in full and counts in full.

    Args:
        rows: provider, site.

    Returns:
        rows with deployment, scope_category and equity_share [1].
    """
    boundary = policy.boundary
    deployment = (
        pl.when(pl.col("provider").is_not_null())
        .then(pl.lit("purchased"))
        .when(pl.col("site").is_in(list(boundary.colocated_sites)))
        .then(pl.lit("colocated"))
        .when(pl.col("site").is_not_null())
        .then(pl.lit("own"))
        .otherwise(pl.lit(boundary.default_deployment))
    )
    category = (
        pl.when(pl.col("deployment") == "purchased")
        .then(pl.lit("scope_3_cat_1"))
        .otherwise(pl.lit("scope_2"))
    )
    return rows.with_columns(deployment=deployment).with_columns(
        scope_category=category, equity_share=_equity_share(policy)
    )


def _equity_share(policy: Policy) -> pl.Expr:
    shares = policy.boundary.equity_share
    if policy.boundary.consolidation_approach != "equity_share" or not shares:
        return pl.lit(1.0)
    owned = pl.col("deployment") != "purchased"
    return (
        pl.when(owned)
        .then(
            pl.col("site").replace_strict(
                list(shares), list(shares.values()), default=1.0, return_dtype=pl.Float64
            )
        )
        .otherwise(1.0)
    )
