"""The words of what all actions brought together."""

from __future__ import annotations

from ....core.messages import Catalogue, Sentence

__all__ = ["TOGETHER"]

TOGETHER = Catalogue(
    {
        "bridge_title": Sentence(
            "From what a dashboard would say to what is true ({money})",
            "De ce que dirait un tableau de bord à ce qui est vrai (en {money})",
        ),
        "bridge": Sentence(
            "A dashboard that compares customers who got {n:the action|the actions} with all others would say"
            " {naive:money0}. What {n:it|they} brought, by these estimates, is {gain:money0}. The steps between tell"
            " why the two differ.",
            "Un tableau de bord qui compare les clients qui ont reçu {n:l'action|les actions} à tous les autres dirait"
            " {naive:money0}. Ce qu'{n:elle a|elles ont} apporté, d'après ces estimations, est {gain:money0}. Les"
            " étapes entre les deux disent pourquoi ils diffèrent.",
        ),
        "bridge_without": Sentence(
            "Without {names:words}: a step is not known there, or a check failed.",
            "Sans {names:words} : une étape y est inconnue, ou un contrôle a échoué.",
        ),
        "realised_title": Sentence(
            "What came in, and what is still expected", "Ce qui est encaissé, et ce qui est attendu"
        ),
        "realised_caption": Sentence(
            "Gain of each action: realised and predicted ({money}), 95% intervals below",
            "Gain de chaque action : réalisé et prédit (en {money}), intervalles à 95 % au-dessous",
        ),
        "action": Sentence("action", "action"),
        "verdict": Sentence("verdict", "verdict"),
        "gain": Sentence("gain", "gain"),
        "came_in": Sentence("came in so far", "déjà encaissé"),
        "expected": Sentence("still expected", "encore attendu"),
        "share": Sentence("share that came in", "part encaissée"),
        "keeping_title": Sentence("Winning a customer, or keeping one", "Conquérir un client, ou garder un client"),
        "keeping_caption": Sentence(
            "Cost of a customer really kept beside that of winning one ({money})",
            "Coût d'un client réellement gardé à côté du coût d'acquisition (en {money})",
        ),
        "per_kept": Sentence("cost of a customer really kept", "coût d'un client réellement gardé"),
        "per_won": Sentence("cost of winning a customer", "coût d'acquisition d'un client"),
        "times": Sentence("keeping over winning", "garder rapporté à acquérir"),
        "nobody_kept": Sentence(
            "nobody more stayed, by the estimate", "personne de plus n'est resté, selon l'estimation"
        ),
        "kept_unknown": Sentence("not followed by contract", "pas suivi par contrat"),
        "open_end": Sentence("from {low:n2}; perhaps nobody", "à partir de {low:n2} ; peut-être personne"),
        "won_unknown": Sentence(
            "neither customers.acquisition_cost nor prospects.cost says it for the period",
            "ni customers.acquisition_cost ni prospects.cost ne le dit pour la période",
        ),
        "keeping_note": Sentence(
            "A customer kept is not worth the same as one who was won: the gain above says what each brings. The"
            " verdict beside says whether it is proven that anybody was kept at a profit.",
            "Un client gardé ne vaut pas autant qu'un client conquis : le gain ci-dessus dit ce que chacun apporte. Le"
            " verdict à côté dit s'il est prouvé que garder a été rentable.",
        ),
    }
)
"""Headings, captions and what stands in cells that hold no figure."""
