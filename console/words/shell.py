"""What stands on every page: navigation, what is missing and which command makes it, refusals."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["COMMANDS", "MISSING", "REFUSALS", "SHELL"]

SHELL = Catalogue(
    {
        "title": Sentence("{page} · {business}", "{page} · {business}"),
        "skip": Sentence("Skip to content", "Aller au contenu"),
        "pages": Sentence("Pages", "Pages"),
        "today": Sentence("Today", "Aujourd'hui"),
        "targets": Sentence("Targets", "Clients à contacter"),
        "customer": Sentence("Customer", "Client"),
        "returns": Sentence("Return", "Retour"),
        "indicators": Sentence("Indicators", "Indicateurs"),
        "experiments": Sentence("Experiments", "Expériences"),
        "models": Sentence("Models", "Modèles"),
        "other_language": Sentence("Français", "English"),
        "read_from": Sentence(
            "Scores as of {as_of:date}; data until {until:date}.",
            "Scores au {as_of:date} ; données jusqu'au {until:date}.",
        ),
        "read_only": Sentence(
            "This console shows what the other commands wrote; it computes nothing anew.",
            "Cette console montre ce que les autres commandes ont écrit ; elle ne recalcule rien.",
        ),
        "exported": Sentence(
            "Copied on {at:date}: decisions are made in the console itself.",
            "Copie du {at:date} : les décisions se prennent dans la console même.",
        ),
        "signed": Sentence("Signed in as {user}.", "Connecté : {user}."),
        "enter": Sentence("Sign in", "Connexion"),
        "enter_label": Sentence("Access token", "Jeton d'accès"),
        "enter_button": Sentence("Sign in", "Se connecter"),
        "enter_wrong": Sentence("This token is not the right one.", "Ce jeton n'est pas le bon."),
        "enter_why": Sentence(
            "Whoever runs the console can tell you the token.",
            "La personne qui gère la console peut vous donner le jeton.",
        ),
        "error": Sentence("This does not work", "Cela ne fonctionne pas"),
        "home": Sentence("Back to today", "Retour à aujourd'hui"),
        "file_fault": Sentence(
            "An output cannot be read. Whoever runs the commands can mend it; their message is:",
            "Un résultat n'a pas pu être lu. La personne qui lance les commandes peut y remédier ; leur message :",
        ),
        "as_written": Sentence("As the statement says it", "Dans les mots du bilan"),
        "missing": Sentence("Not there yet", "Pas encore disponible"),
        "command": Sentence("This command makes it:", "Cette commande le produit :"),
        "to": Sentence("{low} to {high}", "de {low} à {high}"),
        "unknown": Sentence("unknown", "inconnu"),
        "none": Sentence("none", "aucun"),
    }
)

MISSING = Catalogue(
    {
        "scores": Sentence(
            "No scores have been made: nobody has been looked at with the models yet.",
            "Aucun score n'a été calculé : les modèles n'ont encore évalué personne.",
        ),
        "targets": Sentence("No list has been made yet.", "Aucune liste n'a encore été établie."),
        "roi": Sentence("No statement has been made yet.", "Aucun bilan n'a encore été établi."),
        "indicators": Sentence(
            "The service indicators have not been computed yet.",
            "Les indicateurs de service n'ont pas encore été calculés.",
        ),
        "experiments": Sentence(
            "No plan and no result of an experiment has been found.",
            "Aucun plan et aucun résultat d'expérience n'ont été trouvés.",
        ),
        "models": Sentence("No model has been trained yet.", "Aucun modèle n'a encore été entraîné."),
        "monitor": Sentence("No night has been watched yet.", "Aucune nuit n'a encore été surveillée."),
        "nights": Sentence(
            "No past night has been kept, so scores over time are not known.",
            "Aucune nuit passée n'a été conservée : l'évolution des scores n'est pas connue.",
        ),
        "statements": Sentence(
            "No earlier statement has been kept, so there is no trend yet: keep each in a folder of its own.",
            "Aucun bilan antérieur n'a été conservé, il n'y a donc pas encore d'évolution : gardez chacun dans son"
            " dossier.",
        ),
        "hypothesis": Sentence(
            "No hypothesis is written down for it: the table of initiatives holds name, when and then.",
            "Aucune hypothèse n'est notée : la table des initiatives contient le nom, le « quand » et le « alors ».",
        ),
        "opening": Sentence(
            "The tables are being opened and checked; this takes a moment after the start. Load the page again.",
            "Les tables sont en cours d'ouverture et de contrôle ; cela prend un moment au démarrage. Rechargez la"
            " page.",
        ),
        "tables": Sentence(
            "The tables of the configuration cannot be opened: {reason}",
            "Les tables de la configuration n'ont pas pu être ouvertes : {reason}",
        ),
    }
)

COMMANDS = {
    "scores": "servicelift score {config} --as-of latest --out {folder}/scores",
    "targets": "servicelift targets {config} --scores {folder}/scores --budget 1000 --out {folder}/targets.csv",
    "roi": "servicelift roi {config} --since {since} --until {until} --out {folder}/roi",
    "indicators": "servicelift indicators {config} --since {since} --until {until} --out {folder}/indicators",
    "experiments": "servicelift plan {config} --action NAME --effect 10 --out {folder}/experiments/plan.json",
    "models": "servicelift train {config}",
    "monitor": "servicelift monitor {config} --as-of latest --out {folder}/monitor",
    "nights": "servicelift nightly {config} --as-of latest",
    "statements": "servicelift roi {config} --since {since} --until {until} --out {folder}/statements/1",
    "tables": "servicelift validate {config}",
}
"""The command that makes what is missing."""

REFUSALS = Catalogue(
    {
        "host": Sentence(
            "This console does not answer to that host name; add it to console: names.",
            "Cette console ne répond pas à ce nom d'hôte ; ajoutez-le sous console: names.",
        ),
        "origin": Sentence(
            "This form does not come from a page of this console, so it was refused.",
            "Ce formulaire ne vient pas d'une page de cette console : il a été refusé.",
        ),
        "form": Sentence(
            "This form is too old or not of this browser: go back, load the page again and decide once more.",
            "Ce formulaire est trop ancien ou vient d'un autre navigateur : revenez, rechargez la page et décidez à"
            " nouveau.",
        ),
        "nobody": Sentence(
            "The reverse proxy does not say who you are.", "Le proxy inverse n'indique pas qui vous êtes."
        ),
        "large": Sentence("This form is too large.", "Ce formulaire est trop volumineux."),
        "not_listed": Sentence(
            "Nothing is to be decided about that: it is not on the list.",
            "Il n'y a rien à décider à ce sujet : ce n'est pas dans la liste.",
        ),
        "decision": Sentence(
            "Expected done, refused, open or a note with some words.",
            "Attendu : fait, refusé, rouvert ou une note avec quelques mots.",
        ),
        "not_found": Sentence("There is no such page.", "Cette page n'existe pas."),
    }
)
