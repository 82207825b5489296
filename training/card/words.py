"""The words of a model's card and of its pictures, in English and French."""

from __future__ import annotations

from ...core.locale import Locale
from ...core.messages import Catalogue, Sentence

__all__ = ["CARD_WORDS", "FIGURES", "PICTURES", "figure_name"]

CARD_WORDS = Catalogue(
    {
        "churn": Sentence(
            "Probability that a running customer is lost within the horizon, voluntarily or by a failed payment.",
            "Probabilité qu'un client actif soit perdu dans l'horizon, par choix ou à la suite d'un impayé.",
        ),
        "churn_use": Sentence(
            "Rank customers by risk; expect losses. It does not say whom an action would keep: that is incremental"
            " CLV.",
            "Classer les clients par risque ; prévoir les pertes. Ne dit pas qui une action retiendrait : c'est le rôle"
            " du modèle d'effet des actions.",
        ),
        "clv": Sentence(
            "Expected discounted value of a customer over the horizon, net of contact costs, with a prediction"
            " interval.",
            "Valeur actualisée attendue d'un client sur l'horizon, nette du coût des contacts, avec un intervalle de"
            " prévision.",
        ),
        "clv_use": Sentence(
            "Value customers and budgets. A high value is no reason to act: what counts is the value that acting adds.",
            "Valoriser les clients et les budgets. Une valeur élevée n'est pas une raison d'agir : ce qui compte est la"
            " valeur que l'action ajoute.",
        ),
        "incremental": Sentence(
            "What offering each action changes in a customer's discounted value, with an interval.",
            "Ce que proposer chaque action change à la valeur actualisée d'un client, avec un intervalle.",
        ),
        "incremental_use": Sentence(
            "Choose whom to offer what. Where assignment was chosen and not random, the effect is observational.",
            "Choisir à qui proposer quoi. Quand l'attribution a été choisie et non tirée au sort, l'effet est"
            " observationnel.",
        ),
        "line_of": Sentence("{label}: {text}", "{label} : {text}"),
        "use": Sentence("Use", "Usage"),
        "data": Sentence("Data", "Données"),
        "data_caption": Sentence("What it was learnt from and judged on", "Sur quoi il a appris et a été jugé"),
        "fact": Sentence("fact", "fait"),
        "figure": Sentence("figure", "chiffre"),
        "value": Sentence("value", "valeur"),
        "judgement": Sentence("Judgement on held-out data", "Jugement sur des données tenues à l'écart"),
        "judged": Sentence(
            "{measure}: {loss} (lower is better). The evaluation model was fitted only on what was known before the"
            " held-out data.",
            "{measure} : {loss} (le plus bas est le meilleur). Le modèle d'évaluation n'a appris que de ce qui était"
            " connu avant les données tenues à l'écart.",
        ),
        "beside": Sentence("Beside it", "À titre de comparaison"),
        "segments": Sentence("Segments", "Segments de clients"),
        "segments_caption": Sentence("Held-out rows by segment", "Lignes tenues à l'écart, par segment"),
        "decision": Sentence("Decision", "Décision"),
        "champion": Sentence("Champion", "Modèle en service"),
        "challenger": Sentence("Challenger", "Modèle candidat"),
        "notes": Sentence("Remarks and limits", "Remarques et limites"),
        "in_english": Sentence(
            "Decision and remarks are written as the command line says them.",
            "La décision et les remarques sont en anglais, telles que la ligne de commande les dit.",
        ),
        "pictures": Sentence("Pictures", "Graphiques"),
        "pictures_elsewhere": Sentence(
            "MLflow shows them in `{file}`; here they are files of their own.",
            "MLflow les montre dans `{file}` ; ici ce sont des fichiers séparés.",
        ),
        "all_figures": Sentence("All figures of the run", "Tous les chiffres de l'exécution"),
        "run_caption": Sentence("Figures of the run", "Chiffres de l'exécution, par leur nom dans MLflow"),
        "again": Sentence("To get the same model again", "Pour obtenir à nouveau le même modèle"),
        "again_how": Sentence(
            "The parent run keeps `config.json`, `features.csv`, `fingerprint.json` and `environment.txt`; the same"
            " tables, configuration, seed and versions give the same predictions.",
            "L'exécution parente garde `config.json`, `features.csv`, `fingerprint.json` et `environment.txt` ; les"
            " mêmes tables, configuration, graine et versions donnent les mêmes prévisions.",
        ),
        "version": Sentence("version {version}", "version n° {version}"),
        "strongest": Sentence("Predictions move most with {names}.", "Les prévisions dépendent surtout de {names}."),
        "card_lies": Sentence(
            "The card with its pictures: artefact `{file}` of run `{run}`.",
            "La fiche avec ses graphiques : artefact `{file}` de l'exécution `{run}`.",
        ),
        "rest": Sentence("The rest: artefact `{file}` of the run.", "La suite : artefact `{file}` de l'exécution."),
        "business": Sentence("Business", "Entreprise"),
        "data_until": Sentence("Data until", "Données jusqu'au"),
        "fingerprint": Sentence("Fingerprint of the tables", "Empreinte des tables"),
        "servicelift": Sentence("servicelift", "servicelift (version)"),
        "git.commit": Sentence("Commit of the configuration", "Commit de la configuration"),
        "git.dirty": Sentence("Configuration changed since that commit", "Configuration modifiée depuis ce commit"),
        "learnt_from": Sentence("Learnt from", "Appris de"),
        "judged_on": Sentence("Judged on", "Jugé sur"),
        "early": Sentence("Evaluation model learnt from", "Modèle d'évaluation appris de"),
        "churn_rows": Sentence(
            "{n} {n:snapshot|snapshots}, {first:date} to {last:date}: {rows} rows of {customers} customers, {voluntary}"
            " voluntary and {involuntary} involuntary losses within {days} days",
            "{n} {n:photographie|photographies} de la base, du {first:date} au {last:date} : {rows} lignes de"
            " {customers} clients, {voluntary} départs choisis et {involuntary} subis sous {days} jours",
        ),
        "landmarks": Sentence(
            "{n} landmarks of {customers} customers with contracts", "{n} repères de {customers} clients sous contrat"
        ),
        "no_contracts": Sentence("no contracts", "aucun contrat"),
        "line": Sentence("Learnt from purchases of {line}", "Appris des achats : {line}"),
        "line_customers": Sentence(
            "{n} {n:customer|customers} at the end of the data", "{n} {n:client|clients} à la fin des données"
        ),
        "clv_judged": Sentence(
            "the value of {n} customers over {days} days from {day:date}, known to no evaluation model",
            "la valeur de {n} clients sur {days} jours à partir du {day:date}, inconnue de tout modèle d'évaluation",
        ),
        "horizon": Sentence("Horizon", "Horizon de valeur"),
        "months": Sentence("{n} {n:month|months}", "{n} mois"),
        "decisions_on": Sentence("Decisions on {action:name}", "Décisions : {action:name}"),
        "decisions": Sentence(
            "{n} decisions, {assignment}; evidence {evidence}", "{n} décisions, {assignment} ; preuve : {evidence}"
        ),
        "decisions_judged": Sentence(
            "{text}; judged on the {n} of {first:date} to {last:date}",
            "{text} ; jugées sur les {n} du {first:date} au {last:date}",
        ),
        "follow_up": Sentence("Follow-up", "Suivi"),
        "follow_up_days": Sentence("{n} days", "{n} jours"),
        "portrait": Sentence("Importance and partial dependence", "Importance et dépendance partielle"),
        "not_drawn": Sentence("not drawn: {error}", "pas de graphique : {error}"),
        "segment": Sentence("segment", "segment de clients"),
        "rows": Sentence("rows", "lignes"),
        "lost": Sentence("lost", "perdus"),
        "observed rate": Sentence("observed rate", "taux observé"),
        "mean predicted risk": Sentence("mean predicted risk", "risque prévu moyen"),
        "AUC": Sentence("AUC", "AUC (ordre)"),
        "randomised": Sentence("randomised", "tirage au sort"),
        "observational": Sentence("observational", "observationnelle"),
        "combined": Sentence("combined", "tirage au sort et comparaison"),
        "refused": Sentence("refused", "un contrôle a échoué"),
    }
)
"""Headings, sentences and facts of the card."""

