"""Headings and words of the list that people work with, in each language."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence
from ...models.effects.doubt import Evidence
from .segments import Segment

__all__ = ["PEOPLE_WORDS"]

PEOPLE_WORDS = Catalogue(
    {
        "sheet": Sentence("List", "Liste"),
        "notes": Sentence("Read me", "À lire"),
        "rank": Sentence("Rank", "Rang"),
        "customer_id": Sentence("Customer", "Client"),
        "segment": Sentence("Segment", "Segment"),
        "day": Sentence("Contact on", "À contacter le"),
        "new": Sentence("New", "Nouveau"),
        Segment.PROTECT: Sentence("valuable and at risk", "forte valeur, à risque"),
        Segment.KEEP: Sentence("valuable and settled", "forte valeur, stable"),
        Segment.WATCH: Sentence("modest value, at risk", "valeur modeste, à risque"),
        Segment.QUIET: Sentence("modest value, settled", "valeur modeste, stable"),
        "action": Sentence("Action", "Action"),
        "action_reason_1": Sentence("Why this action", "Pourquoi cette action"),
        "action_reason_2": Sentence("and why", "et aussi"),
        "script": Sentence("What to say", "Ce qu'il faut dire"),
        "net_value": Sentence("Expected net gain", "Gain net attendu"),
        "cost": Sentence("Cost", "Coût"),
        "churn_probability": Sentence("Risk of leaving", "Risque de départ"),
        "clv": Sentence("Value", "Valeur"),
        "reason_1": Sentence("At risk because", "À risque parce que"),
        "reason_2": Sentence("and because", "et parce que"),
        "reason_3": Sentence("and also because", "et aussi parce que"),
        "decided_at": Sentence("Decided on", "Décidé le"),
        "evidence": Sentence("Evidence", "Preuve"),
        "trial": Sentence("Trial", "À l'essai"),
        "action_id": Sentence("Key", "Clé"),
        "with_unit": Sentence("{heading} ({unit})", "{heading} ({unit})"),
        "yes": Sentence("yes", "oui"),
        "no": Sentence("no", "non"),
        Evidence.RANDOMISED: Sentence("drawn at random", "tirage au sort"),
        Evidence.COMBINED: Sentence("drawn at random, and comparison", "tirage au sort et comparaison"),
        Evidence.OBSERVATIONAL: Sentence("comparison of chosen customers", "comparaison de clients choisis"),
        Evidence.REFUSED: Sentence("a check failed", "un contrôle a échoué"),
        "not_joined": Sentence(
            "{n} {n:customer|customers} of the list {n:stands|stand} not in {file}: what it says of others is left"
            " empty for them",
            "{n} {n:client|clients} de la liste {n:n'est pas|ne sont pas} dans {file} : les colonnes jointes restent"
            " vides pour {n:lui|eux}",
        ),
        "no_workbook": Sentence(
            "no .xlsx was written: openpyxl is not installed; pip install 'servicelift[excel]'",
            "aucun fichier .xlsx n'est écrit : openpyxl n'est pas installé ; pip install 'servicelift[excel]'",
        ),
        "too_long": Sentence(
            "no .xlsx was written: {n} rows are more than a sheet holds ({most})",
            "aucun fichier .xlsx n'est écrit : {n} lignes, plus qu'une feuille n'en contient ({most})",
        ),
    }
)
"""Words of the list for people."""
