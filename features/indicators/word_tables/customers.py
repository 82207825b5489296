"""Words of the indicators of the customer base and of sales."""

from __future__ import annotations

from .text import IndicatorWords, words

__all__ = ["CUSTOMERS"]

_MEAN = (
    "The base is the mean over the month, not the count at its end.",
    "La base est la moyenne du mois, et non l'effectif à sa fin.",
)
_COHORT = (
    "Who joined in the month is in neither number; who comes back within the grace period was not lost.",
    "Les entrées du mois n'y figurent pas ; qui revient pendant le délai de grâce n'a pas été perdu.",
)
_KIND = (
    "Sales are all payments whose kind is known, renewals included.",
    "Les ventes sont tous les paiements de nature connue, renouvellements compris.",
)

CUSTOMERS: dict[str, IndicatorWords] = {
    "cost_to_serve": words(
        ("Cost to serve", "Coût de service par client"),
        (
            "cost of the month's contacts / mean active customers",
            "coût des contacts du mois / clients actifs en moyenne",
        ),
        (
            "Saving it can cost more in customers lost: see what answering quickly is worth.",
            "L'économiser peut coûter davantage en clients perdus : voir ce que vaut une réponse rapide.",
        ),
    ),
    "contact_rate": words(
        ("Contact rate", "Taux de contact"),
        ("customers with a contact / mean active customers", "clients ayant eu un contact / clients actifs en moyenne"),
        _MEAN,
    ),
    "contacts_per_customer": words(
        ("Contacts per customer", "Contacts par client"),
        ("contacts / mean active customers", "contacts / clients actifs en moyenne"),
        _MEAN,
    ),
    "complaint_rate": words(
        ("Complaint rate", "Taux de réclamation"),
        ("complaints / mean active customers", "réclamations / clients actifs en moyenne"),
        (
            "Silence is no satisfaction: most of the dissatisfied leave without a complaint.",
            "Le silence n'est pas la satisfaction : qui part mécontent ne réclame pas toujours.",
        ),
    ),
    "referral_rate": words(
        ("Referral rate", "Taux de parrainage"),
        ("customers brought in by others / mean active customers", "clients parrainés / clients actifs en moyenne"),
        (
            "Only referrals that are written down count.",
            "Seuls les parrainages enregistrés comptent.",
        ),
    ),
    "reviews_posted": words(
        ("Reviews posted", "Avis publiés"),
        ("public reviews / mean active customers", "avis publics / clients actifs en moyenne"),
        (
            "Who writes is very pleased or very displeased.",
            "Qui écrit est très content ou très mécontent.",
        ),
    ),
    "churn_rate": words(
        ("Churn", "Attrition"),
        (
            "customers lost in the month / customers active at its start",
            "clients perdus dans le mois / clients actifs à son début",
        ),
        _COHORT,
    ),
    "churn_voluntary": words(
        ("Churn, voluntary", "Attrition volontaire"),
        ("lost, not by a failed payment / active at the start", "perdus, hors impayé / actifs au début"),
        _COHORT,
    ),
    "churn_involuntary": words(
        ("Churn, involuntary", "Attrition subie (impayés)"),
        ("lost by a failed payment / active at the start", "perdus sur un impayé / actifs au début"),
        (
            "It is cured by the means of payment, not by offers.",
            "Elle se soigne par le moyen de paiement, pas par des offres.",
        ),
    ),
    "retention_rate": words(
        ("Retention", "Rétention"),
        ("1 − churn of the same customers", "1 − attrition des mêmes clients"),
        _COHORT,
    ),
    "subscription_duration": words(
        ("Average duration of a subscription", "Durée moyenne d'un abonnement"),
        (
            "days lived by all subscribers in the month / subscribers lost in it",
            "jours vécus par tous les abonnés dans le mois / abonnés perdus dans le mois",
        ),
        (
            "Loyal customers choose direct debit by themselves: the difference between methods is no effect.",
            "Les clients fidèles choisissent d'eux-mêmes le prélèvement : l'écart entre moyens de paiement n'est pas un"
            " effet.",
        ),
    ),
    "multi_product_rate": words(
        ("Multi-product rate", "Taux de multi-équipement"),
        (
            "customers with two running products or more / customers active at the month's start",
            "clients ayant au moins deux produits en cours / clients actifs au début du mois",
        ),
        (
            "Loyal customers buy more: several products need not be what keeps them.",
            "Les clients fidèles achètent plus : ce n'est pas forcément ce qui les retient.",
        ),
    ),
    "direct_debit_share": words(
        ("Direct debit", "Prélèvement"),
        (
            "customers who pay by direct debit / customers whose method is known",
            "clients payant par prélèvement / clients au moyen de paiement connu",
        ),
        (
            "Who chose it may have stayed anyway.",
            "Qui l'a choisi serait peut-être resté de toute façon.",
        ),
    ),
    "upsell_rate": words(
        ("Upsell rate", "Taux de montée en gamme"),
        ("sales of a higher range / sales", "ventes d'une gamme supérieure / ventes"),
        _KIND,
    ),
    "cross_sell_rate": words(
        ("Cross-sell rate", "Taux de vente croisée"),
        ("additional sales / sales", "ventes additionnelles / ventes"),
        _KIND,
    ),
    "average_basket": words(
        ("Average basket", "Panier moyen"),
        ("revenue / payments made", "chiffre d'affaires / paiements effectués"),
        (
            "A yearly payment weighs as one, as a weekly one does.",
            "Un paiement annuel compte pour un, comme un paiement hebdomadaire.",
        ),
    ),
    "acceptance_rate": words(
        ("Offers accepted", "Offres acceptées"),
        ("offers accepted / offers made", "offres acceptées / offres faites"),
        (
            "An acceptance is no effect: how many would have stayed anyway?",
            "Une acceptation n'est pas un effet : combien seraient restés de toute façon ?",
        ),
    ),
    "conversion_rate": words(
        ("Conversion", "Conversion"),
        ("prospects who became customers / prospects", "prospects devenus clients / prospects"),
        (
            "Recent prospects still convert: the month is known only later.",
            "Les prospects récents se convertissent encore : le mois n'est connu que plus tard.",
        ),
    ),
    "acquisition_cost": words(
        ("Acquisition cost (CAC)", "Coût d'acquisition"),
        ("acquisition spend / new customers", "dépense d'acquisition / nouveaux clients"),
        (
            "Cheap customers who leave at once are dear: hold it against their lifetime value.",
            "Des clients peu chers qui partent aussitôt coûtent cher : à comparer à leur valeur à vie.",
        ),
    ),
    "early_contact_share": words(
        ("Contact in the first month", "Contact le premier mois"),
        (
            "new customers with a contact in their first 30 days / new customers",
            "nouveaux clients ayant eu un contact dans leurs 30 premiers jours / nouveaux clients",
        ),
        (
            "Who calls early has a question, or a problem.",
            "Qui appelle tôt a une question, ou un problème.",
        ),
    ),
    "referred_share": words(
        ("New customers by referral", "Nouveaux clients parrainés"),
        ("new customers brought by another / new customers", "nouveaux clients parrainés / nouveaux clients"),
        (
            "Only referrals that are written down count.",
            "Seuls les parrainages enregistrés comptent.",
        ),
    ),
}
