"""What a phrase consists of; :mod:`.say` holds them and puts in the values."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.locale import Language

__all__ = ["Phrase", "Words"]


@dataclass(frozen=True)
class Words:
    """The words of one language for a value (``some``), for 0, for nothing to tell (``none``), and below 0 (``minus``).

    An empty ``zero`` or ``minus``: ``some`` serves.
    """

    some: str
    none: str = ""
    zero: str = ""
    minus: str = ""


@dataclass(frozen=True)
class Phrase:
    """A feature in both languages.

    Features of one ``topic`` go together and are told once; a ``quiet`` one lets the others of its topic speak first,
    because it means less to a reader (the cost of the contacts, beside their number).
    """

    topic: str
    en: Words
    fr: Words
    quiet: bool = False

    def words(self, language: Language) -> Words:
        """Return the words of a language."""
        return self.en if language == "en" else self.fr
