"""What a screen may do: read widgets, call the portfolio, draw."""

import ast
import tomllib

import pytest
from screens import PAGES
from streamlit.elements.lib import streamlit_plotly_theme as placeholder

from carbon import schema
from carbon.disclosure import charts
from pages.ui import theme, words

SOURCES = sorted(PAGES.rglob("*.py"))
ALLOWED = {"carbon.portfolio", "carbon.schema", "carbon.policy"}
PLACEHOLDERS = [getattr(placeholder, f"CATEGORY_{index}") for index in range(10)]
CONFIG = tomllib.loads((PAGES.parent / ".streamlit" / "config.toml").read_text("utf-8"))


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_page_knows_only_the_waist(path):
    modules = _imports(ast.parse(path.read_text("utf-8")))
    assert {name for name in modules if name.split(".")[0] == "carbon"} <= ALLOWED


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_page_neither_sums_up_nor_reads_files(path):
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {"group_by", "read_csv", "read_text", "read_bytes", "open"}


def test_every_page_stands_behind_the_gate():
    for path in PAGES.glob("*.py"):
        if path.name != "__init__.py":
            assert "gate.require()" in path.read_text("utf-8"), path.name


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_on_its_ground(name):
    colours = CONFIG["theme"][name]
    # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
    for text in ("textColor", "grayColor", "linkColor"):
        for ground in ("backgroundColor", "secondaryBackgroundColor"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_bars_stand_out_from_their_ground(name):
    colours = CONFIG["theme"][name]
    # WCAG 2.2, 1.4.11: 3 to 1 for graphics. Fewer than ten colours would be ignored altogether.
    assert len(colours["chartCategoricalColors"]) == 10
    for colour in colours["chartCategoricalColors"]:
        assert _contrast(colour, colours["backgroundColor"]) >= 3, colour


def test_the_hue_of_a_method_or_of_embodied_carbon_means_nothing_else():
    reserved = {*theme.METHODS.values(), theme.EMBODIED}
    assert len(reserved) == 3
    assert not reserved & {*theme.LIFECYCLES.values(), *theme.RUNGS.values()}


def test_every_code_of_the_tables_has_a_word_and_a_colour():
    assert set(words.LIFECYCLES) == set(theme.LIFECYCLES) == {*schema.LIFECYCLES, None}
    assert set(words.RUNGS) == set(theme.RUNGS)
    assert tuple(words.LIFECYCLES) == (*schema.LIFECYCLES, None)
    assert set(words.QUANTITIES) == set(schema.QUANTITY_KINDS)
    assert set(words.TIERS) == {*schema.TIERS, None}
    assert set(words.COMPONENTS) == set(schema.COMPONENTS)
    assert set(words.SCOPE_CATEGORIES) == set(schema.SCOPE_CATEGORIES)


def test_a_lifecycle_has_the_same_colour_on_screen_and_in_print():
    palette = CONFIG["theme"]["light"]["chartCategoricalColors"]
    for lifecycle, name in theme.LIFECYCLES.items():
        index = PLACEHOLDERS.index(name)
        assert charts.LIFECYCLE_COLOURS[lifecycle] == palette[index], lifecycle


def test_nothing_is_fetched_from_elsewhere():
    faces = CONFIG["theme"]["fontFaces"]
    assert faces
    for face in faces:
        assert face["url"].startswith("app/static/")
        assert (PAGES / "static" / face["url"].removeprefix("app/static/")).is_file()
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["client"]["showErrorDetails"] == "none"


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
