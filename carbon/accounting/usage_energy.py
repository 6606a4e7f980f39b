"""Energy of inference that nobody metered: use x energy of a token or of a request, tier T6.

    E_IT [kWh] = output tokens x Wh per 1,000 output tokens / 1000 / 1000   (stated of the workload)
    E_IT [kWh] = requests x Wh per request / 1000                           (stated of the workload)
    E_IT [kWh] = (output tokens x Wh per token + requests x Wh per request) / 1000  (EcoLogits)

The first two exclude each other: `inference.prefer` says which counts where both are stated. The
third is of models behind an API (`carbon.factors.api_models`), of which nothing is stated. One
energy: use counts for a workload, model, endpoint and month only where no meter and no hours of
machines do, and of one source only; `usage_once` settles it. Reasoning tokens are output tokens,
so they count; input and cached tokens have no energy of their own here: the figures of a request
hold it.
"""

from typing import Final, NamedTuple

import polars as pl

from carbon.factors.api_models import METHOD, ApiModel, api_model, nearest, vendors
from carbon.policy import Policy
from carbon.schema import ENERGY_KINDS, USAGE_KINDS

TIER: Final = "T6"
STATED: Final = ("wh_per_request", "wh_per_1k_output_tokens", "mean_power_w", "api_model")
"""What an analyst states of a workload from which energy of its use, or of its hours, follows."""

MEAN_WATTS: Final = "mean watts stated for the workload"

RATES: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row": pl.UInt32,
    "usage_basis": pl.Int64,
    "usage_wh": pl.Float64,
    "usage_source": pl.String,
    "usage_provider": pl.String,
    "usage_pue": pl.Float64,
    "usage_pue_source": pl.String,
    "usage_gsd2": pl.Float64,
}
"""Of a row of use: how good the figure is (the smallest first), Wh of a unit, in words, who runs
the model, and the PUE and the 95 % factor that the estimate brings."""

UNKNOWN: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "workload": pl.String,
    "in_scope": pl.Boolean,
    "month": pl.String,
    "provider": pl.String,
    "model": pl.String,
    "nearest": pl.String,
    "output_tokens": pl.Float64,
}
"""Models behind an API that the library does not know, and the known names nearest to theirs."""


class Rates(NamedTuple):
    """Energy of a unit of each row of use where it is known, and the models that are not."""

    known: pl.DataFrame
    unknown: pl.DataFrame


def rates(rows: pl.DataFrame, overlay: pl.DataFrame, policy: Policy) -> Rates:
    """Energy of a unit of use of every row of which one is stated, or can be estimated.

    Args:
        rows: row, source, quantity_kind, quantity, workload, provider, model, in_scope, a period.
        overlay: `Workload` rows: what the analyst stated.
        policy: the choices under `inference`.

    Returns:
        known: the columns of RATES, of each source only the figures that count together; unknown:
        the columns of UNKNOWN.
    """
    nothing = Rates(pl.DataFrame(schema=RATES), pl.DataFrame(schema=UNKNOWN))
    use = rows.filter(pl.col("quantity_kind").is_in(USAGE_KINDS))
    if use.is_empty():
        return nothing
    use = use.select(
        *("row", "source", "quantity_kind", "quantity", "workload", "provider", "model"),
        "in_scope",
        month=pl.col("period_start").dt.strftime("%Y-%m"),
    ).join(_stated(overlay), on="workload", how="left", validate="m:1", maintain_order="left")
    figures = pl.concat([_of_workload(use, policy), _of_library(use, policy)])
    best = figures.filter(
        pl.col("usage_basis") == pl.col("usage_basis").min().over(use["source"][figures["_at"]])
    )
    served = rows.filter(pl.col("quantity_kind").is_in(ENERGY_KINDS))["workload"].unique()
    return Rates(
        best.select(list(RATES)).sort("row"),
        _unknown(use.filter(~pl.col("workload").is_in(served.implode())), policy),
    )


def with_provider(rows: pl.DataFrame, known: Rates) -> pl.DataFrame:
    """Use of a model behind an API is purchased of its vendor, where the row names no provider."""
    given = known.known.filter(pl.col("usage_provider").is_not_null())
    if given.is_empty():
        return rows
    return (
        rows.join(
            given.select("row", "usage_provider"),
            on="row",
            how="left",
            validate="1:1",
            maintain_order="left",
        )
        .with_columns(provider=pl.coalesce("provider", "usage_provider"))
        .drop("usage_provider")
    )


