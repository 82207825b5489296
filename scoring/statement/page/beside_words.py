"""The words of what an action brings beside money."""

from __future__ import annotations

from ....core.messages import Catalogue, Sentence

__all__ = ["BESIDE"]

BESIDE = Catalogue(
    {
        "title": Sentence("Beside money", "Au-delà de l'argent"),
        "caption": Sentence(
            "Because of each action, all treated together, within {days} days; 95% intervals below",
            "Grâce à chaque action, pour tous les traités, en {days} jours ; intervalles à 95 % au-dessous",
        ),
        "action": Sentence("action", "action"),
        "referral": Sentence("customers brought by word of mouth", "clients amenés par le bouche-à-oreille"),
        "side_promoters": Sentence(
            "answers that recommend us, less those that warn",
            "réponses qui nous recommandent, moins celles qui alertent",
        ),
        "side_reviews_raised": Sentence("public reviews revised upwards", "avis publics revus à la hausse"),
        "contacts_avoided": Sentence("contacts avoided", "contacts évités"),
        "side_self_service": Sentence("times customers served themselves", "recours au libre-service"),
        "path_cost_to_serve": Sentence(
            "cost of service avoided over the horizon ({money})", "coût de service évité sur l'horizon (en {money})"
        ),
        "how": Sentence(
            "These are compared as the gain is: with customers who were not offered the action at that moment. They"
            " stand beside the gain and are not in it, except the cost of service, which is one of its paths. An"
            " interval that holds 0 proves nothing, and with several columns one of them leaves 0 out by luck more"
            " often than once in twenty.",
            "La comparaison est celle du gain : avec des clients à qui l'action n'a pas été proposée à ce moment-là."
            " Ces chiffres sont à côté du gain et n'en font pas partie, sauf le coût de service, qui est une de ses"
            " voies. Un intervalle qui contient 0 ne prouve rien, et avec plusieurs colonnes l'une d'elles exclut 0 par"
            " hasard plus souvent qu'une fois sur vingt.",
        ),
        "answers": Sentence(
            "Answers count for those who gave one: an action that only makes more customers answer moves this figure"
            " too.",
            "Les réponses ne valent que pour ceux qui répondent : une action qui fait seulement répondre plus de"
            " clients fait aussi bouger ce chiffre.",
        ),
        "avoided": Sentence(
            "A contact avoided is no good in itself: a customer who has left calls no more.",
            "Un contact évité n'est pas bon en soi : un client parti n'appelle plus.",
        ),
        "no_case": Sentence("no case seen", "aucun cas observé"),
        "lacks": Sentence(
            "Not told, for the tables do not hold it, or hold no case of it: {names:coded}.",
            "Non indiqué, faute de données ou de cas observés : {names:coded}.",
        ),
        "lacks_referral": Sentence("word of mouth (table referrals)", "le bouche-à-oreille (table referrals)"),
        "lacks_side_promoters": Sentence(
            "recommendations (surveys of metric nps, from 0 to 10)",
            "les recommandations (surveys, métrique nps, de 0 à 10)",
        ),
        "lacks_side_reviews_raised": Sentence(
            "public reviews (reviews.revised_rating)", "les avis publics (reviews.revised_rating)"
        ),
        "lacks_contacts_avoided": Sentence("contacts (table contacts)", "les contacts (table contacts)"),
        "lacks_side_self_service": Sentence(
            "self-service (table interactions)", "le libre-service (table interactions)"
        ),
        "lacks_path_cost_to_serve": Sentence("the cost of service", "le coût de service"),
        "engagement": Sentence(
            "Agents' engagement: {mean:n2} on average over the period ({low:n2} to {high:n2}, {teams} teams){before}."
            " Nobody was assigned, so this proves no effect.",
            "Engagement des agents : {mean:n2} en moyenne sur la période (de {low:n2} à {high:n2}, {teams}"
            " équipes){before}. Personne n'a été affecté : cela ne prouve aucun effet.",
        ),
        "engagement_alone": Sentence(
            "Agents' engagement: {mean:n2} on average over the period{before}, without an interval: it takes two teams"
            " or more. Nobody was assigned, so this proves no effect.",
            "Engagement des agents : {mean:n2} en moyenne sur la période{before}, sans intervalle : il faut au moins"
            " deux équipes. Personne n'a été affecté : cela ne prouve aucun effet.",
        ),
        "before": Sentence(", after {mean:n2} in as long a time before", ", contre {mean:n2} sur la même durée avant"),
        "engagement_lacks": Sentence(
            "Agents' engagement is not told: there is no table agent_surveys with a month of the period.",
            "L'engagement des agents n'est pas indiqué : aucune table agent_surveys ne couvre un mois de la période.",
        ),
    }
)
"""Heading, columns, and what each of them does not prove."""
