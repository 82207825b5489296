"""The model card, for whoever has to answer for a model: Markdown, the same with its pictures as one HTML page, and the
few lines that the registry shows beside the version.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
import pandas as pd

if TYPE_CHECKING:
    from ..tracking import Run
    from .judged import JudgedModel

__all__ = ["CARD", "card_page", "meaning_of", "model_card", "version_description"]

CARD = "model_card.html"
"""Artefact that shows the card with its pictures on the run's page."""

_MEANING = {
    "churn": (
        "Probability that a running customer is lost within the horizon, voluntarily or by a failed payment.",
        "Rank customers by risk; expect losses. It does not say whom an action would keep: that is incremental CLV.",
    ),
    "clv": (
        "Expected discounted value of a customer over the horizon, net of contact costs, with a prediction interval.",
        "Value customers and budgets. A high value is no reason to act: what counts is the value that acting adds.",
    ),
    "incremental": (
        "What offering each action changes in a customer's discounted value, with an interval.",
        "Choose whom to offer what. Where assignment was chosen and not random, the effect is observational.",
    ),
}

_SAYS = {
    "importance": "mean distance by which predictions move when a feature's values are exchanged among customers; no"
    " cause",
    "partial_dependence": "mean prediction if every customer had that value and kept the rest; no effect",
    "calibration": "on the diagonal, predicted and observed agree",
}

_AGAIN = (
    "The parent run keeps `config.json`, `features.csv`, `fingerprint.json` and `environment.txt`; the same tables,"
    " configuration, seed and versions give the same predictions."
)

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


def meaning_of(name: str) -> str:
    """Return what a registered model predicts, in one sentence."""
    return _MEANING[name.rpartition("-")[2]][0]


def model_card(judged: JudgedModel, run: Run) -> str:
    """Return the card: use, data, judgement beside the naive forecasts, segments, decision, pictures, limits.

    Figures come from ``run``, where they were logged; nothing in it is of a single customer.
    """
    meaning, use = _MEANING[judged.name.rpartition("-")[2]]
    segments = _segments(run)
    parts = [
        f"# {judged.name}",
        meaning,
        "## Use",
        use,
        "## Data",
        "\n".join(f"- {label}: {text}" for label, text in _facts(run)),
        "## Judgement on held-out data",
        _judgement(judged),
        _table(("figure", "value"), _figures(judged, run)),
        *(["## Segments", _table(segments.head, segments.rows)] if segments else []),
        "## Decision",
        f"{judged.alias.capitalize()}: {judged.decision}.",
        *(["## Remarks and limits", "\n".join(f"- {note}" for note in judged.notes)] if judged.notes else []),
        *(["## Pictures"] if run.figures else []),
        *(f"![{name.replace('_', ' ')}](plots/{name}.png)" for name in run.figures),
        "## To get the same model again",
        _AGAIN,
    ]
    return "\n\n".join(parts) + "\n"


def card_page(judged: JudgedModel, run: Run) -> str:
    """Return the card as one HTML page that holds its pictures: MLflow shows it among the run's artefacts."""
    meaning, use = _MEANING[judged.name.rpartition("-")[2]]
    pictures = [
        _Picture(name.replace("_", " "), base64.b64encode(data).decode("ascii"), _SAYS.get(name, ""))
        for name, data in run.figures.items()
    ]
    return _template().render(
        judged=judged,
        version=f"version {judged.version}" if judged.version else "",
        meaning=meaning,
        use=use,
        facts=_facts(run),
        judgement=_judgement(judged),
        beside=tuple((name.replace("_", " "), f"{value:.4g}") for name, value in judged.beside.items()),
        figures=_figures(judged, run),
        segments=_segments(run),
        pictures=pictures,
        again=_AGAIN.replace("`", ""),
    )


def version_description(judged: JudgedModel, run: Run) -> str:
    """Return what the registry shows beside the version: what it is, its data, its judgement, where the card lies."""
    strongest = ", ".join(f"`{name}`" for name in run.strongest)
    parts = [
        meaning_of(judged.name),
        "\n".join(f"- {label}: {text}" for label, text in _facts(run)),
        _judgement(judged),
        _table(("figure", "value"), tuple((name, f"{value:.4g}") for name, value in judged.beside.items())),
        f"**{judged.alias.capitalize()}**: {judged.decision}.",
        *([f"Predictions move most with {strongest}."] if strongest else []),
        "\n".join(f"- {note}" for note in judged.notes),
        f"The card with its pictures: artefact `{CARD}` of run `{run.run_id}`.",
    ]
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ...\n\nThe rest: artefact `{CARD}` of the run."


def _judgement(judged: JudgedModel) -> str:
    return (
        f"{judged.measure}: {judged.loss:.4g} (lower is better). The evaluation model was fitted only on what was known"
        " before the held-out data."
    )


def _figures(judged: JudgedModel, run: Run) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", " "), f"{value:.4g}") for name, value in {**judged.beside, **run.measured}.items())


def _segments(run: Run) -> _Segments | None:
    if run.segments is None or run.segments.empty:
        return None
    frame = run.segments
    rows = tuple(tuple(_cell(value) for value in row) for row in frame.itertuples(index=False))
    return _Segments("Held-out rows by segment", tuple(str(name) for name in frame.columns), rows)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):  # type: ignore[call-overload]
        return "-"
    number = float(value)  # type: ignore[arg-type]
    return f"{number:,.0f}" if number == int(number) else f"{number:.4g}"


def _facts(run: Run) -> list[tuple[str, str]]:
    names = {
        "business": "Business",
        "data_until": "Data until",
        "fingerprint": "Fingerprint of the tables",
        "servicelift": "servicelift",
        "git.commit": "Commit of the configuration",
        "git.dirty": "Configuration changed since that commit",
    }
    return [*run.facts.items(), *((label, run.marks[key]) for key, label in names.items() if key in run.marks)]


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
