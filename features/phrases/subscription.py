"""Words of the features of customers, subscriptions and payments; see :mod:`.say`."""

from __future__ import annotations

from .phrase import Phrase, Words

__all__ = ["SUBSCRIPTION_PHRASES"]

SUBSCRIPTION_PHRASES: dict[str, Phrase] = {
    "tenure_days": Phrase(
        "tenure",
        en=Words("customer for {age}", none="date of sign-up unknown"),
        fr=Words("client depuis {age}", none="date d'inscription inconnue"),
    ),
    "acquisition_cost": Phrase(
        "acquisition",
        quiet=True,
        en=Words("cost {money} to win", none="cost of winning the customer unknown", zero="cost nothing to win"),
        fr=Words("a coûté {money} à conquérir", none="coût de conquête inconnu", zero="n'a rien coûté à conquérir"),
    ),
    "{column}": Phrase(
        "column {item}",
        en=Words("{item}: {value}", none="{item}: unknown"),
        fr=Words("{item} : {value}", none="{item} : inconnu"),
    ),
    "subscriptions_running": Phrase(
        "product",
        quiet=True,
        en=Words("has {n} running [subscription|subscriptions]", zero="has no running subscription"),
        fr=Words("a {n} [abonnement|abonnements] en cours", zero="n'a pas d'abonnement en cours"),
    ),
    "product": Phrase(
        "product",
        en=Words("subscribes to {value}", none="has no running product"),
        fr=Words("abonné à {value}", none="n'a pas de produit en cours"),
    ),
    "products_running": Phrase(
        "product",
        en=Words("has {n} [product|different products]", zero="has no running product"),
        fr=Words("a {n} [produit|produits différents]", zero="n'a pas de produit en cours"),
    ),
    "term_months": Phrase(
        "term",
        en=Words("subscription renewed {every}", none="length of the term unknown"),
        fr=Words("abonnement renouvelé {every}", none="durée d'engagement inconnue"),
    ),
    "price": Phrase(
        "price",
        en=Words("pays {money} a term", none="price unknown", zero="pays nothing for the term"),
        fr=Words("paie {money} par échéance", none="prix inconnu", zero="ne paie rien pour la période"),
    ),
    "price_per_month": Phrase(
        "price",
        en=Words("pays {money} a month", none="price unknown", zero="pays nothing"),
        fr=Words("paie {money} par mois", none="prix inconnu", zero="ne paie rien"),
    ),
    "price_versus_first": Phrase(
        "price",
        en=Words(
            "pays {money} a month more than at the start",
            none="first price unknown",
            zero="pays the same price as at the start",
            minus="pays {money} a month less than at the start",
        ),
        fr=Words(
            "paie {money} par mois de plus qu'au début",
            none="prix de départ inconnu",
            zero="paie le même prix qu'au début",
            minus="paie {money} par mois de moins qu'au début",
        ),
    ),
    "days_to_renewal": Phrase(
        "renewal",
        en=Words("term ends in {age}", none="no renewal date"),
        fr=Words("échéance dans {age}", none="pas de date d'échéance"),
    ),
    "days_to_first_renewal": Phrase(
        "renewal",
        en=Words("next renewal in {age}", none="no renewal date"),
        fr=Words("prochaine échéance dans {age}", none="pas de date d'échéance"),
    ),
    "renewals_done": Phrase(
        "tenure",
        en=Words(
            "renewed [once|{n} times] in this subscription",
            none="no running subscription",
            zero="still in the first term of this subscription",
        ),
        fr=Words(
            "a renouvelé [une fois|{n} fois] cet abonnement",
            none="pas d'abonnement en cours",
            zero="encore dans la première période de cet abonnement",
        ),
    ),
    "terms_done": Phrase(
        "tenure",
        quiet=True,
        en=Words("has completed {n} [term|terms]", zero="has not completed a term yet"),
        fr=Words("a achevé {n} [période|périodes] d'abonnement", zero="n'a pas encore achevé de période d'abonnement"),
    ),
    "auto_renew": Phrase(
        "renewal",
        en=Words("renews automatically", none="type of renewal unknown", zero="does not renew automatically"),
        fr=Words(
            "renouvellement automatique",
            none="type de renouvellement inconnu",
            zero="pas de renouvellement automatique",
        ),
    ),
    "days_since_subscription_start": Phrase(
        "tenure",
        en=Words("this subscription began {age} ago", none="no running subscription"),
        fr=Words("cet abonnement a commencé il y a {age}", none="pas d'abonnement en cours"),
    ),
    "subscriptions_ever": Phrase(
        "tenure",
        quiet=True,
        en=Words("has had {n} [subscription|subscriptions] so far", zero="has had no subscription so far"),
        fr=Words("a eu {n} [abonnement|abonnements] à ce jour", zero="n'a jamais eu d'abonnement"),
    ),
    "days_subscribed": Phrase(
        "tenure",
        quiet=True,
        en=Words("subscribed for {age} in all", none="never subscribed", zero="never subscribed"),
        fr=Words("abonné {age} au total", none="jamais abonné", zero="jamais abonné"),
    ),
    "days_since_subscription_end": Phrase(
        "earlier endings",
        en=Words("an earlier subscription ended {age} ago", none="never ended a subscription"),
        fr=Words("un abonnement précédent a pris fin il y a {age}", none="n'a jamais quitté un abonnement"),
    ),
    "payment_failure_ends": Phrase(
        "earlier endings",
        en=Words(
            "{n} [subscription|subscriptions] ended by a failed payment",
            zero="no subscription ended by a failed payment",
        ),
        fr=Words(
            "{n} [abonnement arrêté|abonnements arrêtés] par un impayé",
            zero="aucun abonnement arrêté par un impayé",
        ),
    ),
    "restarts": Phrase(
        "earlier endings",
        en=Words("left and came back [once|{n} times]", zero="never left before"),
        fr=Words("parti et revenu [une fois|{n} fois]", zero="jamais parti auparavant"),
    ),
    "product_changes": Phrase(
        "product",
        en=Words("changed product [once|{n} times]", zero="never changed product"),
        fr=Words("a changé [une fois|{n} fois] de produit", zero="n'a jamais changé de produit"),
    ),
    "price_change_last": Phrase(
        "price",
        en=Words(
            "price rose by {money} a month at the last change",
            none="price never changed",
            zero="last change left the price as it was",
            minus="price fell by {money} a month at the last change",
        ),
        fr=Words(
            "hausse de {money} par mois au dernier changement",
            none="prix jamais changé",
            zero="prix inchangé au dernier changement",
            minus="baisse de {money} par mois au dernier changement",
        ),
    ),
    "cancel_pending": Phrase(
        "cancellation",
        en=Words("has asked to cancel", zero="has not asked to cancel"),
        fr=Words("a demandé la résiliation", zero="n'a pas demandé la résiliation"),
    ),
    "cancellations_withdrawn": Phrase(
        "cancellation",
        en=Words("asked to cancel and took it back [once|{n} times]", zero="never took back a cancellation"),
        fr=Words(
            "a demandé la résiliation puis renoncé [une fois|{n} fois]", zero="n'a jamais renoncé à une résiliation"
        ),
    ),
    "in_trial": Phrase(
        "trial",
        en=Words("is in a free trial", zero="is not in a free trial"),
        fr=Words("en période d'essai", zero="n'est pas en période d'essai"),
    ),
    "days_since_trial_end": Phrase(
        "trial",
        en=Words("free trial ended {age} ago", none="no free trial ended", zero="free trial has just ended"),
        fr=Words(
            "essai gratuit terminé il y a {age}",
            none="aucun essai gratuit terminé",
            zero="essai gratuit tout juste terminé",
        ),
    ),
    "is_paused": Phrase(
        "pause",
        en=Words("subscription is paused", zero="no subscription is paused"),
        fr=Words("abonnement suspendu", zero="aucun abonnement suspendu"),
    ),
    "pauses": Phrase(
        "pause",
        en=Words("paused [once|{n} times] in {days} days", zero="never paused in {days} days"),
        fr=Words("abonnement suspendu [une fois|{n} fois] en {days} jours", zero="jamais suspendu en {days} jours"),
    ),
    "days_paused": Phrase(
        "pause",
        quiet=True,
        en=Words("paused for {age} of the last {days} days", zero="never paused in {days} days"),
        fr=Words("suspendu pendant {age} sur les {days} derniers jours", zero="jamais suspendu en {days} jours"),
    ),
    "days_since_pause_end": Phrase(
        "pause",
        en=Words("a pause ended {age} ago", none="no pause ended"),
        fr=Words("une suspension terminée il y a {age}", none="aucune suspension terminée"),
    ),
    "method": Phrase(
        "method",
        en=Words("pays by {value}", none="means of payment unknown"),
        fr=Words("paie par {value}", none="moyen de paiement inconnu"),
    ),
    "method_switches": Phrase(
        "method",
        en=Words("changed the means of payment [once|{n} times]", zero="never changed the means of payment"),
        fr=Words("a changé [une fois|{n} fois] de moyen de paiement", zero="n'a jamais changé de moyen de paiement"),
    ),
    "days_since_method_switch": Phrase(
        "method",
        en=Words("changed the means of payment {age} ago", none="never changed the means of payment"),
        fr=Words("a changé de moyen de paiement il y a {age}", none="n'a jamais changé de moyen de paiement"),
    ),
    "methods_used": Phrase(
        "method",
        quiet=True,
        en=Words("has used {n} [means of payment|means of payment]", zero="means of payment unknown"),
        fr=Words("a utilisé {n} [moyen|moyens] de paiement", zero="moyen de paiement inconnu"),
    ),
    "days_with_method": Phrase(
        "method",
        en=Words("same means of payment for {age}", none="means of payment unknown"),
        fr=Words("même moyen de paiement depuis {age}", none="moyen de paiement inconnu"),
    ),
    "card_expires_in_days": Phrase(
        "card",
        en=Words(
            "card expires in {age}",
            none="no card with an expiry date",
            zero="card expires today",
            minus="card expired {age} ago",
        ),
        fr=Words(
            "carte expirant dans {age}",
            none="pas de carte avec date d'expiration",
            zero="carte expirant aujourd'hui",
            minus="carte expirée depuis {age}",
        ),
    ),
    "payments": Phrase(
        "payments",
        quiet=True,
        en=Words("{n} [payment|payments] in {days} days", zero="no payment in {days} days"),
        fr=Words("{n} [paiement|paiements] en {days} jours", zero="aucun paiement en {days} jours"),
    ),
    "amount_paid": Phrase(
        "payments",
        quiet=True,
        en=Words("paid {money} in {days} days", zero="paid nothing in {days} days"),
        fr=Words("a payé {money} en {days} jours", zero="n'a rien payé en {days} jours"),
    ),
    "amount_trend": Phrase(
        "payments",
        quiet=True,
        en=Words(
            "paid {money} more in {days} days than in the {days} before",
            zero="paid as much in {days} days as in the {days} before",
            minus="paid {money} less in {days} days than in the {days} before",
        ),
        fr=Words(
            "a payé {money} de plus en {days} jours que sur les {days} précédents",
            zero="a payé autant en {days} jours que sur les {days} précédents",
            minus="a payé {money} de moins en {days} jours que sur les {days} précédents",
        ),
    ),
    "amount_mean": Phrase(
        "price",
        quiet=True,
        en=Words("pays {money} at a time on average", none="no payment in {days} days"),
        fr=Words("paie {money} par paiement en moyenne", none="aucun paiement en {days} jours"),
    ),
    "days_since_payment": Phrase(
        "renewal",
        en=Words("last payment {age} ago", none="has never paid"),
        fr=Words("dernier paiement il y a {age}", none="n'a jamais payé"),
    ),
    "payments_failed": Phrase(
        "failed payments",
        en=Words("{n} failed [payment|payments] in {days} days", zero="no failed payment in {days} days"),
        fr=Words(
            "{n} [paiement refusé|paiements refusés] en {days} jours", zero="aucun paiement refusé en {days} jours"
        ),
    ),
    "refunds": Phrase(
        "refunds",
        en=Words("{n} [refund|refunds] in {days} days", zero="no refund in {days} days"),
        fr=Words("{n} [remboursement|remboursements] en {days} jours", zero="aucun remboursement en {days} jours"),
    ),
    "amount_refunded": Phrase(
        "refunds",
        en=Words("was refunded {money} in {days} days", zero="was refunded nothing in {days} days"),
        fr=Words("{money} remboursés en {days} jours", zero="rien de remboursé en {days} jours"),
    ),
    "days_since_refund": Phrase(
        "refunds",
        en=Words("last refund {age} ago", none="never had a refund"),
        fr=Words("dernier remboursement il y a {age}", none="jamais remboursé"),
    ),
    "days_since_failed_payment": Phrase(
        "failed payments",
        en=Words("a payment failed {age} ago", none="no payment ever failed"),
        fr=Words("un paiement refusé il y a {age}", none="aucun paiement jamais refusé"),
    ),
    "payments_recovered": Phrase(
        "failed payments",
        en=Words(
            "{n} failed [payment|payments] made good in {days} days",
            zero="no failed payment made good in {days} days",
        ),
        fr=Words(
            "{n} [paiement refusé puis régularisé|paiements refusés puis régularisés] en {days} jours",
            zero="aucun paiement refusé puis régularisé en {days} jours",
        ),
    ),
    "failed_in_a_row": Phrase(
        "failed payments",
        en=Words("the last [payment|{n} payments] failed", zero="the last payment went through"),
        fr=Words(
            "[le dernier paiement a été refusé|les {n} derniers paiements ont été refusés]",
            zero="dernier paiement réussi",
        ),
    ),
    "last_payment_failed": Phrase(
        "failed payments",
        en=Words("the last payment failed", zero="the last payment went through"),
        fr=Words("le dernier paiement a été refusé", zero="dernier paiement réussi"),
    ),
}
