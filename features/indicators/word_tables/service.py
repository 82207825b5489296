"""Words of the indicators of surveys and contacts."""

from __future__ import annotations

from .text import IndicatorWords, words

__all__ = ["SERVICE"]

_SILENT = (
    "Those who answer are not those who stay silent: read the response rate and the bounds beside it.",
    "Ceux qui répondent ne sont pas ceux qui se taisent : à lire avec le taux de réponse et les bornes.",
)
_WINDOW = (
    "A month whose follow-up window is not over is unknown, not solved.",
    "Un mois dont le délai de suivi n'est pas écoulé est inconnu, et non résolu.",
)


def _response(of: str) -> IndicatorWords:
    return words(
        (f"Response rate, {of}", f"Taux de réponse, {of}"),
        ("surveys answered / surveys sent", "enquêtes répondues / enquêtes envoyées"),
        (
            "A high rate does not make answers representative, a low one does not make them wrong.",
            "Un taux élevé ne rend pas les réponses représentatives, un taux faible ne les rend pas fausses.",
        ),
    )


SERVICE: dict[str, IndicatorWords] = {
    "csat": words(
        ("Satisfaction (CSAT)", "Satisfaction (CSAT)"),
        ("answers in the top boxes / answers", "réponses dans les notes hautes / réponses"),
        _SILENT,
    ),
    "nps": words(
        ("Net promoter score (NPS)", "Recommandation nette (NPS)"),
        (
            "100 × (answers 9-10 − answers 0-6) / answers",
            "100 × (réponses 9-10 − réponses 0-6) / réponses",
        ),
        (
            "Its interval is wide: with 400 answers some 7 points either way. One customer who answers twice is one.",
            "Son intervalle est large : avec 400 réponses, environ 7 points de part et d'autre. Un client qui répond"
            " deux fois reste un seul client.",
        ),
    ),
    "ces": words(
        ("Ease (CES 2.0)", "Facilité (CES 2.0)"),
        (
            "answers that it was made easy (5 of 7 or more) / answers",
            "réponses « c'était facile » (5 sur 7 ou plus) / réponses",
        ),
        _SILENT,
    ),
    "ces_effort": words(
        ("Little effort (CES 1.0)", "Peu d'effort (CES 1.0)"),
        (
            "answers of little effort (2 of 5 or less) / answers",
            "réponses « peu d'effort » (2 sur 5 ou moins) / réponses",
        ),
        (
            "The first version of the question counts the other way round: low scores are good.",
            "La première version de la question compte à l'envers : une note basse est bonne.",
        ),
    ),
    "csat_response_rate": _response("CSAT"),
    "nps_response_rate": _response("NPS"),
    "ces_response_rate": _response("CES"),
    "fcr_gross": words(
        ("First-contact resolution, gross (FCR)", "Résolution au premier contact, brute (RPC)"),
        (
            "first contacts on a reason, solved and followed by no other of the customer on it in time / first"
            " contacts",
            "premiers contacts sur un motif, résolus et non suivis à temps d'un autre du client sur ce motif /"
            " premiers contacts",
        ),
        _WINDOW,
    ),
    "fcr_net": words(
        ("First-contact resolution, net", "Résolution au premier contact, nette"),
        (
            "as gross, without the reasons that cannot be solved at once",
            "comme la brute, sans les motifs qui ne peuvent pas être résolus aussitôt",
        ),
        (
            "Whoever declares reasons unsolvable moves the figure.",
            "Déclarer des motifs non résolvables déplace le chiffre.",
        ),
    ),
    "once_and_done": words(
        ("Once and done", "Réglé en une fois"),
        (
            "first contacts solved and followed by no other of the customer, whatever its channel and reason / first"
            " contacts",
            "premiers contacts résolus et non suivis d'un autre du client, quels que soient canal et motif / premiers"
            " contacts",
        ),
        _WINDOW,
    ),
    "repeat_rate": words(
        ("Repeat rate", "Taux de réitération"),
        (
            "contacts followed in time by another of the customer on the same reason / contacts",
            "contacts suivis à temps d'un autre du client sur le même motif / contacts",
        ),
        (
            "It is not 1 − first-contact resolution: it counts all contacts, and says nothing of what was solved.",
            "Ce n'est pas 1 − la résolution au premier contact : il porte sur tous les contacts et ne dit rien de ce"
            " qui a été résolu.",
        ),
    ),
    "handling_time": words(
        ("Average handling time (AHT)", "Durée moyenne de traitement (DMT)"),
        ("handling time / contacts handled", "temps de traitement / contacts traités"),
        (
            "A few long contacts move the mean; shorter is not better if customers come back.",
            "Quelques contacts longs déplacent la moyenne ; plus court n'est pas mieux si le client revient.",
        ),
    ),
    "handling_time_median": words(
        ("Median handling time", "Durée médiane de traitement"),
        ("half of the contacts handled took no longer", "la moitié des contacts traités n'ont pas duré plus"),
        (
            "The long ones, that cost most, do not show in it.",
            "Les contacts longs, les plus coûteux, n'y paraissent pas.",
        ),
    ),
    "answer_time": words(
        ("Average time to answer", "Délai moyen de réponse"),
        ("time to the first answer / contacts answered", "délai de première réponse / contacts répondus"),
        (
            "Contacts never answered have no time: read the answered share beside it.",
            "Les contacts jamais répondus n'ont pas de délai : à lire avec le taux de décroché.",
        ),
    ),
    "answer_time_median": words(
        ("Median time to answer", "Délai médian de réponse"),
        (
            "half of the contacts answered waited no longer",
            "la moitié des contacts répondus n'ont pas attendu plus",
        ),
        (
            "Contacts never answered have no time: read the answered share beside it.",
            "Les contacts jamais répondus n'ont pas de délai : à lire avec le taux de décroché.",
        ),
    ),
    "answered_share": words(
        ("Answered share", "Taux de décroché"),
        ("contacts answered / contacts opened", "contacts répondus / contacts ouverts"),
        (
            "It says nothing of how long they waited.",
            "Il ne dit rien de l'attente.",
        ),
    ),
    "service_level": words(
        ("Service level", "Niveau de service"),
        (
            "contacts answered within the limit, by the formula named beside it",
            "contacts répondus dans le délai, selon la formule nommée à côté",
        ),
        (
            "Formulas differ in abandoned contacts: the same day gives 81, 83 or 86%.",
            "Les formules diffèrent sur les contacts abandonnés : la même journée donne 81, 83 ou 86 %.",
        ),
    ),
    "cost_per_contact": words(
        ("Cost per contact", "Coût par contact"),
        ("cost of contacts / contacts", "coût des contacts / contacts"),
        (
            "Cheaper contacts that are repeated cost more: read it with the repeat rate.",
            "Des contacts moins chers mais réitérés coûtent plus : à lire avec le taux de réitération.",
        ),
    ),
    "trained_share": words(
        ("Contacts by trained agents", "Contacts tenus par des agents formés"),
        (
            "contacts whose agent was trained before them / contacts of known agents",
            "contacts dont l'agent a été formé auparavant / contacts d'agents connus",
        ),
        (
            "Who was trained first was perhaps better before.",
            "Les premiers formés étaient peut-être déjà meilleurs.",
        ),
    ),
}
