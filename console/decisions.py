"""What people decide about customers on a list: done, refused, a note. The only thing that the console writes.

Decisions lie in a table of their own, ``servicelift_decisions``, in SQLite or PostgreSQL: one row a decision, none is
ever changed; the latest of an action is what holds. :func:`as_actions` brings them back as a table of the contract, and
:func:`as_contacts` what of them was a contact with the customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd
import sqlalchemy as sa

from ..core.config.business import Config
from ..core.config.connection import filled, place
from ..core.errors import DataError
from ..core.files import complete_folder
from .reading.places import Places

__all__ = [
    "DECISIONS",
    "Decided",
    "Decision",
    "DecisionStore",
    "Written",
    "as_actions",
    "as_contacts",
    "write_decisions",
]

Decision = Literal["done", "refused", "open", "note"]
"""``done``: offered, and the customer took it. ``refused``: offered, and the customer said no. ``open``: taken back.
``note``: a remark, which decides nothing."""

DECISIONS: tuple[Decision, ...] = get_args(Decision)

_METADATA = sa.MetaData()
_TABLE = sa.Table(
    "servicelift_decisions",
    _METADATA,
    sa.Column("decision_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("action_id", sa.String(400), nullable=False, index=True),
    sa.Column("customer_id", sa.String(200), nullable=False, index=True),
    sa.Column("action", sa.String(200), nullable=False),
    sa.Column("decision", sa.String(10), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("decided_by", sa.String(200), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)

_AS_ACTIONS = (
    "action_id", "customer_id", "action", "decided_at", "arm", "propensity", "accepted", "accepted_at", "agent_id",
)  # fmt: skip
_AS_CONTACTS = ("contact_id", "customer_id", "opened_at", "channel", "reason", "direction", "team", "agent_id")
_OPTIONAL = ("team", "agent_id")


@dataclass(frozen=True)
class Decided:
    """One decision.

    Parameters
    ----------
    action_id, customer_id, action
        The row of the list it is about.
    decision
        A :data:`Decision`.
    note
        Remark; "" for none.
    by
        Who decided; "" where nobody says so.
    at
        When, UTC.
    """

    action_id: str
    customer_id: str
    action: str
    decision: str
    note: str
    by: str
    at: datetime


class DecisionStore:
    """The table of decisions of one business; it is made with the first decision.

    Parameters
    ----------
    config
        Says where: ``console: {decisions: ...}``.

    Raises
    ------
    DataError
        The driver of the database is not installed.
    """

    def __init__(self, config: Config) -> None:
        where = config.console.decisions
        self.place, url = config.resolve(where), f"sqlite:///{config.resolve(where)}"
        if "://" in where:
            url = filled(where)
            self.place = place(url)
            url = f"postgresql+psycopg2://{url.partition('://')[2]}"
        try:
            self._engine = sa.create_engine(url)
        except ImportError:
            raise DataError("the PostgreSQL driver is not installed; pip install 'servicelift[server]'") from None
        self._file = None if "://" in where else Path(self.place)

    def add(self, made: Decided) -> None:
        """Keep a decision.

        Raises
        ------
        DataError
            The store cannot be written.
        """
        row = {
            "action_id": made.action_id,
            "customer_id": made.customer_id,
            "action": made.action,
            "decision": made.decision,
            "note": made.note,
            "decided_by": made.by,
            "at": made.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        try:
            _METADATA.create_all(self._engine)
            with self._engine.begin() as connection:
                connection.execute(_TABLE.insert().values(**row))
            return
        except sa.exc.SQLAlchemyError as error:
            kind = type(error).__name__
        raise DataError(f"the decision could not be kept in '{self.place}' ({kind}); check the place and its rights")

    def latest(self, action_ids: Iterable[str] | None = None) -> dict[str, str]:
        """Return by action_id what holds: ``done`` or ``refused``; what is open is left out."""
        wanted = None if action_ids is None else set(action_ids)
        newest = {
            each.action_id: each.decision
            for each in self._read()
            if each.decision != "note" and (wanted is None or each.action_id in wanted)
        }
        return {action_id: decision for action_id, decision in newest.items() if decision != "open"}

    def of_customer(self, customer: str) -> list[Decided]:
        """Return the decisions about a customer, the newest first."""
        return self._read(_TABLE.c.customer_id == customer)[::-1]

    def all(self) -> list[Decided]:
        """Return all decisions, the oldest first."""
        return self._read()

    def _read(self, where: Any = None) -> list[Decided]:
        """Return decisions in the order they were made; nothing before the first one."""
        if self._file is not None and not self._file.is_file():
            return []
        query = sa.select(_TABLE).order_by(_TABLE.c.decision_id)
        try:
            if not sa.inspect(self._engine).has_table(_TABLE.name):
                return []
            with self._engine.connect() as connection:
                rows = connection.execute(query if where is None else query.where(where)).mappings().all()
        except sa.exc.SQLAlchemyError as error:
            kind = type(error).__name__
        else:
            return [_decided(row) for row in rows]
        raise DataError(f"decisions cannot be read from '{self.place}' ({kind}); check the place and its rights")


def as_actions(places: Places, decided: Iterable[Decided]) -> tuple[pd.DataFrame, int]:
    """Return the lists on which something was decided as rows of ``actions``, and how many decisions have no list.

    Whole lists come back, with both arms as they were drawn: only then is the comparison of those listed with those
    left alone the one that was planned. ``accepted`` is true where the action was done, false where it was refused, and
    null where nobody has said so. Notes stay in the console.

    Parameters
    ----------
    places
        Where the list lies, and the nights with theirs.
    decided
        Decisions, the oldest first.
    """
    holds = _holding(decided)
    files = [places.targets] if places.targets is not None else []
    files += [file for night in places.nights if (file := night.folder / "targets" / "targets.csv").is_file()]
    found, left = [], set(holds)
    for file in dict.fromkeys(files):
        listed = _list(file)
        here = set(listed["action_id"]) & left
        if here:
            holdout = file.with_name(file.name.removesuffix(".csv") + ".holdout.csv")
            found.append(listed)
            found += [_list(holdout)] if holdout.is_file() else []
            left -= here
    if not found:
        return pd.DataFrame(columns=list(_AS_ACTIONS)), len(left)
    rows = pd.concat(found, ignore_index=True).drop_duplicates("action_id", keep="last").reset_index(drop=True)
    said = [holds.get(action_id) for action_id in rows["action_id"]]
    closed = [each if each is not None and each.decision != "open" else None for each in said]
    rows["accepted"] = pd.array([None if d is None else d.decision == "done" for d in closed], dtype="boolean")
    taken = [d.at if d is not None and d.decision == "done" else pd.NaT for d in closed]
    rows["accepted_at"] = pd.to_datetime(pd.Series(taken, dtype="object"), utc=True)
    rows["agent_id"] = pd.array([None if d is None or not d.by else d.by for d in closed], dtype="string")
    return rows[list(_AS_ACTIONS)], len(left)


def as_contacts(config: Config, decided: Iterable[Decided]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the decisions that were a contact as rows of ``contacts``, and the actions whose channel nobody says.

    Done or refused means that somebody reached the customer and had an answer. The contact began when that was written
    down; it went by the action's ``channel``, and was about the action. What nobody knows is no column: how long it
    took, whether it was solved. Notes, and what was taken back, are no contacts.

    Parameters
    ----------
    config
        Says by which channel and which team an action goes.
    decided
        Decisions, the oldest first.
    """
    rules = config.incremental.actions
    holds = [d for d in _holding(decided).values() if d.decision != "open"]
    silent = {d.action for d in holds if d.action not in rules or rules[d.action].channel is None}
    rows = [
        (f"console-{d.action_id}", d.customer_id, d.at, rules[d.action].channel, d.action, "outbound",
         rules[d.action].team, d.by or None)
        for d in holds
        if d.action not in silent
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(_AS_CONTACTS)).astype({"opened_at": "datetime64[us, UTC]"})
    texts = {name: "string" for name in _AS_CONTACTS if name != "opened_at"}
    unknown = [name for name in _OPTIONAL if frame[name].isna().all()]
    return frame.astype(texts).drop(columns=unknown), tuple(sorted(silent))


