"""The model card, for whoever has to answer for a model: Markdown, the same with its pictures as one HTML page, and the
few lines that the registry shows beside the version.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
import pandas as pd

from ...core.locale import Locale
from .words import CARD_WORDS, PICTURES, figure_name

if TYPE_CHECKING:
    from ...tracking import Run
    from ..judged import JudgedModel

__all__ = ["CARD", "card_page", "meaning_of", "model_card", "version_description"]

CARD = "model_card.html"
"""Artefact that shows the card with its pictures on the run's page."""

_EXPLAINED = ("importance", "partial_dependence", "calibration")
"""Pictures that a sentence explains."""

_LONGEST = 4_500
"""Characters of a description; MLflow's stores take 5,000."""


@dataclass(frozen=True)
class _Segments:
    """A table of segments in texts."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Picture:
    """A picture inside the page."""

    name: str
    data: str
    says: str


def meaning_of(name: str, locale: Locale) -> str:
    """Return what a registered model predicts, in one sentence."""
    return CARD_WORDS.say(locale, _kind(name))


def model_card(judged: JudgedModel, run: Run) -> str:
    """Return the card: use, data, judgement beside the naive forecasts, segments, decision, pictures, limits.

    Figures come from ``run``, where they were logged; nothing in it is of a single customer. It is written in the
    language of the business; decision and remarks are as the command line says them.
    """
    say, segments = partial(CARD_WORDS.say, run.locale), _segments(run)
    parts = [
        f"# {judged.name}",
        meaning_of(judged.name, run.locale),
        f"## {say('use')}",
        say(f"{_kind(judged.name)}_use"),
        f"## {say('data')}",
        "\n".join(f"- {say('line_of', label=label, text=text)}" for label, text in _facts(run)),
        f"## {say('judgement')}",
        _judgement(judged, run),
        _table((say("figure"), say("value")), (*_beside(judged, run), *_measured(judged, run))),
        *([f"## {say('segments')}", _table(segments.head, segments.rows)] if segments else []),
        f"## {say('decision')}",
        say("line_of", label=say(judged.alias), text=f"{judged.decision}."),
        *([f"## {say('notes')}", "\n".join(f"- {note}" for note in judged.notes)] if judged.notes else []),
        *(_english(run)),
        *([f"## {say('pictures')}", say("pictures_elsewhere", file=CARD)] if run.figures else []),
        *(f"![{_picture(name, run)}](plots/{name}.png)" for name in run.figures),
        f"## {say('again')}",
        say("again_how"),
    ]
    return "\n\n".join(parts) + "\n"


def card_page(judged: JudgedModel, run: Run) -> str:
    """Return the card as one HTML page that holds its pictures: MLflow shows it among the run's artefacts."""
    say = partial(CARD_WORDS.say, run.locale)
    pictures = [
        _Picture(
            _picture(name, run),
            base64.b64encode(data).decode("ascii"),
            PICTURES.say(run.locale, f"{name}_says") if name in _EXPLAINED else "",
        )
        for name, data in run.figures.items()
    ]
    return _template().render(
        judged=judged,
        say=say,
        language=run.locale.language,
        version=say("version", version=str(judged.version)) if judged.version else "",
        meaning=meaning_of(judged.name, run.locale),
        use=say(f"{_kind(judged.name)}_use"),
        facts=_facts(run),
        judgement=_judgement(judged, run),
        beside=_beside(judged, run),
        figures=(*_beside(judged, run), *_measured(judged, run)),
        segments=_segments(run),
        pictures=pictures,
        again=say("again_how").replace("`", ""),
    )


def version_description(judged: JudgedModel, run: Run) -> str:
    """Return what the registry shows beside the version: what it is, its data, its judgement, where the card lies."""
    say, strongest = partial(CARD_WORDS.say, run.locale), ", ".join(f"`{name}`" for name in run.strongest)
    parts = [
        meaning_of(judged.name, run.locale),
        "\n".join(f"- {say('line_of', label=label, text=text)}" for label, text in _facts(run)),
        _judgement(judged, run),
        _table((say("figure"), say("value")), _beside(judged, run)),
        say("line_of", label=f"**{say(judged.alias)}**", text=f"{judged.decision}."),
        *([say("strongest", names=strongest)] if strongest else []),
        "\n".join(f"- {note}" for note in judged.notes),
        *_english(run),
        say("card_lies", file=CARD, run=run.run_id),
    ]
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ...\n\n{say('rest', file=CARD)}"


def _kind(name: str) -> str:
    return name.rpartition("-")[2]


def _english(run: Run) -> list[str]:
    """Return what says that some of it is English, where the rest is not."""
    return [] if run.locale.language == "en" else [f"*{CARD_WORDS.say(run.locale, 'in_english')}*"]


def _picture(name: str, run: Run) -> str:
    return PICTURES.say(run.locale, name) if name in PICTURES else name.replace("_", " ")


def _judgement(judged: JudgedModel, run: Run) -> str:
    loss, measure = _figure(judged.loss, run.locale), figure_name(judged.measure, run.locale)
    return CARD_WORDS.say(run.locale, "judged", measure=measure, loss=loss)


def _beside(judged: JudgedModel, run: Run) -> tuple[tuple[str, str], ...]:
    """Return what stands beside the loss of the model, by its name in the language of the card."""
    return tuple((figure_name(name, run.locale), _figure(value, run.locale)) for name, value in judged.beside.items())


def _measured(judged: JudgedModel, run: Run) -> tuple[tuple[str, str], ...]:
    """Return every figure of the run, by its name in MLflow."""
    own = {name: value for name, value in run.measured.items() if name not in judged.beside}
    return tuple((name.replace("_", " "), _figure(value, run.locale)) for name, value in own.items())


def _segments(run: Run) -> _Segments | None:
    if run.segments is None or run.segments.empty:
        return None
    frame, locale = run.segments, run.locale
    rows = tuple(tuple(_cell(value, locale) for value in row) for row in frame.itertuples(index=False))
    head = tuple(CARD_WORDS.say(locale, name) if name in CARD_WORDS else str(name) for name in map(str, frame.columns))
    return _Segments(CARD_WORDS.say(locale, "segments_caption"), head, rows)


def _figure(value: float, locale: Locale) -> str:
    """Return a figure with four digits that count, in the decimal mark of the language."""
    text = f"{value:.4g}"
    return text if locale.language == "en" else text.replace(".", ",")


def _cell(value: object, locale: Locale) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):  # type: ignore[call-overload]
        return "-"
    number = float(value)  # type: ignore[arg-type]
    return locale.number(number) if number == int(number) else _figure(number, locale)


def _facts(run: Run) -> list[tuple[str, str]]:
    names = ("business", "data_until", "fingerprint", "servicelift", "git.commit", "git.dirty")
    marks = [(CARD_WORDS.say(run.locale, key), _mark(key, run)) for key in names if key in run.marks]
    return [*run.facts.items(), *marks]


def _mark(key: str, run: Run) -> str:
    text = run.marks[key]
    return run.locale.date(dt.date.fromisoformat(text)) if key == "data_until" else text


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@cache
def _template() -> jinja2.Template:
    source = files(__package__ or "").joinpath("card.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)
