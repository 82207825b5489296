"""What a page is made of: links that work served and as files, its language, its template, every value escaped."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from markupsafe import Markup

from ..core.config.business import Config
from ..core.locale import LANGUAGES, Language, Locale
from ..core.messages import Catalogue, capitalised
from ..core.short_repr import ShortRepr
from .words.shell import SHELL

__all__ = ["PAGES", "Content", "Links", "Shell", "read_asset", "render", "sayer"]

PAGES = ("today", "targets", "customer", "returns", "indicators", "experiments", "models")
"""The pages, in the order of the navigation."""


@dataclass(frozen=True)
class Links:
    """Addresses as a page writes them: of the served console, or relative ones between files.

    Parameters
    ----------
    language
        Of the page.
    default
        Language without a word in the address.
    here
        Name of the page, of its file in a copy.
    query
        What the page was asked for, language aside.
    files
        Whether it is a copy: addresses are then relative files.
    customers
        Files of the copy by customer.
    """

    language: Language
    default: Language
    here: str = "today"
    query: Mapping[str, str] = field(default_factory=dict)
    files: bool = False
    customers: Mapping[str, str] = field(default_factory=dict)

    def page(self, name: str, **query: object) -> str:
        """Return the address of a page, in the language of this one."""
        return self._at(
            name, self.language, {key: str(value) for key, value in query.items() if value not in ("", None)}
        )

    def again(self, **change: object) -> str:
        """Return the address of this page with another query."""
        asked = {**self.query, **{key: str(value) for key, value in change.items()}}
        return self._at(self.here, self.language, {key: value for key, value in asked.items() if value})

    def other(self) -> tuple[Language, str]:
        """Return the other language, and the address of this page in it."""
        other = next(each for each in LANGUAGES if each != self.language)
        return other, self._at(self.here, other, dict(self.query))

    def customer(self, customer: object) -> str | None:
        """Return the address of a customer's page; None where a copy has none."""
        if self.files:
            file = self.customers.get(str(customer))
            return None if file is None else self._at(file, self.language, {})
        return self.page("customer", id=str(customer))

    def asset(self, name: str) -> str:
        """Return the address of the style or the script."""
        return name if self.files else f"/static/{name}"

    def action(self, name: str) -> str:
        """Return the address that a form is sent to."""
        return f"/{name}" if self.language == self.default else f"/{name}?lang={self.language}"

    def _at(self, name: str, language: Language, query: dict[str, str]) -> str:
        if self.files:
            page = f"-{query['page']}" if query.get("page", "1") != "1" else ""
            return f"{name}{page}.{language}.html"
        path = "/" if name == "today" else f"/{quote(name)}"
        if language != self.default:
            query = {**query, "lang": language}
        return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True)
class Shell(ShortRepr):
    """What stands around every page.

    Parameters
    ----------
    config, locale, links
        The business, how its people read, and addresses.
    user
        Who is signed in; "".
    form_token
        Of this browser's forms; "" in a copy, which has none.
    note
        What has just been done, in words; "".
    exported
        Day of the copy, in words; "" where it is no copy.
    """

    config: Config
    locale: Locale
    links: Links
    user: str = ""
    form_token: str = ""
    note: str = ""
    exported: str = ""

    @classmethod
    def of(cls, config: Config, language: Language, **more: Any) -> Shell:
        """Return the shell of a page in a language."""
        locale = replace(config.locale, language=language)
        return cls(config, locale, more.pop("links", Links(language, config.language)), **more)

    @property
    def written(self) -> Language:
        """The language of texts that other commands wrote into their files."""
        return self.config.language


@dataclass(frozen=True)
class Content(ShortRepr):
    """A page: its template, its title, and the values that the template writes."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


def sayer(catalogue: Catalogue, locale: Locale) -> Callable[..., str]:
    """Return the function by which a template says a sentence of a catalogue."""

    def say(code: str, **figures: Any) -> str:
        return catalogue.say(locale, code, **figures)

    return say


def render(content: Content, shell: Shell) -> str:
    """Return the HTML of a page."""
    return (
        _environment()
        .get_template(content.template)
        .render(
            **content.values,
            title=content.title,
            shell=shell,
            locale=shell.locale,
            links=shell.links,
            pages=PAGES,
            nan=math.nan,
            day=lambda text: shell.locale.date(dt.date.fromisoformat(str(text)[:10])),
            say=sayer(SHELL, shell.locale),
            written=_written(shell),
        )
    )


def read_asset(name: str) -> str:
    """Return the style or the script."""
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


def _written(shell: Shell) -> Callable[[object], Markup]:
    """Return the function that writes a text of another command's file, marked where its language is another."""

    def write(text: object) -> Markup:
        if shell.written == shell.locale.language:
            return Markup("{}").format(str(text))
        return Markup('<span lang="{}">{}</span>').format(shell.written, str(text))

    return write


@cache
def _environment() -> jinja2.Environment:
    def source(name: str) -> str | None:
        if PurePosixPath(name).name != name:
            return None
        place = files(__package__ or "").joinpath("pages", name)
        return place.read_text(encoding="utf-8") if place.is_file() else None

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capfirst"] = lambda text: capitalised(str(text))
    return environment
