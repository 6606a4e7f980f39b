"""Which files of a watched folder are taken in, and when: by stamps and a clock of the test."""

from pathlib import Path

import pytest

from carbon.portfolio.watching import Stamp, Watched, files_in, is_whole

SMALL, LARGE = Stamp(10, 1), Stamp(20, 2)


def test_a_file_is_ready_once_it_rests() -> None:
    watched = Watched(rest_s=2)
    assert watched.ready({"a.csv": SMALL}, now=0) == []
    assert watched.ready({"a.csv": SMALL}, now=1.9) == []
    assert watched.ready({"a.csv": SMALL}, now=2) == ["a.csv"]


def test_a_file_that_grows_is_waited_for() -> None:
    watched = Watched(rest_s=2)
    watched.ready({"a.csv": SMALL}, now=0)
    assert watched.ready({"a.csv": LARGE}, now=3) == []
    assert watched.ready({"a.csv": LARGE}, now=5) == ["a.csv"]


def test_what_was_taken_is_left_alone_until_it_changes() -> None:
    watched = Watched(rest_s=2)
    watched.ready({"a.csv": SMALL}, now=0)
    watched.taken("a.csv", SMALL)
    assert watched.ready({"a.csv": SMALL}, now=9) == []
    assert watched.ready({"a.csv": LARGE}, now=10) == []
    assert watched.ready({"a.csv": LARGE}, now=12) == ["a.csv"]


def test_what_could_not_be_taken_is_tried_again() -> None:
    watched = Watched(rest_s=1)
    watched.ready({"a.csv": SMALL}, now=0)
    assert watched.ready({"a.csv": SMALL}, now=1) == ["a.csv"]
    assert watched.ready({"a.csv": SMALL}, now=2) == ["a.csv"]


def test_a_file_that_went_and_came_back_is_new() -> None:
    watched = Watched(rest_s=1)
    watched.ready({"a.csv": SMALL}, now=0)
    watched.taken("a.csv", SMALL)
    watched.ready({}, now=1)
    assert watched.ready({"a.csv": SMALL}, now=2) == []
    assert watched.ready({"a.csv": SMALL}, now=3) == ["a.csv"]


@pytest.mark.parametrize(
    "name",
    [".a.csv", "a.csv.part", "a.TMP", "~$book.xlsx", "a.csv~", "a.crdownload", "_SUCCESS"],
)
def test_what_is_being_written_is_left_alone(name: str) -> None:
    assert not is_whole(name)


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "2026" / ".hidden").mkdir(parents=True)
    (tmp_path / "workspace").mkdir()
    for name in ("a.csv", "2026/b.csv", "2026/.hidden/c.csv", "workspace/d.csv", "e.part"):
        (tmp_path / name).write_text("x")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert set(files_in(tmp_path, apart=tmp_path / "workspace")) == {"a.csv", "2026/b.csv"}


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files_in(tmp_path / "gone", apart=tmp_path)
