"""Any name prints: in a shipped font where one has it, as a visible escape where none has."""

import unicodedata

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from carbon.disclosure.glyphs import FAMILIES, FONTS, breakable, covered, printable


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|'/c calc'!A1",
        "<script>alert(1)</script>",
        "#import $x$ *bold* \\n @ref",
        "学習ジョブ",
        "서울 학습",
        "Обучение Ελλάδα",
        "تدريب النموذج",
        "प्रशिक्षण",
        "การฝึก",
        "Petrović Łódź Gößnitz",
    ],
)
def test_a_name_in_a_covered_script_is_printed_as_it_is(name):
    assert printable(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("run \U0001f389", r"run \u{1f389}"),
        ("two\nlines\tand a tab", r"two\u{a}lines\u{9}and a tab"),
        ("abc\u202edef", r"abc\u{202e}def"),
        ("\ue000private", r"\u{e000}private"),
        ("zero\u0000", r"zero\u{0}"),
        ("bom\ufeff", r"bom\u{feff}"),
        ("\U00012000", r"\u{12000}"),
    ],
)
def test_what_cannot_or_must_not_be_drawn_is_shown_as_an_escape(name, shown):
    assert printable(name) == shown


def test_a_decomposed_name_is_composed():
    assert printable("Cafe\u0301") == "Caf\u00e9"


def test_a_name_of_ninety_characters_can_break_and_loses_nothing():
    name = "experiment-2025-large-language-model-pretraining-continued/run_" + "0123456789abc" * 2
    shown = breakable(name)
    assert shown.replace("\u200b", "") == name
    assert max(len(part) for part in shown.split("\u200b")) <= 13


def test_a_short_name_is_not_touched():
    assert breakable("<script>alert(1)</script> 学習") == "<script>alert(1)</script> 学習"


def test_a_mark_stays_with_its_letter():
    word = "प्रशिक्षण" * 6
    for part in breakable(word).split("\u200b"):
        assert not unicodedata.category(part[0]).startswith("M")


@given(st.text(max_size=60))
def test_whatever_the_text_every_character_left_has_a_glyph(text):
    assert {ord(c) for c in printable(text)} - {0x200C, 0x200D} <= covered()


def test_the_template_asks_for_the_families_that_are_shipped():
    families = set()
    for path in [*FONTS.glob("*.otf"), *FONTS.glob("*.ttf")]:
        with TTFont(path, lazy=True) as font:
            families.add(font["name"].getDebugName(16) or font["name"].getDebugName(1))
    assert set(FAMILIES) <= families
    template = (FONTS.parent / "report.typ").read_text("utf-8")
    asked = ", ".join(f'"{family}"' for family in FAMILIES)
    assert f"#let families = ({asked})" in template


def test_every_font_is_named_in_the_licences_beside_it():
    licences = (FONTS / "LICENSES.txt").read_text("utf-8")
    fonts = [p.name for p in FONTS.iterdir() if p.suffix in {".otf", ".ttf"}]
    assert fonts and [name for name in fonts if name not in licences] == []
