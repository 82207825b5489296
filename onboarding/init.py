"""``servicelift init``: look at the files, propose a configuration, ask what nobody can tell from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import ConfigError
from ..core.progress import Say, silent
from .draft import Draft, draft
from .sniff import SourceTable, sniff
from .write import written

__all__ = ["Initialised", "init"]


@dataclass(frozen=True)
class Initialised:
    """What was proposed, and where it was written."""

    draft: Draft
    path: Path

    def lines(self) -> list[str]:
        """Return what a user reads: tables with how sure, what was passed over, questions, and what to do next."""
        questions = self.draft.all_questions()
        count = "1 question" if len(questions) == 1 else f"{len(questions)} questions"
        next_step = f"servicelift validate {self.path}"
        flat = self.draft.flat
        return [
            *(self._table(place) for place in range(len(self.draft.tables))),
            *(f"{source.name}: no table of the contract" for source in self.draft.unused),
            *(f"passed over: {reason}" for reason in self.draft.passed_over),
            *([f"{count}:"] if questions else []),
            *(
                f"  {n}. {q.table}{'.' + q.column if q.column else ''}: {q.text}"
                for n, q in enumerate(questions, start=1)
            ),
            *([self._flat(*flat)] if flat else []),
            f"{count}; written: {self.path}; {'answer them there, then ' if questions else 'now '}{next_step}",
        ]

    def _table(self, place: int) -> str:
        table = self.draft.tables[place]
        needed = len(table.lines)
        return (
            f"{table.proposal.table}: {table.proposal.source.name} ({table.proposal.source.rows:,} rows),"
            f" {table.proposal.sureness}; {needed} columns, {len(table.questions)} to ask"
        )

    def _flat(self, source: SourceTable, label: str) -> str:
        file = self.path.parent / next(iter(source.entry.values()))
        return (
            f"{source.name} has one row a customer and no dates: `servicelift churn {file} --label {label}` learns from"
            " it as it is"
        )


def init(places: Sequence[str], out: Path, *, force: bool = False, say: Say = silent) -> Initialised:
    """Write a commented configuration for the tables in files, folders or databases.

    Parameters
    ----------
    places
        Files, folders, or connections such as ``postgresql://host/db``.
    out
        The YAML file to write.
    force
        Whether an existing file is replaced.
    say
        Told about each step.

    Raises
    ------
    ConfigError
        The file exists already, or cannot be written.
    DataError
        A place does not exist, or no table was found.
    """
    if out.exists() and not force:
        raise ConfigError(f"'{out}' exists already; choose another --out, or --force to replace it")
    if not out.parent.is_dir():
        raise ConfigError(f"expected an existing folder for '{out}'; make it first")
    say("look at the files")
    found = sniff(places, out.parent)
    say("propose tables, columns and codes")
    proposed = draft(found)
    text = written(proposed, out.stem)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write '{out}': {error.strerror}") from error
    return Initialised(proposed, out)
