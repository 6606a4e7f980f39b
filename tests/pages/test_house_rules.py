"""What a screen may do: read widgets, call the portfolio, draw."""

import ast
import tomllib

import pytest
from screens import PAGES

from pages.ui.theme import DARK, LIGHT, Palette

SOURCES = sorted(PAGES.rglob("*.py"))
ALLOWED = {"carbon.portfolio", "carbon.schema", "carbon.policy"}
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


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_charts_and_widgets_have_the_same_colours(palette: Palette):
    theme = CONFIG["theme"][palette.name]
    assert theme["primaryColor"] == palette.location
    assert theme["backgroundColor"] == palette.background
    assert theme["textColor"] == palette.text
    assert tuple(theme["chartCategoricalColors"]) == palette.sequence


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_text_can_be_read_on_its_ground(palette: Palette):
    # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
    for text in (palette.text, palette.muted, palette.warning):
        assert _contrast(text, palette.background) >= 4.5, text
        assert _contrast(text, palette.surface) >= 4.5, text


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_the_hue_of_a_method_or_of_embodied_carbon_means_nothing_else(palette: Palette):
    reserved = {palette.location, palette.market, palette.embodied}
    assert len(reserved) == 3
    assert not reserved & set(palette.lifecycles.values())
    assert not reserved & set(palette.rungs.values())


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
