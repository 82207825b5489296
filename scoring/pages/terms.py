"""Words of the trade on a page, each linked to a plain definition that the page itself holds, in the reader's language.

A :class:`Glossary` knows the forms in which a term is written. A :class:`Linker` turns the first of them in each text
into a link, and remembers which terms the page speaks of: only those are defined, at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True)
class _Finder:
    """Finds terms in a text: a group a form, and whose form it is."""

    pattern: re.Pattern[str]
    codes: tuple[str, ...]

    def __call__(self, text: str) -> Iterator[tuple[str, re.Match[str]]]:
        for found in self.pattern.finditer(text):
            yield self.codes[(found.lastindex or 1) - 1], found


class Glossary:
    """Terms by code, and where they stand in a text.

    Raises
    ------
    ModelError
        Two terms claim the same form.
    """

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = dict(terms)
        self._finders = {language: _finder(self.terms, language) for language in ("en", "fr")}

    def linker(self, locale: Locale) -> Linker:
        """Return what links the texts of one page."""
        return Linker(self, locale)

    def found(self, text: str, language: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Yield the terms in a text of a language, each by its code with where it stands."""
        return self._finders[language](text)


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
        for code, found in self.glossary.found(text, self.locale.language):
            if code in here:
                continue
            here.add(code)
            link = Markup('<a class="term" href="#{}">{}</a>').format(_anchor(code), found[0])
            parts += [escape(text[last : found.start()]), link]
            last = found.end()
        self.used |= here
        return Markup("").join([*parts, escape(text[last:])])

    def to(self, code: str, text: str) -> Markup:
        """Return a text, escaped, that as a whole is a link to the definition of a term.

        Raises
        ------
        KeyError
            There is no such term.
        """
        self.glossary.terms[code]
        self.used.add(code)
        return Markup('<a class="term" href="#{}">{}</a>').format(_anchor(code), text)

    def definitions(self) -> list[Definition]:
        """Return the definitions of the terms that were linked, and of those that these speak of, by name."""
        language = self.locale.language
        open_, known = set(self.used), set[str]()
        while open_:
            known |= open_
            texts = [self._meaning(code) for code in open_]
            open_ = {code for text in texts for code, _ in self.glossary.found(text, language)} - known
        rows = [
            Definition(_anchor(code), self.glossary.terms[code].name.template(language), self._meaning(code))
            for code in known
        ]
        return sorted(rows, key=lambda one: one.name.lower())

    def _meaning(self, code: str) -> str:
        return self.glossary.terms[code].meaning.template(self.locale.language)


def _anchor(code: str) -> str:
    return f"term-{code.replace('_', '-')}"


def _finder(terms: Mapping[str, Term], language: str) -> _Finder:
    """Return what finds the forms of a language, longer ones first: "adjusted p" is no "p"."""
    forms = [(form, code) for code, term in terms.items() for form in getattr(term, language)]
    if len({form for form, _ in forms}) < len(forms):
        raise ModelError(f"expected each form once, got {', '.join(sorted(form for form, _ in forms))}")
    forms.sort(key=lambda pair: (-len(pair[0]), pair[0]))
    spaced = "|".join(f"({form})" for form, _ in forms).replace(" ", r"\s")
    return _Finder(re.compile(rf"(?<![\w-])(?:{spaced})(?![\w-])", re.IGNORECASE), tuple(code for _, code in forms))
