"""The draft as a commented YAML. Of the data's values only the words of code columns stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from ..core.contract import CONTRACT
from ..core.privacy import is_personal
from .draft import Draft, Question, TableDraft

__all__ = ["written"]

_WIDTH = 116


def written(draft: Draft, business: str) -> str:
    """Return the YAML of a draft.

    Sections without any answered key stand as comments, so that the file always loads.

    Parameters
    ----------
    draft
        What is proposed and asked.
    business
        Name of the business.
    """
    numbers = {id(question): n for n, question in enumerate(draft.all_questions(), start=1)}
    return "\n".join(
        [
            *_commented(_head(len(numbers))),
            f"business: {_name(business)}",
            "timezone: UTC  # instants without a zone are read in it; write yours, such as Europe/Paris",
            "",
            *_section("tables", [_entry(table, numbers) for table in draft.tables], _asked(draft.questions, numbers)),
            "",
            *_section("columns", [_columns(table, numbers) for table in draft.tables]),
            *_codes(draft, numbers),
            *_dropped(draft),
            *_static(draft),
            *_rest(draft),
            "",
        ]
    )


def _head(questions: int) -> str:
    asked = f"{questions} questions are open" if questions != 1 else "1 question is open"
    return (
        f"Proposed by `servicelift init` from heads and samples of the files; {asked}. Lines that begin with ASK"
        f" wait for"
        " an answer: the key is left out, so that `servicelift validate` refuses rather than guesses. Sure and"
        " likely say"
        " how well name and content agree; read the likely ones."
    )


def _name(business: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", business).strip("_") or "business"


def _section(title: str, blocks: Iterable[Sequence[str]], before: Sequence[str] = ()) -> list[str]:
    """Return a section, itself a comment if none of its lines is more than one."""
    lines = [*before, *(line for block in blocks for line in block)]
    live = any(line.strip() and not line.lstrip().startswith("#") for line in lines)
    return [f"{title}:" if live else f"# {title}:", *lines]


def _asked(questions: Iterable[Question], numbers: dict[int, int], indent: str = "  ") -> list[str]:
    lines = []
    for question in questions:
        where = f"{question.table}.{question.column}" if question.column else question.table
        lines += _commented(f"ASK {numbers[id(question)]}: {where}: {question.text}", indent)
    return lines


def _entry(table: TableDraft, numbers: dict[int, int]) -> list[str]:
    proposal = table.proposal
    lines = [f"  # {_shown(proposal.source.name)}: {proposal.source.rows:,} rows; {proposal.sureness}"]
    lines += _asked((q for q in table.questions if not q.column), numbers)
    if set(table.entry) == {"path"}:
        return [*lines, f"  {proposal.table}: {_scalar(table.entry['path'])}"]
    lines.append(f"  {proposal.table}:")
    return [*lines, *(f"    {key}: {_scalar(value)}" for key, value in table.entry.items())]


def _columns(table: TableDraft, numbers: dict[int, int]) -> list[str]:
    if "preset" in table.entry:
        return _preset_columns(table, numbers)
    codes = [column for column in table.codes if table.codes[column][0].unknown]
    asked = [q for q in table.questions if q.column and q.column not in codes]
    lines = [f"    {line.column}: {_scalar(line.name)}  # {line.remark}" for line in table.lines]
    title = f"  {table.proposal.table}:" if lines else f"  # {table.proposal.table}:"
    return [title, *lines, *_asked(asked, numbers, "    ")] if lines or asked else []


def _preset_columns(table: TableDraft, numbers: dict[int, int]) -> list[str]:
    """Return what is asked of an export that a preset maps; its columns need no line."""
    asked = _asked((q for q in table.questions if q.column), numbers, "    ")
    return [f"  # {table.proposal.table}:", *asked] if asked else []


def _codes(draft: Draft, numbers: dict[int, int]) -> list[str]:
    blocks = []
    for table in draft.tables:
        asked = {q.column: q for q in table.questions if q.column}
        for column, (proposed, counts) in table.codes.items():
            seen = ", ".join(f"{_shown(word)} {rows:,}" for word, rows in counts.items())
            lines = _commented(f"rows: {seen}", "  ")
            title = f"{table.proposal.table}.{column}:"
            lines.append(f"  {title}" if proposed.codes else f"  # {title}")
            lines += [f"    {_scalar(code)}: {_scalar(list(words))}" for code, words in proposed.codes.items()]
            if proposed.unknown:
                lines += _asked([asked[column]], numbers, "    ")
            blocks.append(lines)
    return ["", *_section("codes", blocks)] if blocks else []


def _dropped(draft: Draft) -> list[str]:
    blocks = []
    for table in draft.tables:
        if table.drop:
            why = "; ".join(f"{_shown(name)}: {reason}" for name, reason in table.drop.items())
            blocks.append([*_commented(why, "  "), f"  {table.proposal.table}: {_scalar(list(table.drop))}"])
    return ["", *_section("drop", blocks)] if blocks else []


def _static(draft: Draft) -> list[str]:
    names = [name for table in draft.tables for name in table.static]
    if not names:
        return []
    text = "Other columns of customers. Those that were known at sign-up and never change may be features; leave out"
    return ["", *_commented(f"{text} whatever is written later, above all who left."), f"# static: {_scalar(names)}"]


def _rest(draft: Draft) -> list[str]:
    lines: list[str] = []
    if draft.missing:
        lines += [
            "",
            "# Missing, and what that costs:",
            *(part for m in draft.missing for part in _commented(f"- {m}")),
        ]
    if draft.unused:
        names = ", ".join(_shown(source.name) for source in draft.unused)
        lines += [
            "",
            *_commented(f"No table of the contract: {names}. Name one under tables: where it is one after all."),
        ]
    optional = [_left_out(table) for table in draft.tables]
    if any(optional):
        lines += ["", "# Optional columns of the contract that were not found:"]
        lines += [part for text in optional if text for part in _commented(f"- {text}")]
    return lines


def _left_out(table: TableDraft) -> str:
    there = table.names()
    lacking = [c.name for c in CONTRACT[table.proposal.table].columns if c.optional and c.name not in there]
    return f"{table.proposal.table}: {', '.join(lacking)}" if lacking else ""


def _shown(text: str) -> str:
    """Return a word or name in one line, none that is personal."""
    if is_personal(text):
        return "(personal)"
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _commented(text: str, indent: str = "") -> list[str]:
    """Return a text as comment lines within the width."""
    words, lines, line = text.split(), [], f"{indent}#"
    for word in words:
        if len(line) + 1 + len(word) > _WIDTH and line != f"{indent}#":
            lines.append(line)
            line = f"{indent}#  "
        line += f" {word}"
    return [*lines, line]


def _scalar(value: Any) -> str:
    """Return a value as YAML in one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).strip()
    return text.removesuffix("\n...").removesuffix("...").strip()
