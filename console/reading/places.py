"""Where the outputs of other commands lie: as configured, else the latest night, else beside the configuration.

Places are looked up for each page, so that a night that has just come in is what people see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.short_repr import ShortRepr
from ...scoring.night.history import ACTION_VALUES, MONITOR, SCORES, TARGETS, History, Partition

__all__ = ["Places", "places_of", "read_json"]

_LIST = "targets.csv"
_RUN = "run.json"


@dataclass(frozen=True)
class Places(ShortRepr):
    """Where each output lies; None or empty where there is none.

    Parameters
    ----------
    scores, action_values
        Parquet files of the scores that the pages show.
    facts
        What ``run.json`` of these scores says.
    targets, holdout, list_facts
        Whom to contact, whom to leave alone, and what is said of the list.
    roi, indicators, monitor
        Folders.
    statements
        Folders of past statements, the oldest first.
    experiments
        Folder of plans and results.
    nights
        The history.
    """

    scores: tuple[Path, ...] = ()
    action_values: tuple[Path, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    targets: Path | None = None
    holdout: Path | None = None
    list_facts: Path | None = None
    roi: Path | None = None
    indicators: Path | None = None
    monitor: Path | None = None
    statements: tuple[Path, ...] = ()
    experiments: Path | None = None
    nights: tuple[Partition, ...] = ()


def places_of(config: Config) -> Places:
    """Return where the outputs of a business lie now.

    Raises
    ------
    ConfigError
        A configured place does not exist, or holds the scores of another business.
    """
    wish = config.console.outputs
    nights = tuple(History(Path(config.resolve(config.nightly.out))).partitions())
    night = nights[-1].folder if nights else None
    scores = _place(config, "scores", wish.scores)
    if wish.scores is None and night is not None:
        scores = night
    facts = read_json(scores / _RUN) if scores is not None else {}
    if scores is not None and facts.get("business", config.business) != config.business:
        if wish.scores is not None:
            raise ConfigError(
                f"'{scores}' holds the scores of '{facts['business']}', expected those of '{config.business}'; correct"
                " console: outputs: scores"
            )
        scores, facts = None, {}
    listed = _listed(config, wish.targets, night if wish.scores is None else None)
    monitor = _place(config, MONITOR, wish.monitor)
    if wish.monitor is None and night is not None and (night / MONITOR).is_dir():
        monitor = night / MONITOR
    roi = _place(config, "roi", wish.roi)
    past = _place(config, "statements", wish.statements)
    return Places(
        scores=_parquet(scores, SCORES),
        action_values=_parquet(scores, ACTION_VALUES),
        facts=facts,
        targets=listed,
        holdout=_beside(listed, ".holdout.csv"),
        list_facts=_beside(listed, ".list.json"),
        roi=roi if roi is not None and (roi / "roi.parquet").is_file() else None,
        indicators=_place(config, "indicators", wish.indicators),
        monitor=monitor,
        statements=tuple(sorted(file.parent for file in past.glob("*/roi.parquet"))) if past is not None else (),
        experiments=_place(config, "experiments", wish.experiments),
        nights=nights,
    )


def read_json(file: Path) -> dict[str, Any]:
    """Return the mapping in a JSON file; nothing where there is none.

    Raises
    ------
    ConfigError
        It cannot be read.
    """
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"'{file}' is no JSON that can be read; run the command that writes it again") from error
    return found if isinstance(found, dict) else {}


def _place(config: Config, name: str, wish: str | None) -> Path | None:
    """Return the configured place, else the first that exists beside the configuration or beside its folder."""
    if wish is not None:
        chosen = Path(config.resolve(wish))
        if not chosen.exists():
            raise ConfigError(f"console: outputs: expected '{chosen}', found nothing there; correct the path")
        return chosen
    return next((place for place in (config.folder / name, config.folder.parent / name) if place.exists()), None)


def _listed(config: Config, wish: str | None, night: Path | None) -> Path | None:
    if wish is None and night is not None:
        made = night / TARGETS / _LIST
        return made if made.is_file() else None
    found = _place(config, _LIST, wish)
    return found if found is not None and found.is_file() else None


def _parquet(folder: Path | None, name: str) -> tuple[Path, ...]:
    """Return the files of a table, as `score` writes it or as a night does."""
    if folder is None:
        return ()
    plain = folder / f"{name}.parquet"
    return (plain,) if plain.is_file() else tuple(sorted((folder / name).glob("part-*.parquet")))


def _beside(listed: Path | None, ending: str) -> Path | None:
    if listed is None:
        return None
    file = listed.with_name(listed.name.removesuffix(".csv") + ending)
    return file if file.is_file() else None
