"""What people read of the nights, in English and French: measures, notes, lines of the terminal, the page."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["GROUPS", "HOW_TO_READ", "LINES", "MEASURES", "NOTES", "PAGE"]

GROUPS = Catalogue(
    {
        "inputs": Sentence("What came in", "Ce qui est arrivé"),
        "drift": Sentence("Drift of features and scores", "Dérive des variables et des scores"),
        "accuracy": Sentence("Accuracy expected of tonight's scores", "Exactitude attendue des scores de cette nuit"),
        "outcomes": Sentence("What became of past scores", "Ce que sont devenus les scores passés"),
        "effects": Sentence("Effects of past lists", "Effets des listes passées"),
        "indicators": Sentence("Service indicators, latest known month", "Indicateurs de service, dernier mois connu"),
    }
)

MEASURES = Catalogue(
    {
        "silence_days": Sentence("days without a row", "jours sans ligne"),
        "rows_week": Sentence("rows in the last 7 days", "lignes des 7 derniers jours"),
        "rows_day": Sentence("rows in the last day", "lignes du dernier jour"),
        "rows_month": Sentence("rows in the last 28 days", "lignes des 28 derniers jours"),
        "missing_share": Sentence("values missing", "valeurs manquantes"),
        "new_level_share": Sentence("rows with a new value", "lignes à valeur nouvelle"),
        "psi": Sentence("PSI since the model's first night", "PSI depuis la première nuit du modèle"),
        "psi_months": Sentence("PSI from the months before", "PSI avec les mois précédents"),
        "jensen_shannon": Sentence(
            "Jensen-Shannon distance since the model's first night",
            "distance de Jensen-Shannon depuis la première nuit du modèle",
        ),
        "expected_auc": Sentence("AUC to come", "AUC à venir"),
        "expected_log_loss": Sentence("log loss to come", "perte logarithmique à venir"),
        "expected_brier": Sentence("Brier score to come", "score de Brier à venir"),
        "expected_rate": Sentence("churn rate to come", "taux d'attrition à venir"),
        "calibration": Sentence("churn, observed over foreseen", "attrition, observée sur prévue"),
        "calibration_so_far": Sentence(
            "churn over all ripe nights, observed over foreseen",
            "attrition de toutes les nuits échues, observée sur prévue",
        ),
        "calibration_early": Sentence(
            "churn over all nights, ripening ones too, observed over foreseen",
            "attrition de toutes les nuits, même en cours, observée sur prévue",
        ),
        "auc": Sentence("AUC that came", "AUC constatée"),
        "log_loss": Sentence("log loss that came", "perte logarithmique constatée"),
        "value": Sentence("value, realised over foreseen", "valeur, réalisée sur prévue"),
        "held_share": Sentence("share held out", "part des témoins"),
        "held_contacted": Sentence("held out and contacted all the same", "témoins contactés malgré tout"),
        "list_contacted": Sentence("listed and contacted", "clients de la liste contactés"),
        "uplift": Sentence("value a contact brought", "valeur apportée par un contact"),
    }
)

NOTES = Catalogue(
    {
        "stale": Sentence("stale by its own rhythm", "en retard sur son propre rythme"),
        "short_past": Sentence("too short a past to judge", "passé trop court pour juger"),
        "ripening": Sentence("still ripening", "encore en cours"),
        "not_yet": Sentence("not old enough yet", "pas encore assez ancien"),
        "no_shape": Sentence("too little history before it", "trop peu d'historique avant"),
        "no_model": Sentence("no CLV model to tell it by", "pas de modèle de valeur pour le dire"),
        "calendar": Sentence("moves with the calendar", "varie avec le calendrier"),
        "no_rows": Sentence("no row in the period", "aucune ligne sur la période"),
        "few_held_out": Sentence("too few held out", "trop peu de témoins"),
        "chain": Sentence("nights of series {number}", "nuits de la série {number}"),
        "after": Sentence("after {days} {days:day|days}", "après {days} {days:jour|jours}"),
        "all": Sentence("all lists", "toutes les listes"),
        "of": Sentence("{subject}: {label}", "{subject} : {label}"),
        "clv": Sentence("lifetime value", "valeur client"),
        "churn_probability": Sentence("probability of churn", "probabilité d'attrition"),
        "churn_probability_voluntary": Sentence(
            "probability of leaving by choice", "probabilité d'une résiliation voulue"
        ),
        "churn_probability_involuntary": Sentence(
            "probability of a loss without a choice", "probabilité d'une perte subie"
        ),
        "action_value": Sentence("value of {action}", "valeur de l'action « {action} »"),
    }
)

LINES = Catalogue(
    {
        "quiet": Sentence(
            "nothing rings at {at:date}: {n} {n:measure|measures} watched over {nights} {nights:night|nights}",
            "rien ne sonne au {at:date} : {n} {n:mesure suivie|mesures suivies} sur {nights} {nights:nuit|nuits}",
        ),
        "alarm": Sentence(
            "{alarms} of {n} measures {alarms:rings|ring} at {at:date}",
            "{alarms} {alarms:mesure sonne|mesures sonnent} sur {n} au {at:date}",
        ),
        "one": Sentence("{name}: {value}, expected {expected}", "{name} : {value}, attendu {expected}"),
        "rings": Sentence("alarm: {text}", "alarme : {text}"),
        "rate": Sentence(
            "false alarms: at most {rate:g} a year are to be expected while nothing changes",
            "fausses alarmes : {rate:g} par an au plus sont à attendre tant que rien ne change",
        ),
        "no_nights": Sentence(
            "no scored night is known: only the tables are watched; give --history or --scores",
            "aucune nuit de scores n'est connue : seules les tables sont suivies ; donner --history ou --scores",
        ),
        "other_night": Sentence(
            "no night of {at:date} is known: the latest, of {night:date}, stands for tonight",
            "aucune nuit du {at:date} n'est connue : la dernière, du {night:date}, en tient lieu",
        ),
        "no_store": Sentence(
            "warning: figures were not kept in MLflow ({reason})",
            "attention : les chiffres n'ont pas été conservés dans MLflow ({reason})",
        ),
        "no_champion": Sentence(
            "warning: the CLV model cannot be read ({reason})",
            "attention : le modèle de valeur client ne peut pas être lu ({reason})",
        ),
        "files": Sentence("page: {page}; figures: {rows}", "page : {page} ; chiffres : {rows}"),
    }
)

PAGE = Catalogue(
    {
        "title": Sentence("The night of {at:date}: {business}", "La nuit du {at:date} : {business}"),
        "head": Sentence(
            "{nights} scored {nights:night|nights} since {first:date}; data until {data_until:date}.",
            "{nights} {nights:nuit|nuits} de scores depuis le {first:date} ; données jusqu'au {data_until:date}.",
        ),
        "head_alone": Sentence(
            "No scored night yet; data until {data_until:date}.",
            "Aucune nuit de scores ; données jusqu'au {data_until:date}.",
        ),
        "rings": Sentence("It rings", "Alarme"),
        "quiet": Sentence("Nothing rings.", "Rien ne sonne."),
        "figure": Sentence("measure", "mesure"),
        "tonight": Sentence("tonight", "cette nuit"),
        "expected": Sentence("expected", "attendu"),
        "verdict": Sentence("state", "état"),
        "before": Sentence("before: {value}", "avant : {value}"),
        "to": Sentence("{low} to {high}", "de {low} à {high}"),
        "alarm": Sentence("alarm", "alarme"),
        "calm": Sentence("calm", "calme"),
        "told": Sentence("for information", "pour information"),
        "chance": Sentence("p = {p}", "p = {p}"),
        "tiny": Sentence("p < {p}", "p < {p}"),
        "evidence": Sentence("evidence {value} of {limit}", "indice {value} sur {limit}"),
        "more": Sentence(
            "{n} more {n:measure|measures}, none of which {n:rings|ring}, {n:is|are} in monitor.parquet.",
            "{n} {n:autre mesure, qui ne sonne pas, est|autres mesures, qui ne sonnent pas, sont} dans"
            " monitor.parquet.",
        ),
        "picture": Sentence(
            "Churn of past nights: observed over foreseen", "Attrition des nuits passées : observée sur prévue"
        ),
        "picture_note": Sentence(
            "One mark a night that answers for its scores, with its 95% interval; 1 is as foreseen. Open marks are"
            " still ripening.",
            "Un point par nuit qui répond de ses scores, avec son intervalle à 95 % ; 1 : comme prévu. Les points vides"
            " sont encore en cours.",
        ),
        "how": Sentence("How to read this page", "Comment lire cette page"),
    }
)

HOW_TO_READ = Catalogue(
    {
        "false": Sentence(
            "At most {rate:g} false alarms a year are to be expected over all measures together while nothing changes"
            " (monitor: false_alarms_a_year).",
            "Au plus {rate:g} fausses alarmes par an sont à attendre, toutes mesures ensemble, tant que rien ne change"
            " (monitor: false_alarms_a_year).",
        ),
        "interval": Sentence(
            "Small figures below tonight's are 95% intervals: of tables, where their own past says that the figure"
            " would lie; of the others, by their sampling error.",
            "Les petits chiffres sous ceux de cette nuit sont des intervalles à 95 % : pour les tables, là où leur"
            " passé les attend ; pour le reste, selon l'erreur d'échantillonnage.",
        ),
        "level": Sentence(
            "p: how often chance alone brings such a figure in one night. A shift rings only if it is also large.",
            "p : fréquence à laquelle le hasard seul donne un tel chiffre en une nuit. Un écart ne sonne que s'il est"
            " grand, aussi.",
        ),
        "evidence": Sentence(
            "Evidence adds up over nights, and rings when it reaches its limit: the days that it runs on average, at"
            " least, until it rings for nothing.",
            "L'indice s'accumule nuit après nuit et sonne quand il atteint sa limite : le nombre de jours, en moyenne"
            " au moins, avant une fausse alarme.",
        ),
        "ripening": Sentence(
            "Scores that are still ripening are held against the part of the horizon's churn that was due by then, in"
            " the past before the first night.",
            "Les scores encore en cours sont comparés à la part de l'attrition de l'horizon qui était échue à ce stade,"
            " dans le passé d'avant la première nuit.",
        ),
        "promise": Sentence(
            "Accuracy to come is what the probabilities promise of themselves; it holds if they are calibrated.",
            "L'exactitude à venir est celle que les probabilités promettent d'elles-mêmes ; elle vaut si elles sont"
            " calibrées.",
        ),
        "uplift": Sentence(
            "The value of a contact is that of customers contacted less that of those left alone at random, per"
            " customer, realised and foreseen after {days} days.",
            "La valeur d'un contact est celle des clients contactés moins celle des témoins tirés au sort, par client,"
            " réalisée et prévue après {days} jours.",
        ),
    }
)
