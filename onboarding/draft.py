"""From proposals to a draft: how each table is read, what its codes mean, what is dropped, and what has to be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.config.presets import preset_tables
from ..core.contract import CONTRACT, Kind
from .codes import CodeProposal, propose_codes
from .joins import match_share
from .presets import Recognised, recognised
from .profile import ColumnProfile, Dates
from .propose import SURE, ColumnProposal, TableProposal, propose_tables
from .results import missing_results
from .sniff import Sniffed, SourceTable
from .words import tokens

__all__ = ["ColumnLine", "Draft", "Question", "TableDraft", "draft"]

_CODED = (Kind.CODE, Kind.BOOL)
_NUMBERS = (Kind.MONEY, Kind.NUMBER, Kind.INTEGER)
_PERSONS = frozenset(
    [
        "firstname",
        "lastname",
        "surname",
        "prenom",
        "vorname",
        "nachname",
        "familienname",
        "email",
        "mail",
        "mel",
        "phone",
        "telephone",
        "tel",
        "mobile",
        "portable",
        "handy",
        "address",
        "adresse",
        "street",
        "rue",
        "strasse",
        "iban",
        "bic",
        "zip",
        "postcode",
        "plz",
    ]
)
_CONSTANTS = {
    "contacts.channel": "constants: {channel: ticket}",
    "surveys.metric": "constants: {metric: csat}, nps or ces",
    "payments.method": "constants: {method: other}",
    "payment_methods.method": "constants: {method: other}",
    "subscriptions.product": "constants: {product: NAME}",
    "subscriptions.term_months": "constants: {term_months: 1}",
}
_FEW_MATCHES = 0.5
_MOST_MATCH = 0.95
_CHURN = frozenset({"churn", "left", "lost", "exited", "attrited"})


@dataclass(frozen=True)
class Question:
    """What only a person can tell; ``column`` is empty where the whole table is asked about."""

    table: str
    column: str
    text: str


@dataclass(frozen=True)
class ColumnLine:
    """A column of the contract, the source's name of it, and how sure that is."""

    column: str
    name: str
    remark: str


@dataclass
class TableDraft:
    """What the configuration will say of one table.

    Parameters
    ----------
    proposal
        Which source it is.
    entry
        Keys of its entry under ``tables:``.
    lines
        Its columns.
    codes
        What the words of its code columns mean, with the rows of each word.
    drop
        Columns that must not be read, and why.
    questions
        What has to be asked.
    static
        Other columns of few words, which may be features if they never change.
    """

    proposal: TableProposal
    entry: dict[str, Any]
    lines: list[ColumnLine] = field(default_factory=list)
    codes: dict[str, tuple[CodeProposal, dict[str, int]]] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    static: list[str] = field(default_factory=list)

    def names(self) -> dict[str, str]:
        """Return the source's names by column of the contract."""
        return {line.column: line.name for line in self.lines}


@dataclass(frozen=True)
class Draft:
    """All that ``init`` proposes and asks.

    Parameters
    ----------
    tables
        One for each table of the contract that was recognised.
    questions
        Those about the whole: tables that are needed and were not found.
    unused
        Sources that are no table of the contract.
    passed_over
        Files that are no tables, with the reason.
    missing
        Tables and columns that are not there, and the results that costs.
    flat
        A table of one row a customer without dates, and its column that says who left, if there is one.
    """

    tables: tuple[TableDraft, ...]
    questions: tuple[Question, ...]
    unused: tuple[SourceTable, ...]
    passed_over: tuple[str, ...]
    missing: tuple[str, ...]
    flat: tuple[SourceTable, str] | None

    def all_questions(self) -> list[Question]:
        """Return every question in the order of the configuration."""
        return [*self.questions, *(question for table in self.tables for question in table.questions)]


def draft(sniffed: Sniffed) -> Draft:
    """Return what is proposed for the tables that were found, and what has to be asked."""
    known = _exports(sniffed.tables)
    others = [source for source in sniffed.tables if all(source is not p.source for p, _ in known)]
    proposals = propose_tables(others, {proposal.table for proposal, _ in known})
    every = sorted([*proposals, *(p for p, _ in known)], key=lambda proposal: list(CONTRACT).index(proposal.table))
    presets = {proposal.table: export for proposal, export in known}
    tables = tuple(
        _exported(sniffed, proposal, presets[proposal.table], every)
        if proposal.table in presets
        else _table(sniffed, proposal, every)
        for proposal in every
    )
    proposals = every
    used = {id(proposal.source) for proposal in proposals}
    unused = tuple(source for source in sniffed.tables if id(source) not in used)
    return Draft(
        tables,
        tuple(_needed_tables(proposals)),
        unused,
        sniffed.passed_over,
        missing_results({table.proposal.table: set(table.names()) for table in tables}),
        _flat(sniffed.tables),
    )


