"""What is said of a list, in each language."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence
from ...models.refutation.verdict import Check
from .threshold import NoCut

__all__ = ["LIST_WORDS"]

LIST_WORDS = Catalogue(
    {
        "contact": Sentence(
            "{n} {n:customer|customers} to contact for {cost:money2}: {out}",
            "{n} {n:client|clients} à contacter pour {cost:money2} : {out}",
        ),
        "value": Sentence(
            "predicted net value {net_value:money2}{promise}, {plan}; {budget}; predictions, not value earned:"
            " the holdout measures that",
            "valeur nette prédite {net_value:money2}{promise}, {plan} ; {budget} ; ce sont des prédictions, pas"
            " de la valeur gagnée : le groupe témoin la mesurera",
        ),
        "exact": Sentence("the best plan there is", "le meilleur plan possible"),
        "near": Sentence("at most {gap:percent2} below the best plan", "au plus {gap:percent2} sous le meilleur plan"),
        "binds": Sentence(
            "{one:money0} more of budget would add {price:money2}",
            "{one:money0} de budget en plus ajouterait {price:money2}",
        ),
        "loose": Sentence(
            "the budget is not used up: a larger one would add nothing",
            "le budget n'est pas épuisé : un plus grand n'ajouterait rien",
        ),
        "alone": Sentence(
            "{n} {n:customer|customers} to leave alone: {out}; {balance}",
            "{n} {n:client|clients} à laisser tranquilles : {out} ; {balance}",
        ),
        "cost": Sentence("cost of {action:name}: {rule}", "coût de l'action « {action:name} » : {rule}"),
        "people": Sentence("to open in a spreadsheet: {files:words}", "à ouvrir dans un tableur : {files:words}"),
        "programs": Sentence("for programs: {files:words}", "pour les programmes : {files:words}"),
        "threshold": Sentence(
            "score and cut of everybody who could have been listed, for the effect at the cut: {file}",
            "score et seuil de tous ceux qui auraient pu être sur la liste, pour l'effet au seuil : {file}",
        ),
        NoCut.MISPLACED: Sentence(
            "{action:name}: no cut is written, {n} of its customers are on the other side of it than the list put"
            " them ({listed} listed): its prices alone do not tell who was",
            "{action:name} : aucun seuil n'est écrit, {n} de ses clients {n:est|sont} de l'autre côté que sur la liste"
            " ({listed} sur la liste) : les prix ne disent pas à eux seuls qui y est",
        ),
        NoCut.ONE_SIDED: Sentence(
            "{action:name}: no cut is written, {n} different {n:score|scores} on one side of it, {least} are needed",
            "{action:name} : aucun seuil n'est écrit, {n} {n:score différent|scores différents} d'un côté, il en"
            " faut {least}",
        ),
        "policy_better": Sentence(
            "choosing like this was worth {value:money2} a decision beside contacting nobody, on decisions"
            " held out from training (95% interval {low:money2} to {high:money2}, at {share:percent} of the cost of"
            " everybody)",
            "choisir ainsi a rapporté {value:money2} par décision par rapport à ne contacter personne, sur des"
            " décisions tenues à l'écart de l'apprentissage (intervalle à 95 % de {low:money2} à {high:money2}, pour"
            " {share:percent} du coût de tout le monde)",
        ),
        "policy_unproven": Sentence(
            "not shown to be better than contacting nobody: on decisions held out from training, choosing like this was"
            " worth {value:money2} a decision"
            " (95% interval {low:money2} to {high:money2}, at {share:percent} of the cost of"
            " everybody)",
            "pas démontré meilleur que ne contacter personne : sur des décisions tenues à l'écart de l'apprentissage,"
            " choisir ainsi a rapporté {value:money2} par décision"
            " (intervalle à 95 % de {low:money2} à {high:money2}, pour"
            " {share:percent} du coût de tout le monde)",
        ),
        "policy_no_better": Sentence(
            "no better than contacting nobody: on decisions held out from training, choosing like this was worth"
            " {value:money2} a decision"
            " (95% interval {low:money2} to {high:money2}, at {share:percent} of the cost of everybody),"
            " and {unlimited:money2} without a limit",
            "pas mieux que ne contacter personne : sur des décisions tenues à l'écart de l'apprentissage, choisir ainsi"
            " a rapporté {value:money2} par décision"
            " (intervalle à 95 % de {low:money2} à {high:money2}, pour {share:percent} du"
            " coût de tout le monde), et {unlimited:money2} sans limite",
        ),
        "policy_unknown": Sentence(
            "what choosing like this is worth on held-out decisions is not known: the model's training kept no value of"
            " policies",
            "ce que vaut cette façon de choisir sur des décisions tenues à l'écart n'est pas connu : l'apprentissage du"
            " modèle n'en a rien gardé",
        ),
        "ask_anyway": Sentence(
            "nothing was written; give --anyway to make the list all the same",
            "rien n'est écrit ; avec --anyway, la liste est faite malgré tout",
        ),
        "delta": Sentence(
            "since the last list: {new} new, {kept} as before, {changed} with another action, {left} not on it now",
            "depuis la dernière liste : {new} {new:nouveau|nouveaux}, {kept} sans changement, {changed} avec une autre"
            " action, {left} {left:n'y figure|n'y figurent} plus",
        ),
        "left_out": Sentence(
            "looked at again on {day:date}: {n} {n:customer comes|customers come} on no list",
            "nouvel examen au {day:date} : {n} {n:client n'est|clients ne sont} sur aucune liste",
        ),
        "none_left_out": Sentence(
            "looked at again on {day:date}: nobody has to be left out",
            "nouvel examen au {day:date} : personne n'est à écarter",
        ),
        "left_suppressed": Sentence(
            "  {n} {n:stands|stand} on the business's own list of customers to leave in peace",
            "  {n} {n:figure|figurent} sur la liste des clients à ne pas contacter",
        ),
        "left_consent": Sentence(
            "  {n} {n:has|have} withdrawn consent to be contacted",
            "  {n} {n:a retiré son|ont retiré leur} accord pour être {n:contacté|contactés}",
        ),
        "left_gone": Sentence(
            "  {n} {n:has|have} left, or {n:is|are} about to, or came back since",
            "  {n} {n:est parti, sur le départ ou revenu|sont partis, sur le départ ou revenus} depuis",
        ),
        "left_recent": Sentence(
            "  {n} {n:was|were} offered an action within the cool-down",
            "  {n} {n:a déjà reçu|ont déjà reçu} une proposition pendant le délai de repos",
        ),
        "left_complaint": Sentence(
            "  {n} {n:has|have} an open complaint (despite_open_complaint: true allows an action)",
            "  {n} {n:a|ont} une réclamation ouverte (despite_open_complaint: true autorise une action)",
        ),
        "left_condition": Sentence(
            "  {n} {n:does|do} not meet the action's own condition any more",
            "  {n} ne {n:remplit|remplissent} plus la condition propre à l'action",
        ),
        "unseen": Sentence(
            "the tables end {n} {n:day|days} before: what happened since is not seen",
            "les tables s'arrêtent {n} {n:jour|jours} plus tôt : ce qui s'est passé depuis n'est pas vu",
        ),
        "promise": Sentence(
            "95% interval {low:money2} to {high:money2}",
            "intervalle à 95 % de {low:money2} à {high:money2}",
        ),
        "trial": Sentence(
            "{action:name}: its effect failed a check ({checks}), so it is tried and not spent on: {n}"
            " {n:customer|customers}, {held} held out, {spent:money2}; chance that this alone shows whether it"
            " pays: {chance:percent}",
            "{action:name} : son effet n'a pas passé un contrôle ({checks}), elle est donc mise à l'essai : {n}"
            " {n:client|clients}, dont {held} {held:témoin|témoins}, {spent:money2} ; probabilité que cet essai"
            " seul montre si elle est rentable : {chance:percent}",
        ),
        "trial_blind": Sentence(
            "{action:name}: its effect failed a check ({checks}), so it is tried and not spent on: {n}"
            " {n:customer|customers}, {held} held out, {spent:money2}",
            "{action:name} : son effet n'a pas passé un contrôle ({checks}), elle est donc mise à l'essai : {n}"
            " {n:client|clients}, dont {held} {held:témoin|témoins}, {spent:money2}",
        ),
        "not_tried": Sentence(
            "{action:name}: its effect failed a check ({checks}), so nothing is spent on it and nothing tried",
            "{action:name} : son effet n'a pas passé un contrôle ({checks}), rien n'y est dépensé ni essayé",
        ),
        "allowed": Sentence(
            "{action:name}: its effect failed a check ({checks}), spent on all the same as the configuration says:"
            " {reason}",
            "{action:name} : son effet n'a pas passé un contrôle ({checks}), dépense maintenue par la configuration :"
            " {reason}",
        ),
        Check.OVERLAP: Sentence("hardly anybody alike left alone", "presque personne de semblable laissé de côté"),
        Check.PLACEBO: Sentence("placebo before the decision", "placebo avant la décision"),
        Check.SURROGATE: Sentence("surrogate check", "contrôle de la prévision"),
        Check.RANDOM_TREATMENT: Sentence("random treatment", "traitement fictif"),
        Check.STABILITY: Sentence("stability", "stabilité"),
        Check.NEGATIVE_CONTROL: Sentence("negative control", "contrôle négatif"),
        Check.NEGATIVE_CONTROL_ELSEWHERE: Sentence(
            "negative control of other actions", "contrôle négatif d'autres actions"
        ),
        "nobody": Sentence("nobody is listed", "personne n'est sur la liste"),
        "one_arm": Sentence(
            "no comparison: the config's holdout share leaves one arm empty",
            "pas de comparaison : la part témoin de la configuration laisse un groupe vide",
        ),
        "share": Sentence(
            "{share:percent1} of the list (wanted {wanted:percent})",
            "{share:percent1} de la liste (voulu : {wanted:percent})",
        ),
        "strata": Sentence(
            "{low:percent1} to {high:percent1} over {n} strata of action and predicted value",
            "de {low:percent1} à {high:percent1} sur {n} strates d'action et de valeur prédite",
        ),
        "uneven": Sentence(
            "an uneven draw (p {chance}); before a first campaign, take another holdout salt",
            "un tirage inégal (p {chance}) ; avant une première campagne, prendre un autre sel (holdout: salt)",
        ),
    }
)
"""Sentences of the list and of its holdout."""
