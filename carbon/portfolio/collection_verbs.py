"""Verbs on the data collection policy: derived from the sources, completed by the analyst, kept in
versions that stay readable."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from carbon.disclosure import collection
from carbon.disclosure.collection import COLUMNS, STATED
from carbon.portfolio import source_list
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.portfolio.source_verbs import Sources

SETTING: Final = "collection"
"""The setting that holds the versions, oldest first."""

KINDS: Final = ("md", "csv", "xlsx")


class Collection(Sources, Computed):
    """The data collection policy of a workspace."""

    def collection(self) -> pl.DataFrame:
        """The policy as it stands; see `disclosure.collection.collected`."""
        return self._collected(self._stated_of_sources())

    def state_collection(
        self, changes: Sequence[Mapping[str, Any]], note: str = "", who: str | None = None
    ) -> int:
        """State what the sources cannot know, and save the policy as a new version.

        Args:
            changes: one mapping a source: `source` and some of STATED; a blank text takes a
                statement back. None saves the policy as it stands.
            note: why, for the record.
            who: who states it.

        Returns:
            The number of the version.

        Raises:
            PortfolioError: a source or a field nobody knows.
        """
        with self._workspace.ledger.lock():
            stated = {source: dict(said) for source, said in self._stated_of_sources().items()}
            known = set(self.sources()["source"])
            for change in changes:
                source = str(change.get("source") or "")
                if source not in known:
                    raise PortfolioError(
                        f"There is no source '{source}'. `carbon sources` lists them."
                    )
                said = stated.setdefault(source, {})
                for name, value in change.items():
                    if name == "source":
                        continue
                    if name not in STATED:
                        raise PortfolioError(
                            f"'{name}' of source '{source}' cannot be stated; there are "
                            f"{', '.join(STATED)}."
                        )
                    said[name] = " ".join(str(value or "").split())
            return self._save_collection(stated, note, who or local_user())

    def collection_versions(self) -> pl.DataFrame:
        """Every version, newest first: version, at, who, note, sources and hash."""
        rows = [
            {
                **{name: version[name] for name in ("version", "at", "who", "note", "hash")},
                "sources": len(version["rows"]),
            }
            for version in reversed(self._collections())
        ]
        schema = {
            "version": pl.Int64,
            "at": pl.String,
            "who": pl.String,
            "note": pl.String,
            "sources": pl.Int64,
            "hash": pl.String,
        }
        return pl.DataFrame(rows, schema=schema)

    def collection_version(self, number: int) -> pl.DataFrame:
        """The policy as it was saved.

        Raises:
            PortfolioError: there is no such version.
        """
        return _frame(self._collection_of(number)["rows"])

    def collection_document(self, kind: str, number: int | None = None) -> bytes:
        """The policy as a file; the same state gives the same text.

        Args:
            kind: "md", "csv" or "xlsx".
            number: a version; None for the policy as it stands.

        Raises:
            PortfolioError: no such kind or version.
        """
        if kind not in KINDS:
            raise PortfolioError(
                f"A data collection policy is written as {', '.join(KINDS)}, not '{kind}'."
            )
        head = {"Organisation": self.policy.boundary.organisation or collection.NOT_STATED}
        if number is None:
            return collection.document(self.collection(), kind, {**head, "Version": "as it stands"})
        version = self._collection_of(number)
        head |= {
            "Version": f"{number} of {version['at']}, by {version['who']}",
            "sha256": version["hash"],
        }
        return collection.document(_frame(version["rows"]), kind, head)

    # --- versions --------------------------------------------------------------------------

    def _collections(self) -> list[dict[str, Any]]:
        return list(self._workspace.settings.get(SETTING, []))

    def _collection_of(self, number: int) -> dict[str, Any]:
        for version in self._collections():
            if version["version"] == number:
                return version
        raise PortfolioError(f"The data collection policy has no version {number}.")

    def _stated_of_sources(self) -> dict[str, dict[str, str]]:
        versions = self._collections()
        return versions[-1]["stated"] if versions else {}

    def _save_collection(self, stated: dict[str, dict[str, str]], note: str, who: str) -> int:
        versions = self._collections()
        rows = self._collected(stated).to_dicts()
        before = versions[-1] if versions else None
        version = {
            "version": len(versions) + 1,
            "at": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "who": who,
            "note": note,
            "policy_hash": self.policy.hash,
            "previous": before["hash"] if before else "",
            "stated": stated,
            "rows": rows,
        }
        canonical = json.dumps(version, sort_keys=True, ensure_ascii=True)
        version["hash"] = hashlib.sha256(canonical.encode()).hexdigest()
        self._workspace.settings.set(SETTING, [*versions, version])
        self._workspace.events.append(
            who,
            "collection",
            f"data collection policy, version {version['version']}",
            {"hash": before["hash"]} if before else None,
            {"hash": version["hash"], "note": note, "stated": stated},
        )
        return len(versions) + 1

    def _collected(self, stated: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
        ledger = self._workspace.ledger
        files = source_list.files_of(ledger.read("imports")).select("evidence_id", "source")
        activity = ledger.current_activity().join(
            files, on="evidence_id", how="inner", validate="m:1", maintain_order="left"
        )
        return collection.collected(self.sources(), activity, stated, self.policy)


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    kinds = {name: pl.Int64 if name == "workloads" else pl.String for name in COLUMNS}
    return pl.DataFrame(rows, schema=kinds)
