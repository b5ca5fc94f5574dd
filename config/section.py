"""What all sections of the options have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section: frozen, and with no option that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")
