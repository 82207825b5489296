"""A business in the browser: the console, and what people decided there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .watched import Watched

if TYPE_CHECKING:
    from .results import Summary

__all__ = ["Consoled"]


class Consoled(Watched):
    """Outputs for those who act, and their decisions back as a table."""

    def console(
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        name: str | Path = "CONFIG",
        say: Callable[[str], None] = print,
    ) -> None:
        """Serve the console until it is stopped: today, list, customer, return, indicators, experiments, models.

        It reads what the other commands wrote, and keeps what people decide.

        Parameters
        ----------
        host, port
            Where it listens; None: the config's.
        name
            File of the configuration, as people call it in a command.
        say
            Is told the address.

        Raises
        ------
        ConfigError
            Others can reach the address and nothing says who they are, or it cannot be listened at.
        BusyError
            Another program listens at the port.

        Examples
        --------
        >>> b.console(host="0.0.0.0")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: console: others can reach 0.0.0.0: ...
        """
        from ..console.serve import listening_at, serve

        serve(listening_at(self.config, host, port), name, say)

    def export_console(self, out: str | Path, *, name: str | Path = "CONFIG") -> Summary:
        """Write the pages of the console to files, in both languages, with links between them.

        Parameters
        ----------
        out
            Folder for the files; ``index.html`` is where to begin.
        name
            File of the configuration, as people call it in a command.

        Raises
        ------
        ServiceliftError
            An output cannot be read, ``out`` cannot be written, or another run writes there.

        Examples
        --------
        >>> b.export_console(f"{folder}/pages").lines[0].endswith("index.html")
        True
        """
        from ..console.export import export
        from .results import Summary

        with self._progress() as say:
            outcome = export(self.config, Path(out), name, say)
        return Summary(lines=tuple(outcome.lines()))

    def decisions(self, out: str | Path) -> Summary:
        """Write what people decided in the console as ``actions.parquet`` and ``contacts.parquet`` of the contract.

        The lists on which something was decided come back whole, with both arms as they were drawn. Who said yes or no
        was reached: that is a contact, where the configuration says by which ``channel`` the action goes.

        Parameters
        ----------
        out
            Folder for the files.

        Raises
        ------
        DataError
            Nothing was decided about a list that is still there.

        Examples
        --------
        >>> b.decisions(f"{folder}/decided")
        Traceback (most recent call last):
        servicelift.core.errors.DataError: expected decisions about a list that is still there, ...
        """
        from ..console.decisions import write_decisions
        from ..console.reading.places import places_of
        from .results import Summary

        folder = Path(out)
        done = write_decisions(self.config, places_of(self.config), folder)
        lines = [f"{done.actions:,} rows of actions: {folder / 'actions.parquet'}"]
        if done.contacts:
            lines.append(f"{done.contacts:,} contacts: {folder / 'contacts.parquet'}")
        lines += [
            f"warning: decisions about {action} are no contacts: nobody says how customers are reached; set"
            f" incremental: actions: {action}: channel"
            for action in done.without_channel
        ]
        if done.lost:
            lines.append(f"warning: {done.lost:,} decisions are about lists that are gone, and were left out")
        return Summary(lines=tuple(lines))
