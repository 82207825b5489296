"""The words of a plan and of its reading, in English and French."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["PLAN", "READING"]

PLAN = Catalogue(
    {
        "default_when": Sentence("agents offer {action:name}", "les conseillers proposent « {action:name} »"),
        "default_then": Sentence("be worth {effect:money} more", "vaudront {effect:money} de plus"),
        "hypothesis": Sentence(
            "{action:name}: when {when}, our customers will {then}", "{action:name} : quand {when}, nos clients {then}"
        ),
        "effect": Sentence(
            "worth detecting: an effect of {effect:money} a customer over {horizon} {horizon:month|months};"
            " power {power:percent}, level {level:percent}",
            "à détecter : un effet de {effect:money} par client sur {horizon} mois ; puissance {power:percent},"
            " seuil {level:percent}",
        ),
        "pays": Sentence(
            "worth detecting: an effect of {effect:money} a customer over {horizon} {horizon:month|months}, shown to"
            " exceed its cost of {cost:money}; power {power:percent}, level {level:percent}",
            "à détecter : un effet de {effect:money} par client sur {horizon} mois, démontré supérieur à son coût de"
            " {cost:money} ; puissance {power:percent}, seuil {level:percent}",
        ),
        "spread": Sentence(
            "value of a customer spreads by {whole:money} (standard deviation), by {left:money} after adjusting for"
            " what is known, measured on {n} eligible {n:customer|customers}; taken {wider:g} times as wide for the"
            " error of the CLV model",
            "dispersion de la valeur d'un client : {whole:money} (écart type), {left:money} après correction de ce qui"
            " est connu, mesurée sur {n} {n:client éligible|clients éligibles} ; élargie {wider:g} fois pour l'erreur"
            " du modèle de valeur client",
        ),
        "agents": Sentence(
            "assigned by agent: {agents} {agents:agent|agents}, correlation within an agent {icc:n3}",
            "affectation par conseiller : {agents} {agents:conseiller|conseillers}, corrélation au sein d'un"
            " conseiller {icc:n3}",
        ),
        "impossible": Sentence(
            "no number of customers shows this effect with {agents} {agents:agent|agents}; take more agents",
            "aucun nombre de clients ne démontre cet effet avec {agents} {agents:conseiller|conseillers} ; il en faut"
            " davantage",
        ),
        "size": Sentence(
            "needed: {customers} {customers:customer|customers}, {treated} contacted and {control} held out"
            " ({holdout:percent})",
            "il faut {customers} {customers:client|clients} : {treated} {treated:contacté|contactés} et {control}"
            " {control:témoin|témoins} ({holdout:percent})",
        ),
        "too_long": Sentence(
            "duration: more than ten years, as {now} can get it now and {monthly:n0} more each month; plan for a larger"
            " effect or a wider rule",
            "durée : plus de dix ans, car {now} {now:client peut|clients peuvent} en bénéficier maintenant et"
            " {monthly:n0} de plus chaque mois ; visez un effet plus grand ou une règle plus large",
        ),
        "duration": Sentence(
            "duration: {months} {months:month|months} of decisions from {start:date}, as {now} can get it now and"
            " {monthly:n0} more each month; the last follow-up of {days} {days:day|days} is over on {result:date}",
            "durée : {months} mois de décisions à partir du {start:date}, car {now} {now:client peut|clients peuvent}"
            " en bénéficier maintenant et {monthly:n0} de plus chaque mois ; le dernier suivi de {days}"
            " {days:jour|jours} s'achève le {result:date}",
        ),
        "looks": Sentence(
            "read every month: {n} {n:look|looks} at most, for {more:percent1} more customers than one look takes;"
            " expected to end {expected:n1} months after the first decision if the effect is as assumed,"
            " {without:n1} months after it if there is none",
            "lecture chaque mois : {n} {n:lecture|lectures} au plus, pour {more:percent1} de clients de plus qu'avec"
            " une seule ; fin attendue {expected:n1} mois après la première décision si l'effet est celui supposé,"
            " {without:n1} mois après s'il n'y en a pas",
        ),
        "look_effect": Sentence(
            "look {k}, {on:date}: {customers} {customers:customer|customers} ({share:percent} of the information); ends"
            " it at {z:n2} standard errors, an effect of {effect:money} either way",
            "lecture {k}, {on:date} : {customers} {customers:client|clients} ({share:percent} de l'information) ; y met"
            " fin à {z:n2} erreurs types, soit un effet de {effect:money} dans un sens ou l'autre",
        ),
        "look_pays": Sentence(
            "look {k}, {on:date}: {customers} {customers:customer|customers} ({share:percent} of the information); ends"
            " it at {z:n2} standard errors from the cost, {effect:money} either way",
            "lecture {k}, {on:date} : {customers} {customers:client|clients} ({share:percent} de l'information) ; y met"
            " fin à {z:n2} erreurs types du coût, soit {effect:money} dans un sens ou l'autre",
        ),
        "given_cost": Sentence("{cost:money} a contact", "{cost:money} par contact"),
        "return": Sentence(
            "cost {spent:money} ({unit}); expected gain {gain:money}; return {mid:percent}, and a result as expected"
            " would read {low:percent} to {high:percent}",
            "coût {spent:money} ({unit}) ; gain attendu {gain:money} ; retour de {mid:percent}, et un résultat conforme"
            " se lirait de {low:percent} à {high:percent}",
        ),
        "year": Sentence(
            "a year's volume shows effects from {effect:money}",
            "le volume d'un an démontre des effets à partir de {effect:money}",
        ),
        "open": Sentence("{action:name}: {sentence}", "{action:name} : {sentence}"),
        "nothing_open": Sentence(
            "every action of the statement has its verdict", "chaque action du bilan a son verdict"
        ),
        "files": Sentence("plan: {plan}, {page}", "plan : {plan}, {page}"),
        "title": Sentence("Plan: {action:name} ({business})", "Plan : {action:name} ({business})"),
        "quote": Sentence("When {when}, our customers will {then}.", "Quand {when}, nos clients {then}."),
        "how": Sentence(
            "Hold customers out by the lists of `servicelift targets`, or at random with the propensity recorded, and"
            " load both\narms into the table of actions. `servicelift plan CONFIG --read` this plan's JSON file tells"
            " planned against observed.",
            "Mettez des clients de côté avec les listes de `servicelift targets`, ou au hasard en notant la"
            " probabilité, et chargez\nles deux groupes dans la table des actions. `servicelift plan CONFIG --read` et"
            " le fichier JSON de ce plan comparent\nle prévu à l'observé.",
        ),
    }
)
"""A plan, one statement a line."""

READING = Catalogue(
    {
        "contacted": Sentence("customers contacted", "clients contactés"),
        "matured": Sentence(
            "{n} matured, {immature} not yet",
            "{n} {n:décision arrivée|décisions arrivées} à terme, {immature} pas encore",
        ),
        "held_out": Sentence("customers held out", "clients témoins"),
        "share": Sentence("share held out", "part des témoins"),
        "spread": Sentence("spread behind the interval", "dispersion derrière l'intervalle"),
        "cost": Sentence("cost of a contact", "coût d'un contact"),
        "effect": Sentence("effect", "effet"),
        "detectable": Sentence("smallest effect that shows", "plus petit effet décelable"),
        "return": Sentence("return", "retour"),
        "money_around": Sentence(
            "{mid:money} ({low:money} to {high:money})", "{mid:money} (de {low:money} à {high:money})"
        ),
        "return_around": Sentence(
            "{mid:percent} ({low:percent} to {high:percent})", "{mid:percent} (de {low:percent} à {high:percent})"
        ),
        "no_cost": Sentence("no cost recorded", "aucun coût constaté"),
        "pays": Sentence(
            "the effect is shown, and it exceeds its cost", "l'effet est démontré, et il dépasse son coût"
        ),
        "loses": Sentence(
            "whatever the effect is, it does not cover its cost", "quel que soit l'effet, il ne couvre pas son coût"
        ),
        "shown": Sentence(
            "an effect is shown, but not that it differs from its cost",
            "un effet est démontré, mais pas qu'il diffère de son coût",
        ),
        "nothing": Sentence(
            "no effect is shown: this is no proof that there is none",
            "aucun effet n'est démontré : ce n'est pas la preuve qu'il n'y en a pas",
        ),
        "before_looks": Sentence(
            "the first look of the plan takes {first} {first:customer|customers}, so nothing is said yet",
            "la première lecture du plan demande {first} {first:client|clients}, rien n'est donc encore dit",
        ),
        "boundary": Sentence("boundary of the look", "seuil de la lecture"),
        "boundary_planned": Sentence(
            "look {k} of {n}: {z:n2} standard errors", "lecture {k} sur {n} : {z:n2} erreurs types"
        ),
        "boundary_observed": Sentence("{low:money} to {high:money}", "de {low:money} à {high:money}"),
        "within": Sentence("the effect hoped for lies within the interval", "l'effet espéré est dans l'intervalle"),
        "outside": Sentence(
            "the effect hoped for lies outside the interval", "l'effet espéré est hors de l'intervalle"
        ),
        "early": Sentence(
            "{short} {short:contact|contacts} of the plan {short:has|have} not matured, so this reading is early",
            "{short} {short:contact|contacts} du plan {short:n'est pas arrivé|ne sont pas arrivés} à terme, cette"
            " lecture est donc précoce",
        ),
        "line": Sentence(
            "{figure}: planned {planned}, observed {observed}", "{figure} : prévu {planned}, observé {observed}"
        ),
        "file": Sentence("reading: {page}", "lecture : {page}"),
        "title": Sentence("Reading: {action:name} ({business})", "Lecture : {action:name} ({business})"),
        "figure": Sentence("figure", "grandeur"),
        "planned": Sentence("planned", "prévu"),
        "observed": Sentence("observed", "observé"),
        "note": Sentence(
            "Effects are for one customer, with 95% intervals that hold the error of the CLV model. The checks stand on"
            " the page\nof `servicelift roi`.",
            "Les effets sont pour un client, avec des intervalles à 95 % qui contiennent l'erreur du modèle de valeur"
            " client.\nLes contrôles sont sur la page de `servicelift roi`.",
        ),
    }
)
"""Planned against observed."""
