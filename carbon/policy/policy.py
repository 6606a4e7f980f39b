"""All sections in one frozen object <-> `policy.toml`."""

import difflib
import hashlib
import json
import tomllib
from typing import Any

import tomlkit
from pydantic import ValidationError

from carbon.policy.boundary import Boundary
from carbon.policy.confidence import Plausibility, Readiness, Uncertainty
from carbon.policy.cooling import Cooling
from carbon.policy.emissions import Embodied, Factors
from carbon.policy.energy import Energy, Inference, Overlap, Support
from carbon.policy.reading import Billing, Telemetry
from carbon.policy.seasons import Seasonal
from carbon.policy.section import Section


class Policy(Section):
    """Every methodological choice of a footprint."""

    boundary: Boundary = Boundary()
    energy: Energy = Energy()
    telemetry: Telemetry = Telemetry()
    billing: Billing = Billing()
    support: Support = Support()
    inference: Inference = Inference()
    overlap: Overlap = Overlap()
    factors: Factors = Factors()
    embodied: Embodied = Embodied()
    uncertainty: Uncertainty = Uncertainty()
    readiness: Readiness = Readiness()
    plausibility: Plausibility = Plausibility()
    seasonal: Seasonal = Seasonal()
    cooling: Cooling = Cooling()

    @property
    def hash(self) -> str:
        """sha256 of the canonical JSON of every choice."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_toml(self) -> str:
        """The policy as `policy.toml`; `from_toml` of it gives an equal policy."""
        return tomlkit.dumps(self.model_dump(mode="json"))

    @classmethod
    def from_toml(cls, text: str) -> "Policy":
        """Read `policy.toml`; what it does not name keeps its default.

        Raises:
            PolicyError: naming the entry and what it may be.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"policy.toml is not valid TOML: {error}") from error
        except ValidationError as error:
            wrong = "; ".join(_in_words(entry) for entry in error.errors())
            raise PolicyError(f"policy.toml: {wrong}") from error

    @classmethod
    def revise(cls, text: str, part: str, name: str, value: Any) -> str:
        """The text of `policy.toml` with one choice set; comments and the rest stay as they are.

        Raises:
            PolicyError: the choice does not exist, or may not have that value.
        """
        document = tomlkit.parse(text)
        document.setdefault(part, tomlkit.table())[name] = value
        revised = tomlkit.dumps(document)
        cls.from_toml(revised)
        return revised

    def choices(self) -> list[dict[str, Any]]:
        """Every choice as (part, name, value, default, why), in the order of the document."""
        rows = []
        for part_name in type(self).model_fields:
            part = getattr(self, part_name)
            for name, field in type(part).model_fields.items():
                rows.append(
                    {
                        "part": part_name,
                        "name": name,
                        "value": getattr(part, name),
                        "default": field.get_default(call_default_factory=True),
                        "why": field.description or "",
                    }
                )
        return rows


def _in_words(error: Any) -> str:
    """One wrong entry of a policy: where it stands, what is wrong, and what may be meant."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "tuple_type":
        return f"{where} is a list: write [{json.dumps(error['input'], default=str)}]"
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg']}"
    *parts, name = error["loc"]
    if len(parts) > 1:
        return f"{where}: there is no such entry; leave it out"
    fields = Policy.model_fields
    if parts:
        fields = type(getattr(Policy(), str(parts[0]))).model_fields
    near = difflib.get_close_matches(str(name), list(fields), n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}"
    return f"{where}: there is no such choice; {hint}"


class PolicyError(ValueError):
    """`policy.toml` cannot be read; the message names the entry and the remedy."""
