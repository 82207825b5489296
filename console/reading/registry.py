"""The registered models, through the tracker: champion, how it was judged, and all versions.

A store is only read: where there is none yet, none is made. What was read is kept for a minute.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import get_args

from ...core.config.business import Config, ModelKind
from ...core.short_repr import ShortRepr

__all__ = ["ModelVersion", "Registry"]

_KEPT_SECONDS = 60.0
_DECISION = "servicelift.decision"
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class ModelVersion(ShortRepr):
    """A registered version.

    Parameters
    ----------
    kind, number
        ``churn``, ``clv`` or ``incremental``, and its number.
    champion, challenger
        Whether it is in use, or waits.
    created
        When, UTC.
    decision
        Why it is what it is, as training wrote it.
    tags, metrics
        Of the run that made it.
    """

    kind: ModelKind
    number: int
    champion: bool
    challenger: bool
    created: datetime
    decision: str
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)

    def metric(self, name: str) -> float | None:
        """Return a figure of the run; None where there is none."""
        value = self.metrics.get(name)
        return None if value is None or not math.isfinite(value) else value


class Registry:
    """The models of one business, read through the tracker.

    Parameters
    ----------
    config
        The business.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._read: tuple[float, list[ModelVersion]] | None = None

    def versions(self) -> list[ModelVersion]:
        """Return all versions, by kind, the newest first; none where there is no store.

        Raises
        ------
        ConfigError
            The store cannot be opened.
        """
        with self._lock:
            if self._read is None or time.monotonic() - self._read[0] > _KEPT_SECONDS:
                self._read = (time.monotonic(), self._all())
            return self._read[1]

    def _all(self) -> list[ModelVersion]:
        uri = self._config.tracking_uri
        if uri.startswith(_SQLITE) and not Path(uri.removeprefix(_SQLITE)).is_file():
            return []
        from ...tracking import CHALLENGER, CHAMPION, Tracker

        tracker = Tracker.of(self._config)
        found: list[ModelVersion] = []
        for kind in get_args(ModelKind):
            for each in tracker.versions(self._config.model_name(kind)):
                run = tracker.past_run(each.run_id)
                found.append(
                    ModelVersion(
                        kind,
                        each.number,
                        CHAMPION in each.aliases,
                        CHALLENGER in each.aliases,
                        each.created,
                        each.tags.get(_DECISION, ""),
                        {**run.tags, **each.tags},
                        run.metrics,
                    )
                )
        return found
