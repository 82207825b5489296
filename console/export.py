"""The console as files: the same pages in both languages, with links between files, for who cannot reach it.

Files lie beside each other: ``index.html``, then ``PAGE.LANGUAGE.html``. A copy of a long list shows its first pages,
and its CSV file holds all; customers on the first page of the list have a page of their own. Forms are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ..core.config.business import Config
from ..core.errors import DataError
from ..core.files import complete_folder
from ..core.locale import LANGUAGES, Language
from ..core.output_lock import locked_folder
from ..core.progress import Say, silent
from .app import Console
from .page import PAGES, Links, Shell, read_asset, render
from .pages.targets import EXPORTED_PAGES, EXPORTED_ROWS, list_csv, pages_of
from .reading.lists import TargetList, Wish
from .words.shell import SHELL

__all__ = ["Exported", "export"]

_CUSTOMERS = 100
_OURS = re.compile(r"(customer|targets)-\d+\.(en|fr)\.html")


@dataclass(frozen=True)
class Exported:
    """A copy: where, and how many files."""

    out: Path
    files: int

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        return [f"{self.files:,} files: {self.out / 'index.html'}"]


def export(config: Config, out: Path, name: str | Path = "CONFIG", say: Say = silent) -> Exported:
    """Write the pages of the console to files, all or nothing.

    Parameters
    ----------
    config
        The business.
    out
        Folder for the files; pages of an earlier copy are replaced.
    name
        File of the configuration, as people call it in a command.
    say
        Told about each step.

    Raises
    ------
    ServiceliftError
        An output cannot be read, ``out`` cannot be written, or another run writes there.
    """
    with locked_folder(out):
        say("outputs: read")
        console = Console(config, str(name))
        listed = console.desk.target_list(console.desk.places())
        files: dict[str, bytes] = {each: read_asset(each).encode() for each in ("console.css", "console.js")}
        at = pd.Timestamp(datetime.now(UTC))
        for language in LANGUAGES:
            say(f"pages: {language}")
            files |= _pages(console, listed, language, at)
        files["index.html"] = files[f"today.{config.language}.html"]
        with complete_folder(out) as folder:
            for file, content in files.items():
                (folder / file).write_bytes(content)
        for old in out.iterdir():  # of an earlier copy: people on it may not be on the list any more
            if _OURS.fullmatch(old.name) and old.name not in files:
                old.unlink()
    return Exported(out, len(files))


def _pages(console: Console, listed: TargetList | None, language: Language, at: pd.Timestamp) -> dict[str, bytes]:
    """Return the pages of a language, by file."""
    config = console.config
    shown = [] if listed is None else listed.page(Wish(size=_CUSTOMERS)).rows
    customers = {str(row["customer_id"]): f"customer-{n}" for n, row in enumerate(shown, start=1)}
    links = Links(language, config.language, files=True, customers=customers)
    exported = SHELL.say(Shell.of(config, language).locale, "exported", at=at)
    shell = Shell.of(config, language, links=links, exported=exported)
    files = {}

    def write(page: str, file: str, **query: str) -> None:
        own = replace(shell, links=replace(links, here=file, query=query))
        files[f"{file}.{language}.html"] = _rendered(console, page, own).encode()

    for page in PAGES:
        write(page, page)
    for customer, file in customers.items():
        write("customer", file, id=customer)
    if listed is not None:
        count, _, _ = listed.sums(Wish())
        for number in range(2, min(pages_of(count, EXPORTED_ROWS), EXPORTED_PAGES) + 1):
            own = replace(shell, links=replace(links, here="targets", query={"page": str(number)}))
            files[f"targets-{number}.{language}.html"] = _rendered(console, "targets", own).encode()
        decided = console.desk.decisions.latest()
        files[f"targets.{language}.csv"] = list_csv(listed, Wish(), decided, shell.locale)
    return files


def _rendered(console: Console, page: str, shell: Shell) -> str:
    content = console.content(page, shell)
    if content.status >= 500:
        raise DataError(f"the page '{page}' cannot be made; look at it in the console")
    return render(content, shell)
