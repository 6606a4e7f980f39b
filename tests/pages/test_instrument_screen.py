"""Instrument: set-ups to copy, the same texts as in the docs."""

from pathlib import Path

from screens import open_app, words

from carbon.portfolio.how_to import FOLDER, ORDER, read_page


def test_the_first_set_up_stands_there_with_its_code():
    app = open_app("instrument.py")
    assert not app.exception
    assert app.title[0].value == "Instrument"
    page = read_page("training", (FOLDER / "training.md").read_text("utf-8"))
    shown = [code.value for code in app.code]
    assert page.code("train_codecarbon.py").rstrip("\n") in shown
    assert page.code("train_mlflow.py").rstrip("\n") in shown
    assert "Save as `train_codecarbon.py`" in words(app)
    assert "Not run by us: on a GPU." in words(app)


def test_another_set_up_is_chosen():
    app = open_app("instrument.py")
    app.segmented_control(key="setup").set_value("watched-folder").run()
    assert not app.exception
    assert any("carbon import --watch" in code.value for code in app.code)


def test_every_page_of_the_docs_is_offered():
    assert {path.stem for path in Path(FOLDER).glob("*.md")} == set(ORDER)
