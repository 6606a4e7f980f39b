"""What readers give: quantities of use, figures that providers report, and rows not taken."""

import dataframely as dy
import polars as pl

from carbon.schema.columns import instant, number, text
from carbon.schema.terms import (
    BOUNDARIES,
    COMPONENTS,
    LIFECYCLES,
    MEDIA,
    QUANTITY_KINDS,
    RUN_STATUSES,
    TIERS,
)


class Activity(dy.Schema):
    """A quantity of use over a period.

    One row of a file may give several rows here (hours, requests, tokens); conservation counts
    distinct (evidence_id, row_number). A row that sums up many rows of its file (lines of a bill,
    samples of a meter) says how many in `source_rows`, and bears the number of the first of them.
    """

    import_id = text("the import that wrote the row; empty until the portfolio stamps it")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it: header = 1")
    source_rows = dy.Int64(
        nullable=True, min=1, description="rows of the file that this row sums up; null = itself"
    )
    format = text("the reader that took it", nullable=False)
    key = text(
        "what a later file supersedes: format, workload or resource, place, period", nullable=False
    )
    superseded_in_file = dy.Bool(
        nullable=False, description="a later cumulative row of the same file replaces this one"
    )

    workload = text("name of the workload; null = nobody claims it")
    model = text("model that is trained or served")
    lifecycle = text("one of LIFECYCLES", check=lambda c: c.is_in(LIFECYCLES))
    project = text("project or cost centre")
    business_unit = text("business unit")
    owner = text("who answers for it")
    architecture = text("model architecture")
    parameters = text("number of parameters, as stated")
    dataset_size = text("size of the data set, as stated")

    period_start = instant("inclusive")
    period_end = instant("exclusive")

    provider = text("aws, gcp, azure, ... ; null for own hardware")
    account = text("account, subscription or project id")
    region = text("the provider's region code")
    zone = text("grid zone id: CAMX, US-CA, GB, or a zone of the user's own factors")
    country = text("ISO 3166-1 alpha-2")
    site = text("own or colocated site")
    service = text("the provider's service")
    sku = text("the provider's SKU, meter or usage type; the metric of a telemetry series")
    resource = text("device, run or resource id")
    endpoint = text("endpoint or route that served the requests")
    run_status = text("one of RUN_STATUSES", check=lambda c: c.is_in(RUN_STATUSES))
    batch_size = number("requests served at a time, or examples a step [1]", min=0)
    host = text("node or instance that carries the device; its own name where it is the node")
    tags = text("other columns of the row, JSON object of strings, keys sorted")

    quantity_kind = text(
        "one of QUANTITY_KINDS", nullable=False, check=lambda c: c.is_in(QUANTITY_KINDS)
    )
    quantity = number("in the unit that quantity_kind names", nullable=False)
    currency = text("ISO 4217 code of a cost")
    medium = text("what data is stored on", check=lambda c: c.is_in(MEDIA))
    coverage = number("share of the period that the meter saw [1]", min=0, max=1)
    component = text("part of the equipment, where known", check=lambda c: c.is_in(COMPONENTS))
    accelerator = text("accelerator as the source names it")
    accelerator_count = number("accelerators in use [1]", min=0)
    average_power_w = number("mean power per accelerator [W]", min=0)
    utilisation = number("measured mean use of the processors [1]", min=0, max=1)
    instance_type = text("the provider's instance type")
    pue = number("PUE stated by the row [1]", min=1)
    location_factor_kg_per_kwh = number("location-based factor on the row [kgCO2e/kWh]", min=0)
    market_factor_kg_per_kwh = number("market-based factor on the row [kgCO2e/kWh]", min=0)
    factor_source = text("document behind the row's own factors")
    stated_kg_co2e = number(
        "emissions that the source itself states of its row, by a factor of its own: compared, and "
        "in no figure; on every row here of that row of the file [kgCO2e]",
        min=0,
    )
    boundary = text("what the meter sees", check=lambda c: c.is_in(BOUNDARIES))
    tier = text("tier of the energy that the reader can vouch for", check=lambda c: c.is_in(TIERS))
    note = text("free text of the row, and the reader's own remarks")

    @dy.rule()
    def period_not_empty(cls) -> pl.Expr:
        return pl.col("period_end") > pl.col("period_start")

    @dy.rule()
    def only_costs_are_negative(cls) -> pl.Expr:
        return (pl.col("quantity") >= 0) | (pl.col("quantity_kind") == "cost")


class Reported(dy.Schema):
    """A provider's own figure, shown beside the footprint and never added to it."""

    import_id = text("the import that wrote the row")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    format = text("the reader that took it", nullable=False)
    key = text(
        "what a later file supersedes: provider, account, service, region, month, model version",
        nullable=False,
    )
    month = dy.Date(nullable=False, description="first day of the month, a UTC label")
    provider = text("aws, gcp or azure", nullable=False)
    payer_account = text("account that is billed; one model version counts per payer and month")
    account = text("account, project or subscription that used it")
    service = text("the provider's service")
    region = text("region code or name as the provider writes it")
    resource = text("resource id, where the report goes that deep")
    view = text("report within the source; one view counts per provider, account and month")
    scope = text(
        "total, scope_1, scope_2, scope_3",
        nullable=False,
        check=lambda c: c.is_in(["total", "scope_1", "scope_2", "scope_3"]),
    )
    method = text(
        "location, market, or unspecified where the provider does not say",
        nullable=False,
        check=lambda c: c.is_in(["location", "market", "unspecified"]),
    )
    kg_co2e = number("the figure [kgCO2e]", nullable=False)
    model_version = text("version of the provider's model")


class Quarantine(dy.Schema):
    """A row that was not taken: what, where and why."""

    import_id = text("the import that set it aside")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    column = text("the file's own column name; null when the whole row is at fault")
    value = text("the value as it stands in the file")
    reason = text("what is wrong and what to do", nullable=False)
