"""The model card: one page of Markdown beside the pictures, for whoever has to answer for a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..tracking import Run
    from .judged import JudgedModel

__all__ = ["model_card"]

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


def model_card(judged: JudgedModel, run: Run) -> str:
    """Return the card: use, data, judgement beside the naive forecasts, decision, pictures, limits.

    Figures come from ``run``, where they were logged; nothing in it is of a single customer.
    """
    kind = judged.name.rpartition("-")[2]
    meaning, use = _MEANING[kind]
    parts = [
        f"# {judged.name}",
        meaning,
        "## Use",
        use,
        "## Data",
        _facts(run),
        "## Judgement on held-out data",
        f"{judged.measure}: {judged.loss:.4g} (lower is better). The evaluation model was fitted only on what was known"
        " before the held-out data.",
        _table({**judged.beside, **run.measured}),
        "## Decision",
        f"{judged.alias.capitalize()}: {judged.decision}.",
        *(["## Remarks and limits", "\n".join(f"- {note}" for note in judged.notes)] if judged.notes else []),
        *(["## Pictures"] if run.figures else []),
        *(f"![{name.replace('_', ' ')}](plots/{name}.png)" for name in run.figures),
        "## To get the same model again",
        "The parent run keeps `config.json`, `features.csv`, `fingerprint.json` and `environment.txt`; the same tables,"
        " configuration, seed and versions give the same predictions.",
    ]
    return "\n\n".join(parts) + "\n"


def _facts(run: Run) -> str:
    names = {
        "business": "Business",
        "data_until": "Data until",
        "fingerprint": "Fingerprint of the tables",
        "servicelift": "servicelift",
        "git.commit": "Commit of the configuration",
        "git.dirty": "Configuration changed since that commit",
    }
    return "\n".join(f"- {label}: {run.marks[key]}" for key, label in names.items() if key in run.marks)


def _table(figures: dict[str, float]) -> str:
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value:.4g} |" for name, value in figures.items())
    return f"| figure | value |\n|---|---|\n{rows}"
