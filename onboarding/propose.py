"""Which table of the contract a source is, and which of its columns which: by name and by content, with how sure.

A proposal is made where name and content agree and nothing else comes close; everything else is left to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..core.contract import CONTRACT, Column, Kind, Table
from .codes import propose_codes
from .profile import ColumnProfile
from .sniff import SourceTable
from .words import OWN_WORDS, name_score, table_score, tokens

__all__ = ["LIKELY", "SURE", "ColumnProposal", "TableProposal", "propose_tables"]

SURE = 0.85
"""From here on a proposal is called sure."""

LIKELY = 0.65
"""From here on a required column is proposed, as likely; below, it is asked."""

_OPTIONAL = 0.75
_CLOSE = 0.12
_TABLE = 0.35
_NAME, _COLUMNS = 0.35, 0.65
_BY_WORDS = 0.75
_ONLY_DATE = 0.7
_POINTED_TO = ("customers", "agents", "initiatives")
_SECOND_USES = {"surveys": ("contacts", "score", 0.9)}
"""Tables that another may hold as well: by which table, and by which of their columns that is seen."""
_MONTH = re.compile(r"\s*[0-9]{4}-[0-9]{2}\s*")
_BY_CODES = {"interactions": "kind"}
"""Tables that are known by what a column holds: contacts with agents are called interactions too."""
_BY_CODES_SHARE = 0.8


@dataclass(frozen=True)
class ColumnProposal:
    """A source column for a column of the contract.

    Parameters
    ----------
    name
        The source's name; None: none fits, or nobody can tell which.
    score
        How sure, 0 to 1.
    others
        Columns that may be meant as well; of a column without a proposal, those that come nearest.
    reason
        Why there is no proposal; empty where there is one.
    """

    name: str | None
    score: float
    others: tuple[str, ...] = ()
    reason: str = ""

    @property
    def sureness(self) -> str:
        """``sure`` or ``likely``."""
        return "sure" if self.score >= SURE else "likely"


@dataclass(frozen=True)
class TableProposal:
    """A source for a table of the contract, with proposals for its columns by contract name."""

    table: str
    source: SourceTable
    score: float
    columns: Mapping[str, ColumnProposal] = field(default_factory=dict)

    @property
    def sureness(self) -> str:
        """``sure`` or ``likely``."""
        return "sure" if self.score >= 0.7 else "likely"


def propose_tables(sources: Iterable[SourceTable], taken: Collection[str] = ()) -> list[TableProposal]:
    """Return the tables of the contract that were recognised, in the contract's order.

    Each source is one table of the contract, chosen so that all fit best together; a source may also hold a second
    one, as contacts may hold the answers to a survey.

    Parameters
    ----------
    sources
        The sources to choose from.
    taken
        Tables of the contract that another source is already.
    """
    given = list(sources)
    if not given:
        return []
    fits = np.array([[_fit(table, source) for table in CONTRACT.values()] for source in given])
    fits[:, [name in taken for name in CONTRACT]] = 0.0
    rows, places = linear_sum_assignment(-fits)
    names = list(CONTRACT)
    chosen = {
        names[j]: (given[i], float(fits[i, j])) for i, j in zip(rows, places, strict=True) if fits[i, j] >= _TABLE
    }
    for table, (holder, column, least) in _SECOND_USES.items():
        if table not in chosen and table not in taken and holder in chosen:
            source = chosen[holder][0]
            contract = CONTRACT[table]
            best = max(_column_score(contract, contract.column[column], c, shared=True) for c in source.columns)
            if best >= least:
                chosen[table] = (source, LIKELY)
    return [TableProposal(t, *chosen[t], _columns(CONTRACT[t], chosen[t][0])) for t in CONTRACT if t in chosen]


def _fit(table: Table, source: SourceTable) -> float:
    """Return how well a source is a table: its name, and how many of the required columns it has."""
    required = [column for column in table.columns if not column.optional]
    best = []
    for column in required:
        scores = (_column_score(table, column, c, shared=True) for c in source.columns)
        best.append(max(scores, default=0.0))
    if not _called_so(table, source):
        return 0.0
    return _NAME * table_score(table.name, source.name) + _COLUMNS * float(np.mean(best))


def _called_so(table: Table, source: SourceTable) -> bool:
    """Return whether the source's name or one of its columns is called by the word for the table's rows.

    An id, a date and a status are in tables of any kind. The tables that others point to have to have their key too.
    """
    if table.name in _BY_CODES:
        codes = table.column[_BY_CODES[table.name]]
        return any(_code_share(table, codes, column) >= _BY_CODES_SHARE for column in source.columns)
    own, named = OWN_WORDS.get(table.name), table_score(table.name, source.name) > 0
    columns = list(source.columns)
    if table.name in _POINTED_TO:
        key = table.column[table.key[0]]
        columns = [column for column in columns if _column_score(table, key, column) >= LIKELY]
    return bool(columns) and (own is None or named or any(own in tokens(column.name) for column in columns))


def _columns(table: Table, source: SourceTable) -> dict[str, ColumnProposal]:
    """Return a proposal for each column of a table: all together as well as they can be given out."""
    scores = np.array([[_column_score(table, c, p) for p in source.columns] for c in table.columns])
    scores = _only_dates(table, source, _by_words(table, source, scores))
    needed = np.array([1.0 if c.optional or c.instead else 1.5 for c in table.columns])
    rows, places = linear_sum_assignment(-scores * needed[:, None])
    given = {int(i): int(j) for i, j in zip(rows, places, strict=True) if scores[i, j] > 0}
    return {c.name: _proposal(table, c, source, scores, given, i) for i, c in enumerate(table.columns)}


def _proposal(
    table: Table, column: Column, source: SourceTable, scores: np.ndarray, given: Mapping[int, int], place: int
) -> ColumnProposal:
    names = [c.name for c in source.columns]
    taken = given.get(place)
    score = float(scores[place, taken]) if taken is not None else 0.0
    least = _OPTIONAL if column.optional else LIKELY
    owners = {j: i for i, j in given.items()}
    rivals = [
        j
        for j in np.argsort(-scores[place], kind="stable")
        if j != taken
        and scores[place, j] >= max(score - _CLOSE, 0.3)
        and (j not in owners or scores[owners[int(j)], j] <= scores[place, j])
    ]
    others = tuple(names[int(j)] for j in rivals[:3])
    if taken is not None and score >= least and (not others or (score == 1.0 and names[taken].lower() == column.name)):
        return ColumnProposal(names[taken], score)
    near = tuple(dict.fromkeys((*((names[taken],) if taken is not None else ()), *others)))
    if taken is not None and score >= least:
        return ColumnProposal(None, score, near, "more than one column may be meant")
    return ColumnProposal(None, score, near or _by_name(table, column, source), _reason(table, column, source))


def _by_name(table: Table, column: Column, source: SourceTable) -> tuple[str, ...]:
    named = [(name_score(table.name, column.name, c.name), c.name) for c in source.columns]
    return tuple(name for score, name in sorted(named, reverse=True)[:3] if score >= 0.5)


def _reason(table: Table, column: Column, source: SourceTable) -> str:
    """Return why no column fits, where a column of that name does not hold what it should."""
    for name in _by_name(table, column, source):
        held = source.column(name)
        if column.name in table.key and len(table.key) == 1 and not held.unique:
            return f"'{name}' is missing or stands twice in some rows, so it is no key"
        if held.personal:
            return f"'{name}' looks like {held.personal}; use a key of your own"
        if held.missing and not column.nullable:
            return f"'{name}' is missing in some rows"
        if _column_score(table, column, held, shared=True):
            return f"'{name}' is near, but no name for it"
        return f"'{name}' does not hold what is expected"
    return "no column is called so"


def _by_words(table: Table, source: SourceTable, scores: np.ndarray) -> np.ndarray:
    """Raise a code's score where one column alone holds its words, whatever it is called."""
    raised = scores.copy()
    for i, column in enumerate(table.columns):
        if column.kind is not Kind.CODE or scores[i].max(initial=0.0) >= LIKELY:
            continue
        fits = [j for j, p in enumerate(source.columns) if _code_share(table, column, p) >= 0.95 and p.distinct > 1]
        if len(fits) == 1:
            raised[i, fits[0]] = max(raised[i, fits[0]], _BY_WORDS)
    return raised


