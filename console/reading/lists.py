"""The list of whom to contact: filtered, sorted and paged by DuckDB; held-out customers are never in it.

Costs and values cumulate in the list's own order, so that a smaller budget is its beginning. What the values say is
what the models foresee: whether the list earns it, only a statement tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ...core.config.business import Config
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from .engine import Engine, Row, fingerprint

__all__ = ["SORTS", "STATES", "Listed", "TargetList", "Wish", "holdout_table"]

SORTS = {
    "rank": '"rank"',
    "value": 'net_value desc, "rank"',
    "churn": 'churn_probability desc nulls last, "rank"',
    "clv": 'clv desc nulls last, "rank"',
}
"""By what a list is sorted."""

STATES = ("open", "done", "refused")
"""What has become of a customer on the list."""

_NEEDED = ("rank", "customer_id", "action", "net_value", "cost", "action_id", "arm")
_NUMBERS = ("rank", "net_value", "cost", "churn_probability", "clv", "propensity")
_TEXTS = ("customer_id", "action", "action_id", "arm", "evidence", "decided_at", "reason_1", "reason_2", "reason_3")
_MORE = ("segment", "team", "name")
_POINTS = 120


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of a list; "" and None: everything.

    Parameters
    ----------
    action, segment, team, text, state
        Filters; ``text`` is looked for in the customer's identifier, name and reasons.
    budget
        Most money, spent in the list's own order.
    sort
        A key of :data:`SORTS`.
    page, size
        Which page, from 1, of how many rows.
    """

    action: str = ""
    segment: str = ""
    team: str = ""
    text: str = ""
    state: str = ""
    budget: float | None = None
    sort: str = "rank"
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class Listed(ShortRepr):
    """A page of the list, and what the filter leaves in all."""

    rows: list[Row]
    count: int
    cost: float
    net_value: float


@dataclass(frozen=True)
class TargetList(ShortRepr):
    """A list, read into memory.

    Parameters
    ----------
    engine
        Holds it.
    table
        Its table there.
    columns
        Of its optional columns those that it has.
    """

    engine: Engine
    table: str
    columns: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, engine: Engine, file: Path, holdout: Path | None, config: Config) -> TargetList:
        """Read a list as `targets` writes it, in either locale; customers who are left alone are not taken in.

        Raises
        ------
        DataError
            It is no such list.
        """
        there = _header(file)
        missing = [name for name in _NEEDED if name not in there]
        if missing:
            raise DataError(f"'{file}' is no list that `targets` wrote: expected a column '{missing[0]}', found none")
        files = [file] if holdout is None else [file, holdout]
        teams = {name: action.team for name, action in config.incremental.actions.items() if action.team}
        query, values = _query(file, holdout, there, teams)
        known = {name for name in _MORE if name in there} | ({"team"} if teams else set())
        return cls(engine, engine.kept(("list", *fingerprint(files)), query, values), frozenset(known))

    def page(self, wish: Wish, decided: Mapping[str, str] | None = None) -> Listed:
        """Return the rows that are wished for; ``decided`` is what was decided, by action_id."""
        (where, values), (source, tables) = self._where(wish), self._source(decided)
        order = SORTS.get(wish.sort, SORTS["rank"])
        rows = self.engine.rows(  # the page's rows are found by few columns, and read whole afterwards
            f"with found as (select place from {source} {where} order by {order} limit ? offset ?)"
            f" select * from {source} where place in (select place from found) order by {order}",
            [*values, wish.size, (max(wish.page, 1) - 1) * wish.size], tables,
        )  # fmt: skip
        return Listed(rows, *self.sums(wish, decided))

    def sums(self, wish: Wish, decided: Mapping[str, str] | None = None) -> tuple[int, float, float]:
        """Return how many rows are wished for, what they cost, and what they are foreseen to bring beyond that."""
        (where, values), (source, tables) = self._where(wish), self._source(decided)
        query = f"select count(*) n, coalesce(sum(cost), 0) cost, coalesce(sum(net_value), 0) net from {source} {where}"
        total = self.engine.rows(query, values, tables)[0]
        return int(total["n"]), float(total["cost"]), float(total["net"])

    def states(self, decided: Mapping[str, str]) -> dict[str, int]:
        """Return how many rows are open, done and refused."""
        source, tables = self._source(decided)
        query = f"select coalesce(decision, 'open') state, count(*) n from {source} group by 1"
        found = {str(row["state"]): int(row["n"]) for row in self.engine.rows(query, (), tables)}
        return {state: found.get(state, 0) for state in STATES}

    def frame(self, wish: Wish, decided: Mapping[str, str], columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of all rows that are wished for, in the list's own order; figures to four decimals."""
        (where, values), (source, tables) = self._where(wish), self._source(decided)
        shown = [
            'cast("rank" as bigint) "rank"' if name == "rank" else f'round("{name}", 4) "{name}"' if name in _NUMBERS
            else f'"{name}"'
            for name in columns
        ]  # fmt: skip
        query = f'select {", ".join(shown)} from {source} {where} order by "rank"'
        return self.engine.frame(query, values, tables)

    def _source(self, decided: Mapping[str, str] | None) -> tuple[str, dict[str, pa.Table]]:
        """Return the list with what was decided as a subquery, and the tables that it names."""
        if not decided:
            return f"(select *, rowid place, null::varchar decision from {self.table})", {}
        joined = f"(select t.*, t.rowid place, decision from {self.table} t left join decided using (action_id))"
        return joined, {"decided": _decided(decided)}

    def choices(self, column: str) -> list[str]:
        """Return the values of ``action``, ``segment`` or ``team``, in alphabetical order."""
        if column != "action" and column not in self.columns:
            return []
        query = f"select distinct {column} v from {self.table} where {column} is not null order by 1 limit 200"
        return [str(row["v"]) for row in self.engine.rows_kept((self.table, "choices", column), query)]

    def curve(self) -> list[tuple[float, float]]:
        """Return points (money spent, net value foreseen) along the list's own order, the first at nothing."""
        query = (
            f"select max(spent) spent, max_by(gained, spent) gained from (select spent, gained, ntile({_POINTS}) over"
            f' (order by "rank") part from {self.table}) group by part order by 1'
        )
        found = self.engine.rows_kept((self.table, "curve"), query)
        return [(0.0, 0.0), *((float(row["spent"]), float(row["gained"])) for row in found)]

    def customer(self, customer: str) -> list[Row]:
        """Return what is proposed for a customer, by identifier."""
        return self.engine.rows(f'select * from {self.table} where customer_id = ? order by "rank"', [customer])

    def of_action(self, action_id: str) -> Row | None:
        """Return the row with a key; None where the list has no such row."""
        found = self.engine.rows(f"select * from {self.table} where action_id = ?", [action_id])
        return found[0] if found else None

    def by_action(self) -> list[Row]:
        """Return how many customers, what they cost and what they are foreseen to bring, by action."""
        return self.engine.rows_kept(
            (self.table, "by_action"),
            f"select action, count(*) n, sum(cost) cost, sum(net_value) net_value, min(evidence) evidence"
            f" from {self.table} group by action order by net_value desc",
        )

    def _where(self, wish: Wish) -> tuple[str, list[Any]]:
        parts: list[str] = []
        values: list[Any] = []
        for column, value in (("action", wish.action), ("segment", wish.segment), ("team", wish.team)):
            if value and (column == "action" or column in self.columns):
                parts.append(f"{column} = ?")
                values.append(value)
        for word in wish.text.lower().split()[:8]:
            parts.append("contains(searched, ?)")
            values.append(word)
        if wish.state == "open":
            parts.append("decision is null")
        elif wish.state in STATES:
            parts.append("decision = ?")
            values.append(wish.state)
        if wish.budget is not None:
            parts.append("spent <= ?")
            values.append(wish.budget + 1e-9)
        return (f"where {' and '.join(parts)}" if parts else ""), values


def _decided(decided: Mapping[str, str]) -> pa.Table:
    texts = pa.string()
    return pa.table({"action_id": pa.array(list(decided), texts), "decision": pa.array(list(decided.values()), texts)})


def holdout_table(engine: Engine, file: Path) -> str:
    """Return the name of the table that holds the customers who are left alone.

    Raises
    ------
    DataError
        The file is not as it should be.
    """
    query = f"select customer_id from {_read(_mark(file))} where customer_id is not null"
    return engine.kept(("holdout", *fingerprint([file])), query, [str(file)])


def _header(file: Path) -> list[str]:
    """Return the columns of a list."""
    try:
        with file.open(encoding="utf-8-sig") as opened:
            line = opened.readline().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"'{file}' cannot be read as a list in UTF-8; run `servicelift targets` again") from error
    return [name.strip('"') for name in line.split(_mark(file))]


