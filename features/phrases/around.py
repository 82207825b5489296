"""Words of the features of what stands around a customer; see :mod:`.say`."""

from __future__ import annotations

from .phrase import Phrase, Words

__all__ = ["AROUND_PHRASES"]

AROUND_PHRASES: dict[str, Phrase] = {
    "prospect_channel": Phrase(
        "prospect",
        en=Words("first came by {value}", none="how they came is not known"),
        fr=Words("venu par {value}", none="origine inconnue"),
    ),
    "prospect_cost": Phrase(
        "prospect",
        quiet=True,
        en=Words("cost {money} to win", none="cost of winning them not known", zero="cost nothing to win"),
        fr=Words("{money} pour le conquérir", none="coût de conquête inconnu", zero="conquis sans frais"),
    ),
    "days_as_prospect": Phrase(
        "prospect",
        quiet=True,
        en=Words(
            "became a customer {age} after first contact",
            none="when they became a prospect is not known",
            zero="became a customer at once",
            minus="was a customer {age} before the prospect",
        ),
        fr=Words(
            "devenu client {age} après le premier contact",
            none="date de premier contact inconnue",
            zero="devenu client aussitôt",
            minus="client {age} avant d'être prospect",
        ),
    ),
    "reviews": Phrase(
        "reviews",
        en=Words("{n} public [review|reviews] in {days} days", zero="no public review in {days} days"),
        fr=Words("{n} [avis publié|avis publiés] en {days} jours", zero="aucun avis publié en {days} jours"),
    ),
    "review_rating_last": Phrase(
        "reviews",
        en=Words("last public rating {n}", none="never posted a review"),
        fr=Words("dernière note publiée : {n}", none="n'a jamais publié d'avis"),
    ),
    "review_rating_mean": Phrase(
        "reviews",
        quiet=True,
        en=Words("public ratings of {n} on average in {days} days", none="no public review in {days} days"),
        fr=Words("notes publiées de {n} en moyenne en {days} jours", none="aucun avis publié en {days} jours"),
    ),
    "review_answered_last": Phrase(
        "reviews",
        quiet=True,
        en=Words("last review answered", none="never posted a review", zero="last review not answered"),
        fr=Words("dernier avis répondu", none="n'a jamais publié d'avis", zero="dernier avis sans réponse"),
    ),
    "reviews_revised_up": Phrase(
        "reviews",
        en=Words(
            "raised {n} public [rating|ratings] after our answer in {days} days",
            zero="raised no public rating in {days} days",
        ),
        fr=Words(
            "a relevé {n} [note publiée|notes publiées] après notre réponse en {days} jours",
            zero="n'a relevé aucune note publiée en {days} jours",
        ),
    ),
    "reviews_unasked": Phrase(
        "reviews",
        quiet=True,
        en=Words("{n} [review|reviews] that nobody asked for in {days} days", zero="no review unasked in {days} days"),
        fr=Words("{n} avis [spontané|spontanés] en {days} jours", zero="aucun avis spontané en {days} jours"),
    ),
    "days_since_review": Phrase(
        "reviews",
        en=Words("last public review {age} ago", none="never posted a review"),
        fr=Words("dernier avis publié il y a {age}", none="n'a jamais publié d'avis"),
    ),
    "team_engagement": Phrase(
        "engagement",
        quiet=True,
        en=Words(
            "served by teams of engagement {n} on average in {days} days",
            none="engagement of their teams not known in {days} days",
        ),
        fr=Words(
            "servi par des équipes d'engagement {n} en moyenne en {days} jours",
            none="engagement de ses équipes inconnu en {days} jours",
        ),
    ),
    "team_engagement_last": Phrase(
        "engagement",
        en=Words(
            "last served by a team of engagement {n}", none="engagement of the last team not known in {days} days"
        ),
        fr=Words(
            "servi en dernier par une équipe d'engagement {n}",
            none="engagement de la dernière équipe inconnu en {days} jours",
        ),
    ),
    "{kind}_interactions": Phrase(
        "self-service by {item}",
        en=Words(
            "served themselves by {item} [once|{n} times] in {days} days",
            zero="no self-service by {item} in {days} days",
        ),
        fr=Words(
            "libre-service par {item} [une fois|{n} fois] en {days} jours",
            zero="pas de libre-service par {item} en {days} jours",
        ),
    ),
    "self_service_solved_share": Phrase(
        "self-service",
        en=Words(
            "solved {percent} of self-service in {days} days",
            none="no self-service in {days} days",
            zero="solved nothing in self-service in {days} days",
        ),
        fr=Words(
            "{percent} du libre-service résolu en {days} jours",
            none="pas de libre-service en {days} jours",
            zero="rien de résolu en libre-service en {days} jours",
        ),
    ),
    "days_since_self_service": Phrase(
        "self-service",
        en=Words("last served themselves {age} ago", none="never served themselves"),
        fr=Words("dernier libre-service il y a {age}", none="jamais de libre-service"),
    ),
    "self_service_share": Phrase(
        "self-service",
        quiet=True,
        en=Words(
            "{percent} by self-service in {days} days",
            none="neither self-service nor contact in {days} days",
            zero="nothing by self-service in {days} days",
        ),
        fr=Words(
            "{percent} en libre-service en {days} jours",
            none="ni libre-service ni contact en {days} jours",
            zero="rien en libre-service en {days} jours",
        ),
    ),
    "contacts_after_self_service": Phrase(
        "failed self-service",
        en=Words(
            "{n} [contact|contacts] soon after self-service in {days} days",
            zero="no contact after self-service in {days} days",
        ),
        fr=Words(
            "{n} [contact|contacts] peu après un libre-service en {days} jours",
            zero="aucun contact après un libre-service en {days} jours",
        ),
    ),
}
