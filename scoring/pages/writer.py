"""The writer of pages: Jinja2 with every value escaped, and figures by the reader's locale.

A page is a template of its own room that extends ``base.html.j2`` of this one: the head, the style and the language
are written once. ``tables.html.j2`` and ``pictures.html.j2`` hold the tables and pictures that pages have in common. A
page is one file: it fetches nothing and needs no script.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import pandas as pd

from ...core.locale import Locale
from ...core.messages import Catalogue

__all__ = ["page_template", "sayer"]


def page_template(room: str, name: str) -> jinja2.Template:
    """Return the template ``name`` of a room.

    Templates are looked for in the room and then here. Beside what Jinja2 brings they know the filters ``number``,
    ``money``, ``signed``, ``percent`` and ``date``, which write a figure by the ``locale`` that the page is rendered
    with; a name that nothing was given for is an error, never an empty place.

    Parameters
    ----------
    room
        Package of the page, its ``__package__``.
    name
        File name of its template.
    """
    return _environment(room).get_template(name)


def sayer(catalogue: Catalogue, locale: Locale) -> Callable[..., str]:
    """Return the function by which a template says a sentence of a catalogue."""

    def say(code: str, **figures: Any) -> str:
        return catalogue.say(locale, code, **figures)

    return say


@cache
def _environment(room: str) -> jinja2.Environment:
    rooms = [files(room), files(__package__ or "")]

    def source(name: str) -> str | None:
        place = next((each.joinpath(name) for each in rooms if each.joinpath(name).is_file()), None)
        return None if place is None else place.read_text(encoding="utf-8")

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "money": _money, "signed": _signed, "percent": _percent, "date": _date}
    return environment


@jinja2.pass_context
def _number(context: jinja2.runtime.Context, value: float, digits: int = 0) -> str:
    return _locale(context).number(value, digits)


@jinja2.pass_context
def _money(context: jinja2.runtime.Context, value: float, digits: int | None = None) -> str:
    return _locale(context).money(value, digits)


@jinja2.pass_context
def _signed(context: jinja2.runtime.Context, value: float, digits: int = 2) -> str:
    return _locale(context).signed(value, digits)


@jinja2.pass_context
def _percent(context: jinja2.runtime.Context, value: float, digits: int = 0) -> str:
    return _locale(context).percent(value, digits)


@jinja2.pass_context
def _date(context: jinja2.runtime.Context, value: pd.Timestamp) -> str:
    return _locale(context).date(value)


def _locale(context: jinja2.runtime.Context) -> Locale:
    locale = context.resolve("locale")
    assert isinstance(locale, Locale)
    return locale
