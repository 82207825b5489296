"""The words of the page of returns."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["RETURNS"]

RETURNS = Catalogue(
    {
        "lead": Sentence(
            "What each initiative earned against what it cost, and what is proven.",
            "Ce que chaque initiative a rapporté au regard de son coût, et ce qui est prouvé.",
        ),
        "about": Sentence("Decisions from {since:date} to {until:date}.", "Décisions du {since:date} au {until:date}."),
        "span": Sentence("{since:date} to {until:date}", "du {since:date} au {until:date}"),
        "hypothesis": Sentence("When {when}, then {then}.", "Quand {when}, alors {then}."),
        "period": Sentence("Since {since:date}.", "Depuis le {since:date}."),
        "period_ended": Sentence("{since:date} to {until:date}.", "Du {since:date} au {until:date}."),
        "together": Sentence("All actions together", "Toutes les actions ensemble"),
        "alone": Sentence("Actions without an initiative", "Actions sans initiative"),
        "figures": Sentence("Figures of {name}", "Chiffres : {name}"),
        "figure": Sentence("Figure", "Chiffre"),
        "estimate": Sentence("Estimate", "Estimation"),
        "interval": Sentence("95% interval", "Intervalle à 95 %"),
        "gain": Sentence("Earned", "Gagné"),
        "cost": Sentence("Cost", "Coût"),
        "return": Sentence("Return", "Retour"),
        "realised": Sentence("Of it realised so far", "Dont déjà réalisé"),
        "effect": Sentence("Effect on a customer", "Effet sur un client"),
        "unit_cost": Sentence("Cost of a customer", "Coût par client"),
        "naive": Sentence("What a plain dashboard would say", "Ce que dirait un simple tableau de bord"),
        "treated": Sentence("Customers treated", "Clients traités"),
        "chance": Sentence("Chance that it pays", "Probabilité d'être rentable"),
        "verdict": Sentence("Verdict", "Verdict"),
        "randomised": Sentence(
            "Measured against customers left alone at random.", "Mesuré contre des témoins tirés au sort."
        ),
        "observational": Sentence(
            "Observational: nobody was left alone at random, so hidden causes cannot be excluded.",
            "Étude observationnelle : personne n'a été laissé de côté au hasard, des causes cachées restent possibles.",
        ),
        "pays": Sentence(
            "Even the low end of the interval is above the cost.",
            "Même la borne basse de l'intervalle dépasse le coût.",
        ),
        "loses": Sentence(
            "Even the high end of the interval is below the cost.",
            "Même la borne haute de l'intervalle est inférieure au coût.",
        ),
        "not proven": Sentence(
            "The data do not tell yet whether it earns more than it costs.",
            "Les données ne disent pas encore si elle rapporte plus qu'elle ne coûte.",
        ),
        "settle": Sentence("What would settle it", "Ce qui trancherait"),
        "trend": Sentence("Past statements of {name}", "Bilans passés : {name}"),
        "trend_label": Sentence(
            "Effect on a customer by statement, with 95% interval; the last is {value:money}.",
            "Effet sur un client par bilan, avec intervalle à 95 % ; le dernier est de {value:money}.",
        ),
        "statement": Sentence("Statement", "Bilan"),
        "latest": Sentence("latest", "dernier"),
        "contrasts": Sentence(
            "What happened to customers, and what it changed", "Ce qu'ont vécu les clients, et ce que cela a changé"
        ),
        "contrasts_note": Sentence(
            "Nobody was left alone at random here: these are comparisons of like with like, no proofs.",
            "Personne n'a été laissé de côté au hasard : ce sont des comparaisons de semblables, pas des preuves.",
        ),
        "event": Sentence("Event", "Évènement"),
        "picture": Sentence("Effect and cost of a customer", "Effet et coût par client"),
        "picture_label": Sentence(
            "{name}: effect {effect:money}, 95% interval {low:money} to {high:money}; cost {cost:money}.",
            "{name} : effet {effect:money}, intervalle à 95 % de {low:money} à {high:money} ; coût {cost:money}.",
        ),
        "legend_effect": Sentence("effect with 95% interval", "effet avec intervalle à 95 %"),
        "legend_cost": Sentence("cost", "coût"),
        "full": Sentence("The whole statement", "Le bilan complet"),
        "how": Sentence("What the words mean", "Ce que veulent dire les mots"),
    }
)
