"""Weather of the places where compute runs: what was, and what a normal year is."""

from typing import Final

import dataframely as dy
import polars as pl

from carbon.schema.columns import instant, number, text

WEATHER_SPANS: Final = ("hour", "day", "month")
"""What a row of weather may be the mean of."""


class Weather(dy.Schema):
    """Outdoor temperature of one place and span of time, with the PUE where it was metered."""

    import_id = text("the import that wrote the row")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    format = text("the reader that took it", nullable=False)
    key = text("what a later file supersedes: place, moment and normal", nullable=False)
    place = text("site, provider's region (aws:eu-west-1) or grid zone", nullable=False)
    site = text("own or colocated site")
    provider = text("cloud provider")
    region = text("the provider's region")
    zone = text("grid zone")
    at = instant("first moment of the span")
    span = text("one of WEATHER_SPANS", nullable=False, check=lambda c: c.is_in(WEATHER_SPANS))
    normal = dy.Bool(nullable=False, description="of a normal year, not of one that was")
    mean_temp_c = number("mean dry-bulb temperature outdoors [°C]", nullable=False)
    wet_bulb_c = number("mean wet-bulb temperature outdoors [°C]")
    pue = number("facility energy / IT energy of the span, as metered [1]", min=1)
    facility_kwh = number("facility energy of the span [kWh]", min=0)
    it_kwh = number("IT energy of the span [kWh]", min=0)

    @dy.rule()
    def one_place(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col(name).is_not_null() for name in ("site", "region", "zone"))
