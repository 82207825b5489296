"""What is decided travels as a code with its figures; sentences are made from it at the edge, in each language.

A :class:`Catalogue` holds the sentences of one room. In a sentence, ``{figure:form}`` says how a figure is written:

- ``n0``, ``n1``, ... a number with so many decimals, ``s2`` with its sign too, ``g`` with those it needs; a whole
  number needs no form;
- ``money`` and ``money0``; ``percent`` and ``percent1`` of a share; ``date``;
- ``name`` what the business calls a code; ``names`` and ``or`` lists of them, ``words`` a list of words;
- ``coded`` the catalogue's own sentence of a code, or of each in a list;
- ``one|many`` a word by CLDR's plural rules for that figure, as in ``{n} {n:customer|customers}``. A third word serves
  where a language has one for millions: ``1 000 000 {n:client|clients|de clients}``.

French sets spaces that do not break before ``:``, ``;``, ``?``, ``!`` and ``%``: sentences are written with plain ones.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .errors import ModelError
from .locale import Language, Locale

__all__ = ["Catalogue", "Message", "Sentence", "capitalised"]

_BEFORE_MARK = re.compile(r" (?=[:%»])|(?<=«) ")
_BEFORE_THIN_MARK = re.compile(r" (?=[;?!])")
_FORM = re.compile(r"(n|s|money|percent)(\d?)")


@dataclass(frozen=True)
class Message:
    """Something decided or found: its code, and the figures that belong to it."""

    code: str
    figures: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, code: str, **figures: Any) -> Message:
        """Return the message ``code`` with its figures."""
        return cls(str(code), figures)


@dataclass(frozen=True)
class Sentence:
    """One sentence, or part of one, in each language."""

    en: str
    fr: str

    def template(self, language: Language) -> str:
        """Return the sentence of a language, its figures still to be written."""
        if language == "en":
            return self.en
        return _BEFORE_THIN_MARK.sub("\u202f", _BEFORE_MARK.sub("\u00a0", self.fr))

    def figures(self, language: Language) -> frozenset[str]:
        """Return the names of the figures that the sentence of a language tells."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self.template(language)) if name)


class Catalogue(Mapping[str, Sentence]):
    """The sentences of one room, by code.

    Examples
    --------
    >>> words = Catalogue({"kept": Sentence("{n} {n:customer|customers} stayed", "{n} {n:client|clients} de plus")})
    >>> words.say(Locale("en"), "kept", n=1)
    '1 customer stayed'
    >>> words.say(Locale("fr"), "kept", n=0)
    '0 client de plus'
    """

    def __init__(self, sentences: Mapping[str, Sentence]) -> None:
        self._sentences = dict(sentences)

    def __getitem__(self, code: str) -> Sentence:
        """Return the sentence of a code."""
        return self._sentences[code]

    def __iter__(self) -> Any:
        """Iterate over the codes."""
        return iter(self._sentences)

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self._sentences)

    def say(self, locale: Locale, code: str, **figures: Any) -> str:
        """Return the sentence of ``code`` with its figures, as ``locale`` writes them.

        Raises
        ------
        KeyError
            No sentence has this code, or a figure is missing.
        """
        return _Writer(locale, self).vformat(self[code].template(locale.language), (), figures)

    def write(self, locale: Locale, message: Message) -> str:
        """Return the sentence of a message."""
        return self.say(locale, message.code, **message.figures)

    def join(self, locale: Locale, messages: Sequence[Message]) -> str:
        """Return the sentences of several messages as clauses, parted by semicolons."""
        return locale.clauses([self.write(locale, message) for message in messages])


def capitalised(text: str) -> str:
    """Return a sentence that begins with a capital letter."""
    return text[:1].upper() + text[1:]


class _Writer(string.Formatter):
    """Fills the places of a sentence by the forms of this module."""

    def __init__(self, locale: Locale, catalogue: Catalogue) -> None:
        self._locale = locale
        self._catalogue = catalogue

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return one figure, written as its form says."""
        locale = self._locale
        if "|" in format_spec:
            one, other, *millions = format_spec.split("|")
            return {"one": one, "many": millions[0] if millions else other}.get(locale.plural(value), other)
        if match := _FORM.fullmatch(format_spec):
            kind, digits = match[1], int(match[2] or 0)
            if kind == "money":
                return locale.money(value, int(match[2]) if match[2] else None)
            return {"n": locale.number, "s": locale.signed, "percent": locale.percent}[kind](value, digits)
        if format_spec in ("names", "or"):
            return locale.listed([locale.named(str(v)) for v in value], choice=format_spec == "or")
        if format_spec == "words":
            return locale.listed(list(value))
        if format_spec == "name":
            return locale.named(str(value))
        if format_spec == "date":
            return locale.date(value)
        if format_spec == "g":
            return locale.short(value)
        if format_spec == "coded":
            codes = [value] if isinstance(value, str) else list(value)
            return locale.listed([self._catalogue.say(locale, code) for code in codes])
        if format_spec or not isinstance(value, str | int):
            raise ModelError(f"expected a form for {value!r} that core.messages knows, got '{format_spec}'")
        return value if isinstance(value, str) else locale.number(value)
