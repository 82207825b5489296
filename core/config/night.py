"""What a night does: the section ``nightly:``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .section import Count, Days, Money, Section, Unit

__all__ = ["NightlyConfig", "RetrainConfig"]

_OCTAL = {0o600: "0600", 0o640: "0640"}


class RetrainConfig(Section):
    """When models are old. Without `allowed`, `nightly` only says that training is due."""

    allowed: bool = False
    """Whether `nightly` trains when it is due, after the night's results are there."""

    older_than_days: Days | None = None
    """Training is due when a champion was registered longer ago; null: age does not matter."""

    on_alarm: bool = False
    """Training is due when the night is alarmed by what it watches."""


class NightlyConfig(Section):
    """What `servicelift nightly` writes, how far it looks back, and what it keeps."""

    out: str = Field("night", min_length=1)
    """Folder of the history: one partition a day, `as_of=2024-06-01`, and `latest`."""

    look_back: Annotated[int, Field(ge=0, le=3_660), Unit("days")] = 0
    """Days before the night whose partitions are scored again if rows came late or were changed."""

    keep: Days | None = None
    """Days of partitions that are kept, counted from the latest; null: all."""

    budget: Money | None = None
    """Money for the night's target list; null: no list is made."""

    capacity: Annotated[Count, Unit("customers")] | None = None
    """Most customers on the list; null: no limit beside those of `incremental`."""

    files: Literal["0600", "0640"] = "0640"
    """Who reads the files: their owner alone, or the owner's group too."""

    retrain: RetrainConfig = RetrainConfig()

    @field_validator("files", mode="before")
    @classmethod
    def _as_octal(cls, value: Any) -> Any:
        """YAML reads 0640 without quotes as the number 416."""
        return _OCTAL.get(value, value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _keeps_what_it_looks_back_at(self) -> NightlyConfig:
        if self.keep is not None and self.keep <= self.look_back:
            raise ValueError(
                f"keep: expected more days than look_back ({self.look_back}), got {self.keep}; keep more, or look back"
                " less"
            )
        return self
