"""Where a row used electricity: provider and region, grid zone, country, in canonical form."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from carbon.activity.sheet import MAX_SUGGESTIONS, Sheet, near
from carbon.activity.source import Context, Problem

PROVIDERS: Final[Mapping[str, str]] = {
    "aws": "aws",
    "amazon": "aws",
    "amazon web services": "aws",
    "amazon web services (aws)": "aws",
    "amazonaws": "aws",
    "gcp": "gcp",
    "google": "gcp",
    "google cloud": "gcp",
    "google cloud platform": "gcp",
    "google cloud platform (gcp)": "gcp",
    "azure": "azure",
    "microsoft": "azure",
    "microsoft azure": "azure",
    "ms azure": "azure",
}
"""What sources call the three providers -> house name."""

OWN_HARDWARE: Final = (
    "on-prem",
    "onprem",
    "on prem",
    "on-premise",
    "on-premises",
    "on premises",
    "on_prem",
    "on_premises",
    "self-hosted",
    "self hosted",
    "selfhosted",
    "own",
    "own hardware",
    "own datacenter",
    "own data center",
    "datacenter",
    "data center",
    "internal",
    "local",
    "colo",
    "colocation",
    "colocated",
)
"""Words in a provider column that mean hardware of one's own, or colocated: no provider."""


def read_providers(sheet: Sheet) -> None:
    """Replace provider names by house names, in place; own hardware becomes null."""
    word = pl.col("provider").str.to_lowercase().str.replace_all(r"\s+", " ")
    sheet.frame = sheet.frame.with_columns(
        pl.col("provider").alias("provider (raw)"),
        pl.when(~word.is_in(OWN_HARDWARE)).then(word.replace(PROVIDERS)).alias("provider"),
    )


def read_places(sheet: Sheet, context: Context, *, required: bool = True) -> None:
    """Resolve `provider`, `region`, `zone`, `country` in place; set aside what nobody knows.

    A row needs a region of a known provider, or a zone, or a country, unless a place is not
    `required`. The country follows from the zone where the row states none.
    """
    read_providers(sheet)
    _regions(sheet, context)
    _zones(sheet, context)
    sheet.translate(
        "country",
        context.countries,
        "country '{value}' is not known{near}; use its ISO 3166-1 code, such as GB or GBR",
        offered=[name for name in context.countries if len(name) > 3],
    )
    of_zone = pl.col("zone").replace_strict(
        dict(context.zone_countries), default=None, return_dtype=pl.String
    )
    sheet.reject(
        of_zone.is_not_null() & pl.col("country").is_not_null() & (of_zone != pl.col("country")),
        pl.format("zone {} lies in {}; the row's country is another one", "zone", of_zone),
        "country",
    )
    sheet.frame = sheet.frame.with_columns(pl.coalesce("country", of_zone).alias("country"))
    if required:
        _placeless(sheet)


def _regions(sheet: Sheet, context: Context) -> None:
    """Canonical region codes of the providers whose regions are known."""
    pairs = sheet.frame.select("provider", "region").unique(maintain_order=True).drop_nulls()
    rows: list[tuple[str, str, str | None, str | None, bool]] = []
    suggestions = 0
    for provider, region in pairs.iter_rows():
        known = context.regions.get(provider)
        if known is None:
            rows.append((provider, region, region, None, False))
            continue
        code, exact = region_code(region, known)
        reason = None
        if code is None:
            suggestions += 1
            hint = near(region, known) if suggestions <= MAX_SUGGESTIONS else ""
            reason = (
                f"region '{region}' of {provider} is not known{hint}; write the provider's own "
                "code, or give a zone or country without a region"
            )
        elif not exact:
            sheet.notes.append(
                Problem(
                    f"'{region}' is an availability zone; its region {code} was taken.",
                    column=sheet.column("region"),
                    value=region,
                )
            )
        rows.append((provider, region, code, reason, True))
    found = pl.DataFrame(
        rows,
        schema={
            "provider": pl.String,
            "region": pl.String,
            "(code)": pl.String,
            "(reason)": pl.String,
            "(known provider)": pl.Boolean,
        },
        orient="row",
    )
    sheet.frame = sheet.frame.join(
        found, on=["provider", "region"], how="left", validate="m:1", maintain_order="left"
    ).with_columns(
        pl.col("region").alias("region (raw)"),
        pl.coalesce("(code)", pl.when(pl.col("provider").is_null()).then("region")).alias("region"),
        pl.col("(known provider)").fill_null(False),
    )
    sheet.reject(pl.col("(reason)").is_not_null(), pl.col("(reason)"), "region")
    sheet.frame = sheet.frame.drop("(code)", "(reason)")


def region_code(region: str, known: Mapping[str, str]) -> tuple[str | None, bool]:
    """The canonical code, and whether it stands there itself: `us-east-1a` is an availability
    zone, and what stands before its letter is the region."""
    word = region.strip().casefold()
    if word in known:
        return known[word], True
    stem = word[:-1].removesuffix("-")
    if word[-1:].isalpha() and stem[-1:].isdigit() and stem in known:
        return known[stem], False
    return None, True


def _zones(sheet: Sheet, context: Context) -> None:
    """Canonical zone ids; a US ZIP code stands for its eGRID subregion."""
    values = [v for v in sheet.frame["zone"].unique(maintain_order=True) if v is not None]
    words: dict[str, str] = {}
    for value in values:
        word = value.strip().casefold()
        zone = context.zones.get(word) or _zip_zone(word, context.zip_zones)
        if zone is None and word in context.countries:
            zone = context.zones.get(context.countries[word].casefold())
        if zone is not None:
            words[word] = zone
    sheet.translate(
        "zone",
        words,
        "zone '{value}' is not known{near}; use an eGRID subregion, an ISO 3166 code, a US ZIP "
        "code, or import a factor file that defines the zone",
        offered=list(dict.fromkeys(context.zones.values())),
    )


def _zip_zone(word: str, zip_zones: Mapping[str, str]) -> str | None:
    """The subregion of a ZIP code; a spreadsheet may have eaten its leading zeros."""
    digits = word.split("-", maxsplit=1)[0]
    if not digits.isdigit() or not 3 <= len(digits) <= 5:
        return None
    return zip_zones.get(digits.zfill(5))


def _placeless(sheet: Sheet) -> None:
    placed = pl.any_horizontal(
        pl.col("zone (raw)").is_not_null(),
        pl.col("country (raw)").is_not_null(),
        pl.col("region (raw)").is_not_null() & pl.col("(known provider)"),
    )
    region_alone = pl.col("region (raw)").is_not_null() & ~placed
    sheet.reject(
        region_alone & pl.col("provider").is_null(),
        "a region needs its provider (aws, gcp, azure); or give a zone or a country",
        "region",
    )
    sheet.reject(
        region_alone & pl.col("provider").is_not_null(),
        pl.format(
            "the regions of provider '{}' are not known here; give the zone or country as well",
            "provider",
        ),
        "region",
    )
    sheet.reject(
        ~placed & ~region_alone,
        "the row has no place; give region with provider, or zone, or country",
        "zone",
    )