def _mark(file: Path) -> str:
    with file.open(encoding="utf-8-sig") as opened:
        return ";" if ";" in opened.readline() else ","


def _read(mark: str) -> str:
    return f"read_csv(?, delim='{mark}', header=true, all_varchar=true, quote='\"', escape='\"')"


def _query(file: Path, holdout: Path | None, there: Sequence[str], teams: Mapping[str, str]) -> tuple[str, list[Any]]:
    mark = _mark(file)
    decimal = (lambda name: f"replace({name}, ',', '.')") if mark == ";" else (lambda name: name)
    columns = [f'try_cast({decimal(chr(34) + n + chr(34))} as double) "{n}"' for n in _NUMBERS if n in there]
    columns += [f'null::double "{n}"' for n in _NUMBERS if n not in there]
    columns += [f'"{n}"' if n in there else f'null::varchar "{n}"' for n in (*_TEXTS, *_MORE) if n != "team"]
    values: list[Any] = []
    if "team" in there:
        columns.append('"team"')
    elif teams:
        columns.append(f"case {' '.join('when action = ? then ?' for _ in teams)} end team")
        values += [part for pair in teams.items() for part in pair]
    else:
        columns.append("null::varchar team")
    values.append(str(file))
    alone = ""
    if holdout is not None:
        held = f"select customer_id from {_read(_mark(holdout))} where customer_id is not null"
        alone = f" and customer_id not in ({held})"
        values.append(str(holdout))
    inner = f"select {', '.join(columns)} from {_read(mark)}"
    searched = "lower(concat_ws(' ', customer_id, name, reason_1, reason_2, reason_3))"
    order = 'over (order by "rank" rows unbounded preceding)'
    whole = (
        f"select *, {searched} searched, sum(cost) {order} spent, sum(net_value) {order} gained"
        f" from ({inner}) where arm = 'treated' {alone}"
    )
    return whole, values
