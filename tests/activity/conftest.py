"""A small world for readers: a few zones, countries and regions, and nothing else."""

import pytest

from carbon.activity.source import Context


@pytest.fixture(scope="session")
def context() -> Context:
    return Context(
        evidence_id="e" * 64,
        timezone="UTC",
        zones={
            "camx": "CAMX",
            "newe": "NEWE",
            "us-in": "US-IN",
            "us-ga": "US-GA",
            "ca-qc": "CA-QC",
            "us": "US",
            "gb": "GB",
            "gbr": "GB",
            "fr": "FR",
            "fra": "FR",
        },
        zip_zones={"02139": "NEWE", "94103": "CAMX"},
        countries={
            "us": "US",
            "usa": "US",
            "united states": "US",
            "ca": "CA",
            "can": "CA",
            "gb": "GB",
            "gbr": "GB",
            "united kingdom": "GB",
            "fr": "FR",
            "fra": "FR",
            "france": "FR",
            "na": "NA",
            "nam": "NA",
        },
        regions={
            "aws": {"us-east-1": "us-east-1", "eu-west-3": "eu-west-3"},
            "gcp": {"us-central1": "us-central1"},
            "azure": {"eastus": "eastus", "east us": "eastus"},
        },
        zone_countries={
            "CAMX": "US",
            "NEWE": "US",
            "US-IN": "US",
            "US-GA": "US",
            "CA-QC": "CA",
            "US": "US",
            "GB": "GB",
            "FR": "FR",
        },
    )
