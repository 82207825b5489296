"""The words of the page of one customer."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["CUSTOMER"]

CUSTOMER = Catalogue(
    {
        "lead": Sentence(
            "One customer: history, scores, and what each action would change.",
            "Un client : son histoire, ses scores, et ce que chaque action changerait.",
        ),
        "search": Sentence("Customer identifier", "Identifiant du client"),
        "find": Sentence("Find", "Chercher"),
        "not_found": Sentence(
            "No customer has the identifier {customer}.", "Aucun client n'a l'identifiant {customer}."
        ),
        "near": Sentence("Customers whose identifier begins so", "Clients dont l'identifiant commence ainsi"),
        "copied": Sentence("Customers with a page in this copy", "Clients qui ont une page dans cette copie"),
        "title": Sentence("Customer {customer}", "Client {customer}"),
        "risk": Sentence("Risk of leaving within {days} days", "Risque de départ sous {days} jours"),
        "voluntary": Sentence("Of it by choice", "Dont par choix"),
        "involuntary": Sentence("Of it by failed payment", "Dont par échec de paiement"),
        "clv": Sentence("Value over {months} months", "Valeur sur {months} mois"),
        "not_scored": Sentence(
            "This customer has no scores: no subscription runs at the date of the scores.",
            "Ce client n'a pas de scores : aucun abonnement n'est en cours à la date des scores.",
        ),
        "why": Sentence("Why on the list", "Pourquoi dans la liste"),
        "listed": Sentence(
            "{action:name}, rank {rank}: the models foresee {net:money} beyond a cost of {cost:money}.",
            "{action:name}, rang {rank} : les modèles prévoient {net:money} au-delà d'un coût de {cost:money}.",
        ),
        "not_listed": Sentence("Not on the list.", "Ne figure pas dans la liste."),
        "reasons": Sentence("What the risk rests on", "Sur quoi repose le risque"),
        "alone": Sentence(
            "Left alone at random, so that the effect of the list can be measured: serve as usual, and offer no action"
            " of the list.",
            "Laissé de côté au hasard, pour mesurer l'effet de la liste : servir comme d'habitude, sans proposer"
            " d'action de la liste.",
        ),
        "actions": Sentence("What each action would change", "Ce que chaque action changerait"),
        "actions_note": Sentence(
            "Foreseen by the models for customers like this one; no proof for a single person.",
            "Prévu par les modèles pour des clients semblables ; aucune preuve pour une seule personne.",
        ),
        "no_actions": Sentence(
            "No action can be offered to this customer now.", "Aucune action ne peut être proposée à ce client."
        ),
        "action": Sentence("Action", "Action"),
        "change": Sentence("Change in value", "Changement de valeur"),
        "interval": Sentence("95% interval", "Intervalle à 95 %"),
        "cost": Sentence("Cost", "Coût"),
        "net": Sentence("Net of cost", "Net du coût"),
        "evidence": Sentence("Evidence", "Preuve"),
        "randomised": Sentence("measured", "mesurée"),
        "observational": Sentence("observed only", "observée"),
        "over_time": Sentence("Scores over time", "Scores au fil du temps"),
        "over_time_label": Sentence(
            "Risk of leaving from {first:percent} to {last:percent} over {n} {n:night|nights}.",
            "Risque de départ de {first:percent} à {last:percent} sur {n} {n:nuit|nuits}.",
        ),
        "night": Sentence("Night", "Nuit"),
        "history": Sentence("History", "Histoire"),
        "history_note": Sentence(
            "What was known before {at:date}; the latest first.",
            "Ce qui était connu avant le {at:date} ; du plus récent au plus ancien.",
        ),
        "history_cut": Sentence("The latest {shown} of {n} events.", "Les {shown} derniers évènements sur {n}."),
        "no_history": Sentence("Nothing is recorded.", "Rien n'est enregistré."),
        "timeline": Sentence(
            "Time line of {n} {n:event|events} from {first:date} to {last:date}; the table below says the same.",
            "Chronologie de {n} {n:évènement|évènements} du {first:date} au {last:date} ; le tableau ci-dessous dit la"
            " même chose.",
        ),
        "legend_bad": Sentence("failed, complaint, ended", "échec, réclamation, fin"),
        "legend_good": Sentence("other events", "autres évènements"),
        "when": Sentence("When", "Quand"),
        "kind": Sentence("Kind", "Nature"),
        "what": Sentence("What", "Quoi"),
        "subscriptions": Sentence("Subscription", "Abonnement"),
        "payments": Sentence("Payment", "Paiement"),
        "contacts": Sentence("Contact", "Contact"),
        "surveys": Sentence("Satisfaction", "Satisfaction"),
        "offers": Sentence("Offer", "Offre"),
        "started": Sentence("begins", "début"),
        "ended": Sentence("ends", "fin"),
        "asked_to_end": Sentence("asked to end it", "demande de résiliation"),
        "failed": Sentence("failed", "échoué"),
        "refund": Sentence("refund", "remboursement"),
        "complaint": Sentence("complaint", "réclamation"),
        "solved": Sentence("solved", "résolu"),
        "unsolved": Sentence("not solved", "non résolu"),
        "accepted": Sentence("accepted", "acceptée"),
        "offered": Sentence("offered", "proposée"),
        "decisions": Sentence("Decisions and notes", "Décisions et notes"),
        "decided": Sentence("Decided", "Décision"),
        "by": Sentence("By", "Par"),
        "done": Sentence("done", "fait"),
        "refused": Sentence("refused", "refusé"),
        "open": Sentence("taken back", "annulé"),
        "note": Sentence("Note", "Note"),
        "note_label": Sentence("Note about this customer", "Note sur ce client"),
        "keep": Sentence("Keep the note", "Conserver la note"),
    }
)
