"""`carbon import --watch`, as a process of its own: files come, change, are bad, and it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data"

Command = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def carbon(tmp_path: Path) -> Command:
    """Start the command line on a workspace of the test's own."""

    def start(*arguments: str | Path) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", "from carbon.cli import main; main()", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"CARBON_WORKSPACE": str(tmp_path / "ws"), "PYTHONUNBUFFERED": "1"},
        )

    return start


def line_of(process: "subprocess.Popen[str]") -> str:
    """The next line that it says."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_files_are_taken_in_as_they_come_and_it_ends_on_a_signal(
    folder: Path, carbon: Command
) -> None:
    process = carbon("import", "--watch", folder, "--every", "0.2")
    try:
        shutil.copy(DATA / "codecarbon_3.csv", folder / "emissions.csv")
        first = line_of(process)
        assert "emissions.csv: " in first
        assert first.rstrip().endswith("(codecarbon)")
        # A bad file is named with the reason, and the next is taken all the same.
        (folder / "bad.csv").write_text("what,is\n1,2\n")
        (folder / "later.csv.part").write_text("what,is\n1,2\n")
        assert "bad.csv: not taken. " in line_of(process)
        shutil.copy(DATA / "sacct.txt", folder / "sacct.txt")
        assert "sacct.txt: " in line_of(process)
        assert (folder / "emissions.csv").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out == ""


def test_a_file_that_changes_is_taken_in_again(folder: Path, carbon: Command) -> None:
    table = folder / "template.csv"
    lines = (DATA / "template.csv").read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:-1]))
    process = carbon("import", "--watch", folder, "--every", "0.2", "--json")
    try:
        before = json.loads(line_of(process))["files"]
        table.write_text("".join(lines))
        after = json.loads(line_of(process))["files"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert [file["name"] for file in before + after] == ["template.csv", "template.csv"]
    assert after[0]["rows"] == before[0]["rows"] + 1


def test_once_takes_in_what_is_there_and_knows_it_the_next_time(
    folder: Path, carbon: Command
) -> None:
    (folder / "2026").mkdir()
    shutil.copy(DATA / "codecarbon_3.csv", folder / "2026" / "emissions.csv")
    first = carbon("import", "--watch", folder, "--once", "--json")
    out, _ = first.communicate(timeout=120)
    assert [file["name"] for file in json.loads(out)["files"]] == ["2026/emissions.csv"]
    assert first.returncode == 0
    again = carbon("import", "--watch", folder, "--once", "--json")
    out, err = again.communicate(timeout=120)
    assert json.loads(out)["files"] == []
    assert "1 of the files there were imported before" in err


def test_once_ends_with_the_status_of_an_import(folder: Path, carbon: Command) -> None:
    (folder / "bad.csv").write_text("what,is\n1,2\n")
    process = carbon("import", "--watch", folder, "--once")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "bad.csv: not taken. " in out
    assert "bad.csv is not recognised" in err


@pytest.mark.parametrize("arguments", [(), ("--watch", "nowhere"), ("a.csv", "--watch", ".")])
def test_wrong_usage(arguments: tuple[str, ...], carbon: Command, tmp_path: Path) -> None:
    process = carbon("import", *arguments)
    process.communicate(timeout=120)
    assert process.returncode == 2
