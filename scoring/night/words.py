"""What a night says of itself, in English and French."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["NIGHT_WORDS"]

NIGHT_WORDS = Catalogue(
    {
        "made": Sentence(
            "{day}: {n} {n:customer|customers} scored, {pairs} customer-action {pairs:value|values}: {folder}",
            "{day} : {n} {n:client évalué|clients évalués}, {pairs} {pairs:valeur|valeurs} d'action par client :"
            " {folder}",
        ),
        "list": Sentence(
            "{day}: {contacted} to contact, {held} to leave alone: {file}",
            "{day} : {contacted} à contacter, {held} à laisser tranquilles : {file}",
        ),
        "first_list": Sentence(
            "the first list of this history, there is none to compare it with",
            "première liste de cet historique : aucune à laquelle la comparer",
        ),
        "revised": Sentence(
            "{day}: scored again, revision {revision}, because other rows are known of that time: {tables:words}",
            "{day} : évalué de nouveau, révision {revision}, car d'autres lignes sont connues de cette période :"
            " {tables:words}",
        ),
        "table": Sentence("{name} ({now} rows, {before} before)", "{name} ({now} lignes, {before} auparavant)"),
        "up_to_date": Sentence(
            "{day}: up to date, nothing to do (--force makes it again)",
            "{day} : à jour, rien à faire (--force recommence)",
        ),
        "resumed": Sentence(
            "{day}: went on where an earlier run had stopped; done already: {steps:words}",
            "{day} : reprise là où un passage précédent s'était arrêté ; déjà fait : {steps:words}",
        ),
        "removed": Sentence(
            "{n} {n:night|nights} beyond the {keep} days that are kept removed",
            "{n} {n:nuit supprimée|nuits supprimées} au-delà des {keep} jours conservés",
        ),
        "alarm": Sentence("alarm: {text}", "alerte : {text}"),
        "no_list": Sentence(
            "{day}: no list, for no action could be valued for anybody; train the incremental model, or take"
            " nightly.budget away",
            "{day} : pas de liste, aucune action n'ayant pu être évaluée pour quiconque ; entraînez le modèle"
            " incremental, ou retirez nightly.budget",
        ),
        "no_better": Sentence("{day}: no list: {why}", "{day} : pas de liste : {why}"),
        "not_revised": Sentence(
            "{day}: other rows are known of that time, but it was not scored again: {reason}",
            "{day} : d'autres lignes sont connues de cette période, mais elle n'a pas été réévaluée : {reason}",
        ),
        "not_published": Sentence(
            "the nights are there, but the database lacks some: {reason}",
            "les nuits sont là, mais il en manque dans la base de données : {reason}",
        ),
        "due_alarm": Sentence(
            "training is due: the night's alarms speak of the models",
            "un apprentissage s'impose : les alertes de la nuit concernent les modèles",
        ),
        "due_age": Sentence(
            "training is due: {name} version {version} was registered {days} days ago, more than the {allowed} of"
            " nightly.retrain.older_than_days",
            "un apprentissage s'impose : {name} version {version} a été enregistré il y a {days} jours, plus que les"
            " {allowed} de nightly.retrain.older_than_days",
        ),
        "not_allowed": Sentence(
            "run `servicelift train`, or set nightly: retrain: allowed: true",
            "lancez `servicelift train`, ou indiquez nightly: retrain: allowed: true",
        ),
        "not_trained": Sentence(
            "the training that was due failed: {reason}", "l'apprentissage qui s'imposait a échoué : {reason}"
        ),
        "no_link": Sentence(
            "the file system has no links, so 'latest' could not be set",
            "le système de fichiers ne connaît pas les liens : « latest » n'a pas pu être posé",
        ),
    }
)
