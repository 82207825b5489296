"""The section ``codes:``: a business's words for the contract's codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract import CONTRACT
from ..errors import did_you_mean

__all__ = ["check_codes", "codes_as_texts"]


def codes_as_texts(codes: Any) -> Any:
    """Return codes with single values as lists, and numbers and YAML's yes/no as texts."""
    if isinstance(codes, dict):
        return {_as_text(key): codes_as_texts(value) for key, value in codes.items()}
    if isinstance(codes, list | tuple):
        return [_as_text(value) for value in codes]
    return [_as_text(codes)] if isinstance(codes, str | int | float) else codes


def check_codes(key: str, mapping: Mapping[str, Sequence[str]]) -> None:
    """Stop at a column or code that the contract does not have, and at a word that means two codes.

    Parameters
    ----------
    key
        The column, ``table.column``.
    mapping
        The business's words by code.

    Raises
    ------
    ValueError
        Names the key, and the nearest one.
    """
    table, _, column = key.partition(".")
    if table not in CONTRACT or column not in CONTRACT[table].column:
        known = [f"{t.name}.{c.name}" for t in CONTRACT.values() for c in t.columns if c.codes]
        raise ValueError(f"codes: unknown column '{key}'{did_you_mean(key, known)}; expected table.column")
    codes = CONTRACT[table].column[column].codes
    for code in mapping:
        if codes and code not in codes:
            turned = next((word for word in mapping[code] if word in codes), None)
            remedy = f"; write the code first: {turned}: [{code}]" if turned else did_you_mean(code, codes)
            raise ValueError(f"codes.{key}: unknown code '{code}'{remedy}; expected one of {', '.join(codes)}")
    meaning: dict[str, str] = {}
    for code, words in mapping.items():
        for word in words:
            other = meaning.setdefault(word.strip().lower(), code)
            if other != code:
                raise ValueError(
                    f"codes.{key}: the word '{word}' means both '{other}' and '{code}', capitals and blanks aside;"
                    " keep it under one"
                )


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