def _only_dates(table: Table, source: SourceTable, scores: np.ndarray) -> np.ndarray:
    """Raise the score of the only date there is for the only instant that is required."""
    raised = scores.copy()
    dated = [j for j, profile in enumerate(source.columns) if profile.dates]
    wanted = [i for i, c in enumerate(table.columns) if c.kind in (Kind.INSTANT, Kind.DATE) and not c.optional]
    if len(dated) == len(wanted) == 1:
        i, j = wanted[0], dated[0]
        raised[i, j] = max(raised[i, j], _ONLY_DATE)
    return raised


def _column_score(table: Table, column: Column, held: ColumnProfile, shared: bool = False) -> float:
    """Return how well a column is the contract's: its name, if its content allows it.

    ``shared`` leaves out whether a key is unique, as it need not be to recognise a table.
    """
    named = name_score(table.name, column.name, held.name)
    if not named:
        return 0.0
    if not shared and len(table.key) == 1 and column.name in table.key and not held.unique:
        return 0.0
    return named * _CONTENT[column.kind](table, column, held)


def _identifier(_: Table, column: Column, held: ColumnProfile) -> float:
    if held.personal or held.flags or (held.dates and held.dates.form != "compact") or not held.there:
        return 0.0
    if held.numbers and not held.numbers.whole:
        return 0.0
    return 1.0 if column.nullable or not held.missing else 0.9


