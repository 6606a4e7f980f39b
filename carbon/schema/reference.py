"""Reference tables that are shipped in data/: places and hardware."""

import dataframely as dy

from carbon.schema.columns import number, text
from carbon.schema.terms import FIGURE_BOUNDARIES, PER_UNITS


class _Sourced(dy.Schema):
    publisher = text("who published it", nullable=False)
    release = text("edition or release")
    vintage = text("data year")
    licence = text("licence", nullable=False)
    document = text("title or address of the document", nullable=False)
    checked_against_original = dy.Bool(nullable=False, description="agreed with the original")
    note = text("what a careful reader should know")


class Zone(_Sourced):
    """A grid zone: country, subdivision or eGRID subregion."""

    zone = text("id: GB, US-CA, CAMX", nullable=False, primary_key=True)
    name = text("name", nullable=False)
    kind = text("country, subdivision, egrid_subregion", nullable=False)
    parent = text("next wider zone; null for a country")
    country = text("ISO 3166-1 alpha-2", nullable=False)
    iso3 = text("ISO 3166-1 alpha-3 of the country")
    latitude = number("a point inside [deg]", min=-90, max=90)
    longitude = number("a point inside [deg]", min=-180, max=180)


class CloudRegion(_Sourced):
    """A provider's region and the grid zone that it draws from."""

    provider = text("aws, gcp or azure", nullable=False, primary_key=True)
    region = text("region code", nullable=False, primary_key=True)
    name = text("the provider's name of the region")
    zone = text("most specific grid zone known", nullable=False)
    country = text("ISO 3166-1 alpha-2", nullable=False)
    latitude = number("two decimals [deg]")
    longitude = number("two decimals [deg]")
    water_l_per_kwh = number("water consumed in generation [L/kWh facility]", min=0)
    water_stress = number("Aqueduct baseline water stress category, 0 to 4", min=0)


class RegionEfficiency(_Sourced):
    """PUE and WUE of a provider's region in a year."""

    provider = text("aws, gcp or azure", nullable=False, primary_key=True)
    region = text("region code", nullable=False, primary_key=True)
    year = dy.Int64(primary_key=True, description="calendar year")
    pue = number("annual PUE [1]", min=1)
    wue_l_per_kwh = number("site water per IT energy [L/kWh]", min=0)


class Accelerator(_Sourced):
    """An accelerator, and every name by which sources call it."""

    accelerator = text("canonical name", nullable=False, primary_key=True)
    vendor = text("vendor")
    form_factor = text("SXM, PCIe, OAM, ...")
    memory_gb = number("memory [GB]")
    tdp_w = number("thermal design power [W]; null where the vendor gives none", min=0)
    aliases = text("lower-case names that mean this one, '|' between them", nullable=False)


class CloudInstance(_Sourced):
    """A provider's instance type."""

    provider = text("aws, gcp or azure", nullable=False, primary_key=True)
    instance_type = text("instance type", nullable=False, primary_key=True)
    accelerator = text("canonical accelerator; null for CPU-only types")
    accelerator_count = number("accelerators per instance", min=0)
    vcpu = number("vCPUs", min=0)
    memory_gb = number("memory [GB]", min=0)
    power_idle_w = number("modelled instance power at idle [W]", min=0)
    power_50_w = number("modelled instance power at 50 % load [W]", min=0)
    power_100_w = number("modelled instance power at full load [W]", min=0)


class Embodied(_Sourced):
    """Cradle-to-gate embodied carbon of a piece of hardware."""

    item = text("canonical accelerator, or server class", nullable=False, primary_key=True)
    kind = text("accelerator or server", nullable=False)
    low_kg = number("low [kgCO2e]", min=0)
    central_kg = number("central [kgCO2e]", nullable=False, min=0)
    high_kg = number("high [kgCO2e]", min=0)
    boundary = text("what the figure covers")


class Reference(_Sourced):
    """A published figure of a model: per request, per token or per training."""

    reference_id = text("stable name", nullable=False, primary_key=True)
    model = text("model, or the service that runs it", nullable=False)
    organisation = text("whose model")
    task = text("what was asked of it, or what was trained")
    per = text("one of PER_UNITS", nullable=False, check=lambda c: c.is_in(PER_UNITS))
    part = text(
        "accelerator, host, idle or overhead: this part of it alone; chip: the same request "
        "measured the narrow way; null: the whole figure",
        check=lambda c: c.is_in(["accelerator", "host", "idle", "overhead", "chip"]),
    )
    statistic = text("mean, median or total; a median times a volume is no total")
    boundary = text(
        "one of FIGURE_BOUNDARIES; null: not said",
        check=lambda c: c.is_in(FIGURE_BOUNDARIES),
    )
    energy_wh = number("energy [Wh]", min=0)
    location_g = number("location-based emissions [gCO2e]", min=0)
    market_g = number("market-based emissions [gCO2e]", min=0)
    with_embodied = dy.Bool(nullable=True, description="whether emissions hold the hardware's own")
    hardware = text("what it ran on")


class OwnReference(Reference):
    """A published figure that the user brought, with the file that it is from."""

    import_id = text("the import that wrote the row; empty until the portfolio stamps it")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    format = text("the reader that took it", nullable=False)
    key = text("what a later file supersedes: the figure's id", nullable=False)
    licence = text("licence of the document; null where the file does not say")


class Equivalent(_Sourced):
    """What an amount of emissions is in everyday terms."""

    equivalent_id = text("stable name", nullable=False, primary_key=True)
    name = text("one of it, in words", nullable=False)
    many = text("several of it, in words", nullable=False)
    kg_co2e = number("emissions of one [kgCO2e]", nullable=False, min=0)