FIGURES = Catalogue(
    {
        "log loss": Sentence("log loss", "perte logarithmique"),
        "squared error of held-out effects": Sentence(
            "squared error of held-out effects", "erreur quadratique des effets tenus à l'écart"
        ),
        "logistic regression log loss": Sentence(
            "logistic regression log loss", "perte logarithmique de la régression logistique"
        ),
        "its AUC": Sentence("its AUC", "son AUC"),
        "logistic regression AUC": Sentence("logistic regression AUC", "AUC de la régression logistique"),
        "last month's rate log loss": Sentence(
            "last month's rate log loss", "perte logarithmique du taux du mois dernier"
        ),
        "naive rate RMSE": Sentence("naive rate RMSE", "RMSE du taux simple"),
        "naive rate MAE": Sentence("naive rate MAE", "MAE du taux simple"),
        "naive rate Spearman": Sentence("naive rate Spearman", "Spearman du taux simple"),
        "bias": Sentence("bias", "biais"),
        "without any effect": Sentence("without any effect", "sans aucun effet"),
    }
)
"""Names of the figures that stand beside a model's loss, by their English name; others keep it."""

PICTURES = Catalogue(
    {
        "calibration": Sentence("calibration", "calibrage"),
        "gain": Sentence("gain", "courbe de gain"),
        "profit": Sentence("profit", "bénéfice"),
        "clv_by_decile": Sentence("CLV by decile", "valeur par décile"),
        "survival_by_lead": Sentence("survival by lead", "survie selon l'échéance"),
        "effect_by_rank": Sentence("effect by rank", "effet selon le rang"),
        "cost_curve": Sentence("cost curve", "courbe de coût"),
        "importance": Sentence("importance", "importance des variables"),
        "partial_dependence": Sentence("partial dependence", "dépendance partielle"),
        "importance_says": Sentence(
            "mean distance by which predictions move when a feature's values are exchanged among customers; no cause",
            "écart moyen des prévisions quand les valeurs d'une variable sont échangées entre clients ; pas une cause",
        ),
        "partial_dependence_says": Sentence(
            "mean prediction if every customer had that value and kept the rest; no effect",
            "prévision moyenne si chaque client avait cette valeur et gardait le reste ; pas un effet",
        ),
        "calibration_says": Sentence(
            "on the diagonal, predicted and observed agree", "sur la diagonale, prévu et observé concordent"
        ),
        "on_snapshots": Sentence("held-out snapshots", "photographies tenues à l'écart"),
        "on_customers": Sentence("customers not learnt from", "clients non appris"),
        "calibration_title": Sentence("Calibration on {held_out}", "Calibrage : {held_out}"),
        "predicted_churn": Sentence("predicted churn", "départs prévus"),
        "observed_churn": Sentence("observed churn", "départs observés"),
        "gain_title": Sentence("Gain on {held_out}", "Gain : {held_out}"),
        "share_customers": Sentence("share of customers", "part des clients"),
        "share_found": Sentence("share of churners found", "part des départs trouvés"),
        "profit_title": Sentence("Profit of the assumed campaign", "Bénéfice de la campagne supposée"),
        "share_contacted": Sentence("share of customers contacted", "part des clients contactés"),
        "a_customer": Sentence("{unit} a customer", "{unit} par client"),
        "dot_risk": Sentence("dot: risk of {risk:percent1}", "point : risque de {risk:percent1}"),
        "dot_profit": Sentence("dot: expected profit of 0", "point : bénéfice attendu nul"),
        "decile_title": Sentence(
            "Value over {days} days, by decile of prediction", "Valeur sur {days} jours, par décile de prévision"
        ),
        "decile_axis": Sentence("decile of predicted value (1 = lowest)", "décile de valeur prévue (1 = le plus bas)"),
        "predicted": Sentence("predicted", "prévu"),
        "realised": Sentence("realised", "réalisé"),
        "rank_title": Sentence("Effect by rank on held-out decisions", "Effet selon le rang, hors apprentissage"),
        "rank_axis": Sentence("share treated, best first", "part traitée, les meilleurs d'abord"),
        "curve_title": Sentence(
            "Value over budget on held-out decisions", "Valeur selon le budget, hors apprentissage"
        ),
        "curve_budget": Sentence("budget, {unit} a decision", "budget, {unit} par décision"),
        "curve_value": Sentence("net value, {unit} a decision", "valeur nette, {unit} par décision"),
        "survival_title": Sentence("{term} terms", "contrats : {term}"),
        "month_after": Sentence("month after the look", "mois après la photographie"),
        "renewal_number": Sentence("number of the renewal", "numéro du renouvellement"),
        "share_stays": Sentence("share that stays", "part qui reste"),
        "share_renews": Sentence("share that renews", "part qui renouvelle"),
        "observed_held": Sentence("observed, held-out customers", "observé, clients tenus à l'écart"),
        "importance_title": Sentence("What the model looks at", "Ce que regarde le modèle"),
        "moves_by": Sentence("predictions move by ({unit})", "variation des prévisions ({unit})"),
        "prediction": Sentence("prediction ({unit})", "prévision ({unit})"),
        "probability": Sentence("probability", "probabilité"),
        "logistic": Sentence("logistic regression", "régression logistique"),
    }
)
"""Names, titles, axes and captions of the pictures."""


def figure_name(name: str, locale: Locale) -> str:
    """Return what a figure beside a model's loss is called; one without a word of its own keeps its name."""
    return FIGURES.say(locale, name) if name in FIGURES else name.replace("_", " ")
