"""What each indicator is called, how it is made, and its trap, in English and French."""

from __future__ import annotations

from ...core.locale import Locale
from .word_tables.around import AROUND
from .word_tables.customers import CUSTOMERS
from .word_tables.service import SERVICE
from .word_tables.text import IndicatorWords

__all__ = ["WORDS", "IndicatorWords", "title_of"]

WORDS: dict[str, IndicatorWords] = {**SERVICE, **CUSTOMERS, **AROUND}
"""The words of every indicator, by name."""


def title_of(name: str, locale: Locale) -> str:
    """Return what an indicator is called: the business's own name of it, else ours, else its name in a file.

    >>> title_of("nps", Locale("fr"))
    'Recommandation nette (NPS)'
    """
    if name in locale.names or name not in WORDS:
        return locale.named(name)
    return WORDS[name].title.template(locale.language)
