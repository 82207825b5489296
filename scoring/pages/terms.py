"""Words of the trade on a page, each linked to a plain definition that the page itself holds, in the reader's language.

A :class:`Glossary` knows the forms in which a term is written. A :class:`Linker` turns the first of them in each text
into a link, and remembers which terms the page speaks of: only those are defined, at its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from ...core.errors import ModelError
from ...core.locale import Locale
from ...core.messages import Sentence

__all__ = ["Definition", "Glossary", "Linker", "Term", "term"]


@dataclass(frozen=True)
class Term:
    """A term: what it is called, the forms to be linked (regular expressions, by language), and what it means."""

    name: Sentence
    en: tuple[str, ...]
    fr: tuple[str, ...]
    meaning: Sentence


def term(en: str, fr: str, forms_en: tuple[str, ...], forms_fr: tuple[str, ...], says: tuple[str, str]) -> Term:
    """Return a term: its names, its forms, and what it means in English and in French."""
    return Term(Sentence(en, fr), forms_en, forms_fr, Sentence(*says))


@dataclass(frozen=True)
class Definition:
    """A term as the page defines it; ``anchor`` is its id."""

    anchor: str
    name: str
    meaning: str


class Glossary:
    """Terms by code, and where they stand in a text.

    Raises
    ------
    ModelError
        Two terms claim the same form.
    """

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = dict(terms)
        self._patterns = {language: _pattern(self.terms, language) for language in ("en", "fr")}

    def linker(self, locale: Locale) -> Linker:
        """Return what links the texts of one page."""
        return Linker(self, locale)

    def pattern(self, language: str) -> re.Pattern[str]:
        """Return the expression that finds the terms of a language, a group each."""
        return self._patterns[language]


@dataclass
class Linker:
    """Links terms on one page; call it with a text.

    Examples
    --------
    >>> noise = Term(Sentence("luck", "hasard"), ("luck",), ("hasard",), Sentence("What averages out.", "Ce qui..."))
    >>> link = Glossary({"luck": noise}).linker(Locale("en"))
    >>> print(link("Sheer luck, more luck & <b>"))
    Sheer <a class="term" href="#term-luck">luck</a>, more luck &amp; &lt;b&gt;
    >>> [one.name for one in link.definitions()]
    ['luck']
    """

    glossary: Glossary
    locale: Locale
    used: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> Markup:
        """Return a text, escaped, the first form of each term linked."""
        parts, last, here = [], 0, set()
        for found in self.glossary.pattern(self.locale.language).finditer(text):
            code = str(found.lastgroup)
            if code in here:
                continue
            here.add(code)
            link = Markup('<a class="term" href="#{}">{}</a>').format(_anchor(code), found[0])
            parts += [escape(text[last : found.start()]), link]
            last = found.end()
        self.used |= here
        return Markup("").join([*parts, escape(text[last:])])

    def definitions(self) -> list[Definition]:
        """Return the definitions of the terms that were linked, and of those that these speak of, by name."""
        open_, known = set(self.used), set()
        while open_:
            known |= open_
            texts = [self._meaning(code) for code in open_]
            pattern = self.glossary.pattern(self.locale.language)
            open_ = {str(found.lastgroup) for text in texts for found in pattern.finditer(text)} - known
        language = self.locale.language
        rows = [
            Definition(_anchor(code), self.glossary.terms[code].name.template(language), self._meaning(code))
            for code in known
        ]
        return sorted(rows, key=lambda one: one.name.lower())

    def _meaning(self, code: str) -> str:
        return self.glossary.terms[code].meaning.template(self.locale.language)


def _anchor(code: str) -> str:
    return f"term-{code.replace('_', '-')}"


def _pattern(terms: Mapping[str, Term], language: str) -> re.Pattern[str]:
    """Return one expression: the term with the longest form first, so that "adjusted p" is no "p"."""
    forms = [form for term in terms.values() for form in getattr(term, language)]
    if len(set(forms)) < len(forms):
        raise ModelError(f"expected each form once, got {', '.join(sorted(forms))}")
    own = {code: sorted(getattr(term, language), key=len, reverse=True) for code, term in terms.items()}
    longest = sorted(own, key=lambda code: -len(own[code][0]))
    alternatives = [f"(?P<{code}>{'|'.join(own[code])})" for code in longest]
    spaced = "|".join(alternatives).replace(" ", r"\s")
    return re.compile(rf"(?<![\w-])(?:{spaced})(?![\w-])", re.IGNORECASE)
