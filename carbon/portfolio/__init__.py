"""The waist: one verb a method. App, command line and notebooks speak to this class alone.

Each verb reads tables from the workspace, calls the functional core, and writes what it gives.
"""

from carbon.accounting.summary import COMMON_DIMENSIONS
from carbon.activity.mapping.model import Mapping as ColumnMapping
from carbon.activity.mapping.model import Origin, Skip
from carbon.disclosure.collection import TITLES as COLLECTION_TITLES
from carbon.disclosure.content import Scope
from carbon.portfolio.figures import Headline, Result
from carbon.portfolio.how_to import HowTo
from carbon.portfolio.mappings import MappingGuess, MappingPreview
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.portfolio import Portfolio
from carbon.portfolio.results import FilePreview, FileResult, ImportResult
from carbon.portfolio.rule_verbs import Trial
from carbon.tables.fixes import UNITS as FIX_UNITS
from carbon.tables.fixes import Fix

__all__ = [
    "COLLECTION_TITLES",
    "COMMON_DIMENSIONS",
    "FIX_UNITS",
    "ColumnMapping",
    "FilePreview",
    "FileResult",
    "Fix",
    "Headline",
    "HowTo",
    "ImportResult",
    "MappingGuess",
    "MappingPreview",
    "Origin",
    "Portfolio",
    "PortfolioError",
    "Result",
    "Scope",
    "Skip",
    "Trial",
]
