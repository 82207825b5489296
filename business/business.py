"""The front door: one business, opened from its configuration, with everything that can be asked of it.

The commands are thin calls of these methods. What a method needs it imports when it is called: opening costs little.
"""

from __future__ import annotations

from pathlib import Path

from ..core.config.business import Config, load_config
from ..core.progress import Progress
from ..terminal import fitting_display
from .consoled import Consoled
from .counted import Counted
from .evidence import Evidence
from .publishing import Publishing
from .reported import Reported

__all__ = ["Business", "open"]


class Business(Counted, Evidence, Publishing, Consoled, Reported):
    """One business: its tables, its models, its lists and its statements.

    Parameters
    ----------
    config
        Its configuration.
    progress
        How long work is shown.

    Examples
    --------
    >>> spine = b.spine("2024-01-01")
    >>> labels = b.labels(spine)
    >>> b.features(spine).index.equals(labels.index)
    True
    """


def open(config: str | Path | Config, *, progress: Progress | None = None) -> Business:
    """Open a business.

    Parameters
    ----------
    config
        Its YAML file, or a configuration that was read already.
    progress
        How long work is shown; by default a line in a notebook, steps on a terminal, nothing elsewhere.

    Raises
    ------
    ConfigError
        The file is missing, no YAML, or breaks a rule: it is checked as a whole before any work.

    Examples
    --------
    >>> b = sl.open(config)
    >>> b
    Business('press', 15 tables)
    """
    from ..features.trials.config_check import check_config

    loaded = config if isinstance(config, Config) else load_config(config)
    check_config(loaded)
    return Business(loaded, progress=progress or fitting_display())
