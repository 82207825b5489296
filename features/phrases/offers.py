"""Words of the features of purchases, service actions and referrals; see :mod:`.say`."""

from __future__ import annotations

from .phrase import Phrase, Words

__all__ = ["OFFER_PHRASES"]

OFFER_PHRASES: dict[str, Phrase] = {
    "purchases": Phrase(
        "purchases",
        en=Words("{n} extra [purchase|purchases] in {days} days", zero="no extra purchase in {days} days"),
        fr=Words(
            "{n} [achat complémentaire|achats complémentaires] en {days} jours",
            zero="aucun achat complémentaire en {days} jours",
        ),
    ),
    "purchases_amount": Phrase(
        "purchases",
        en=Words("spent {money} on extras in {days} days", zero="spent nothing on extras in {days} days"),
        fr=Words("{money} d'achats complémentaires en {days} jours", zero="aucun achat complémentaire en {days} jours"),
    ),
    "upsells": Phrase(
        "purchases",
        en=Words("{n} [upsell|upsells] in {days} days", zero="no upsell in {days} days"),
        fr=Words("{n} [montée|montées] en gamme en {days} jours", zero="aucune montée en gamme en {days} jours"),
    ),
    "cross_sells": Phrase(
        "purchases",
        en=Words("{n} [cross-sell|cross-sells] in {days} days", zero="no cross-sell in {days} days"),
        fr=Words("{n} [vente croisée|ventes croisées] en {days} jours", zero="aucune vente croisée en {days} jours"),
    ),
    "days_since_purchase": Phrase(
        "purchases",
        en=Words("last extra purchase {age} ago", none="never bought an extra"),
        fr=Words("dernier achat complémentaire il y a {age}", none="jamais d'achat complémentaire"),
    ),
    "purchases_frequency": Phrase(
        "purchases",
        quiet=True,
        en=Words("bought again on {n} [day|days]", zero="bought once only", minus="never bought"),
        fr=Words("a racheté {n} [jour|jours]", zero="un seul jour d'achat", minus="n'a jamais acheté"),
    ),
    "purchases_recency_days": Phrase(
        "purchases",
        quiet=True,
        en=Words("{age} from first to last purchase", none="never bought", zero="bought on one day only"),
        fr=Words("{age} entre premier et dernier achat", none="n'a jamais acheté", zero="achats d'un seul jour"),
    ),
    "purchases_T_days": Phrase(
        "purchases",
        quiet=True,
        en=Words("first purchase {age} ago", none="never bought", zero="first purchase today"),
        fr=Words("premier achat il y a {age}", none="n'a jamais acheté", zero="premier achat aujourd'hui"),
    ),
    "purchases_monetary": Phrase(
        "purchases",
        quiet=True,
        en=Words("spends {money} a purchase day on average", none="never bought", zero="no repeat purchase"),
        fr=Words("dépense {money} par jour d'achat en moyenne", none="n'a jamais acheté", zero="pas de réachat"),
    ),
    "{action}_decided": Phrase(
        "actions",
        quiet=True,
        en=Words("chosen for {item} [once|{n} times] in {days} days", zero="not chosen for {item} in {days} days"),
        fr=Words(
            "retenu pour l'action « {item} » [une fois|{n} fois] en {days} jours",
            zero="pas retenu pour l'action « {item} » en {days} jours",
        ),
    ),
    "{action}_offered": Phrase(
        "actions",
        en=Words("got {item} [once|{n} times] in {days} days", zero="no {item} in {days} days"),
        fr=Words(
            "action « {item} » proposée [une fois|{n} fois] en {days} jours",
            zero="pas d'action « {item} » en {days} jours",
        ),
    ),
    "{action}_accepted": Phrase(
        "actions",
        en=Words("accepted {item} [once|{n} times] in {days} days", zero="accepted no {item} in {days} days"),
        fr=Words(
            "a accepté l'action « {item} » [une fois|{n} fois] en {days} jours",
            zero="n'a pas accepté l'action « {item} » en {days} jours",
        ),
    ),
    "days_since_{action}_decided": Phrase(
        "actions",
        quiet=True,
        en=Words("last chosen for {item} {age} ago", none="never chosen for {item}"),
        fr=Words("retenu pour l'action « {item} » il y a {age}", none="jamais retenu pour l'action « {item} »"),
    ),
    "days_since_{action}_offered": Phrase(
        "actions",
        en=Words("last {item} {age} ago", none="never got {item}"),
        fr=Words("action « {item} » proposée il y a {age}", none="action « {item} » jamais proposée"),
    ),
    "days_since_{action}_accepted": Phrase(
        "actions",
        en=Words("accepted {item} {age} ago", none="never accepted {item}"),
        fr=Words("a accepté l'action « {item} » il y a {age}", none="n'a jamais accepté l'action « {item} »"),
    ),
    "actions": Phrase(
        "actions",
        en=Words("{n} service [action|actions] in {days} days", zero="no service action in {days} days"),
        fr=Words("{n} [action|actions] de service en {days} jours", zero="aucune action de service en {days} jours"),
    ),
    "days_since_action": Phrase(
        "actions",
        en=Words("last service action {age} ago", none="never had a service action"),
        fr=Words("dernière action de service il y a {age}", none="jamais eu d'action de service"),
    ),
    "action_kinds": Phrase(
        "actions",
        quiet=True,
        en=Words("{n} [kind|kinds] of service action in {days} days", zero="no service action in {days} days"),
        fr=Words(
            "{n} [type|types] d'action de service en {days} jours", zero="aucune action de service en {days} jours"
        ),
    ),
    "actions_accepted_share": Phrase(
        "actions",
        en=Words(
            "accepted {percent} of service actions in {days} days",
            none="no service action in {days} days",
            zero="accepted no service action in {days} days",
        ),
        fr=Words(
            "a accepté {percent} des actions de service en {days} jours",
            none="aucune action de service en {days} jours",
            zero="n'a accepté aucune action de service en {days} jours",
        ),
    ),
    "referrals_made": Phrase(
        "referrals",
        en=Words("has referred {n} [customer|customers]{within}", zero="has referred nobody{within}"),
        fr=Words("a parrainé {n} [client|clients]{within}", zero="n'a parrainé personne{within}"),
    ),
    "days_since_referral": Phrase(
        "referrals",
        en=Words("last referral {age} ago", none="has referred nobody"),
        fr=Words("dernier parrainage il y a {age}", none="n'a parrainé personne"),
    ),
    "was_referred": Phrase(
        "referrals",
        en=Words("was referred by another customer", zero="was not referred"),
        fr=Words("parrainé par un autre client", zero="non parrainé"),
    ),
}
