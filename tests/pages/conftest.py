"""Workspaces that the screens are drawn from; the rows are in `screens.py`."""

import shutil
from pathlib import Path

import pytest
import streamlit as st
from screens import TEMPLATE

from carbon.portfolio import Portfolio


@pytest.fixture(autouse=True)
def fresh_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace of the test's own; nothing that an earlier test opened."""
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that holds the rows, to be copied."""
    path = tmp_path_factory.mktemp("imported") / "ws"
    result = Portfolio(path).import_files([("figures.csv", TEMPLATE)], who="test")
    assert [file.accepted for file in result.files] == [4]
    return path


@pytest.fixture
def own(imported: Path, tmp_path: Path) -> Portfolio:
    """The user's workspace with the rows."""
    return Portfolio(shutil.copytree(imported, tmp_path / "ws"))


@pytest.fixture
def sample(imported: Path, tmp_path: Path) -> Portfolio:
    """A sample portfolio that opens fast: its workspace holds the rows already."""
    return Portfolio(shutil.copytree(imported, tmp_path / "ws.sample"))
