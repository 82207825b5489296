"""What people read of the indicators beside their own words, in English and French."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["COLUMNS", "FORMULAS", "LACKS", "LINES", "PAGE", "REASONS", "SECTIONS", "STATES", "TRAPS"]

STATES = Catalogue(
    {
        "known": Sentence("known", "connu"),
        "unknown": Sentence("unknown: the month, or its window, is not over", "inconnu : mois ou délai non écoulé"),
        "too_few": Sentence("too few", "trop peu"),
    }
)

SECTIONS = Catalogue(
    {
        "surveys": Sentence("What customers say", "Ce que disent les clients"),
        "contacts": Sentence("Contacts", "Contacts"),
        "self-service": Sentence("Self-service", "Libre-service"),
        "active customers": Sentence("Per active customer", "Par client actif"),
        "spells": Sentence("Customers lost and kept", "Clients perdus et gardés"),
        "running": Sentence("What customers have", "Ce qu'ont les clients"),
        "payments": Sentence("Sales", "Ventes"),
        "offers": Sentence("Offers", "Offres"),
        "prospects": Sentence("Prospects", "Prospects"),
        "new customers": Sentence("New customers", "Nouveaux clients"),
        "reviews": Sentence("Public reviews", "Avis publics"),
        "agent surveys": Sentence("Agents' engagement", "Engagement des agents"),
        "agents": Sentence("Agents' turnover", "Rotation des agents"),
    }
)

FORMULAS = Catalogue(
    {
        "late_abandoned": Sentence(
            "answered in time / (answered + abandoned later)", "répondus à temps / (répondus + abandonnés après)"
        ),
        "offered": Sentence("answered in time / (answered + abandoned)", "répondus à temps / (répondus + abandonnés)"),
        "in_time": Sentence(
            "answered or abandoned in time / (answered + abandoned)",
            "répondus ou abandonnés à temps / (répondus + abandonnés)",
        ),
        "answered": Sentence("answered in time / answered", "répondus à temps / répondus"),
        "opened": Sentence("answered in time / opened", "répondus à temps / ouverts"),
    }
)
"""The formulas of the service level, by their names in the config."""

LACKS = Catalogue(
    {
        "columns": Sentence("the tables have no {of}", "les tables n'ont pas {of}"),
        "setting": Sentence("the configuration does not set {of}", "la configuration ne définit pas {of}"),
        "scale": Sentence("needs another scale: {of}", "demande une autre échelle : {of}"),
        "version": Sentence("the configured version is {of}", "la version configurée est {of}"),
    }
)

TRAPS = Catalogue(
    {
        "short_horizon": Sentence(
            "short horizon: {months} {months:month is|months are} known, so no month can be held against the same one a"
            " year before; what service earns comes over years",
            "horizon court : {months} mois {months:connu|connus}, aucun mois ne peut être comparé au même de l'année"
            " précédente ; ce que rapporte le service vient sur des années",
        ),
        "feedback_ignored": Sentence(
            "feedback ignored: {missed} of {low} low scores ({share:percent}) were followed by no contact of ours and"
            " no action within {days} days",
            "avis ignorés : {missed} {missed:note basse|notes basses} sur {low} ({share:percent}) sans contact de"
            " notre part ni action dans les {days} jours",
        ),
        "one_stage": Sentence(
            "one stage of the journey only: {share:percent} of {answers} answers are about a contact; who never called"
            " is not asked",
            "une seule étape du parcours : {share:percent} des {answers} réponses portent sur un contact ; qui n'a"
            " jamais appelé n'est pas interrogé",
        ),
        "agents_forgotten": Sentence(
            "agents forgotten: no survey of the agents is known in the period (agent_surveys)",
            "agents oubliés : aucune enquête auprès des agents n'est connue sur la période (agent_surveys)",
        ),
    }
)

REASONS = Catalogue(
    {
        "": Sentence(
            "{point:money0} a year ({low:money0} to {high:money0})",
            "{point:money0} par an (de {low:money0} à {high:money0})",
        ),
        "not_proven": Sentence("not proven", "non démontré"),
        "other_limit": Sentence(
            "not told: the contrast has another limit than the indicator",
            "non chiffré : le contraste n'a pas le même délai que l'indicateur",
        ),
        "no_month": Sentence("not told: no month is known yet", "non chiffré : aucun mois n'est encore connu"),
    }
)
"""What one point of an indicator is worth, or why nobody can say."""

COLUMNS = Catalogue(
    {
        "indicator": Sentence("indicator", "indicateur"),
        "month": Sentence("month", "mois"),
        "by": Sentence("by", "par"),
        "group": Sentence("group", "groupe"),
        "value": Sentence("value", "valeur"),
        "low": Sentence("low (95%)", "borne basse (95 %)"),
        "high": Sentence("high (95%)", "borne haute (95 %)"),
        "n": Sentence("number", "effectif"),
        "unit": Sentence("unit", "unité"),
        "status": Sentence("state", "état"),
        "response_rate": Sentence("response rate", "taux de réponse"),
        "weighted": Sentence("weighted for who answers", "redressé selon qui répond"),
        "bound_low": Sentence("if all silent answered worst", "si tous les silencieux répondaient au pire"),
        "bound_high": Sentence("if all silent answered best", "si tous les silencieux répondaient au mieux"),
        "month_before": Sentence("month before", "mois précédent"),
        "year_before": Sentence("year before", "un an avant"),
        "target": Sentence("target", "objectif"),
        "share": Sentence("share", "part"),
        "points": Sentence("points", "points"),
        "seconds": Sentence("seconds", "secondes"),
        "money": Sentence("money", "montant"),
        "count": Sentence("number", "nombre"),
        "days": Sentence("days", "jours"),
        "per_customer": Sentence("per customer and month", "par client et par mois"),
        "channel": Sentence("channel", "canal"),
        "reason": Sentence("reason", "motif"),
        "product": Sentence("product", "produit"),
        "segment": Sentence("segment", "segment"),
        "team": Sentence("team", "équipe"),
        "agent": Sentence("agent", "agent"),
        "method": Sentence("payment method", "moyen de paiement"),
        "(none)": Sentence("not stated", "non renseigné"),
    }
)
"""Heads of the file for people, units and dimensions."""

LINES = Catalogue(
    {
        "counted": Sentence(
            "{n} {n:indicator|indicators} over {months} {months:month|months}, {unknown} {unknown:value|values} not"
            " known yet",
            "{n} {n:indicateur|indicateurs} sur {months} mois, {unknown} {unknown:valeur pas encore connue|valeurs pas"
            " encore connues}",
        ),
        "latest": Sentence(
            "{title}, {month}: {value} ({low} to {high}), n = {n}",
            "{title}, {month} : {value} (de {low} à {high}), n = {n}",
        ),
        "absent": Sentence("absent: {title}: {why}", "absent : {title} : {why}"),
        "not_split": Sentence(
            "not split by {by}: {titles} (needs {column})", "non ventilé par {by} : {titles} (demande {column})"
        ),
        "trap": Sentence("warning: {text}", "attention : {text}"),
        "worth": Sentence("one point of {title}: {what} ({contrast})", "un point de {title} : {what} ({contrast})"),
        "no_worth": Sentence(
            "what a point is worth: run `servicelift roi` and give its folder with --roi",
            "ce que vaut un point : lancer `servicelift roi` et donner son dossier avec --roi",
        ),
        "files": Sentence("page: {page}; figures: {rows}", "page : {page} ; chiffres : {rows}"),
    }
)

PAGE = Catalogue(
    {
        "title": Sentence("Service indicators: {business}", "Indicateurs de service : {business}"),
        "head": Sentence(
            "From {since:date} to {until:date}; data until {data_until:date}. Each figure is that of its latest known"
            " month, with its 95% interval below.",
            "Du {since:date} au {until:date} ; données jusqu'au {data_until:date}. Chaque chiffre est celui du dernier"
            " mois connu, avec son intervalle à 95 % au-dessous.",
        ),
        "traps": Sentence("Mind", "À garder à l'esprit"),
        "indicator": Sentence("indicator", "indicateur"),
        "value": Sentence("value", "valeur"),
        "number": Sentence("number", "effectif"),
        "before": Sentence("month before", "mois précédent"),
        "year": Sentence("year before", "un an avant"),
        "target": Sentence("target", "objectif"),
        "reached": Sentence("reached", "atteint"),
        "missed": Sentence("not reached", "non atteint"),
        "open": Sentence("within the interval", "dans l'intervalle"),
        "to": Sentence("{low} to {high}", "de {low} à {high}"),
        "answered": Sentence("answered", "réponses"),
        "weighted": Sentence("weighted for who answers", "redressé selon qui répond"),
        "bounds": Sentence(
            "if all silent answered worst, best", "si tous les silencieux répondaient au pire, au mieux"
        ),
        "survey": Sentence("Who answers, and who stays silent", "Qui répond, et qui se tait"),
        "by": Sentence("By {by}", "Par {by}"),
        "more_groups": Sentence(
            "{n} more {n:group|groups} in the file", "{n} {n:autre groupe|autres groupes} dans le fichier"
        ),
        "trend": Sentence("last months", "derniers mois"),
        "trend_text": Sentence(
            "{title}: from {first} to {last} over {months} {months:month|months}",
            "{title} : de {first} à {last} sur {months} mois",
        ),
        "worth": Sentence("What an indicator is worth", "Ce que vaut un indicateur"),
        "worth_note": Sentence(
            "What customers with and without the experience are worth, compared like with like by servicelift roi,"
            " and what one point more would bring a year: a point is one more in a hundred. A correlation is shown"
            " nowhere.",
            "Ce que valent les clients qui ont vécu l'expérience et les autres, comparés à situation égale par"
            " servicelift roi, et ce qu'un point de plus apporterait par an : un point, c'est un de plus sur cent."
            " Aucune corrélation n'est montrée.",
        ),
        "no_worth": Sentence(
            "Not known: run `servicelift roi` with contrasts in the configuration, then this command with --roi.",
            "Inconnu : lancer `servicelift roi` avec des contrastes dans la configuration, puis cette commande avec"
            " --roi.",
        ),
        "contrast": Sentence("contrast", "contraste"),
        "effect": Sentence("effect on a customer", "effet sur un client"),
        "verdict": Sentence("verdict", "verdict"),
        "point": Sentence("one point more brings", "un point de plus apporte"),
        "absent": Sentence("Not counted", "Non comptés"),
        "definitions": Sentence("Definitions and traps", "Définitions et pièges"),
        "definition": Sentence("definition", "définition"),
        "trap": Sentence("trap", "piège"),
        "formula": Sentence(
            "Service level: {formula}, within {seconds:g} seconds.",
            "Niveau de service : {formula}, en {seconds:g} secondes.",
        ),
        "none_known": Sentence("no month known", "aucun mois connu"),
        "how": Sentence(
            "Intervals hold for customers as drawn at random: several rows of one customer do not count as so many"
            " customers. Shares by Wilson's formula, the net promoter score by its closed form, medians by ranks.",
            "Les intervalles valent pour des clients tirés au hasard : plusieurs lignes d'un même client ne comptent"
            " pas comme autant de clients. Parts selon Wilson, recommandation nette par sa formule, médianes par les"
            " rangs.",
        ),
    }
)
