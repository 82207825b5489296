"""What the pages of one business share: its configuration, its readers, its decisions."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..core.config.business import Config
from ..core.errors import ConfigError, ServiceliftError
from ..core.locale import Locale
from ..scoring.report.listed import ListFacts, list_facts_beside
from .decisions import DecisionStore
from .page import sayer
from .reading.engine import Engine
from .reading.lists import TargetList, Wish
from .reading.places import Places, places_of
from .reading.registry import Registry
from .reading.statement import Statement
from .reading.tables import OpenedTables
from .words.shell import COMMANDS, MISSING

__all__ = ["Desk", "Missing"]


class Missing:
    """What is not there yet, in words, and the command that makes it."""

    def __init__(self, text: str, command: str) -> None:
        self.text = text
        self.command = command


class Desk:
    """Everything that pages read from and write to.

    Parameters
    ----------
    config
        The business.
    name
        File of the configuration, as people call it in a command.
    """

    def __init__(self, config: Config, name: str = "CONFIG") -> None:
        self.config = config
        self.name = name
        self.engine = Engine(config.engine.threads, config.engine.memory)
        self.decisions = DecisionStore(config)
        self.registry = Registry(config)
        self.tables = OpenedTables(config)

    def places(self) -> Places:
        """Return where the outputs lie now."""
        return places_of(self.config)

    def target_list(self, places: Places) -> TargetList | None:
        """Return the list; None where there is none."""
        if places.targets is None:
            return None
        return TargetList.read(self.engine, places.targets, places.holdout, self.config)

    def list_facts(
        self, places: Places, listed: TargetList, statement: Statement | None, locale: Locale
    ) -> ListFacts | None:
        """Return what is written beside the list, with what a statement says of its actions; None of another list."""
        if places.targets is None:
            return ListFacts()
        with suppress(ConfigError):
            contacted = listed.sums(Wish())[0]
            facts = list_facts_beside(places.targets, self.config.business, contacted, locale)
            return facts if statement is None else facts.quoting(statement.actions, statement.period, locale)
        return None

    def warm(self) -> None:
        """Read the list into memory and import what is slow to import, so that the first page is as fast as the rest.

        What cannot be read is said on its page.
        """
        with suppress(ServiceliftError):
            self.target_list(self.places())
        with suppress(ServiceliftError):
            self.registry.versions()

    def missing(self, what: str, locale: Locale, **figures: object) -> Missing:
        """Return in words what is not there yet, and the command that makes it."""
        until = self.config.data_until
        days = {"since": "2024-01-01", "until": "2024-07-01"}
        if until is not None:
            days = {"since": until.replace(year=until.year - 1, day=1).isoformat(), "until": until.isoformat()}
        folder = Path(self.name).parent.as_posix()
        command = COMMANDS.get(what, "").format(config=self.name, folder=folder, **days)
        return Missing(sayer(MISSING, locale)(what, **figures), command)
