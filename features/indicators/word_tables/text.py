"""The words of one indicator."""

from __future__ import annotations

from dataclasses import dataclass

from ....core.messages import Sentence

__all__ = ["IndicatorWords", "words"]


@dataclass(frozen=True)
class IndicatorWords:
    """What an indicator is called, how it is made, and in what it misleads."""

    title: Sentence
    formula: Sentence
    trap: Sentence


def words(title: tuple[str, str], formula: tuple[str, str], trap: tuple[str, str]) -> IndicatorWords:
    """Return the words of an indicator, each in English and in French."""
    return IndicatorWords(Sentence(*title), Sentence(*formula), Sentence(*trap))
