"""Words of the features of contacts, service and satisfaction; see :mod:`.say`."""

from __future__ import annotations

from .phrase import Phrase, Words

__all__ = ["SERVICE_PHRASES"]

SERVICE_PHRASES: dict[str, Phrase] = {
    "contacts": Phrase(
        "contacts",
        en=Words("{n} [contact|contacts] in {days} days", zero="no contact in {days} days"),
        fr=Words("{n} [contact|contacts] en {days} jours", zero="aucun contact en {days} jours"),
    ),
    "contacts_trend": Phrase(
        "contacts",
        en=Words(
            "{n} [contact|contacts] more in {days} days than in the {days} before",
            zero="as many contacts in {days} days as in the {days} before",
            minus="{n} [contact|contacts] fewer in {days} days than in the {days} before",
        ),
        fr=Words(
            "{n} [contact|contacts] de plus en {days} jours que sur les {days} précédents",
            zero="autant de contacts en {days} jours que sur les {days} précédents",
            minus="{n} [contact|contacts] de moins en {days} jours que sur les {days} précédents",
        ),
    ),
    "{channel}_contacts": Phrase(
        "contacts",
        en=Words("{n} [contact|contacts] by {item} in {days} days", zero="no contact by {item} in {days} days"),
        fr=Words("{n} [contact|contacts] par {item} en {days} jours", zero="aucun contact par {item} en {days} jours"),
    ),
    "{reason}_contacts": Phrase(
        "contacts",
        en=Words("{n} [contact|contacts] about {item} in {days} days", zero="no contact about {item} in {days} days"),
        fr=Words(
            "{n} [contact|contacts] au sujet de « {item} » en {days} jours",
            zero="aucun contact au sujet de « {item} » en {days} jours",
        ),
    ),
    "inbound_contacts": Phrase(
        "contacts",
        en=Words("contacted us [once|{n} times] in {days} days", zero="did not contact us in {days} days"),
        fr=Words(
            "nous a contactés [une fois|{n} fois] en {days} jours", zero="ne nous a pas contactés en {days} jours"
        ),
    ),
    "outbound_contacts": Phrase(
        "contacts",
        en=Words("we contacted them [once|{n} times] in {days} days", zero="we did not contact them in {days} days"),
        fr=Words("contacté par nous [une fois|{n} fois] en {days} jours", zero="pas contacté par nous en {days} jours"),
    ),
    "contact_channel_last": Phrase(
        "contacts",
        en=Words("last contact was by {value}", none="no contact in {days} days"),
        fr=Words("dernier contact par {value}", none="aucun contact en {days} jours"),
    ),
    "contact_reason_last": Phrase(
        "contacts",
        en=Words("last contact was about {value}", none="no contact with a reason in {days} days"),
        fr=Words("dernier contact au sujet de « {value} »", none="aucun contact motivé en {days} jours"),
    ),
    "complaints": Phrase(
        "complaints",
        en=Words("{n} [complaint|complaints] in {days} days", zero="no complaint in {days} days"),
        fr=Words("{n} [réclamation|réclamations] en {days} jours", zero="aucune réclamation en {days} jours"),
    ),
    "repeat_contacts": Phrase(
        "unsolved",
        en=Words(
            "had to contact us again [once|{n} times] on the same reason in {days} days",
            zero="no second contact on a reason in {days} days",
        ),
        fr=Words(
            "a dû nous recontacter [une fois|{n} fois] pour le même motif en {days} jours",
            zero="aucun second contact pour un même motif en {days} jours",
        ),
    ),
    "days_since_contact": Phrase(
        "contacts",
        en=Words("last contact {age} ago", none="has never been in contact"),
        fr=Words("dernier contact il y a {age}", none="jamais eu de contact"),
    ),
    "days_since_complaint": Phrase(
        "complaints",
        en=Words("last complaint {age} ago", none="has never complained"),
        fr=Words("dernière réclamation il y a {age}", none="n'a jamais réclamé"),
    ),
    "contact_first_30_days": Phrase(
        "contacts",
        en=Words("needed service in the first 30 days", zero="no contact in the first 30 days"),
        fr=Words("a eu besoin du service dans les 30 premiers jours", zero="aucun contact dans les 30 premiers jours"),
    ),
    "contacts_unresolved": Phrase(
        "unsolved",
        en=Words("{n} unresolved [contact|contacts] in {days} days", zero="no unresolved contact in {days} days"),
        fr=Words(
            "{n} [contact non résolu|contacts non résolus] en {days} jours",
            zero="aucun contact non résolu en {days} jours",
        ),
    ),
    "resolved_share": Phrase(
        "unsolved",
        en=Words(
            "{percent} of contacts in {days} days were resolved",
            none="no closed contact in {days} days",
            zero="no contact in {days} days was resolved",
        ),
        fr=Words(
            "{percent} des contacts résolus en {days} jours",
            none="aucun contact clos en {days} jours",
            zero="aucun contact résolu en {days} jours",
        ),
    ),
    "complaints_unresolved": Phrase(
        "complaints",
        en=Words("{n} unresolved [complaint|complaints] in {days} days", zero="no unresolved complaint in {days} days"),
        fr=Words(
            "{n} [réclamation non résolue|réclamations non résolues] en {days} jours",
            zero="aucune réclamation non résolue en {days} jours",
        ),
    ),
    "contacts_open": Phrase(
        "unsolved",
        en=Words("{n} [contact is|contacts are] still open", zero="no open contact"),
        fr=Words("{n} [contact encore ouvert|contacts encore ouverts]", zero="aucun contact ouvert"),
    ),
    "days_open_oldest": Phrase(
        "unsolved",
        en=Words("a contact has been open for {age}", none="no open contact"),
        fr=Words("un contact ouvert depuis {age}", none="aucun contact ouvert"),
    ),
    "days_since_unresolved_contact": Phrase(
        "unsolved",
        en=Words("last unresolved contact {age} ago", none="no contact was left unresolved"),
        fr=Words("dernier contact non résolu il y a {age}", none="aucun contact resté non résolu"),
    ),
    "hours_to_answer_mean": Phrase(
        "speed",
        en=Words(
            "waited {hours} for an answer on average ({days} days)",
            none="no answered contact in {days} days",
            zero="was answered at once ({days} days)",
        ),
        fr=Words(
            "a attendu une réponse {hours} en moyenne ({days} jours)",
            none="aucun contact avec réponse en {days} jours",
            zero="réponse immédiate ({days} jours)",
        ),
    ),
    "hours_to_answer_max": Phrase(
        "speed",
        en=Words(
            "once waited {hours} for an answer ({days} days)",
            none="no answered contact in {days} days",
            zero="was always answered at once ({days} days)",
        ),
        fr=Words(
            "a attendu une réponse jusqu'à {hours} ({days} jours)",
            none="aucun contact avec réponse en {days} jours",
            zero="réponse toujours immédiate ({days} jours)",
        ),
    ),
    "hours_to_close_mean": Phrase(
        "speed",
        quiet=True,
        en=Words(
            "contacts took {hours} to close on average ({days} days)",
            none="no closed contact in {days} days",
            zero="contacts were closed at once ({days} days)",
        ),
        fr=Words(
            "contacts clos en {hours} en moyenne ({days} jours)",
            none="aucun contact clos en {days} jours",
            zero="contacts clos aussitôt ({days} jours)",
        ),
    ),
    "handle_seconds_mean": Phrase(
        "speed",
        quiet=True,
        en=Words(
            "contacts took {seconds} of work on average ({days} days)",
            none="no handled contact in {days} days",
            zero="contacts took no work ({days} days)",
        ),
        fr=Words(
            "contacts traités en {seconds} en moyenne ({days} jours)",
            none="aucun contact traité en {days} jours",
            zero="contacts sans temps de traitement ({days} jours)",
        ),
    ),
    "handle_seconds": Phrase(
        "contacts",
        quiet=True,
        en=Words("service spent {seconds} on them in {days} days", zero="no service work in {days} days"),
        fr=Words("le service y a passé {seconds} en {days} jours", zero="aucun temps de service en {days} jours"),
    ),
    "contact_cost": Phrase(
        "contacts",
        quiet=True,
        en=Words("service cost {money} in {days} days", zero="no service cost in {days} days"),
        fr=Words("{money} de coût de service en {days} jours", zero="aucun coût de service en {days} jours"),
    ),
    "cost_to_serve": Phrase(
        "contacts",
        quiet=True,
        en=Words("service has cost {money} so far", zero="no service cost so far"),
        fr=Words("{money} de coût de service à ce jour", zero="aucun coût de service à ce jour"),
    ),
    "contacts_followed": Phrase(
        "unsolved",
        en=Words(
            "came back within a week on the same reason [once|{n} times] in {days} days",
            zero="never came back within a week on the same reason ({days} days)",
        ),
        fr=Words(
            "a recontacté sous 7 jours pour le même motif [une fois|{n} fois] en {days} jours",
            zero="jamais recontacté sous 7 jours pour le même motif ({days} jours)",
        ),
    ),
    "first_contact_resolved_share": Phrase(
        "unsolved",
        en=Words(
            "{percent} resolved at the first contact ({days} days)",
            none="no contact to judge in {days} days",
            zero="nothing was resolved at the first contact ({days} days)",
        ),
        fr=Words(
            "{percent} de résolution au premier contact ({days} jours)",
            none="aucun contact à juger en {days} jours",
            zero="rien de résolu au premier contact ({days} jours)",
        ),
    ),
    "trained_agent_share": Phrase(
        "agents",
        en=Words(
            "{percent} of contacts with trained agents ({days} days)",
            none="no contact with a listed agent in {days} days",
            zero="no contact with a trained agent ({days} days)",
        ),
        fr=Words(
            "{percent} des contacts avec un conseiller formé ({days} jours)",
            none="aucun contact avec un conseiller connu en {days} jours",
            zero="aucun contact avec un conseiller formé ({days} jours)",
        ),
    ),
    "agent_resolved_share": Phrase(
        "agents",
        en=Words(
            "dealt with agents who resolve {percent} of contacts",
            none="no contact with an agent of known record in {days} days",
            zero="dealt with agents who resolved nothing",
        ),
        fr=Words(
            "servi par des conseillers qui résolvent {percent} des contacts",
            none="aucun contact avec un conseiller au bilan connu en {days} jours",
            zero="servi par des conseillers qui n'ont rien résolu",
        ),
    ),
    "agent_csat": Phrase(
        "agents",
        en=Words("dealt with agents rated {n} by customers", none="no contact with a rated agent in {days} days"),
        fr=Words("servi par des conseillers notés {n}", none="aucun contact avec un conseiller noté en {days} jours"),
    ),
    "{metric}_last": Phrase(
        "satisfaction",
        en=Words("last {item} score: {n}", none="never gave a {item} score", minus="last {item} score: -{n}"),
        fr=Words("dernière note {item} : {n}", none="aucune note {item}", minus="dernière note {item} : -{n}"),
    ),
    "{metric}_mean": Phrase(
        "satisfaction",
        en=Words(
            "mean {item} of {n} in {days} days",
            none="no {item} in {days} days",
            minus="mean {item} of -{n} in {days} days",
        ),
        fr=Words(
            "{item} moyen de {n} en {days} jours",
            none="pas de {item} en {days} jours",
            minus="{item} moyen de -{n} en {days} jours",
        ),
    ),
    "{metric}_min": Phrase(
        "satisfaction",
        en=Words(
            "lowest {item} of {n} in {days} days",
            none="no {item} in {days} days",
            minus="lowest {item} of -{n} in {days} days",
        ),
        fr=Words(
            "{item} le plus bas de {n} en {days} jours",
            none="pas de {item} en {days} jours",
            minus="{item} le plus bas de -{n} en {days} jours",
        ),
    ),
    "{metric}_trend": Phrase(
        "satisfaction",
        en=Words(
            "last {item} {n} [point|points] above the earlier mean",
            none="fewer than two {item} scores",
            zero="last {item} equal to the earlier mean",
            minus="last {item} {n} [point|points] below the earlier mean",
        ),
        fr=Words(
            "dernier {item} {n} [point|points] au-dessus de la moyenne passée",
            none="moins de deux notes {item}",
            zero="dernier {item} égal à la moyenne passée",
            minus="dernier {item} {n} [point|points] sous la moyenne passée",
        ),
    ),
    "{metric}_answers": Phrase(
        "surveys",
        en=Words("{n} {item} [answer|answers] in {days} days", zero="no {item} answer in {days} days"),
        fr=Words("{n} [réponse|réponses] {item} en {days} jours", zero="aucune réponse {item} en {days} jours"),
    ),
    "{metric}_low_share": Phrase(
        "satisfaction",
        en=Words(
            "{percent} low {item} scores in {days} days",
            none="no {item} in {days} days",
            zero="no low {item} score in {days} days",
        ),
        fr=Words(
            "{percent} de notes {item} basses en {days} jours",
            none="pas de {item} en {days} jours",
            zero="aucune note {item} basse en {days} jours",
        ),
    ),
    "days_since_{metric}_answer": Phrase(
        "surveys",
        en=Words("last {item} answer {age} ago", none="never gave a {item} score"),
        fr=Words("dernière réponse {item} il y a {age}", none="aucune note {item}"),
    ),
    "surveys_sent": Phrase(
        "surveys",
        en=Words("{n} [survey|surveys] sent in {days} days", zero="no survey sent in {days} days"),
        fr=Words(
            "{n} [enquête envoyée|enquêtes envoyées] en {days} jours", zero="aucune enquête envoyée en {days} jours"
        ),
    ),
    "surveys_unanswered": Phrase(
        "surveys",
        en=Words("{n} [survey|surveys] unanswered in {days} days", zero="no survey left unanswered in {days} days"),
        fr=Words(
            "{n} [enquête sans réponse|enquêtes sans réponse] en {days} jours",
            zero="aucune enquête sans réponse en {days} jours",
        ),
    ),
    "survey_response_rate": Phrase(
        "surveys",
        en=Words(
            "answered {percent} of surveys in {days} days",
            none="no survey in {days} days",
            zero="answered no survey in {days} days",
        ),
        fr=Words(
            "a répondu à {percent} des enquêtes en {days} jours",
            none="aucune enquête en {days} jours",
            zero="n'a répondu à aucune enquête en {days} jours",
        ),
    ),
    "days_since_survey_answer": Phrase(
        "surveys",
        en=Words("last answer to a survey {age} ago", none="never answered a survey"),
        fr=Words("dernière réponse à une enquête il y a {age}", none="n'a jamais répondu à une enquête"),
    ),
}
