"""The words of the page of experiments."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = Catalogue(
    {
        "lead": Sentence(
            "What we try out to know for sure: planned, running, and read.",
            "Ce que nous essayons pour en être sûrs : prévu, en cours, et lu.",
        ),
        "planned": Sentence("Planned", "Prévues"),
        "running": Sentence("Running", "En cours"),
        "due": Sentence("Over, to be read", "Terminées, à lire"),
        "read": Sentence("Read", "Lues"),
        "none": Sentence("None.", "Aucune."),
        "until": Sentence(
            "{start:date} to {enrolled:date}; the result is due on {result:date}.",
            "Du {start:date} au {enrolled:date} ; résultat attendu le {result:date}.",
        ),
        "from": Sentence("From {start:date}.", "À partir du {start:date}."),
        "progress": Sentence("{share:percent} of the time has passed.", "{share:percent} du temps est écoulé."),
        "details": Sentence("The whole plan", "Le plan complet"),
        "reading": Sentence("Planned against observed: {action:name}", "Prévu et observé : {action:name}"),
        "figure": Sentence("Figure", "Chiffre"),
        "as_planned": Sentence("Planned", "Prévu"),
        "observed": Sentence("Observed", "Observé"),
        "read_with": Sentence("This command reads it:", "Cette commande le lit :"),
        "tables": Sentence("Experiments on a table", "Expériences sur une table"),
        "customers": Sentence(
            "{n} {n:customer|customers} in {arms} arms.", "{n} {n:client|clients} dans {arms} groupes."
        ),
        "outcome": Sentence("Outcome", "Résultat mesuré"),
        "arm": Sentence("Arm", "Groupe"),
        "effect": Sentence("Effect", "Effet"),
        "interval": Sentence("95% interval", "Intervalle à 95 %"),
        "shown": Sentence("Verdict", "Verdict"),
        "effect_shown": Sentence("effect shown", "effet démontré"),
        "effect_not_shown": Sentence("no effect shown", "aucun effet démontré"),
        "disbelieved": Sentence(
            "The arms are not as they were planned: do not believe these figures.",
            "Les groupes ne sont pas conformes au plan : ne croyez pas ces chiffres.",
        ),
        "advice_one_arm": Sentence("Advised: {arm:name} for everybody.", "Conseil : {arm:name} pour tous."),
        "advice_personal": Sentence(
            "Advised: each customer the arm of the rule.", "Conseil : à chaque client le groupe que donne la règle."
        ),
        "advice_nobody": Sentence("Advised: change nothing.", "Conseil : ne rien changer."),
    }
)
