"""What would settle an action that is not proven, in words: the same for the statement and for a plan made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.locale import Locale
from ...core.messages import Catalogue, Sentence

__all__ = ["SETTLING", "settling_sentence"]

SETTLING = Catalogue(
    {
        "experiment": Sentence(
            "What would settle it: of {customers} {customers:customer|customers} decided upon in {months}"
            " {months:month|months}, hold out {held}. It is expected to cost {forgone:money0} against the better"
            " choice as known today, and gives a verdict with a chance of {chance:percent}. Knowing is worth"
            " {worth:money0} for each year of such decisions.",
            "Ce qui trancherait : sur {customers} {customers:client décidé|clients décidés} en {months} mois, garder"
            " {held} {held:témoin|témoins}. Le coût attendu est de {forgone:money0} par rapport au meilleur choix connu"
            " aujourd'hui, et la probabilité d'un verdict de {chance:percent}. Savoir vaut {worth:money0} par année de"
            " telles décisions.",
        ),
        "none": Sentence(
            "No experiment of this size can settle it: even {customers} {customers:customer|customers} decided upon in"
            " {months} {months:month|months}, {held} of them held out, give a verdict with a chance of"
            " {chance:percent} only. Knowing is worth {worth:money0} for each year of such decisions.",
            "Aucune expérience de cette taille ne peut trancher : même {customers}"
            " {customers:client décidé|clients décidés} en {months} mois, dont {held} {held:témoin|témoins}, ne donnent"
            " un verdict qu'avec une probabilité de {chance:percent}. Savoir vaut {worth:money0} par année de telles"
            " décisions.",
        ),
    }
)
"""By whether an experiment settles it (``experiment``) or none of this size can (``none``)."""


def settling_sentence(row: Mapping[Any, Any], locale: Locale) -> str:
    """Return what would settle a row of a statement; "" of a row that has its verdict.

    Parameters
    ----------
    row
        With ``settle`` and the columns ``settle_*`` of ``roi.parquet``.
    locale
        How it is written.
    """
    if row["settle"] not in SETTLING:
        return ""
    return SETTLING.say(
        locale,
        row["settle"],
        customers=int(row["settle_customers"]),
        months=int(row["settle_months"]),
        held=int(row["settle_held_out"]),
        forgone=row["settle_forgone"],
        chance=row["settle_chance"],
        worth=row["settle_worth"],
    )