def _instant(table: Table, column: Column, held: ColumnProfile) -> float:
    if table.monthly and column.name == table.row_known and held.words and all(map(_MONTH.fullmatch, held.words)):
        return 1.0 if not held.missing else 0.5
    if not held.there and column.nullable:
        return 0.8
    return 0.0 if held.dates is None else 1.0 if column.nullable or not held.missing else 0.5


def _number(_: Table, column: Column, held: ColumnProfile) -> float:
    if not held.there and column.nullable:
        return 0.8
    return 0.0 if held.numbers is None else 1.0 if column.nullable or not held.missing else 0.5


def _integer(table: Table, column: Column, held: ColumnProfile) -> float:
    if held.numbers and held.numbers.whole:
        return 1.0
    return 1.0 if _code_share(table, column, held) >= 0.9 else 0.0


def _flag(table: Table, column: Column, held: ColumnProfile) -> float:
    return 1.0 if held.flags or (held.words and _code_share(table, column, held) >= 0.95) else 0.0


def _code(table: Table, column: Column, held: ColumnProfile) -> float:
    if not held.words or held.dates:
        return 0.0
    if not column.codes:
        return 1.0
    return 1.0 if _code_share(table, column, held) >= 0.5 else 0.7


def _text(_: Table, column: Column, held: ColumnProfile) -> float:
    if held.personal or held.dates or held.flags or not held.there:
        return 0.0
    return 1.0 if column.nullable or not held.missing else 0.5


_CONTENT: dict[Kind, Callable[[Table, Column, ColumnProfile], float]] = {
    Kind.ID: _identifier,
    Kind.INSTANT: _instant,
    Kind.DATE: _instant,
    Kind.MONEY: _number,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOL: _flag,
    Kind.CODE: _code,
    Kind.TEXT: _text,
}
"""What share of a name's score the content of a column leaves."""


def _code_share(table: Table, column: Column, held: ColumnProfile) -> float:
    """Return the share of the rows whose word is known."""
    return propose_codes(table.name, column.name, held.words).share if held.words else 0.0
