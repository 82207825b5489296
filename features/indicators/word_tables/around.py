"""Words of the indicators of self-service, public reviews and agents."""

from __future__ import annotations

from .text import IndicatorWords, words

__all__ = ["AROUND"]

AROUND: dict[str, IndicatorWords] = {
    "self_service_rate": words(
        ("Self-service rate", "Taux de libre-service"),
        (
            "what customers did by themselves / that and the contacts they began",
            "demandes traitées par le client seul / celles-ci et les contacts à son initiative",
        ),
        (
            "A visit is no contact avoided: some look, fail and call.",
            "Une visite n'est pas un contact évité : certains cherchent, échouent et appellent.",
        ),
    ),
    "self_service_solved": words(
        ("Solved by self-service", "Résolu en libre-service"),
        (
            "self-service solved there and then / self-service that says so",
            "résolu sur place / libre-service renseigné",
        ),
        (
            "It is judged there and then, not by what followed.",
            "Jugé sur le moment, et non d'après la suite.",
        ),
    ),
    "review_rating": words(
        ("Average rating", "Note moyenne des avis"),
        ("ratings as first posted / reviews", "notes à la publication / avis"),
        (
            "Ratings we asked for are higher: read the share asked beside it.",
            "Les avis sollicités sont meilleurs : à lire avec la part sollicitée.",
        ),
    ),
    "review_asked_share": words(
        ("Reviews we asked for", "Avis sollicités"),
        ("reviews we had asked for / reviews", "avis sollicités / avis"),
        (
            "Asking the pleased alone lifts the rating and nothing else.",
            "Ne solliciter que les contents relève la note, et rien d'autre.",
        ),
    ),
    "review_answered_share": words(
        ("Reviews answered", "Avis ayant reçu une réponse"),
        ("reviews that we answered / reviews", "avis auxquels nous avons répondu / avis"),
        (
            "An answer is no solution.",
            "Une réponse n'est pas une solution.",
        ),
    ),
    "review_revised_share": words(
        ("Reviews revised after an answer", "Avis révisés après réponse"),
        ("reviews revised after our answer / reviews answered", "avis révisés après notre réponse / avis répondus"),
        (
            "Revised is not raised; recent answers still have time.",
            "Révisé ne veut pas dire relevé ; les réponses récentes ont encore le temps.",
        ),
    ),
    "agent_engagement": words(
        ("Agents' engagement", "Engagement des agents"),
        ("teams' engagement, weighted by respondents", "engagement des équipes, pondéré par les répondants"),
        (
            "Few teams, wide interval; those about to leave answer less.",
            "Peu d'équipes, intervalle large ; qui s'apprête à partir répond moins.",
        ),
    ),
    "agent_nps": words(
        ("Agents' NPS (eNPS)", "Recommandation par les agents (eNPS)"),
        ("teams' eNPS, weighted by respondents", "eNPS des équipes, pondéré par les répondants"),
        (
            "Few teams, wide interval; those about to leave answer less.",
            "Peu d'équipes, intervalle large ; qui s'apprête à partir répond moins.",
        ),
    ),
    "agent_turnover": words(
        ("Agents' turnover", "Rotation des agents"),
        (
            "agents whose last contact lies in the month / agents with a contact in it",
            "agents dont le dernier contact tombe dans le mois / agents ayant eu un contact dans le mois",
        ),
        (
            "Told from contacts: a long leave or another post looks the same.",
            "Déduite des contacts : une longue absence ou un autre poste y ressemblent.",
        ),
    ),
}
