"""What discovery sees, what analysts decide on it, and who owns which activity."""

import dataframely as dy

from carbon.schema.columns import instant, number, text
from carbon.schema.terms import LIFECYCLES

SIGHTED_AS = (
    "machine",
    "cluster",
    "endpoint",
    "job",
    "service",
    "experiment",
    "device",
)
"""What a sighting is of."""

WHOLE_LISTING = "whole"
"""A list of all that exists and bears no name of its own."""

DECISIONS = ("accepted", "merged", "ignored", "reopened")
"""What an analyst may decide on a proposal."""

TAKES = ("unclaimed", "any")
"""Which rows a rule may take: those that no source claims, or also those that one does."""


class Sighting(dy.Schema):
    """A thing that some system says exists and that is, or serves, AI: no energy by itself.

    Systems: state, plan and source of Terraform, `kubectl get -o json`, and (derived from activity
    when proposals are made) trackers' experiments, machines and services of bills, devices of
    meters.
    """

    import_id = text("the import that wrote the row; empty until the portfolio stamps it")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row, resource or entry of the file, from 1")
    format = text("the reader that took it", nullable=False)
    key = text("what a later file supersedes: format, file's identity, address", nullable=False)
    reference = text("its address in that system", nullable=False)
    sighted_as = text(
        "one of SIGHTED_AS", nullable=False, check=lambda c: c.is_in(list(SIGHTED_AS))
    )
    name = text("name that a person would know it by")
    why = text("why it is AI, in words", nullable=False)
    workload = text("workload that the source names")
    model = text("model that is trained or served")
    lifecycle = text("one of LIFECYCLES", check=lambda c: c.is_in(LIFECYCLES))
    project = text("project")
    business_unit = text("business unit")
    owner = text("who created it or answers for it")
    provider = text("aws, gcp, azure; null for own hardware")
    account = text("account, subscription or project id")
    region = text("the provider's region code")
    zone = text("grid zone id, where the source says")
    site = text("own site")
    instance_type = text("the provider's instance type")
    instance_count = number("machines [1]", min=0)
    accelerator = text("accelerator as the source names it")
    accelerator_count = number("accelerators in all [1]", min=0)
    names = text(
        "names under which activity may speak of it (resource ids, machines, nodes, clusters, "
        "endpoints, run ids), JSON array of strings, sorted"
    )
    tags = text("tags or labels, JSON object of strings, keys sorted")
    first_seen = instant("earliest moment that the source gives", nullable=True)
    last_seen = instant("latest moment that the source gives", nullable=True)
    state = text("running, planned, stopped or destroyed, where the source says")
    note = text("the reader's own remarks")
    listing = text("the list of all that exists which it stands in: a later one replaces it whole")
    serial = dy.Int64(nullable=True, min=0, description="version of that list, where it bears one")


class Decision(dy.Schema):
    """What an analyst decided on a proposal; the last one of a proposal counts."""

    sequence = dy.Int64(min=1, description="order of decisions")
    proposal_id = text("the proposal", nullable=False)
    decision = text("one of DECISIONS", nullable=False, check=lambda c: c.is_in(list(DECISIONS)))
    workload = text("the workload that it became, or was merged into")
    reason = text("why, as the user states it")
    proposal = text("the proposal as it was decided on, JSON", nullable=False)
    at = instant("when")
    who = text("who", nullable=False)


class AssignmentRule(dy.Schema):
    """Who owns which activity: the first rule, by priority, whose conditions all hold takes it."""

    rule_id = text("unique", nullable=False)
    priority = dy.Int64(description="order in which rules are asked, the smallest first")
    name = text("what a person calls it", nullable=False)
    conditions = text("JSON array of {column, op, values}; all must hold", nullable=False)
    shares = text("JSON array of {workload, share}; at most 1 in all", nullable=False)
    takes = text("one of TAKES", nullable=False, check=lambda c: c.is_in(list(TAKES)))
    effective_from = dy.Date(nullable=True, description="first day (UTC) on which it holds")
    effective_to = dy.Date(nullable=True, description="first day on which it holds no more")
    enabled = dy.Bool(nullable=False, description="false: kept, and not asked")
    note = text("why, as the user states it")
    deleted = dy.Bool(nullable=False, description="the rule was taken back")
    edit = dy.Int64(min=1, description="the latest edit of a rule counts")


class Asset(dy.Schema):
    """Hardware that the organisation bought: what category 2 books in the year of purchase."""

    import_id = text("the import that wrote the row; empty until the portfolio stamps it")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    format = text("the reader that took it", nullable=False)
    key = text("what a later file supersedes: the asset's id", nullable=False)
    asset_id = text("asset number or lot", nullable=False)
    item = text("accelerator, server or instance as the library names it", nullable=False)
    kind = text("accelerator or server", nullable=False)
    count = number("pieces [1]", min=0, nullable=False)
    purchased_on = dy.Date(nullable=False, description="day of purchase or of delivery")
    retired_on = dy.Date(nullable=True, description="day on which it left service")
    site = text("where it stands")
    lifetime_years = number("service life that applies to it [y]", min=0)
    kg_co2e_each = number("cradle to gate of one piece [kgCO2e], as its document says", min=0)
    low_kg_each = number("low of that [kgCO2e]", min=0)
    high_kg_each = number("high of that [kgCO2e]", min=0)
    document = text("document behind the figure")
    note = text("free text")