def stand(rows: pl.DataFrame, known: Rates, policy: Policy) -> pl.DataFrame:
    """Give use of models behind an API, whose place nothing says, the zone of the policy.

    Args:
        rows: row, zone, region, country.
        known: what `rates` gives.
        policy: `inference.api_zone` is used.
    """
    zone = policy.inference.api_zone.strip()
    of_vendor = known.known.filter(pl.col("usage_provider").is_not_null())["row"]
    if not zone or of_vendor.is_empty():
        return rows
    nowhere = pl.all_horizontal(pl.col("zone", "region", "country").is_null())
    of_them = nowhere & pl.col("row").is_in(of_vendor.implode())
    return rows.with_columns(zone=pl.when(of_them).then(pl.lit(zone)).otherwise("zone"))


def watts(rows: pl.DataFrame, known: Rates, overlay: pl.DataFrame) -> pl.DataFrame:
    """Energy of a unit of use, and mean watts of hours that have none, as stated.

    Hours take `mean_power_w` of their workload where neither the row nor the library gives watts:
    of an accelerator for accelerator-hours, of the machine for instance-hours (tier T4).

    Args:
        rows: as `carbon.accounting.support.watts` gives them, with workload and pue.
        known: what `rates` gives.
        overlay: `Workload` rows: what the analyst stated.

    Returns:
        rows with power_w ([W]; [Wh] of a token or request), power_source, tier, component, pue and
        the columns of RATES.
    """
    with_rates = rows.join(
        known.known, on="row", how="left", validate="1:1", maintain_order="left"
    ).join(
        _stated(overlay).select("workload", "mean_power_w"),
        on="workload",
        how="left",
        validate="m:1",
        maintain_order="left",
    )
    use = pl.col("usage_wh").is_not_null()
    hours = (
        pl.col("quantity_kind").is_in(["accelerator_hours", "instance_hours"])
        & pl.col("power_w").is_null()
        & pl.col("mean_power_w").is_not_null()
    )
    machine = hours & (pl.col("quantity_kind") == "instance_hours")
    own_pue = pl.col("pue").is_not_null()
    return with_rates.with_columns(
        power_w=pl.when(use).then("usage_wh").when(hours).then("mean_power_w").otherwise("power_w"),
        power_source=pl.when(use)
        .then("usage_source")
        .when(hours)
        .then(pl.lit(MEAN_WATTS))
        .otherwise("power_source"),
        tier=pl.when(use).then(pl.lit(TIER)).when(hours).then(pl.lit("T4")).otherwise("tier"),
        component=pl.when(use | machine).then(pl.lit("it")).otherwise("component"),
        pue=pl.coalesce("pue", "usage_pue"),
        usage_pue_source=pl.when(~own_pue).then("usage_pue_source"),
    ).drop("mean_power_w")


def name_pue(lines: pl.DataFrame) -> pl.DataFrame:
    """`pue_source` of lines whose PUE is the estimate's own, not the row's."""
    return lines.with_columns(pue_source=pl.coalesce("usage_pue_source", "pue_source"))


def gsd2(by_tier: pl.Expr) -> pl.Expr:
    """95 % factor of a line's energy: its tier's, or the estimate's own range where that is wider.

    The range is of the parameters that the vendor does not publish; the tier's factor holds what
    is uncertain of any estimate from use, so the narrower of the two never stands alone.
    """
    return pl.max_horizontal(by_tier, "usage_gsd2")


def _stated(overlay: pl.DataFrame) -> pl.DataFrame:
    """What is stated of each workload, as numbers; blanks and what is no number are null."""
    numbers = [
        pl.col(column).cast(pl.Float64, strict=False) for column in STATED if column != "api_model"
    ]
    return overlay.select("api_model", *numbers, workload="workload_id")


