"""The names under which the energy of two sources may turn out to be one machine's."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from carbon.accounting.meters import NODE_RANK, RACK
from carbon.policy import Policy
from carbon.schema import UNASSIGNED

FED: Final = ("hosts", "host", "nodes", "node")
"""Tags of a rack's or a hall's meter that name the nodes it feeds, commas between them."""

FED_BY: Final = ("rack", "pdu")
"""Tags of a node's or a chip's meter that name the rack or PDU it hangs on."""

_PATH: Final = r"^(?:/|arn:).*[/:]([^/:]+)/*$"
"""The last name of a cloud's resource path, which is the name of the machine."""

_INDEX: Final = r"^(?:gpu|cpu)?[ _:-]?\d{1,3}$"
"""A bare index, which names a device of some host and none by itself."""

_PORT: Final = r":\d{1,5}$"
_ADDRESS: Final = re.compile(r"^[\d.]+$|:")
_SEVERAL: Final = r"[\[,]"
_ITEM: Final = re.compile(r"(?:\[[^\]]*\]|[^,\[])+")
_RANGES: Final = re.compile(r"\[([\d,\s-]+)\]")
_MOST_NODES: Final = 100_000
"""A list that names more nodes than this is none."""


def names(parts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The names under which two parts may turn out to be one.

    A part *is* its resource, and from the node upwards its host; a chip or board is *within* its
    host. A job of a batch system is all the nodes of its list (`dgx[07-08]`), each for its portion.
    Meters of racks and halls are also the nodes that their tags say they feed, and what hangs on a
    rack is within it. Where the policy resolves by workload, a part is its workload in its grid
    zone, too. `dgx-07` and `dgx-07.example.org` are one host, as long as no other domain has a
    `dgx-07`.

    Args:
        parts: as `carbon.accounting.meters.parts` gives them.
        policy: `overlap.same_workload`.

    Returns:
        part, name, within, by_workload, portion [1] (of the part, that stands under this name);
        distinct.
    """
    upwards = pl.col("rank") >= NODE_RANK
    hosts = _hosts(parts)
    found = [
        _named(parts, _plain("resource").str.replace(_PATH, "$1")),
        _named(hosts.filter(upwards)),
        _named(hosts.filter(~upwards), within=True),
        *_tagged(parts.filter(pl.col("rank") >= RACK), FED),
        *_tagged(parts.filter(pl.col("rank") < RACK), FED_BY, within=True),
    ]
    if policy.overlap.same_workload == "resolve":
        claimed = parts.filter(pl.col("workload") != UNASSIGNED, pl.col("zone").is_not_null())
        place = pl.concat_str("workload", "zone", separator="\x1f")
        found.append(_named(claimed, place, by_workload=True))
    key = ["part", "name", "within", "by_workload"]
    every = pl.concat(found)
    if short := _short_names(hosts["name"].unique()):
        every = every.with_columns(pl.col("name").replace(short))
    # A node that stands alone under a name is so wholly.
    return every.sort(*key, -pl.col("portion")).unique(key, keep="first", maintain_order=True)


def _hosts(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts that name a host, once for each node of a list: name, portion."""
    named = parts.filter(pl.col("host").is_not_null()).with_columns(
        name=_plain("host").str.replace(_PORT, "")
    )
    whole = named.with_columns(portion=pl.lit(1.0))
    lists = [host for host in named["name"].unique().sort() if re.search(_SEVERAL, host)]
    if not lists:
        return whole
    nodes = [(host, node) for host in lists for node in dict.fromkeys(nodes_of(host))]
    known = pl.DataFrame(nodes, schema={"name": pl.String, "_node": pl.String}, orient="row")
    known = known.with_columns(_portion=1.0 / pl.len().over("name"))
    return (
        whole.join(known, on="name", how="left", maintain_order="left")
        .with_columns(name=pl.coalesce("_node", "name"), portion=pl.coalesce("_portion", "portion"))
        .drop("_node", "_portion")
    )


def nodes_of(text: str) -> list[str]:
    """The nodes of a list as Slurm writes it: `dgx[07-08,10],login1`; leading zeros stay.

    A text that is no such list is itself.
    """
    if text.count("[") != text.count("]"):
        return [text]
    try:
        found = [node for item in _ITEM.findall(text) for node in _expanded(item.strip())]
    except ValueError:
        return [text]
    return [node for node in found if node] or [text]


def _expanded(item: str) -> list[str]:
    """The names of one item, which may hold several ranges: `r[1-2]n[01-16]`.

    Raises:
        ValueError: it is no list of nodes.
    """
    names = [""]
    at = 0
    for ranges in _RANGES.finditer(item):
        numbers = list(_numbers(ranges[1]))
        if len(names) * len(numbers) > _MOST_NODES:
            raise ValueError(item)
        plain = item[at : ranges.start()]
        names = [f"{name}{plain}{number}" for name in names for number in numbers]
        at = ranges.end()
    if "[" in item[at:]:
        raise ValueError(item)
    return [f"{name}{item[at:]}" for name in names]


def _numbers(ranges: str) -> Iterator[str]:
    """`07-09,12` -> 07, 08, 09, 12."""
    for part in ranges.split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        low, high = int(first), int(last or first)
        if not 0 <= high - low < _MOST_NODES:
            raise ValueError(ranges)
        yield from (f"{number:0{len(first)}d}" for number in range(low, high + 1))


def _short_names(hosts: Iterable[str]) -> dict[str, str]:
    """Host with its domain -> host without; only where no two domains have a host of that name."""
    domains: dict[str, set[str]] = defaultdict(set)
    for host in hosts:
        short, dot, _ = host.partition(".")
        if dot and short and not _ADDRESS.search(host):
            domains[short].add(host)
    return {longs.pop(): short for short, longs in domains.items() if len(longs) == 1}


def _plain(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase()


def _named(
    parts: pl.DataFrame,
    name: pl.Expr | None = None,
    *,
    within: bool = False,
    by_workload: bool = False,
) -> pl.DataFrame:
    """Parts under a name; of those that are given as they are, the columns name and portion."""
    given = parts if name is None else parts.with_columns(name=name, portion=pl.lit(1.0))
    return given.select(
        "part", "name", "portion", within=pl.lit(within), by_workload=pl.lit(by_workload)
    ).filter(pl.col("name") != "", ~pl.col("name").str.contains(_INDEX))


def _tagged(
    parts: pl.DataFrame, tags: tuple[str, ...], *, within: bool = False
) -> list[pl.DataFrame]:
    """Names that stand in tags, several with commas, semicolons or blanks between them."""
    some = parts.filter(pl.col("tags").str.contains_any([f'"{tag}"' for tag in tags]))
    listed = [
        some.select(
            "part",
            name=pl.col("tags").str.json_path_match(f"$.{tag}").str.extract_all(r"[^\s,;]+"),
        ).explode("name")
        for tag in tags
    ]
    return [_named(found, _plain("name"), within=within) for found in listed]
