"""What a scenario moves and changes, in sentences that a report prints."""

from collections.abc import Mapping, Sequence
from typing import Final

from carbon.analysis.whatif.scenario import EVERY, GROUPS, Changes, Hardware, Move, Scenario
from carbon.analysis.whatif.shares import target_name

FACTORS: Final = {
    "growth": "Activity",
    "energy_per_unit": "Energy per unit of activity",
    "utilisation": "Utilisation of hardware",
}
"""Changes that are a factor on today's figure."""

LEVELS: Final = {"idle_share": "Share of energy drawn whether used or not", "pue": "PUE"}
"""Changes that state the figure itself."""


def in_words(scenario: Scenario) -> list[str]:
    """A sentence for each move and change, in the order of the file."""
    return [*(_move(move) for move in scenario.moves), *_changes(scenario.changes)]


def _move(move: Move) -> str:
    origin = [
        value
        for value in (
            move.from_zone,
            move.from_region and f"{move.from_provider or ''}:{move.from_region}".strip(":"),
            None if move.from_region else move.from_provider,
            move.from_site,
            move.from_place,
        )
        if value
    ]
    whose = _names(move.workload)
    groups = [f"{group.replace('_', ' ')} {_names(getattr(move, group))}" for group in GROUPS]
    narrowed = [words for group, words in zip(GROUPS, groups, strict=True) if getattr(move, group)]
    said = f"{_percent(move.share)} of {whose}"
    said += f" ({', '.join(narrowed)})" if narrowed else ""
    said += f" from {', '.join(origin)}" if origin else ""
    said += f" to {target_name(move)}"
    return said + (f", PUE {move.pue:.4g}." if move.pue is not None else ".")


def _changes(changes: Changes) -> list[str]:
    said = [
        f"{title}: {_by_workload(getattr(changes, name), '× ')}."
        for name, title in FACTORS.items()
        if getattr(changes, name)
    ]
    said += [
        f"{title}: {_by_workload(getattr(changes, name), '')}."
        for name, title in LEVELS.items()
        if getattr(changes, name)
    ]
    said += [_hardware(replaced) for replaced in changes.hardware]
    said += [
        f"{_percent(waits.share)} of the load of {_names(waits.workload)} waits for the "
        f"{waits.hours} cleanest hours of each day."
        for waits in changes.time_shift
    ]
    said += [
        f"{bought.kwh:,.0f} kWh at {bought.kg_co2e_per_kwh:.4g} kg/kWh are bought for "
        f"{bought.market}."
        for bought in changes.procurement
    ]
    return said


def _hardware(replaced: Hardware) -> str:
    ratios = {
        "energy per unit of work": replaced.energy_ratio,
        "work per hour": replaced.throughput_ratio,
    }
    stated = [f"{name} × {ratio:.4g}" for name, ratio in ratios.items() if ratio is not None]
    return (
        f"{replaced.from_accelerator} of {_names(replaced.workload)} is replaced by "
        f"{replaced.to_accelerator} ({', '.join(stated)})."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _names(names: Sequence[str]) -> str:
    return "all workloads" if EVERY in names else ", ".join(names)


def _by_workload(values: Mapping[str, float], sign: str) -> str:
    return ", ".join(
        f"{'all workloads' if name == EVERY else name} {sign}{value:.4g}"
        for name, value in values.items()
    )