@dataclass(frozen=True)
class Written:
    """What came back as tables: rows of each, decisions whose list is gone, actions whose channel nobody says."""

    actions: int
    contacts: int
    lost: int
    without_channel: tuple[str, ...]


def write_decisions(config: Config, places: Places, out: Path) -> Written:
    """Write ``actions.parquet`` with what was decided, and ``contacts.parquet`` where something of it was a contact.

    Raises
    ------
    DataError
        Nothing was decided yet, or the store cannot be read.
    ConfigError
        ``out`` cannot be written.
    """
    decided = DecisionStore(config).all()
    rows, lost = as_actions(places, decided)
    contacts, without = as_contacts(config, decided)
    if rows.empty:
        raise DataError(
            f"expected decisions about a list that is still there, found none ({lost} about lists that are gone);"
            " decide in the console first"
        )
    with complete_folder(out) as folder:
        rows.to_parquet(folder / "actions.parquet", index=False)
        if len(contacts):
            contacts.to_parquet(folder / "contacts.parquet", index=False)
    return Written(len(rows), len(contacts), lost, without)


def _holding(decided: Iterable[Decided]) -> dict[str, Decided]:
    """Return by action_id the decision that holds; notes decide nothing."""
    return {each.action_id: each for each in decided if each.decision != "note"}


def _list(file: Path) -> pd.DataFrame:
    """Return the columns of a list that make it a table of actions; instants are read, keys stay texts."""
    with file.open(encoding="utf-8-sig") as opened:
        mark = ";" if ";" in opened.readline() else ","
    wanted = ["action_id", "customer_id", "action", "decided_at", "arm", "propensity"]
    texts = {name: "string" for name in wanted if name != "propensity"}
    decimal = "," if mark == ";" else "."
    frame = pd.read_csv(file, sep=mark, decimal=decimal, encoding="utf-8-sig", dtype=texts, usecols=wanted)
    return frame.assign(decided_at=pd.to_datetime(frame["decided_at"], utc=True))


def _decided(row: Any) -> Decided:
    return Decided(
        row["action_id"],
        row["customer_id"],
        row["action"],
        row["decision"],
        row["note"],
        row["decided_by"],
        datetime.fromisoformat(row["at"].replace("Z", "+00:00")),
    )