def _of_workload(use: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What the analyst stated: Wh per 1,000 output tokens, Wh per request."""
    first = policy.inference.prefer == "tokens"
    found = []
    for kind, column, each, words, basis in (
        ("output_tokens", "wh_per_1k_output_tokens", 1000.0, "1,000 output tokens", int(not first)),
        ("requests", "wh_per_request", 1.0, "request", int(first)),
    ):
        rows = use.with_row_index("_at").filter(
            pl.col("quantity_kind") == kind, pl.col(column).is_not_null()
        )
        found.append(
            rows.select(
                "_at",
                "row",
                usage_basis=pl.lit(basis, pl.Int64),
                usage_wh=pl.col(column) / each,
                usage_source=pl.format(
                    f"{{}} Wh per {words}, stated for the workload", _plain(column)
                ),
                usage_provider=pl.lit(None, pl.String),
                usage_pue=pl.lit(None, pl.Float64),
                usage_pue_source=pl.lit(None, pl.String),
                usage_gsd2=pl.lit(None, pl.Float64),
            )
        )
    return pl.concat(found)


def _of_library(use: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What EcoLogits gives of models behind an API: of a token, and of a request beside tokens."""
    schema = {"_at": pl.UInt32, **RATES}
    if not policy.inference.estimate_api:
        return pl.DataFrame(schema=schema)
    asked = _asked(use)
    found = []
    for provider, model in asked.select("_vendor", "_model").unique().sort(pl.all()).iter_rows():
        known = api_model(provider, model, policy.inference.api_batch_size)
        if known is not None:
            found += _figures(provider, model, known)
    columns = {
        "_vendor": pl.String,
        "_model": pl.String,
        "quantity_kind": pl.String,
        **{name: kind for name, kind in RATES.items() if name != "row"},
    }
    figures = pl.DataFrame(found, schema=columns, orient="row")
    tokens = pl.col("quantity_kind") == "output_tokens"
    return (
        asked.with_row_index("_at")
        # Of requests alone the energy up to the first token would pass for the whole.
        .filter(tokens.any().over("source"))
        .join(
            figures,
            on=["_vendor", "_model", "quantity_kind"],
            how="inner",
            validate="m:1",
            maintain_order="left",
        )
        .select(list(schema))
    )


def _asked(use: pl.DataFrame) -> pl.DataFrame:
    """Vendor and model that a row is of: as stated of the workload, else as the row says."""
    stated = pl.col("api_model").str.strip_chars()
    vendor = stated.str.extract(r"^([^/]+)/")
    return use.with_columns(
        _vendor=pl.coalesce(vendor, "provider"),
        _model=pl.coalesce(stated.str.replace(r"^[^/]+/", ""), "model"),
    )


def _figures(provider: str, name: str, known: ApiModel) -> list[tuple[object, ...]]:
    """The figures of one model, a row for tokens and one for requests."""
    called = f"{METHOD}: {known.vendor}/{known.model}"
    rows: list[tuple[object, ...]] = []
    for kind, low, high, many, words in (
        ("output_tokens", known.token_low, known.token_high, 1000, "1,000 output tokens"),
        ("requests", known.request_low, known.request_high, 1, "request to its first token"),
    ):
        mean = (low + high) / 2
        if mean == 0:
            continue
        span = f", mean of {low * many:.3g} to {high * many:.3g}" if high > low else ""
        rows.append(
            (
                *(provider, name, kind, 2, mean),
                f"{mean * many:.3g} Wh per {words} ({called}{span})",
                # A vendor that resells nobody's models runs them itself.
                provider,
                known.pue,
                known.pue_words,
                mean / low if high > low else None,
            )
        )
    return rows


def _unknown(use: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Models that somebody sells by the token and the library does not know.

    Args:
        use: rows of use of workloads that state neither an energy nor hours of machines: what
            those serve is their own.
        policy: the choices under `inference`.
    """
    if not policy.inference.estimate_api:
        return pl.DataFrame(schema=UNKNOWN)
    stated = pl.any_horizontal(pl.col("wh_per_request", "wh_per_1k_output_tokens").is_not_null())
    asked = _asked(use).filter(
        ~stated,
        pl.col("quantity_kind") == "output_tokens",
        pl.col("_vendor").is_not_null() & pl.col("_model").is_not_null(),
    )
    names = asked.select("_vendor", "_model").unique().sort(pl.all())
    found = [
        (provider, model, ", ".join(nearest(provider, model)))
        for provider, model in names.iter_rows()
        if vendors(provider) and api_model(provider, model, policy.inference.api_batch_size) is None
    ]
    schema = dict.fromkeys(("_vendor", "_model", "nearest"), pl.String)
    return (
        asked.join(
            pl.DataFrame(found, schema=schema, orient="row"),
            on=["_vendor", "_model"],
            how="inner",
            validate="m:1",
        )
        .group_by("workload", "in_scope", "month", "_vendor", "_model", "nearest")
        .agg(pl.col("quantity").sort().sum())
        .rename({"_vendor": "provider", "_model": "model", "quantity": "output_tokens"})
        .select(list(UNKNOWN))
        .sort(pl.exclude("output_tokens"))
    )


def _plain(column: str) -> pl.Expr:
    """700.0 as `700`."""
    return pl.col(column).cast(pl.String).str.strip_suffix(".0")
