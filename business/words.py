"""What trials and effects say of themselves at the front door, in English and French."""

from __future__ import annotations

from ..core.messages import Catalogue, Sentence

__all__ = ["EFFECT_WORDS", "TRIAL_WORDS"]

TRIAL_WORDS = Catalogue(
    {
        "decisions": Sentence(
            "{action} ({design}), decisions from {since:date} to {until:date}: {treated} treated and {controls}"
            " {controls:control|controls}, each followed for {days} {days:day|days}",
            "{action} ({design}), décisions du {since:date} au {until:date} : {treated} {treated:traitée|traitées} et"
            " {controls} {controls:témoin|témoins}, chacune suivie pendant {days} {days:jour|jours}",
        ),
        "left_out": Sentence(
            "left out: {immature} treated whose follow-up is not over, {ineligible} not eligible",
            "écartées : {immature} {immature:traitée|traitées} dont le suivi n'est pas achevé, {ineligible}"
            " {ineligible:non éligible|non éligibles}",
        ),
    }
)
"""The decisions of a trial."""

EFFECT_WORDS = Catalogue(
    {
        "effect": Sentence(
            "{action} ({design}): {estimate:money2} a treated customer over {months} {months:month|months}"
            " (95% interval {low:money2} to {high:money2}); cost {cost:money2}",
            "{action} ({design}) : {estimate:money2} par client traité sur {months} {months:mois|mois}"
            " (intervalle à 95 % : de {low:money2} à {high:money2}) ; coût {cost:money2}",
        ),
        "naive": Sentence(
            "naive difference {naive:money2}: what a comparison of both arms without adjusting would claim",
            "écart brut {naive:money2} : ce qu'annoncerait une comparaison des deux groupes sans correction",
        ),
        "alone": Sentence(
            "judged alone: whether those chosen and then held out were like the others is a check that only roi makes",
            "jugée seule : seul roi vérifie que les clients choisis puis mis de côté ressemblaient aux autres",
        ),
    }
)
"""An effect before its verdict."""
