"""The configuration of one business: YAML in, checked pydantic models out.

>>> config = load_config("configs/press.yaml")          # doctest: +SKIP
>>> config.value.margin_rate                            # doctest: +SKIP
0.35
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from ..contract import CONTRACT
from ..errors import ConfigError, did_you_mean
from ..locale import Language, Locale
from .contrasts import ContrastConfig
from .document import read_document
from .entries import check_entry
from .faults import fault
from .incremental import ActionConfig, CapacitiesConfig, HoldoutConfig, IncrementalConfig
from .presets import with_presets
from .sources import CsvSource, DatabaseSource, DuckdbSource, FileSource, Money, Section, Share, Source, SqlSource

__all__ = [
    "ActionConfig",
    "CapacitiesConfig",
    "CheckConfig",
    "ChurnConfig",
    "Config",
    "CsvSource",
    "DatabaseSource",
    "DuckdbSource",
    "EngineConfig",
    "FeaturesConfig",
    "FileSource",
    "HoldoutConfig",
    "IncrementalConfig",
    "LeakageConfig",
    "LineConfig",
    "ModelKind",
    "ModelsConfig",
    "Scales",
    "SnapshotsConfig",
    "Source",
    "SqlSource",
    "TolerateConfig",
    "TrackingConfig",
    "ValueConfig",
    "load_config",
]

ModelKind = Literal["churn", "clv", "incremental"]
"""The three models of a business."""


class EngineConfig(Section):
    """Where tables are processed: ``memory`` and ``threads`` bound the engine."""

    name: Literal["duckdb", "spark"] = "duckdb"
    memory: str = "4GB"
    threads: int = Field(2, ge=1)
    master: str | None = None
    remote: str | None = None


class TolerateConfig(Section):
    """Shares of broken rows that stop nothing: such rows are left out and counted."""

    unknown_customers: Share = 0.0


class CheckConfig(Section):
    """A check of a business's own, such as a flag that must agree with events.

    ``column`` is the table and column it speaks of, ``rule`` what a broken row is; ``sql`` returns a key first,
    and a boolean column ``broken``. It finds warnings, counted among all rows it returns.
    """

    column: str
    rule: str
    sql: str


class LineConfig(Section):
    """A line of business; ``payments_kind`` picks its payments (all, if empty).

    ``purchase_model`` says how often its customers buy where they have no contract.
    """

    kind: Literal["auto", "contractual", "noncontractual"] = "auto"
    payments_kind: str | None = Field(None, alias="payments.kind")
    purchase_model: Literal["bgnbd", "mbgnbd", "paretonbd"] = "bgnbd"

    @model_validator(mode="after")
    def _contracts_need_no_purchase_model(self) -> LineConfig:
        if self.kind == "contractual" and "purchase_model" in self.model_fields_set:
            raise ValueError("purchase_model: a line with contracts has none; leave it out or set kind: noncontractual")
        return self


class SnapshotsConfig(Section):
    """Instants at which training looks at the customers; default: every month the data allow."""

    first: dt.date | None = None
    last: dt.date | None = None
    every_months: int = Field(1, ge=1)


class FeaturesConfig(Section):
    """Look-back windows of the features, in days; channels and reasons whose contacts are counted apart."""

    windows_days: tuple[Annotated[int, Field(gt=0)], ...] = (30, 90, 365)
    channels: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class TuningConfig(Section):
    """Search for the trees' settings: at most ``trials`` fits (0: none), none begun after ``seconds``.

    ``file`` keeps the trials, so that a search that was ended goes on; null keeps them in memory.
    """

    trials: int = Field(0, ge=0)
    seconds: float | None = Field(None, gt=0)
    file: str | None = Field("tuning.db", min_length=1)

    @field_validator("file")
    @classmethod
    def _no_address(cls, value: str | None) -> str | None:
        if value is not None and "://" in value:
            raise ValueError("expected a path to a file, such as tuning.db, or null; an address is not taken")
        return value


class CampaignConfig(Section):
    """The retention campaign that the profit measures assume: money a customer, and the mean share that accepts."""

    clv: float = Field(200.0, gt=0)
    incentive_cost: Money = 10.0
    contact_cost: Money = 1.0
    accept_rate: float = Field(0.3, gt=0, lt=1)


class ChurnConfig(Section):
    """Churn label: lost within ``horizon_days``, not back within ``grace_days``; how the model learns and is judged.

    ``monotone`` names features that may only raise (1) or lower (-1) the risk, ``segments`` those by whose values
    the model is judged apart.
    """

    horizon_days: int = Field(90, gt=0)
    grace_days: int = Field(30, ge=0)
    monotone: dict[str, Literal[1, -1]] = Field(default_factory=dict)
    segments: tuple[str, ...] = ("method", "term_months")
    campaign: CampaignConfig = CampaignConfig()
    tuning: TuningConfig = TuningConfig()


class ValueConfig(Section):
    """What a payment is worth, and over which horizon."""

    margin_rate: float = Field(1.0, gt=0, le=1)
    annual_discount_rate: float = Field(0.10, ge=0)
    horizon_months: int = Field(36, gt=0)
    cost_per_contact: Money = 0.0


class Scales(Section):
    """Lowest and highest answer of each survey metric."""

    csat: tuple[float, float] = (1, 5)
    nps: tuple[float, float] = (0, 10)
    ces: tuple[float, float] = (1, 7)


class ModelsConfig(Section):
    """Sizes of the fits: most rows a model learns from, and the share of scored customers explained."""

    max_rows: int = Field(400_000, ge=1_000)
    explain_share: Share = 0.1


class LeakageConfig(Section):
    """When a feature knows too much for training to go on, and which features may all the same.

    ``max_auc`` bounds how well one feature alone may tell the customers who leave from the others (held-out
    AUC, whichever its direction); it is judged where at least ``min_churners`` rows or customers left.
    ``max_share`` bounds the share of leavers among the customers with one value of a static column, and
    ``max_late_share`` the share of customers whose static date lies after the first look at them. ``allow``
    lets a feature through, with a reason that is logged.
    """

    max_auc: float = Field(0.95, gt=0.5, le=1)
    min_churners: int = Field(30, ge=10)
    max_share: float = Field(0.95, gt=0, le=1)
    max_late_share: Share = 0.01
    allow: dict[str, Annotated[str, Field(min_length=8)]] = Field(default_factory=dict)


class TrackingConfig(Section):
    """MLflow store and experiment; models are registered as ``<business>-<model>``."""

    uri: str = "sqlite:///mlflow.db"
    experiment: str | None = None


class Config(Section):
    """The whole configuration. ``folder`` is where the YAML lies; relative paths start there.

    ``names`` are the words in which reasons speak of the business's actions, columns, products and codes.
    """

    tables: dict[str, Source]
    business: str = Field("business", pattern=r"^[A-Za-z0-9_-]+$")
    currency: str = "EUR"
    language: Language = "en"
    names: dict[str, str] = Field(default_factory=dict)
    timezone: str = "UTC"
    data_until: dt.date | None = None
    seed: int = 7
    engine: EngineConfig = EngineConfig()
    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    codes: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    static: tuple[str, ...] = ()
    drop: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    tolerate: TolerateConfig = TolerateConfig()
    checks: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")], CheckConfig] = Field(default_factory=dict)
    lines: dict[str, LineConfig] = Field(default_factory=lambda: {"all": LineConfig()})
    snapshots: SnapshotsConfig = SnapshotsConfig()
    features: FeaturesConfig = FeaturesConfig()
    churn: ChurnConfig = ChurnConfig()
    value: ValueConfig = ValueConfig()
    scales: Scales = Scales()
    incremental: IncrementalConfig = IncrementalConfig()
    models: ModelsConfig = ModelsConfig()
    leakage: LeakageConfig = LeakageConfig()
    tracking: TrackingConfig = TrackingConfig()
    folder: Path = Field(default_factory=Path.cwd, exclude=True)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{value}' is no time zone such as Europe/Paris") from error
        return value

    @model_validator(mode="before")
    @classmethod
    def _presets(cls, value: Any) -> Any:
        return with_presets(value) if isinstance(value, dict) else value

    @field_validator("tables", mode="before")
    @classmethod
    def _plain_path(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: {"path": src} if isinstance(src, str) else src for name, src in value.items()}

    @field_validator("codes", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return _codes_as_texts(value)

    @model_validator(mode="after")
    def _names_are_in_the_contract(self) -> Config:
        for section, names in (("tables", self.tables), ("columns", self.columns), ("drop", self.drop)):
            for name in names:
                if name not in CONTRACT:
                    raise ValueError(f"{section}: unknown table '{name}'{did_you_mean(name, CONTRACT)}")
        for table, columns in self.columns.items():
            known = [*CONTRACT[table].column, "recorded_at"]
            for name in columns:
                if name not in known and not (table == "customers" and name in self.static):
                    raise ValueError(f"columns.{table}: the contract has no column '{name}'{did_you_mean(name, known)}")
        for key, mapping in self.codes.items():
            self._check_codes(key, mapping)
        for name, check in self.checks.items():
            table = check.column.partition(".")[0]
            if table not in CONTRACT:
                raise ValueError(f"checks.{name}.column: unknown table '{table}'{did_you_mean(table, CONTRACT)}")
        if "customers" not in self.tables:
            raise ValueError("tables: 'customers' is missing; it is always needed")
        if not {"subscriptions", "payments"} & set(self.tables):
            raise ValueError("tables: one of 'subscriptions' or 'payments' is needed")
        return self

    @model_validator(mode="after")
    def _entries_fit_the_contract(self) -> Config:
        for name, source in self.tables.items():
            check_entry(name, source, self.columns.get(name, {}), self.static)
        return self

    @staticmethod
    def _check_codes(key: str, mapping: dict[str, tuple[str, ...]]) -> None:
        table, _, column = key.partition(".")
        if table not in CONTRACT or column not in CONTRACT[table].column:
            known = [f"{t.name}.{c.name}" for t in CONTRACT.values() for c in t.columns if c.codes]
            raise ValueError(f"codes: unknown column '{key}'{did_you_mean(key, known)}")
        codes = CONTRACT[table].column[column].codes
        for code in mapping:
            if codes and code not in codes:
                raise ValueError(f"codes.{key}: unknown code '{code}'; expected one of {', '.join(codes)}")

    def resolve(self, path: str) -> str:
        """Return ``path`` made absolute from the config's folder; URIs and absolute paths as they are."""
        return path if "://" in path or Path(path).is_absolute() else str(self.folder / path)

    @property
    def locale(self) -> Locale:
        """How the business's people read figures and names."""
        return Locale(self.language, self.currency, self.timezone, self.names)

    @property
    def tracking_uri(self) -> str:
        """The MLflow store with its relative sqlite path resolved from the config's folder."""
        prefix, uri = "sqlite:///", self.tracking.uri
        if uri.startswith(prefix) and not uri.startswith(prefix + "/"):
            return prefix + str((self.folder / uri.removeprefix(prefix)).resolve())
        return uri if "://" in uri else str((self.folder / uri).resolve())

    @property
    def experiment(self) -> str:
        """The MLflow experiment; the business's name unless configured."""
        return self.tracking.experiment or self.business

    def model_name(self, model: ModelKind) -> str:
        """Return the registered name of a model, ``<business>-<model>``."""
        return f"{self.business}-{model}"


def _codes_as_texts(codes: Any) -> Any:
    """Return codes with single values as lists, and numbers and YAML's yes/no as texts."""
    if isinstance(codes, dict):
        return {_as_text(key): _codes_as_texts(value) for key, value in codes.items()}
    if isinstance(codes, list | tuple):
        return [_as_text(value) for value in codes]
    return [_as_text(codes)] if isinstance(codes, str | int | float) else codes


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


_SECTIONS: dict[str, type[BaseModel]] = {"lines": LineConfig, "actions": ActionConfig, "checks": CheckConfig}


def load_config(path: str | Path) -> Config:
    """Read and check a configuration file.

    Raises
    ------
    ConfigError
        The file is missing, no YAML, or breaks a rule; the message names the key and suggests the nearest.
    """
    raw = read_document(path)
    if "folder" in raw:
        raise ConfigError(f"'{path}': unknown key 'folder'; relative paths start at the file's own folder")
    try:
        return Config.model_validate({**raw, "folder": Path(path).resolve().parent})
    except ValidationError as error:
        reason = fault(error, raw, Config, _SECTIONS | {"contrasts": ContrastConfig})
    raise ConfigError(f"'{path}': {reason}")