def _needed_tables(proposals: Sequence[TableProposal]) -> Iterable[Question]:
    there = {proposal.table for proposal in proposals}
    if "customers" not in there:
        yield Question("customers", "", "no table of customers was recognised; name it: customer_id and signed_up_at")
    if not {"subscriptions", "payments"} & there:
        yield Question(
            "subscriptions", "", "neither subscriptions nor payments were recognised; one of the two is needed"
        )


def _flat(sources: Sequence[SourceTable]) -> tuple[SourceTable, str] | None:
    """Return a table of one row a customer that has no date but says who left."""
    for source in sources:
        label = next((c.name for c in source.columns if _CHURN & set(tokens(c.name)) and c.distinct == 2), None)
        if label and any(c.unique for c in source.columns) and not any(c.dates for c in source.columns):
            return source, label
    return None


def _table(sniffed: Sniffed, proposal: TableProposal, proposals: Sequence[TableProposal]) -> TableDraft:
    table = TableDraft(proposal, dict(proposal.source.entry))
    _columns(table)
    _joins(sniffed, table, proposals)
    _date_order(table)
    _decimal_mark(table)
    _codes(table)
    _dropped(table)
    return table


def _exports(sources: Sequence[SourceTable]) -> list[tuple[TableProposal, Recognised]]:
    """Return the sources that a preset knows by peculiar names, the first of each table."""
    exports: dict[str, tuple[TableProposal, Recognised]] = {}
    for source in sources:
        export = recognised(source)
        if export is not None and export.peculiar and export.table not in exports:
            exports[export.table] = (TableProposal(export.table, source, SURE), export)
    return list(exports.values())


def _exported(
    sniffed: Sniffed, proposal: TableProposal, export: Recognised, proposals: Sequence[TableProposal]
) -> TableDraft:
    """Return the draft of an export that a preset maps; only its customers may have to be asked for."""
    table = TableDraft(proposal, {**proposal.source.entry, "preset": export.preset})
    names = {column.name for column in proposal.source.columns}
    mapped = {column: export.names.get(column, column) for column in CONTRACT[export.table].column}
    mapped = {column: name for column, name in mapped.items() if name in names}
    table.lines += [ColumnLine(column, name, f"by preset {export.preset}") for column, name in mapped.items()]
    _joins(sniffed, table, proposals)
    _date_order(table)
    _decimal_mark(table)
    _dropped(table, set(preset_tables(export.preset)[export.table].get("drop", ())))
    return table


def _ask(table: TableDraft, column: str, text: str) -> None:
    table.questions.append(Question(table.proposal.table, column, text))


def _columns(table: TableDraft) -> None:
    for name, column in CONTRACT[table.proposal.table].column.items():
        proposed = table.proposal.columns[name]
        if proposed.name is not None:
            table.lines.append(ColumnLine(name, proposed.name, proposed.sureness))
        elif not (column.optional or (column.instead and table.proposal.columns[column.instead].name)):
            _ask(table, name, _column_question(table.proposal, name, proposed))


def _column_question(proposal: TableProposal, column: str, proposed: ColumnProposal) -> str:
    meaning = CONTRACT[proposal.table].column[column].meaning
    constant = _CONSTANTS.get(f"{proposal.table}.{column}")
    near = f"; is it {' or '.join(proposed.others)}?" if proposed.others else ""
    stand_in = f"; or one value for all rows in its entry: {constant}" if constant else ""
    return f"{meaning}: {proposed.reason}{near}{stand_in}"


def _joins(sniffed: Sniffed, table: TableDraft, proposals: Sequence[TableProposal]) -> None:
    """Add to each reference how many of its keys are there; one that mostly points nowhere is asked."""
    sources = {p.table: p for p in proposals}
    contract = CONTRACT[table.proposal.table]
    for line in list(table.lines):
        parent = contract.column[line.column].references
        if parent is None or parent not in sources or parent == contract.name:
            continue
        proposed = sources[parent].columns.get(CONTRACT[parent].key[0])
        if proposed is None or proposed.name is None:
            continue
        key = proposed.name
        share = match_share(sniffed.connection, table.proposal.source, line.name, sources[parent].source, key)
        place = table.lines.index(line)
        if share >= _FEW_MATCHES:
            table.lines[place] = ColumnLine(
                line.column, line.name, f"{line.remark}; {share:.0%} of its keys in {parent}"
            )
            continue
        del table.lines[place]
        if not contract.column[line.column].optional:
            text = (
                f"{contract.column[line.column].meaning}: only {share:.0%} of the keys of '{line.name}' are in {parent}"
            )
            _ask(table, line.column, f"{text}; which column joins the two?")


