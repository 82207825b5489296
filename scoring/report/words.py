"""The words of the report, in English and French."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["REPORT"]

REPORT = Catalogue(
    {
        "title": Sentence(
            "{business}: report for the steering committee", "{business} : rapport pour le comité de pilotage"
        ),
        "head": Sentence("Data until {until:date}", "Données jusqu'au {until:date}"),
        "head_open": Sentence("No part of it is there yet", "Aucune partie n'est encore disponible"),
        "contents": Sentence("In this report", "Dans ce rapport"),
        "terms": Sentence("What the words mean", "Ce que veulent dire les mots"),
        "return": Sentence("What service earned", "Ce que le service client a rapporté"),
        "period": Sentence(
            "Decisions from {since:date} to {until:date}; value over {months} {months:month|months}.",
            "Décisions du {since:date} au {until:date} ; valeur sur {months} mois.",
        ),
        "indicators": Sentence("Service indicators", "Indicateurs de service"),
        "indicators_caption": Sentence(
            "Latest month that is known, all customers; 95% intervals below",
            "Dernier mois connu, tous clients ; intervalles à 95 % au-dessous",
        ),
        "indicator": Sentence("indicator", "indicateur"),
        "month": Sentence("month", "mois"),
        "value": Sentence("value", "valeur"),
        "month_before": Sentence("month before", "mois précédent"),
        "year_before": Sentence("year before", "un an avant"),
        "target": Sentence("target", "objectif"),
        "no_indicator": Sentence(
            "No indicator is known for any month of the period.", "Aucun indicateur n'est connu sur la période."
        ),
        "list": Sentence("Whom to contact next", "Qui contacter ensuite"),
        "list_line": Sentence(
            "The list of {day:date} names {n} {n:customer|customers}. Contacting them costs {cost:money0}, and the"
            " models expect {net:money0} more than that: a forecast, not a result.",
            "La liste du {day:date} nomme {n} {n:client|clients}. Les contacter coûte {cost:money0}, et les modèles en"
            " attendent {net:money0} de plus que ce coût : une prévision, pas un résultat.",
        ),
        "list_empty": Sentence(
            "The list names nobody: no contact was expected to pay.",
            "La liste ne nomme personne : aucun contact ne devait être rentable.",
        ),
        "list_caption": Sentence("The list by action ({money})", "La liste par action (en {money})"),
        "action": Sentence("action", "action"),
        "customers": Sentence("customers", "clients"),
        "cost": Sentence("cost", "coût"),
        "net": Sentence("expected beyond cost", "attendu au-delà du coût"),
        "verdict": Sentence("verdict so far", "verdict à ce jour"),
        "no_verdict": Sentence("not in the statement", "absent du bilan"),
        "held": Sentence(
            "{n} further {n:customer is|customers are} left alone at random, so that the effect can be measured.",
            "{n} {n:autre client est laissé|autres clients sont laissés} de côté au hasard, pour que l'effet puisse"
            " être mesuré.",
        ),
        "net_between": Sentence(
            "Summed over the customers, the models' 95% intervals run from {ends}.",
            "Additionnés sur les clients, les intervalles à 95 % des modèles vont {ends}.",
        ),
        "between": Sentence("{low} to {high}", "de {low} à {high}"),
        "effect": Sentence("effect on a customer", "effet sur un client"),
        "chance": Sentence(
            "chance that it pays, by the list's models: {chance}",
            "probabilité d'être rentable, selon les modèles de la liste : {chance}",
        ),
        "chance_stated": Sentence(
            "chance that it pays, by the statement: {chance}", "probabilité d'être rentable, selon le bilan : {chance}"
        ),
        "quoted": Sentence(
            "Where the statement knows an action, its effect on a customer and its chance to pay are those of the"
            " statement, of decisions from {since:date} to {until:date}. The list was chosen by models that learnt from"
            " all decisions in the data; their own averages, in the file beside the list, may differ.",
            "Quand le bilan connaît une action, son effet sur un client et sa probabilité d'être rentable sont ceux du"
            " bilan, pour les décisions du {since:date} au {until:date}. La liste a été choisie par des modèles qui ont"
            " appris de toutes les décisions des données ; leurs propres moyennes, dans le fichier à côté de la liste,"
            " peuvent différer.",
        ),
        "quoted_undated": Sentence(
            "Where the statement knows an action, its effect on a customer and its chance to pay are those of the"
            " statement. The list was chosen by models that learnt from all decisions in the data; their own averages,"
            " in the file beside the list, may differ.",
            "Quand le bilan connaît une action, son effet sur un client et sa probabilité d'être rentable sont ceux du"
            " bilan. La liste a été choisie par des modèles qui ont appris de toutes les décisions des données ; leurs"
            " propres moyennes, dans le fichier à côté de la liste, peuvent différer.",
        ),
        "failed": Sentence("failed a check: {checks}", "contrôle non passé : {checks}"),
        "tried": Sentence("on trial", "à l'essai"),
        "scores": Sentence("The customers today", "Les clients aujourd'hui"),
        "scores_line": Sentence(
            "On {day:date}, {n} {n:customer has|customers have} a risk of leaving; together {lost:n0} of them are"
            " expected to leave within the models' horizon if nothing else changes, {share:percent1} of all.",
            "Le {day:date}, {n} {n:client a|clients ont} un risque de départ ; au total, {lost:n0} d'entre eux"
            " devraient partir dans l'horizon des modèles si rien d'autre ne change, soit {share:percent1} de"
            " l'ensemble.",
        ),
        "value_line": Sentence(
            "Customers are expected to bring {value:money0} over the horizon.",
            "Les clients devraient apporter {value:money0} sur l'horizon.",
        ),
        "models": Sentence("The models behind it", "Les modèles derrière ces chiffres"),
        "models_caption": Sentence("Models in use", "Modèles en service"),
        "model": Sentence("model", "modèle"),
        "version": Sentence("version", "version"),
        "since": Sentence("trained on", "entraîné le"),
        "grade": Sentence("grade", "note"),
        "why": Sentence("why it is in use", "pourquoi il est en service"),
        "churn": Sentence("who leaves", "qui part"),
        "clv": Sentence("what a customer is worth", "ce que vaut un client"),
        "incremental": Sentence("what an action changes", "ce que change une action"),
        "no_grade": Sentence("–", "–"),
        "lacking": Sentence(
            "This part is not there: {why}. To make it: ", "Cette partie manque : {why}. Pour la produire : "
        ),
        "not_named": Sentence("no place was named for it", "aucun emplacement n'a été indiqué"),
        "no_file": Sentence("there is no {file}", "{file} n'existe pas"),
        "no_model": Sentence("no model is in use", "aucun modèle n'est en service"),
        "written": Sentence("report: {file}", "rapport : {file}"),
        "part_lacks": Sentence(
            "{part}: not there, {why}; make it by: {command}", "{part} : absent, {why} ; à produire par : {command}"
        ),
    }
)
"""Headings, columns and sentences of the page, and the lines of the command."""
