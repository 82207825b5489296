"""What a scoring run says of itself, in English and French."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["SCORE_WORDS"]

SCORE_WORDS = Catalogue(
    {
        "scored": Sentence(
            "{n} {n:customer|customers} scored, {pairs} customer-action {pairs:value|values}: {out} ({used})",
            "{n} {n:client évalué|clients évalués}, {pairs} {pairs:valeur|valeurs} d'action par client : {out}"
            " ({used})",
        ),
        "grade": Sentence(
            "churn model: grade {grade} ({meaning:coded})", "modèle d'attrition : note {grade} ({meaning:coded})"
        ),
        "A": Sentence("very good", "très bon"),
        "B": Sentence("good", "bon"),
        "C": Sentence("usable", "utilisable"),
        "D": Sentence("weak", "faible"),
        "E": Sentence("not to be used", "à ne pas utiliser"),
        "not_graded": Sentence("not graded", "non noté"),
        "not_scored": Sentence("{kind}: not scored: {reason}", "{kind} : non évalué : {reason}"),
        "untrained": Sentence(
            "no champion '{name}'; `servicelift train` says what its training lacks",
            "pas de champion « {name} » ; `servicelift train` dit ce qui manque à son apprentissage",
        ),
        "not_promoted": Sentence(
            "no champion '{name}'; the latest, version {version}, was not promoted (`servicelift models CONFIG` says"
            " why): train on more history, or promote it by hand: {command}",
            "pas de champion « {name} » ; la dernière version, la {version}, n'a pas été promue (`servicelift models"
            " CONFIG` dit pourquoi) : relancez l'apprentissage sur un historique plus long, ou promouvez-la à la main :"
            " {command}",
        ),
        "no_value_at_risk": Sentence(
            "it spreads effects by the value at risk of a CLV champion, and there is none",
            "il répartit les effets selon la valeur exposée qu'estime un champion clv, et il n'y en a pas",
        ),
        "waiting": Sentence(
            "{n} {n:customer|customers} in trial or paused ({trial} and {paused}): no numbers, as none of their"
            " subscriptions pays",
            "{n} {n:client|clients} en période d'essai ou suspendus ({trial} et {paused}) : pas de chiffres, aucun de"
            " leurs abonnements n'étant payant",
        ),
        "gross": Sentence(
            "value of lines without contracts is gross of refunds: payments hold no refund, and no refunded_amount",
            "la valeur des lignes sans contrat est brute : les paiements ne comptent aucun remboursement",
        ),
        "text": Sentence(
            "{column}: {rows} {rows:row|rows} ({share:percent1}) without a number where numbers belong: counted as"
            " missing",
            "{column} : {rows} {rows:ligne|lignes} ({share:percent1}) sans nombre là où il en faut un :"
            " {rows:comptée comme manquante|comptées comme manquantes}",
        ),
        "empty": Sentence(
            "{column}: {rows} {rows:row|rows} ({share:percent1}), all there are, without a value: counted as missing;"
            " check that its source still fills it",
            "{column} : {rows} {rows:ligne|lignes} ({share:percent1}), c'est-à-dire toutes, sans valeur :"
            " {rows:comptée comme manquante|comptées comme manquantes} ; vérifiez que sa source la remplit encore",
        ),
        "levels": Sentence(
            "{column}: {rows} {rows:row|rows} ({share:percent1}) with levels unknown to {models:words}: counted as"
            " missing; map renamed codes under codes:, or train again",
            "{column} : {rows} {rows:ligne|lignes} ({share:percent1}) avec des modalités inconnues de {models:words} :"
            " {rows:comptée comme manquante|comptées comme manquantes} ; traduisez les codes renommés sous la clé"
            " codes, ou relancez l'apprentissage",
        ),
    }
)
"""What was scored, with which models, and what of the tables they could not use."""
