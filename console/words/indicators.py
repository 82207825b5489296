"""The words of the page of service indicators."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["INDICATORS"]

INDICATORS = Catalogue(
    {
        "lead": Sentence(
            "How the service did in {month}, and what a better one would be worth.",
            "Comment le service s'est comporté en {month}, et ce que vaudrait un meilleur service.",
        ),
        "by": Sentence("By", "Par"),
        "everything": Sentence("everything", "l'ensemble"),
        "channel": Sentence("channel", "canal"),
        "reason": Sentence("reason", "motif"),
        "segment": Sentence("segment", "segment"),
        "product": Sentence("product", "produit"),
        "team": Sentence("team", "équipe"),
        "agent": Sentence("agent", "conseiller"),
        "method": Sentence("payment method", "moyen de paiement"),
        "(none)": Sentence("none", "aucun"),
        "group": Sentence("Group", "Groupe"),
        "month": Sentence("Month", "Mois"),
        "show": Sentence("Show", "Afficher"),
        "indicator": Sentence("Indicator", "Indicateur"),
        "value": Sentence("Value", "Valeur"),
        "interval": Sentence("95% interval", "Intervalle à 95 %"),
        "n": Sentence("Cases", "Cas"),
        "before": Sentence("Month before", "Mois d'avant"),
        "year": Sentence("Year before", "Année d'avant"),
        "target": Sentence("Target", "Objectif"),
        "responses": Sentence("Answered", "Réponses"),
        "weighted": Sentence("Weighted", "Redressé"),
        "bounds": Sentence("Worst and best case", "Pire et meilleur cas"),
        "unknown": Sentence("window not over", "période en cours"),
        "too_few": Sentence("too few", "trop peu"),
        "surveys": Sentence(
            "Surveys speak for those who answer: weighted, for all who were asked as far as we know them; worst and"
            " best case, whatever the silent think.",
            "Une enquête ne parle que pour ceux qui répondent : redressé, pour tous ceux qui ont été interrogés,"
            " d'après ce que l'on sait d'eux ; pire et meilleur cas, quoi que pensent les autres.",
        ),
        "worth": Sentence("What an indicator is worth", "Ce que vaut un indicateur"),
        "worth_note": Sentence(
            "What the causal estimate says, in money a year for one point; a correlation would say more than is true.",
            "Ce que dit l'estimation causale, en argent par an pour un point ; une corrélation en dirait plus que la"
            " vérité.",
        ),
        "contrast": Sentence("What is compared", "Ce qui est comparé"),
        "effect": Sentence("Effect on a customer", "Effet sur un client"),
        "verdict": Sentence("Verdict", "Verdict"),
        "point": Sentence("One point, a year", "Un point, par an"),
        "not_proven": Sentence("not proven", "non prouvé"),
        "trend": Sentence("Trend", "Évolution"),
        "trend_label": Sentence(
            "{name}, from {first} to {last} over {n} {n:month|months}.",
            "{name}, de {first} à {last} sur {n} mois.",
        ),
        "seconds": Sentence("{value:g} s", "{value:g} s"),
        "days": Sentence("{value:g} {value:day|days}", "{value:g} {value:jour|jours}"),
        "per_customer": Sentence("{value:g} a customer", "{value:g} par client"),
        "nothing": Sentence("Nothing is known of this group and month.", "Rien n'est connu pour ce groupe et ce mois."),
    }
)
