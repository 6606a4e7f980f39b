"""What the sections of a policy have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One table of `policy.toml`: it is never changed, and no unknown entry is passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")
