"""The words of the first page: three sentences, and what is to be decided."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["TODAY"]

TODAY = Catalogue(
    {
        "lead": Sentence("Where we stand, and what to decide.", "Où nous en sommes, et que décider."),
        "list": Sentence(
            "{n} {n:customer is|customers are} worth a contact: it costs {cost:money0}, and the models foresee"
            " {net:money0} beyond that.",
            "{n} {n:client mérite|clients méritent} un contact : le coût est de {cost:money0}, et les modèles prévoient"
            " {net:money0} au-delà.",
        ),
        "list_unproven": Sentence(
            "{n} {n:customer is|customers are} on the list: it costs {cost:money0}, and the models foresee {net:money0}"
            " beyond that. It is not shown that choosing like this is better than contacting nobody.",
            "{n} {n:client est|clients sont} sur la liste : le coût est de {cost:money0}, et les modèles prévoient"
            " {net:money0} au-delà. Il n'est pas démontré que choisir ainsi vaille mieux que de ne contacter personne.",
        ),
        "list_empty": Sentence(
            "Nobody is worth a contact today at these costs.", "À ces coûts, aucun client ne mérite un contact."
        ),
        "no_list": Sentence(
            "No list has been made, so nobody is proposed for a contact.",
            "Aucune liste n'a été établie : aucun contact n'est proposé.",
        ),
        "return": Sentence(
            "The statement: {cost:money0} spent, {gain:money0} earned over {months} {months:month|months} (95%"
            " interval {low:money0} to {high:money0}); {pays} of {n} {n:action|actions} {pays:is|are} proven to pay.",
            "Le bilan : {cost:money0} dépensés, {gain:money0} gagnés sur {months} mois (intervalle à 95 % : de"
            " {low:money0} à {high:money0}) ; {pays} {pays:action|actions} sur {n} {pays:est|sont} {pays:prouvée"
            " rentable|prouvées rentables}.",
        ),
        "no_return": Sentence(
            "No statement has been made, so what the actions earned is not known.",
            "Aucun bilan n'a été établi : on ne sait pas ce que les actions ont rapporté.",
        ),
        "calm": Sentence(
            "{n} {n:measure was|measures were} watched on {at:date}: nothing rings, the models work as expected.",
            "{n} {n:mesure suivie|mesures suivies} au {at:date} : rien ne sonne, les modèles fonctionnent comme prévu.",
        ),
        "rings": Sentence(
            "{alarms} of {n} watched measures {alarms:rings|ring} since {at:date}: look before you rely on the scores.",
            "{alarms} {alarms:mesure sonne|mesures sonnent} sur {n} au {at:date} : regardez avant de vous fier aux"
            " scores.",
        ),
        "grade": Sentence(
            "The churn scores have the grade {grade}, on a scale from A (best) to D; nobody watches the nights yet.",
            "Les scores de départ ont la note {grade}, de A (la meilleure) à D ; les nuits ne sont pas encore"
            " surveillées.",
        ),
        "no_watch": Sentence(
            "Nobody watches the nights yet, so whether the models still hold is not known.",
            "Les nuits ne sont pas encore surveillées : on ne sait pas si les modèles tiennent toujours.",
        ),
        "decide": Sentence("To decide", "À décider"),
        "nothing": Sentence("Nothing waits for a decision.", "Aucune décision n'est en attente."),
        "contact": Sentence(
            "Contact {n} {n:customer|customers} of the list ({done} done, {refused} refused so far).",
            "Contacter {n} {n:client|clients} de la liste (déjà {done} {done:fait|faits}, {refused}"
            " {refused:refus|refus}).",
        ),
        "contact_unproven": Sentence(
            "Contact {n} {n:customer|customers} of the list, or nobody? ({done} done, {refused} refused so far)",
            "Contacter {n} {n:client|clients} de la liste, ou personne ? (déjà {done} {done:fait|faits}, {refused}"
            " {refused:refus|refus})",
        ),
        "settle": Sentence(
            "{action:name}: not proven. Plan the experiment that would settle it.",
            "{action:name} : non prouvé. Planifier l'expérience qui trancherait.",
        ),
        "unsettled": Sentence(
            "{actions:names}: not proven, and no experiment of a usual size can settle it. Go on, or stop?",
            "{actions:names} : non prouvé, et aucune expérience de taille habituelle ne peut trancher. Continuer ou"
            " arrêter ?",
        ),
        "stop": Sentence(
            "{action:name} loses money: stop it, or change it.",
            "{action:name} est à perte : arrêter ou modifier cette action.",
        ),
        "extend": Sentence("{action:name} pays: do more of it?", "{action:name} est rentable : en faire davantage ?"),
        "look": Sentence(
            "Look at the {n:measure that rings|measures that ring} and say what to do.",
            "Regarder {n:la mesure qui sonne|les mesures qui sonnent} et dire que faire.",
        ),
        "train": Sentence("Train the models anew: it is due.", "Réentraîner les modèles : l'échéance est atteinte."),
        "read": Sentence(
            "Read the experiment on {action:name}: its result was due on {on:date}.",
            "Lire l'expérience sur {action:name} : son résultat était attendu le {on:date}.",
        ),
        "waiting": Sentence("Make a list: {command}", "Établir une liste : {command}"),
        "see": Sentence("Open", "Ouvrir"),
        "by_action": Sentence("The list by action", "La liste par action"),
        "action": Sentence("Action", "Action"),
        "customers": Sentence("Customers", "Clients"),
        "cost": Sentence("Cost", "Coût"),
        "foreseen": Sentence("Value foreseen, net of cost", "Valeur prévue, nette du coût"),
        "evidence": Sentence("Evidence", "Preuve"),
        "randomised": Sentence("measured against customers left alone", "mesurée contre des clients témoins"),
        "observational": Sentence("observed only, not measured", "observée, non mesurée"),
        "foreseen_note": Sentence(
            "What is foreseen is no proof: only the statement tells what was earned.",
            "Ce qui est prévu ne prouve rien : seul le bilan dit ce qui a été gagné.",
        ),
    }
)
