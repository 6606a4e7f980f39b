"""What the What-if screen is set to, as a scenario in the shape of its file.

Two things make it up. Sliders hold one move and the changes that go for every workload; what they
cannot hold (more moves, hardware, purchases, limits, prices, and figures between their steps) is
kept beside them, as the file says it.
"""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any, Final

import streamlit as st

from pages.ui.view import View

Document = dict[str, Any]
"""A scenario in the shape of its file."""

WHAT: Final = "what"
SHARE: Final = "share"
FROM: Final = "leaving"
TO: Final = "target"
"""Of the widgets of the move; they stand in the address too."""

TARGET_PUE: Final = "whatif_target_pue"
PUE: Final = "whatif_pue"
SHIFT: Final = "whatif_shift"

PERCENTS: Final = {
    "energy_per_unit": "whatif_energy_per_unit",
    "growth": "whatif_growth",
    "utilisation": "whatif_utilisation",
}
"""Change of a scenario -> the slider that holds it, in per cent more or less than today."""

PUES: Final = (None, *(round(1 + step / 20, 2) for step in range(21)))
"""Steps of a PUE's slider; None leaves it."""

ENDS: Final = {"energy_per_unit": (-80, 50), "growth": (-50, 200), "utilisation": (-50, 100)}
"""Least and most of a change [%]."""

ALL: Final = "*"
ANYWHERE: Final = "anywhere"
STAYS: Final = "stays"
FULL: Final = 100

KINDS: Final = {"workload": "Workload", "model": "Model", "business_unit": "Business unit"}
"""What a move may name its load by, besides all of it."""

_REST: Final = "whatif_rest"
_NEXT: Final = "whatif_next"
_AIM: Final = "whatif_aim"
_NEUTRAL: Final[Mapping[str, Any]] = {
    WHAT: ALL,
    FROM: ANYWHERE,
    TO: STAYS,
    SHARE: FULL,
    TARGET_PUE: None,
    PUE: None,
    SHIFT: 0,
    **dict.fromkeys(PERCENTS.values(), 0),
}


def rest() -> Document:
    """What no slider holds; change it in place."""
    kept: Document = st.session_state.setdefault(_REST, {})
    return kept


def move() -> Document | None:
    """The move that the sliders hold; None where nothing goes anywhere."""
    target, share = _held(TO), _held(SHARE)
    if target == STAYS or not share:
        return None
    pue = _held(TARGET_PUE)
    return {
        **load_of(_held(WHAT)),
        "share": share / FULL,
        **leaving(_held(FROM)),
        **going(target),
        **({} if pue is None else {"pue": pue}),
    }


def scenario(view: View) -> Document:
    """All that the screen is set to, for the months and boundary that the bar shows."""
    kept = deepcopy(rest())
    live = move()
    moves = [*kept.pop("moves", []), *([live] if live else [])]
    changes = {**kept.pop("changes", {}), **_changes()}
    return {
        "name": kept.pop("name", None) or "Scenario",
        "from": view.first_month,
        "to": view.last_month,
        "scope": view.scope,
        **({"moves": moves} if moves else {}),
        **({"changes": changes} if changes else {}),
        **kept,
    }


def take(document: Mapping[str, Any], loads: Collection[str]) -> None:
    """Set the screen to a scenario, before its widgets are drawn.

    Args:
        document: in the shape of its file.
        loads: whose load the box offers.
    """
    kept = deepcopy(dict(document))
    for key in ("from", "to", "scope"):
        kept.pop(key, None)
    st.session_state.update(_NEUTRAL)
    changes = kept.get("changes", {})
    for change, (key, step) in _steps(changes).items():
        st.session_state[key] = step
        del changes[change]
    if not changes:
        kept.pop("changes", None)
    moves = kept.get("moves", [])
    if moves and (held_move := _held_as(moves[-1], loads)):
        st.session_state.update(held_move)
        moves.pop()
    if not moves:
        kept.pop("moves", None)
    st.session_state[_REST] = kept


def aim(place: str) -> None:
    """Have the sliders' move go to a place, when the screen is drawn next."""
    st.session_state[_AIM] = place


def open_next(document: Mapping[str, Any]) -> None:
    """Have the screen set to a scenario when it is drawn next."""
    st.session_state[_NEXT] = dict(document)


def bring(loads: Collection[str]) -> None:
    """Before the widgets are drawn: take what was opened, and drop a load that is not there.

    Args:
        loads: whose load may be moved.
    """
    if _NEXT in st.session_state:
        take(st.session_state.pop(_NEXT), loads)
    if _AIM in st.session_state:
        st.session_state[TO] = st.session_state.pop(_AIM)
    _only(WHAT, loads)


def offered(targets: Collection[str]) -> None:
    """Drop a target that is not there.

    Args:
        targets: where load may go.
    """
    _only(TO, targets)


def _only(key: str, there: Collection[str]) -> None:
    if st.session_state.get(key, _NEUTRAL[key]) not in there:
        st.session_state.pop(key, None)