def _held(table: TableDraft, kinds: Iterable[Kind]) -> dict[str, ColumnProfile]:
    """Return what the proposed columns of these kinds hold, by column of the contract."""
    contract = CONTRACT[table.proposal.table].column
    wanted = set(kinds)
    return {
        line.column: table.proposal.source.column(line.name)
        for line in table.lines
        if contract[line.column].kind in wanted
    }


def _date_order(table: TableDraft) -> None:
    """Say how dates are written; where nothing proves the order of day and month, ask."""
    held = {name: c.dates for name, c in _held(table, (Kind.INSTANT, Kind.DATE)).items() if c.dates}
    held = held or {c.name: c.dates for c in table.proposal.source.columns if c.dates and not c.numbers}
    written = [dates for dates in held.values() if dates.form != "typed"]
    forms = {dates.form for dates in written}
    if forms <= {"iso"}:
        return
    if forms == {"compact"}:
        table.entry["date_format"] = "%Y%m%d"
        return
    ordered = [dates for dates in written if dates.form == "ordered"]
    day, month = sum(d.day_first for d in ordered), sum(d.month_first for d in ordered)
    one_form = len({(d.sign, d.short_year) for d in ordered}) == 1 and forms == {"ordered"}
    if day and not month and not any(d.short_year for d in ordered) and "compact" not in forms:
        table.entry["dayfirst"] = True
    elif bool(day) != bool(month) and one_form:
        table.entry["date_format"] = _date_format(ordered[0], day_first=bool(day))
    else:
        _ask(table, "", _order_question(held, ordered, day, month))


def _date_format(dates: Dates, *, day_first: bool) -> str:
    parts = ["%d", "%m"] if day_first else ["%m", "%d"]
    return dates.sign.join([*parts, "%y" if dates.short_year else "%Y"])


def _order_question(held: dict[str, Dates], ordered: Sequence[Dates], day: int, month: int) -> str:
    names = ", ".join(name for name, dates in held.items() if dates in ordered) or ", ".join(held)
    if day and month:
        why = "some dates have the day first and some the month"
    elif ordered and not day and not month:
        why = "every date can be read with the day or the month first"
    else:
        why = "dates are written in more than one form"
    formats = " or ".join(f'date_format: "{_date_format(ordered[0], day_first=d)}"' for d in (True, False) if ordered)
    return f"dates of {names}: {why}; write {formats or 'date_format: ...'} in its entry"


def _decimal_mark(table: TableDraft) -> None:
    """Say which sign is the decimal mark; columns in which nothing proves it are asked, and left out."""
    held = {name: c.numbers for name, c in _held(table, _NUMBERS).items() if c.numbers}
    comma, point = sum(n.comma for n in held.values()), sum(n.point for n in held.values())
    either = [name for name, n in held.items() if n.either]
    if comma and not point and not either:
        table.entry["decimal"] = ","
        return
    doubtful = list(held) if comma and point else either if not point or comma else []
    doubtful = [name for name in doubtful if held[name].comma or held[name].point or held[name].either]
    if not doubtful:
        return
    text = 'is the decimal mark a comma (decimal: ",") or a point? Values such as 1,234 can be read both ways'
    _ask(table, doubtful[0], f"{text}; then map {', '.join(doubtful)} under columns:")
    names = table.names()
    table.questions[-1] = Question(
        table.proposal.table, doubtful[0], f"{text}; then map {', '.join(f'{d}: {names[d]}' for d in doubtful)}"
    )
    table.lines[:] = [line for line in table.lines if line.column not in doubtful]


def _codes(table: TableDraft) -> None:
    contract = CONTRACT[table.proposal.table].column
    for line in list(table.lines):
        column = contract[line.column]
        held = table.proposal.source.column(line.name)
        words_of_months = column.name == "term_months" and held.numbers is None
        if held.flags or not held.words or not (column.kind in _CODED or words_of_months):
            continue
        proposed = propose_codes(table.proposal.table, column.name, held.words)
        if proposed.codes or proposed.unknown:
            table.codes[column.name] = (proposed, held.words)
        if proposed.unknown:
            unknown = ", ".join(f"{word} ({rows:,} rows)" for word, rows in proposed.unknown.items())
            expected = ", ".join(column.codes) or ("months" if words_of_months else "true, false")
            _ask(table, column.name, f"what do these words mean: {unknown}? Put each under codes: as {expected}")


def _dropped(table: TableDraft, dropped: Collection[str] = ()) -> None:
    """List columns of personal data, those a preset drops aside, and other columns that may be features."""
    taken = {line.name for line in table.lines}
    for column in table.proposal.source.columns:
        words = set(tokens(column.name)) | {"".join(tokens(column.name))}
        if column.name in taken or column.name in dropped:
            continue
        if column.personal or (words & _PERSONS and not column.words):
            table.drop[column.name] = column.personal or "by its name"
        elif table.proposal.table == "customers" and column.words and column.distinct > 1 and not _CHURN & words:
            table.static.append(column.name)
