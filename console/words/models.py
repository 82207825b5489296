"""The words of the page of models."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["MODELS"]

MODELS = Catalogue(
    {
        "lead": Sentence(
            "Which models are in use, how well they were judged, and whether they still hold.",
            "Quels modèles sont utilisés, comment ils ont été jugés, et s'ils tiennent toujours.",
        ),
        "churn": Sentence("Who will leave", "Qui va partir"),
        "clv": Sentence("What a customer is worth", "Ce que vaut un client"),
        "incremental": Sentence("What an action changes", "Ce qu'une action change"),
        "champion": Sentence("Champion: version {number}, of {at:date}", "Champion : version {number}, du {at:date}"),
        "no_champion": Sentence("No version is in use.", "Aucune version n'est utilisée."),
        "grade": Sentence("Grade", "Note"),
        "figures": Sentence("How it was judged: {name}", "Comment il a été jugé : {name}"),
        "figure": Sentence("Measure", "Mesure"),
        "estimate": Sentence("On held-out customers", "Sur des clients mis de côté"),
        "interval": Sentence("Compared with", "Comparé à"),
        "auc": Sentence(
            "Chance that who leaves ranks above who stays (AUC)",
            "Probabilité de classer un partant au-dessus d'un restant (AUC)",
        ),
        "ece": Sentence("Calibration error (ECE)", "Erreur de calibration (ECE)"),
        "log_loss": Sentence("Log loss", "Perte logarithmique"),
        "lift": Sentence(
            "Leavers among the riskiest tenth, times the average",
            "Départs dans le dixième le plus à risque, en multiple de la moyenne",
        ),
        "n": Sentence("Customers judged by", "Clients ayant servi au jugement"),
        "naive": Sentence("{value} without a model", "{value} sans modèle"),
        "mae": Sentence("Mean error in value", "Erreur moyenne de valeur"),
        "bias": Sentence("Bias in value", "Biais de valeur"),
        "order": Sentence("Rank correlation with what came", "Corrélation de rang avec la réalité"),
        "effect_of": Sentence("Mean effect: {action:name}", "Effet moyen : {action:name}"),
        "watched": Sentence("Drift and calibration", "Dérive et calibration"),
        "watched_at": Sentence(
            "Night of {at:date}: {alarms} of {n} measures {alarms:rings|ring}.",
            "Nuit du {at:date} : {alarms} {alarms:mesure sonne|mesures sonnent} sur {n}.",
        ),
        "measure": Sentence("Measure", "Mesure"),
        "tonight": Sentence("Tonight", "Cette nuit"),
        "expected": Sentence("Expected", "Attendu"),
        "range": Sentence("95% interval", "Intervalle à 95 %"),
        "state": Sentence("State", "État"),
        "alarm": Sentence("rings", "sonne"),
        "calm": Sentence("calm", "calme"),
        "told": Sentence("for information", "pour information"),
        "more": Sentence(
            "{n} more {n:measure|measures} of this kind, calm, {n:is|are} in monitor.parquet.",
            "{n} {n:autre mesure de ce type, calme, est|autres mesures de ce type, calmes, sont} dans monitor.parquet.",
        ),
        "calibration": Sentence(
            "Calibration of past nights: churn observed over foreseen",
            "Calibration des nuits passées : attrition observée sur prévue",
        ),
        "night": Sentence("Night", "Nuit"),
        "ratio": Sentence("Observed over foreseen", "Observée sur prévue"),
        "versions": Sentence("History: {name}", "Historique : {name}"),
        "version": Sentence("Version", "Version"),
        "made": Sentence("Registered", "Enregistrée"),
        "role": Sentence("Role", "Rôle"),
        "decision": Sentence("Why", "Pourquoi"),
        "is_champion": Sentence("champion", "champion"),
        "is_challenger": Sentence("challenger", "prétendant"),
        "neither": Sentence("not in use", "non utilisée"),
    }
)
