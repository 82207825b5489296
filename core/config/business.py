"""The configuration of one business: YAML in, checked pydantic models out.

>>> config = load_config("configs/press.yaml")          # doctest: +SKIP
>>> config.value.margin_rate                            # doctest: +SKIP
0.35
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from ..contract import CONTRACT
from ..errors import ConfigError, did_you_mean
from ..locale import Language, Locale
from .codes import check_codes, codes_as_texts
from .console import ConsoleConfig
from .contrasts import ContrastConfig
from .document import read_document
from .entries import check_entry
from .faults import fault
from .incremental import ActionConfig, CapacitiesConfig, HoldoutConfig, IncrementalConfig
from .indicators import IndicatorsConfig
from .lines import LineConfig
from .listing import TargetsConfig
from .modelling import (
    CampaignConfig,
    ChurnConfig,
    FeaturesConfig,
    LeakageConfig,
    ModelsConfig,
    Scales,
    SnapshotsConfig,
    TuningConfig,
    ValueConfig,
)
from .monitoring import MonitorConfig
from .night import NightlyConfig, RetrainConfig
from .presets import with_presets
from .publishing import PublishConfig
from .rollouts import RolloutConfig
from .section import Day, Section, Share, Unit, Words, known_timezone
from .sources import CsvSource, DatabaseSource, DuckdbSource, FileSource, Source, SqlSource
from .store import SQLITE, TrackingConfig
from .within import check_within

__all__ = [
    "ActionConfig",
    "CampaignConfig",
    "CapacitiesConfig",
    "CheckConfig",
    "ChurnConfig",
    "Config",
    "ConsoleConfig",
    "CsvSource",
    "DatabaseSource",
    "DuckdbSource",
    "EngineConfig",
    "FeaturesConfig",
    "FileSource",
    "HoldoutConfig",
    "IncrementalConfig",
    "LeakageConfig",
    "ModelKind",
    "ModelsConfig",
    "NightlyConfig",
    "RetrainConfig",
    "Scales",
    "SnapshotsConfig",
    "Source",
    "SqlSource",
    "TargetsConfig",
    "TolerateConfig",
    "TrackingConfig",
    "TuningConfig",
    "ValueConfig",
    "load_config",
]

ModelKind = Literal["churn", "clv", "incremental"]
"""The three models of a business."""

PROTECTED = (
    *("age", "birth_date", "birth_year", "birthdate", "date_of_birth", "disability", "ethnicity", "gender", "health"),
    *("marital_status", "nationality", "religion", "sex", "sexe", "civilite", "annee_naissance", "date_naissance"),
)
"""Columns that are protected unless the configuration names others."""

_SIZE = re.compile(r"\s*0*[1-9]\d{0,5}(\.\d{1,3})?\s*[KMGT](i?B)?\s*", re.IGNORECASE)


class EngineConfig(Section):
    """Where the tables are processed."""

    name: Literal["duckdb", "spark"] = "duckdb"
    """The engine; Spark needs `pip install 'servicelift[spark]'`."""

    memory: Annotated[str, Unit("bytes")] = "4GB"
    """Most memory the engine takes, such as 4GB or 512MB; what does not fit goes to disk."""

    threads: Annotated[int, Field(ge=1, le=1_024), Unit("threads")] = 2
    """Threads of the engine and of churn's trees, and most processes that `train` and `score` work on at once."""

    master: str | None = None
    """Spark: the cluster, such as `spark://host:7077`; by default inside this process."""

    remote: str | None = None
    """Spark Connect: the server, such as `sc://host:15002`."""

    @field_validator("memory")
    @classmethod
    def _a_size(cls, value: str) -> str:
        if not _SIZE.fullmatch(value):
            raise ValueError(f"expected a size such as 4GB or 512MB, got '{value}'")
        return value


class TolerateConfig(Section):
    """Broken rows that stop nothing: they are left out, or count as missing, and are counted."""

    unknown_customers: Share = 0.0
    """Largest share of a table's rows whose customer is not in `customers`."""

    unreadable_numbers: Share = 0.0
    """Largest share of scored customers whose text in a column of numbers counts as missing, with a warning."""


class CheckConfig(Section):
    """A check of the business's own, such as a flag that must agree with events; what it finds are warnings."""

    column: str
    """Table and column it speaks of, `table.column`."""

    rule: str
    """What a broken row is, in words."""

    sql: str
    """A query that returns a key first, and a column `broken` that is true or false."""


