"""The configuration of an experiment on one flat table: YAML in, a checked model out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ..errors import ConfigError, did_you_mean
from ..locale import Language, Locale
from .document import Document, read_document
from .faults import fault
from .section import Money, Section, Words, known_timezone, repeated

__all__ = ["ExperimentConfig", "OutcomeConfig", "RuleConfig", "load_experiment"]


class OutcomeConfig(Section):
    """One outcome: a column of the table, known after the assignment."""

    kind: Literal["money", "number", "yes_no"]
    """Money, another number, or yes and no."""

    yes_is: str | None = None
    """Word of the column that means yes; by default told by its words (1, yes, true, oui)."""

    @model_validator(mode="after")
    def _only_words_have_a_yes(self) -> OutcomeConfig:
        if self.yes_is is not None and self.kind != "yes_no":
            raise ValueError(f"yes_is: an outcome of kind {self.kind} has none; leave it out")
        return self


class RuleConfig(Section):
    """The targeting rule: which outcome it is for, and what one unit of it is worth."""

    outcome: str
    """One of the outcomes."""

    worth: Annotated[float, Field(gt=0, le=1e9)] = 1.0
    """Money that one unit of the outcome is worth: a margin for spend, the worth of a yes."""


class ExperimentConfig(Section):
    """An experiment on one table, one row a customer. Relative paths start at the YAML's folder."""

    table: str | None = None
    """The table: a CSV, Parquet or Excel file."""

    experiment: str = Field("experiment", min_length=1)
    """Name of the experiment."""

    arm: str
    """Column that says in which arm a customer was."""

    control: str
    """Word of that column for the control arm."""

    assignment: Literal["random"] | None = None
    """`random`: chance alone decided the arm, with the shares below. Needed, or `propensity`."""

    shares: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Planned share of each arm, the control among them; numbers such as 90 and 10 are shares of their sum. By default
    equal."""

    propensity: str | dict[str, str] | None = None
    """Column of the chance of an arm where chances differ between customers, by arm; one column where there are two."""

    outcomes: dict[str, OutcomeConfig] = Field(min_length=1)
    """Outcomes by their column: `money`, `number`, `yes_no`, or keys."""

    covariates: Words | None = None
    """Columns known before the assignment; by default every other column that can be learnt from."""

    drop: Words = ()
    """Columns that are no covariates: all that was written after the assignment."""

    id: str | None = None
    """Column that names the customer; by default one of such a name, else the row's number."""

    date: str | None = None
    """Column of the day of the assignment: the shares are then checked over time, and time is a covariate."""

    costs: dict[str, Money] = Field(default_factory=dict)
    """Cost of an arm a customer; 0 where none is given."""

    rule: RuleConfig | None = None
    """The targeting rule; by default for the first outcome of money, each unit worth one. Without any: no rule."""

    decimal: Literal[".", ","] = "."
    """Decimal mark of texts."""

    currency: str = Field("EUR", min_length=1, max_length=12)
    """Currency of money."""

    language: Language = "en"
    """Language of lines and page."""

    names: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Words in which page and lines speak of arms, outcomes and covariates."""

    timezone: str = "UTC"
    """Time zone in which days begin."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    """Seed of everything that is drawn."""

    folder: Path = Field(default_factory=Path.cwd, exclude=True)

    @field_validator("outcomes", mode="before")
    @classmethod
    def _plain_kind(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: {"kind": kind} if isinstance(kind, str) else kind for name, kind in value.items()}

    @field_validator("assignment", mode="before")
    @classmethod
    def _random_or_nothing(cls, value: Any) -> Any:
        if value is not None and value != "random":
            raise ValueError(
                f"expected random, got '{value}'; without chance a difference of arms is no effect: bring the chance of"
                " each customer as propensity, or the tables with their dates to `servicelift roi`"
            )
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        return known_timezone(value)

    @model_validator(mode="after")
    def _chance_is_stated(self) -> ExperimentConfig:
        if self.assignment is None and self.propensity is None:
            raise ValueError(
                "assignment: expected random, or a propensity column, got neither; nobody can tell from the table"
                " whether chance decided the arms, and without it a difference of arms is no effect"
            )
        if self.propensity is not None and self.shares:
            raise ValueError("shares: the propensity says them for each customer; keep one of the two")
        return self

    @model_validator(mode="after")
    def _columns_have_one_role(self) -> ExperimentConfig:
        chances = self.propensity.values() if isinstance(self.propensity, dict) else [self.propensity]
        roles = [self.arm, *self.outcomes, *(c for c in (self.id, self.date, *set(chances)) if c is not None)]
        twice = repeated(roles)
        if twice is not None:
            raise ValueError(f"column '{twice}': expected one role, got two; an outcome is no arm, no id and no date")
        both = [name for name in self.covariates or () if name in (*roles, *self.drop)]
        if both:
            raise ValueError(
                f"covariates: '{both[0]}' is dropped or has another role; a covariate was known before the assignment"
            )
        if self.rule is not None and self.rule.outcome not in self.outcomes:
            near = did_you_mean(self.rule.outcome, self.outcomes)
            raise ValueError(f"rule.outcome: expected one of {', '.join(self.outcomes)}, got another{near}")
        return self

    @property
    def locale(self) -> Locale:
        """How readers see figures and names."""
        return Locale(self.language, self.currency, self.timezone, self.names)

    @property
    def ruled(self) -> RuleConfig | None:
        """The targeting rule that is asked for: the config's, else for the first outcome of money, else none."""
        money = [name for name, outcome in self.outcomes.items() if outcome.kind == "money"]
        if self.rule is not None or not money:
            return self.rule
        return RuleConfig(outcome=money[0])


def load_experiment(source: str | Path | Mapping[str, Any]) -> ExperimentConfig:
    """Return the configuration in a YAML file, or of keys that are at hand.

    Raises
    ------
    ConfigError
        The file is missing, no YAML, or breaks a rule; the message names the key and suggests the nearest.
    """
    keys = isinstance(source, Mapping)
    raw = dict(source) if isinstance(source, Mapping) else read_document(source)
    where = "" if keys else f"'{source}': "
    if "folder" in raw:
        raise ConfigError(f"{where}unknown key 'folder'; relative paths start at the file's own folder")
    if "tables" in raw and "table" not in raw:
        raise ConfigError(f"{where}expected an experiment with `table:`, got a business with `tables:`; see"
                          " docs/experiment.md")  # fmt: skip
    folder = Path.cwd() if isinstance(source, Mapping) else Path(source).resolve().parent
    try:
        return ExperimentConfig.model_validate({**raw, "folder": folder})
    except ValidationError as error:
        reason = fault(error, raw, ExperimentConfig, {"outcomes": OutcomeConfig})
    if isinstance(raw, Document):
        reason = raw.hidden(reason)
    raise ConfigError(f"{where}{reason}")
