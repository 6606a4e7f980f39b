"""What there is of each source, what is missing, and where what it names stands."""

from abc import abstractmethod
from datetime import date

import polars as pl

from carbon.factors.library import load
from carbon.policy import Policy
from carbon.portfolio import not_counted, source_list
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.portfolio.reading import formats
from carbon.portfolio.set_aside import SetAside


class Sources(SetAside):
    """Verbs on sources."""

    @abstractmethod
    def superseded(self) -> pl.DataFrame:
        """Rows whose energy another source states better."""

    @abstractmethod
    def general_it(self) -> pl.DataFrame:
        """Rows of bills that no rule of the policy calls AI."""

    @abstractmethod
    def unplaced(self) -> pl.DataFrame:
        """Rows of which nobody says where they drew power."""

    def sources(self, today: date | None = None) -> pl.DataFrame:
        """What there is of each source, and what is missing; see `source_list.source_rows`.

        Args:
            today: the day on which it is asked; None: nothing is overdue.

        Returns:
            Those columns, with title and provider of the format, and in `set_aside`,
            `superseded` (by a later file or version) and `superseded_by_meters` (by another
            source that sees the same energy better) how many rows stand in no figure.
        """
        ledger = self._workspace.ledger
        files = source_list.files_of(ledger.read("imports"))
        months = self._source_months(files)
        aside = self.quarantine_rows().filter(pl.col("discarded").is_null())
        replaced = [ledger.superseded_activity(), ledger.superseded_reported()]
        row = ["evidence_id", "row_number"]
        rows = source_list.source_rows(
            files,
            months,
            source_list.calendar(months, today),
            {
                "set_aside": aside.select("evidence_id", row_number="row"),
                "superseded": pl.concat([frame.select(row) for frame in replaced]),
                "superseded_by_meters": self.superseded().select(row),
            },
            ledger.read("reported").select("evidence_id", "month", "model_version"),
        )
        described = pl.DataFrame(
            [(entry["name"], entry["title"], entry["provider"]) for entry in formats()],
            schema={"format": pl.String, "title": pl.String, "provider": pl.String},
            orient="row",
        )
        return rows.join(described, on="format", how="left", validate="m:1", maintain_order="left")

    def source_calendar(self, today: date | None = None) -> pl.DataFrame:
        """Every month of every source: source, month, coverage, state; see `source_list`."""
        files = source_list.files_of(self._workspace.ledger.read("imports"))
        return source_list.calendar(self._source_months(files), today)

    def stated_better(self) -> pl.DataFrame:
        """What another source states better, by device and month; see `not_counted.by_device`."""
        names = self._workspace.ledger.read("evidence").select("evidence_id", "name")
        return not_counted.by_device(self.superseded(), dict(names.iter_rows()))

    def general_services(self) -> pl.DataFrame:
        """General IT by service and SKU, dearest first; see `not_counted.by_service`."""
        return not_counted.by_service(self.general_it())

    def places_wanted(self) -> pl.DataFrame:
        """Hosts, sites, accounts and workloads of which nobody says where they stand.

        Returns:
            kind (host, site, account or workload), name, rows, first_month, last_month, most rows
            first.
        """
        return (
            self.unplaced()
            .drop_nulls("name")
            .group_by("kind", "name")
            .agg(
                pl.struct("evidence_id", "row_number").n_unique().cast(pl.Int64).alias("rows"),
                first_month=pl.col("month").min(),
                last_month=pl.col("month").max(),
            )
            .sort("rows", "kind", "name", descending=[True, False, False])
        )

    def place(self, name: str, where: str, who: str | None = None) -> None:
        """State where a host, site, account or workload stands, in the policy.

        Args:
            name: its name, or a pattern with * and ?.
            where: a grid zone, country or US ZIP code, or `provider:region`.
            who: who states it.

        Raises:
            PortfolioError: the place is not known.
        """
        known = self._place_of(where.strip())
        places = {**self.policy.boundary.places, name.strip(): known}
        revised = Policy.revise(self._workspace.policy_text(), "boundary", "places", places)
        self._workspace.save_policy(revised, who or local_user())

    def _source_months(self, files: pl.DataFrame) -> pl.DataFrame:
        ledger = self._workspace.ledger
        return source_list.covered(ledger.read("activity"), ledger.read("reported"), files)

    def _place_of(self, where: str) -> str:
        """A place as the policy keeps it: a zone's id, or `provider:region`."""
        library = load()
        regions = {
            f"{provider}:{region}".casefold(): f"{provider}:{region}"
            for provider, region in library.regions.select("provider", "region").iter_rows()
        }
        if where.casefold() in regions:
            return regions[where.casefold()]
        zone = self._shelf().zone(where)
        if zone in set(library.zones["zone"]) | set(self._shelf().own["zone"]):
            return zone
        raise PortfolioError(
            f"Place '{where}' is not known. Use a grid zone such as FR, US-CA or CAMX, or a cloud "
            "region such as aws:eu-west-1; for a zone of your own, import its factor first."
        )