class Config(Section):
    """The whole configuration. Relative paths start at the YAML's folder."""

    tables: dict[str, Source]
    """Where each table of the contract lies."""

    business: str = Field("business", pattern=r"^[A-Za-z0-9_-]+$")
    """Name of the business; its models are registered under it."""

    currency: str = Field("EUR", min_length=1, max_length=12)
    """Currency of every amount."""

    language: Language = "en"
    """Language of what people read: reasons, lists, plans, the statement, the lines of `score`, trials and effects.
    Errors, progress and what data scientists read (validate, features, train, models, churn, init, plots) are
    English."""

    names: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Words in which reasons speak of the business's actions, columns, products and codes."""

    protected: Words = PROTECTED
    """Features and columns of `customers` that no reason speaks of; models may learn from them all the same."""

    timezone: str = "UTC"
    """Time zone of the business: instants without a zone are read in it."""

    data_until: Day | None = None
    """The data are complete up to the first midnight of this day; by default up to the latest event."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    """Seed of everything that is drawn: the same seed gives the same results."""

    engine: EngineConfig = EngineConfig()

    within: Words = ()
    """Folders (or addresses such as `s3a://bucket`) that every path of this configuration has to lie in; by default
    anywhere. DuckDB then opens no other file either, and a query of `sql:` names its files by absolute paths."""

    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    """The business's name of a contract column, by table."""

    codes: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    """The business's words for a contract code, by `table.column`."""

    static: Words = ()
    """Columns of `customers` that are features as they stand."""

    drop: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Columns that are never read, by table, in the source's own names."""

    tolerate: TolerateConfig = TolerateConfig()

    checks: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")], CheckConfig] = Field(default_factory=dict)
    """Checks of the business's own, by a name of your choice."""

    lines: dict[str, LineConfig] = Field(default_factory=lambda: {"all": LineConfig()}, min_length=1)
    """Lines of business, by a name of your choice; by default one that holds everything."""

    snapshots: SnapshotsConfig = SnapshotsConfig()
    features: FeaturesConfig = FeaturesConfig()
    churn: ChurnConfig = ChurnConfig()
    value: ValueConfig = ValueConfig()
    scales: Scales = Scales()
    incremental: IncrementalConfig = IncrementalConfig()
    targets: TargetsConfig = TargetsConfig()
    models: ModelsConfig = ModelsConfig()
    leakage: LeakageConfig = LeakageConfig()
    tracking: TrackingConfig = TrackingConfig()
    indicators: IndicatorsConfig = IndicatorsConfig()
    monitor: MonitorConfig = MonitorConfig()
    nightly: NightlyConfig = NightlyConfig()
    publish: PublishConfig = PublishConfig()
    console: ConsoleConfig = ConsoleConfig()
    folder: Path = Field(default_factory=Path.cwd, exclude=True)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        return known_timezone(value)

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
        return codes_as_texts(value)

    @model_validator(mode="after")
    def _names_are_in_the_contract(self) -> Config:
        for section, names in (("tables", self.tables), ("columns", self.columns), ("drop", self.drop)):
            for name in names:
                _check_table(section, name)
        for table, columns in self.columns.items():
            known = [*CONTRACT[table].column, "recorded_at"]
            for name in columns:
                if name not in known and not (table == "customers" and name in self.static):
                    turned = columns[name] if columns[name] in known else None
                    remedy = (
                        f"; write the contract's name first: {turned}: {name}" if turned else did_you_mean(name, known)
                    )
                    raise ValueError(f"columns.{table}: the contract has no column '{name}'{remedy}")
        for key, mapping in self.codes.items():
            check_codes(key, mapping)
        self._check_static()
        for name, check in self.checks.items():
            _check_table(f"checks.{name}.column", check.column.partition(".")[0])
        return self

    @model_validator(mode="after")
    def _lines_have_kinds_of_payments(self) -> Config:
        kinds = CONTRACT["payments"].column["kind"].codes
        for name, line in self.lines.items():
            kind = line.payments_kind
            if kind is not None and kind not in kinds:
                raise ValueError(
                    f"lines.{name}.payments.kind: expected one of {', '.join(kinds)}, got '{kind}'"
                    f"{did_you_mean(kind, kinds)}; map your words under codes: payments.kind"
                )
        return self

    @model_validator(mode="after")
    def _needed_tables_are_there(self) -> Config:
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

    @model_validator(mode="after")
    def _snapshots_lie_in_the_data(self) -> Config:
        first = self.snapshots.first
        if self.data_until and first and first > self.data_until:
            raise ValueError(
                f"snapshots.first: expected a day no later than data_until ({self.data_until}), got {first};"
                " choose an earlier one"
            )
        return self

    def _check_static(self) -> None:
        """Stop at a static column that names the customer: a model would learn each one by heart."""
        sources = self.columns.get("customers", {})
        named = self.tables["customers"].columns if "customers" in self.tables else {}
        keys = ("customer_id", sources.get("customer_id", "customer_id"), *named.get("customer_id", ()))
        key = {name.strip().lower() for name in keys}
        for line, settings in self.lines.items():
            for name in settings.covariates:
                if name not in self.static:
                    raise ValueError(
                        f"lines.{line}.covariates: expected columns that stand under static, got '{name}'"
                        f"{did_you_mean(name, self.static)}"
                    )
        for name in self.static:
            if {name.strip().lower(), sources.get(name, name).strip().lower()} & key:
                raise ValueError(f"static: '{name}' names the customer and can be no feature; leave it out")

    def resolve(self, path: str) -> str:
        """Return ``path`` made absolute from the config's folder; URIs and absolute paths as they are.

        Raises
        ------
        ConfigError
            It does not lie ``within`` what the config allows.
        """
        whole = path if "://" in path or Path(path).is_absolute() else str(self.folder / path)
        return check_within(whole, self.within, self.folder)

    @property
    def locale(self) -> Locale:
        """How the business's people read figures and names."""
        return Locale(self.language, self.currency, self.timezone, self.names)

    @property
    def tracking_uri(self) -> str:
        """The MLflow store with its relative sqlite path resolved from the config's folder."""
        found = self.tracking.resolved(self.folder)
        if found.startswith(SQLITE):
            check_within(found.removeprefix(SQLITE), self.within, self.folder)
        return found

    @property
    def experiment(self) -> str:
        """The MLflow experiment; the business's name unless configured."""
        return self.tracking.experiment or self.business

    def model_name(self, model: ModelKind) -> str:
        """Return the registered name of a model, ``<business>-<model>``."""
        return f"{self.business}-{model}"


def _check_table(where: str, name: str) -> None:
    """Stop at a name that is no table of the contract."""
    if name not in CONTRACT:
        near = did_you_mean(name, CONTRACT) or f"; expected some of {', '.join(CONTRACT)}"
        raise ValueError(f"{where}: unknown table '{name}'{near}")


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
        reason = fault(error, raw, Config, _SECTIONS | {"contrasts": ContrastConfig, "rollouts": RolloutConfig})
    raise ConfigError(f"'{path}': {raw.hidden(reason)}")