def keep_move() -> None:
    """Put the sliders' move among those that are kept, so that another can be made."""
    live = move()
    if live:
        rest().setdefault("moves", []).append(live)
        st.session_state.update({TO: STAYS, SHARE: FULL, TARGET_PUE: None})


def reset() -> None:
    """Nothing moves and nothing changes; limits, prices and the name stay."""
    st.session_state.update(_NEUTRAL)
    kept = rest()
    for part in ("moves", "changes"):
        kept.pop(part, None)


def drop(part: str, index: int) -> None:
    """Take one entry out of a list that is kept: `moves`, `hardware` or `procurement`."""
    holder = rest() if part == "moves" else rest().get("changes", {})
    del holder[part][index]
    if not holder[part]:
        del holder[part]


def add(part: str, entry: Document) -> None:
    """Put an entry into a list of changes that is kept: `hardware` or `procurement`."""
    rest().setdefault("changes", {}).setdefault(part, []).append(entry)


def put(part: str, found: Any) -> None:
    """Set a part that is kept, as `constraints` or `prices`; nothing takes it out."""
    if found:
        rest()[part] = found
    else:
        rest().pop(part, None)


def names(named: Any) -> list[str]:
    """One name or several, as a file says them."""
    return [named] if isinstance(named, str) else list(named or ())


def of_all(change: Any) -> float | None:
    """The figure of a change that goes for all workloads alike; None where it does not."""
    if isinstance(change, Mapping) and list(change) == [ALL]:
        change = change[ALL]
    return float(change) if isinstance(change, int | float) else None


def load_of(what: str) -> Document:
    """Whose load a move takes: `*`, or `model:Helix` and the like."""
    kind, _, name = what.partition(":")
    return {kind: name} if name else {"workload": ALL}


def leaving(place: str) -> Document:
    """Where a move takes it from: `aws:eu-west-1`, `zone:FR`, `site:Lyon`, or anywhere."""
    return {} if place == ANYWHERE else _place("from", place)


def going(place: str) -> Document:
    """Where a move takes it to."""
    return _place("to", place)


def place_of(entry: Mapping[str, Any], side: str) -> str | None:
    """The place that a move names, on its side `from` or `to`."""
    if entry.get(f"{side}_region"):
        return f"{entry[f'{side}_provider']}:{entry[f'{side}_region']}"
    if entry.get(f"{side}_place"):
        return str(entry[f"{side}_place"])
    for kind in ("zone", "site"):
        if entry.get(f"{side}_{kind}"):
            return f"{kind}:{entry[f'{side}_{kind}']}"
    return None


def _place(side: str, place: str) -> Document:
    kind, _, name = place.partition(":")
    if kind in ("zone", "site"):
        return {f"{side}_{kind}": name}
    return {f"{side}_provider": kind, f"{side}_region": name}


def _held(key: str) -> Any:
    return st.session_state.get(key, _NEUTRAL[key])


def _changes() -> Document:
    """The changes that sliders hold."""
    found: Document = {
        change: 1 + _held(key) / FULL for change, key in PERCENTS.items() if _held(key)
    }
    if _held(PUE) is not None:
        found["pue"] = _held(PUE)
    if _held(SHIFT):
        found["time_shift"] = [{"share": _held(SHIFT) / FULL}]
    return found


def _steps(changes: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """The changes that sliders can hold -> the slider's key and its step."""
    found: dict[str, tuple[str, Any]] = {}
    for change, key in PERCENTS.items():
        step = _percent(change, of_all(changes.get(change)))
        if step is not None:
            found[change] = key, step
    pue = of_all(changes.get("pue"))
    if pue is not None and pue in PUES:
        found["pue"] = PUE, pue
    waits = changes.get("time_shift") or []
    if len(waits) == 1 and set(waits[0]) == {"share"}:
        step = _whole(waits[0]["share"])
        if step is not None:
            found["time_shift"] = SHIFT, step
    return found


def _percent(change: str, ratio: float | None) -> int | None:
    """The slider's step for a change; None where no step is that figure."""
    if ratio is None:
        return None
    step = round((ratio - 1) * FULL)
    low, high = ENDS[change]
    return step if 1 + step / FULL == ratio and low <= step <= high else None


def _whole(share: float) -> int | None:
    """A share in whole per cent; None where it is none."""
    step = round(share * FULL)
    return step if step / FULL == share else None


def _held_as(entry: Mapping[str, Any], loads: Collection[str]) -> Document | None:
    """The widgets' values for a move; None where they cannot hold it."""
    named = {kind: names(entry[kind]) for kind in KINDS if entry.get(kind)}
    kind, whose = next(iter(named.items()), ("workload", [ALL]))
    what = ALL if whose == [ALL] else f"{kind}:{whose[0]}"
    target, share, pue = place_of(entry, "to"), _whole(entry.get("share", 1.0)), entry.get("pue")
    known = {*KINDS, "share", "pue", "to_zone", "to_site", "to_provider", "to_region"}
    one = len(named) <= 1 and len(whose) == 1
    if not (one and what in loads and target and share and pue in PUES and set(entry) <= known):
        return None
    return {WHAT: what, TO: target, SHARE: share, TARGET_PUE: pue}
