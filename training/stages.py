"""How long each stage takes, and from the last run's stages how long the rest will."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence

from ..core.progress import Say, Step

__all__ = ["DURATIONS_FILE", "Stages", "read_durations"]

DURATIONS_FILE = "durations.json"
_ENOUGH = 0.1
"""Share of the expected work after which this run's own pace counts."""


class Stages:
    """A listener between a job and whoever shows its progress.

    It times the stages, and passes each on with the share done and the seconds left where the stages of an earlier run
    (:meth:`expect`) allow it. Numbers within a phrase do not count, since they change with the tables; where this run
    goes other ways than the earlier one, what was skipped is taken off.
    """

    def __init__(self, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._expected: list[tuple[str, float]] = []
        self._clock = clock
        self._place = 0
        self._done = 0.0
        self.durations: list[tuple[str, float]] = []
        self._begun: tuple[str, float] | None = None

    def __call__(self, message: str) -> None:
        """Begin a stage."""
        self.finish()
        self._begun = (message, self._clock())
        self._say(self._step(message))

    def expect(self, stages: Sequence[tuple[str, float]]) -> None:
        """Take the stages and seconds of an earlier run, in order, for what this one will take."""
        self._expected = [(_plain(text), seconds) for text, seconds in stages]

    def finish(self) -> None:
        """End the stage that runs."""
        if self._begun is not None:
            message, at = self._begun
            self.durations.append((message, self._clock() - at))
            self._begun = None

    def text(self) -> str:
        """Return the durations so far as JSON."""
        return json.dumps([[message, round(seconds, 3)] for message, seconds in self.durations], indent=1)

    def _step(self, message: str) -> str:
        names = [name for name, _ in self._expected]
        plain = _plain(message)
        if plain not in names[self._place :]:
            return message
        here = names.index(plain, self._place)
        passed = sum(seconds for name, seconds in self._expected[:here] if self._did(name))
        left = sum(seconds for _, seconds in self._expected[here:])
        self._place = here + 1
        spent = sum(seconds for _, seconds in self.durations)
        settled = passed > _ENOUGH * (passed + left)
        remaining = left * (spent / passed if settled else 1.0)
        # The seconds left are guessed anew at each stage; what was once told as done does not become less.
        self._done = max(self._done, spent / max(spent + remaining, 1e-9))
        return Step(message, done=self._done, remaining=remaining)

    def _did(self, name: str) -> bool:
        return any(_plain(message) == name for message, _ in self.durations)


def read_durations(text: str | None) -> list[tuple[str, float]]:
    """Return the stages that :meth:`Stages.text` wrote, none for None."""
    return [(str(message), float(seconds)) for message, seconds in json.loads(text)] if text else []


def _plain(message: str) -> str:
    return re.sub(r"\d[\d,.]*", "#", message)
