"""The parts of the report, each read from what another command wrote; what is not there is named with its command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.messages import Message
from ...core.records import RowKind
from ...core.short_repr import ShortRepr
from ...tracking import CHAMPION, Tracker
from ..pages.cells import Cell, Table, number_cell
from ..pages.drawings import Forest
from ..statement.page.facts import FACTS, PageFacts, facts_from
from ..statement.page.first import earned_picture, first_sentences
from ..statement.page.glance import overview_table
from ..statement.page.together import WholeBridge, realised_table, whole_bridge
from ..statement.page.wording import verdict_cell
from .listed import ListFacts, OnList, list_facts_beside
from .words import REPORT

__all__ = ["Lacking", "ListPart", "ModelsPart", "ReturnPart", "ScoresPart", "list_part", "models_part", "return_part",
           "scores_part"]  # fmt: skip

_LAST_INSTANT = pd.Timedelta(1, "us")
_COMMANDS = {
    "return": "servicelift roi {config} --since DATE --until DATE --out DIR",
    "indicators": "servicelift indicators {config} --since DATE --until DATE --out DIR",
    "scores": "servicelift score {config} --as-of DATE --out DIR",
    "list": "servicelift targets {config} --scores DIR --budget MONEY --out FILE.csv",
    "models": "servicelift train {config}",
}


@dataclass(frozen=True)
class Lacking:
    """A part that is not there: why, and the command that makes it."""

    part: str
    why: Message

    @property
    def command(self) -> str:
        """The command, ``CONFIG`` to be put in."""
        return _COMMANDS[self.part].format(config="CONFIG")


@dataclass(frozen=True)
class ReturnPart(ShortRepr):
    """The statement, as its own page says it."""

    facts: PageFacts
    rows: pd.DataFrame
    sentences: tuple[str, str, str]
    earned: Forest | None
    overview: Table | None
    bridge: WholeBridge | None
    realised: Table | None


@dataclass(frozen=True)
class ScoresPart:
    """The customers of a night: how many, how many are expected to leave, and their value; None where not scored."""

    day: pd.Timestamp
    n: int
    lost: float | None
    value: float | None


@dataclass(frozen=True)
class ListPart(ShortRepr):
    """The list: its day, size, cost and expected gain, by action, and who is left alone."""

    day: pd.Timestamp | None
    n: int
    cost: float
    net: float
    table: Table | None
    held: int
    facts: ListFacts = field(default_factory=ListFacts)


@dataclass(frozen=True)
class ModelsPart(ShortRepr):
    """The models in use; ``english`` are their reasons, which are English in every language."""

    table: Table
    reasons: tuple[tuple[str, str], ...] = field(default=())


def return_part(folder: Path | None, locale: Locale) -> ReturnPart | Lacking:
    """Return the statement of a folder that ``roi`` wrote."""
    lacks = _lacks("return", folder, FACTS, "roi.parquet", "roi_totals.parquet")
    if lacks is not None or folder is None:
        return lacks or Lacking("return", Message.of("not_named"))
    facts = facts_from(folder / FACTS, locale)
    rows, totals = (pd.read_parquet(folder / name) for name in ("roi.parquet", "roi_totals.parquet"))
    headline, contrasts = rows[rows["headline"]], rows[rows["kind"] == RowKind.CONTRAST]
    some = len(headline) > 0
    return ReturnPart(
        facts=facts,
        rows=headline,
        sentences=first_sentences(headline, totals, contrasts, facts.horizon_months, locale),
        earned=earned_picture(headline, totals, locale) if some else None,
        overview=overview_table(headline, locale) if some else None,
        bridge=whole_bridge(headline, locale) if some else None,
        realised=realised_table(headline, locale) if some else None,
    )


def scores_part(folder: Path | None, config: Config) -> ScoresPart | Lacking:
    """Return the customers of a folder that ``score`` wrote.

    Raises
    ------
    ConfigError
        The scores are another business's.
    """
    lacks = _lacks("scores", folder, "run.json", "scores.parquet")
    if lacks is not None or folder is None:
        return lacks or Lacking("scores", Message.of("not_named"))
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    if facts.get("business") != config.business:
        raise ConfigError(
            f"--scores: expected scores of '{config.business}', '{folder}' holds '{facts.get('business')}'"
        )
    held = set(pq.read_schema(folder / "scores.parquet").names)
    wanted = [name for name in ("churn_probability", "clv") if name in held]
    frame = pd.read_parquet(folder / "scores.parquet", columns=["customer_id", *wanted])

    def total(name: str) -> float | None:
        known = name in frame and frame[name].notna().any()
        return float(frame[name].sum()) if known else None

    at = pd.Timestamp(facts["as_of"]).tz_convert("UTC").tz_localize(None)
    return ScoresPart(at, len(frame), total("churn_probability"), total("clv"))


def list_part(file: Path | None, statement: ReturnPart | Lacking, config: Config) -> ListPart | Lacking:
    """Return the list that ``targets`` wrote, each action beside its verdict in the statement.

    Raises
    ------
    ConfigError
        The file is no list, or what lies beside it is of another business or list.
    """
    locale = config.locale
    if file is None or not file.is_file():
        return Lacking("list", Message.of("not_named" if file is None else "no_file", **_file(file)))
    rows = pd.read_csv(file, dtype={"customer_id": str, "action": str})
    lacking = sorted({"action", "net_value", "cost"} - set(rows.columns))
    if lacking:
        raise ConfigError(
            f"--targets: expected the CSV that `servicelift targets` wrote, '{file}' has no column {', '.join(lacking)}"
        )
    beside = file.with_name(f"{file.stem}.holdout.csv")
    held = len(pd.read_csv(beside, usecols=["customer_id"])) if beside.is_file() else 0
    day = None
    if "decided_at" in rows and len(rows):
        day = pd.to_datetime(rows["decided_at"], utc=True).dt.tz_localize(None).min()
    verdicts: dict[str, str] = {}
    facts = list_facts_beside(file, config.business, len(rows), locale)
    if not isinstance(statement, Lacking):
        stated = statement.rows.sort_values("n_treated")  # of several initiatives, the one with most customers
        verdicts = dict(zip(stated["action"], stated["verdict"], strict=True))
        period = (statement.facts.since, statement.facts.until - _LAST_INSTANT)
        facts = facts.quoting(
            [{str(k): v for k, v in row.items()} for row in stated.to_dict("records")], period, locale
        )
    return ListPart(
        day, len(rows), float(rows["cost"].sum()), float(rows["net_value"].sum()),
        _list_table(rows, verdicts, facts, locale) if len(rows) else None, held, facts,
    )  # fmt: skip


def _list_table(rows: pd.DataFrame, verdicts: dict[str, str], facts: ListFacts, locale: Locale) -> Table:
    """Return the actions of a list, each with what is written of it beside the list."""
    grouped = rows.groupby("action").agg(n=("action", "size"), cost=("cost", "sum"), net=("net_value", "sum"))
    head = (
        Cell(REPORT.say(locale, "action")),
        *(number_cell(REPORT.say(locale, code)) for code in ("customers", "cost", "net")),
        *([number_cell(REPORT.say(locale, "effect"))] if facts.actions else []),
        Cell(REPORT.say(locale, "verdict")),
    )

    def line(action: str, row: pd.Series) -> tuple[Cell, ...]:
        own = facts.actions.get(action, OnList())
        ruled = action in verdicts
        verdict = verdict_cell(verdicts[action], locale) if ruled else Cell(REPORT.say(locale, "no_verdict"))
        return (
            Cell(locale.named(action)),
            number_cell(locale.number(row["n"])),
            number_cell(locale.number(row["cost"])),
            number_cell(locale.number(row["net"]), own.net),
            *([number_cell(own.effect or "–", own.between)] if facts.actions else []),
            replace(verdict, below=locale.clauses([part for part in (own.ruling, own.chance) if part])),
        )

    body = tuple(line(str(action), row) for action, row in grouped.sort_values("net", ascending=False).iterrows())
    return Table(REPORT.say(locale, "list_caption", money=locale.currency_name), head, body)


def models_part(config: Config, tracker: Callable[[], Tracker]) -> ModelsPart | Lacking:
    """Return the champions of the store, with grade and day."""
    locale, store = config.locale, tracker()
    rows, reasons = [], []
    for kind in ("churn", "clv", "incremental"):
        name = config.model_name(kind)
        number = store.version_of(name, CHAMPION)
        if number is None:
            continue
        version = next(one for one in store.versions(name) if one.number == number)
        run = store.past_run(version.run_id)
        what = REPORT.say(locale, kind)
        rows.append(
            (
                Cell(what, name),
                number_cell(str(number)),
                Cell(locale.date(pd.Timestamp(version.created).tz_convert("UTC").tz_localize(None))),
                Cell(run.tags.get("grade", REPORT.say(locale, "no_grade"))),
            )
        )
        if "servicelift.decision" in version.tags:
            reasons.append((what, version.tags["servicelift.decision"]))
    if not rows:
        return Lacking("models", Message.of("no_model"))
    head = (
        Cell(REPORT.say(locale, "model")),
        number_cell(REPORT.say(locale, "version")),
        Cell(REPORT.say(locale, "since")),
        Cell(REPORT.say(locale, "grade")),
    )
    return ModelsPart(Table(REPORT.say(locale, "models_caption"), head, tuple(rows)), tuple(reasons))


def _lacks(part: str, folder: Path | None, *names: str) -> Lacking | None:
    """Return what says that a part is not there, None where each of its files is."""
    if folder is None:
        return Lacking(part, Message.of("not_named"))
    missing = next((folder / name for name in names if not (folder / name).is_file()), None)
    return None if missing is None else Lacking(part, Message.of("no_file", **_file(missing)))


def _file(file: Path | None) -> dict[str, str]:
    return {} if file is None else {"file": str(file)}
