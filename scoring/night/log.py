"""The log of a night: one line a step, with time, run and level, for people or as JSON."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

__all__ = ["Form", "Level", "Log"]

Level = Literal["info", "warning", "error"]
Form = Literal["text", "json"]


def _nobody(line: str) -> None:
    del line


@dataclass(frozen=True)
class Log:
    """Writes the lines of one run.

    Parameters
    ----------
    write
        Takes each line; by default nobody reads it.
    form
        ``text`` for people, ``json`` for one object a line.
    quiet
        Only warnings and errors.
    run
        Identifier that all lines of a run share.

    Examples
    --------
    >>> lines = []
    >>> log = Log(lines.append, run="4f1c2a9b")
    >>> log("score", "981 customers", day="2024-06-01", seconds=12.34)
    >>> lines[0].partition(" ")[2]
    'info 4f1c2a9b score 2024-06-01: 981 customers (12.3 s)'
    """

    write: Callable[[str], None] = _nobody
    form: Form = "text"
    quiet: bool = False
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    def __call__(
        self, step: str, message: str, level: Level = "info", day: str | None = None, seconds: float | None = None
    ) -> None:
        """Write one line.

        Parameters
        ----------
        step
            What it is about: gate, score, targets, monitor, publish, retrain.
        message
            What there is to say; line breaks become blanks.
        level
            How grave it is.
        day
            The night it is about, if one.
        seconds
            How long the step took, if it is done.
        """
        if self.quiet and level == "info":
            return
        text, now = " ".join(message.split()), datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if self.form == "json":
            said: dict[str, Any] = {"time": now, "level": level, "run": self.run, "step": step, "message": text}
            said |= {} if day is None else {"day": day}
            said |= {} if seconds is None else {"seconds": seconds}
            self.write(json.dumps(said, ensure_ascii=False))
            return
        took = "" if seconds is None else f" ({seconds:.1f} s)"
        place = step if day is None else f"{step} {day}"
        self.write(f"{now} {level} {self.run} {place}: {text}{took}")
