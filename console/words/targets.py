"""The words of the list and of the decisions about it."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["TARGETS"]

TARGETS = Catalogue(
    {
        "lead": Sentence(
            "Whom to contact with which action, the best first.",
            "Qui contacter, avec quelle action, du meilleur au moins bon.",
        ),
        "rests_on": Sentence("What the actions on it rest on", "Sur quoi reposent les actions de la liste"),
        "customers": Sentence("Customers", "Clients"),
        "effect": Sentence("Effect on a customer", "Effet sur un client"),
        "net_all": Sentence("Foreseen beyond cost", "Prévu au-delà du coût"),
        "verdict": Sentence("Verdict of the statement", "Verdict du bilan"),
        "no_verdict": Sentence("in no statement yet", "dans aucun bilan à ce jour"),
        "net_between": Sentence(
            "Below each figure its 95% interval; of the whole list, what is foreseen beyond cost runs from {ends}.",
            "Sous chaque chiffre son intervalle à 95 % ; pour toute la liste, le prévu au-delà du coût va {ends}.",
        ),
        "other_list": Sentence(
            "What is written beside the list speaks of another one, so what this list rests on is not known: run"
            " `servicelift targets` again.",
            "Ce qui est écrit à côté de la liste parle d'une autre, on ne sait donc pas sur quoi celle-ci repose :"
            " relancer `servicelift targets`.",
        ),
        "filters": Sentence("Filter", "Filtrer"),
        "action": Sentence("Action", "Action"),
        "segment": Sentence("Segment", "Segment"),
        "team": Sentence("Team", "Équipe"),
        "state": Sentence("State", "État"),
        "text": Sentence("Customer or reason", "Client ou raison"),
        "sort": Sentence("Sort by", "Trier par"),
        "all": Sentence("all", "tous"),
        "every": Sentence("all", "toutes"),
        "open": Sentence("open", "à faire"),
        "done": Sentence("done", "fait"),
        "refused": Sentence("refused", "refusé"),
        "rank": Sentence("rank on the list", "rang dans la liste"),
        "value": Sentence("value foreseen", "valeur prévue"),
        "churn": Sentence("risk of leaving", "risque de départ"),
        "clv": Sentence("customer value", "valeur du client"),
        "budget": Sentence("Budget ({currency})", "Budget ({currency})"),
        "budget_exact": Sentence("Budget, exact amount", "Budget, montant exact"),
        "apply": Sentence("Show", "Afficher"),
        "reset": Sentence("Show all", "Tout afficher"),
        "download": Sentence("Download these rows (CSV)", "Télécharger ces lignes (CSV)"),
        "count": Sentence(
            "{n} {n:customer|customers}; cost {cost:money0}; the models foresee {net:money0} beyond it.",
            "{n} {n:client|clients} ; coût {cost:money0} ; les modèles prévoient {net:money0} au-delà.",
        ),
        "nobody": Sentence(
            "Nobody on the list fits these filters.", "Personne dans la liste ne correspond à ces filtres."
        ),
        "caption": Sentence("Customers to contact", "Clients à contacter"),
        "customer": Sentence("Customer", "Client"),
        "name": Sentence("Name", "Nom"),
        "net": Sentence("Value foreseen, net", "Valeur prévue, nette"),
        "cost": Sentence("Cost", "Coût"),
        "risk": Sentence("Risk of leaving", "Risque de départ"),
        "worth": Sentence("Customer value", "Valeur du client"),
        "reasons": Sentence("Why", "Pourquoi"),
        "decide": Sentence("Decision", "Décision"),
        "do_done": Sentence("Done", "Fait"),
        "do_refused": Sentence("Refused", "Refusé"),
        "do_open": Sentence("Take back", "Annuler"),
        "done_for": Sentence("Done: {action:name}, customer {customer}", "Fait : {action:name}, client {customer}"),
        "refused_for": Sentence(
            "Refused: {action:name}, customer {customer}", "Refusé : {action:name}, client {customer}"
        ),
        "open_for": Sentence(
            "Take back: {action:name}, customer {customer}", "Annuler : {action:name}, client {customer}"
        ),
        "meaning": Sentence(
            "Done: it was offered, and the customer took it. Refused: it was offered, and the customer said no.",
            "Fait : l'action a été proposée et le client l'a acceptée. Refusé : elle a été proposée et le client a dit"
            " non.",
        ),
        "kept_alone": Sentence(
            "{n} {n:customer is|customers are} left alone at random, so that the effect can be measured;"
            " {n:it is|they are} not on this list.",
            "{n} {n:client est laissé|clients sont laissés} de côté au hasard, pour que l'effet puisse être mesuré ;"
            " {n:il ne figure|ils ne figurent} pas dans cette liste.",
        ),
        "curve": Sentence(
            "What a budget buys, as the models foresee it", "Ce qu'un budget rapporte, selon les modèles"
        ),
        "curve_text": Sentence(
            "The first {half:money0} of {all:money0} bring {share:percent} of the value foreseen for the whole list.",
            "Les {half:money0} premiers, sur {all:money0}, rapportent {share:percent} de la valeur prévue pour toute"
            " la liste.",
        ),
        "curve_label": Sentence(
            "Line: value foreseen, net of cost, by money spent, up to {net:money0} for {cost:money0}.",
            "Courbe : valeur prévue, nette du coût, selon l'argent dépensé, jusqu'à {net:money0} pour {cost:money0}.",
        ),
        "spent": Sentence("spent", "dépensé"),
        "foreseen": Sentence("foreseen", "prévu"),
        "marker": Sentence(
            "With {budget:money0}: {n} {n:customer|customers}, {net:money0} foreseen.",
            "Avec {budget:money0} : {n} {n:client|clients}, {net:money0} prévus.",
        ),
        "more_budget": Sentence(
            "A budget above that of the list needs a new list: `servicelift targets`.",
            "Un budget supérieur à celui de la liste demande une nouvelle liste : `servicelift targets`.",
        ),
        "pages": Sentence("Pages of the list", "Pages de la liste"),
        "page": Sentence("Page {page} of {pages}", "Page {page} sur {pages}"),
        "previous": Sentence("Previous", "Précédente"),
        "next": Sentence("Next", "Suivante"),
        "exported_rows": Sentence(
            "This copy shows the first {shown} of {n} customers; the CSV file holds all.",
            "Cette copie montre les {shown} premiers clients sur {n} ; le fichier CSV les contient tous.",
        ),
        "saved_done": Sentence(
            "Kept: {action:name} done for {customer}.", "Noté : {action:name} fait pour {customer}."
        ),
        "saved_refused": Sentence(
            "Kept: {action:name} refused by {customer}.", "Noté : {action:name} refusé par {customer}."
        ),
        "saved_open": Sentence(
            "Taken back: {action:name} for {customer} is open again.",
            "Annulé : {action:name} pour {customer} est à nouveau à faire.",
        ),
        "saved_note": Sentence("Note kept for {customer}.", "Note conservée pour {customer}."),
    }
)
