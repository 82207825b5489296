"""The words of the page of returns that a reader without statistics may ask about, each in plain words."""

from __future__ import annotations

from ...scoring.pages.terms import Glossary, term
from ...scoring.statement.page.terms import TERMS

__all__ = ["RETURN_TERMS"]

_COST = term(
    "cost",
    "coût",
    (),
    (),
    (
        "What the action cost: each contact or gift, and the action's share of what its initiative cost beside, such as"
        " salaries, tools and training.",
        "Ce que l'action a coûté : chaque contact ou cadeau, et sa part de ce que l'initiative a coûté par ailleurs,"
        " comme les salaires, les outils et la formation.",
    ),
)

RETURN_TERMS = Glossary({**TERMS.terms, "cost": _COST})
"""Those of the statement, and what a cost is."""
