"""Why an action or a contrast cannot be estimated: a code with its figures, said in English and in French.

An error that ends a command says its reason in English. A statement goes on without what was refused, and tells the
reason on its page: there it is said in the language of the business.
"""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from .errors import DataError, ServiceliftError
from .locale import Locale
from .messages import Catalogue, Message, Sentence

__all__ = ["OTHER", "REFUSALS", "other_state", "reason_of", "refusal", "within"]

Raised = TypeVar("Raised", bound=ServiceliftError)

OTHER = "other"
"""Code of a reason that has no sentence of its own: the text of an error as it stands, in English."""

REFUSALS = Catalogue(
    {
        OTHER: Sentence("{text}", "{text}"),
        "treated": Sentence("treated", "traitée"),
        "control": Sentence("control", "témoin"),
        "immature": Sentence(
            "expected {arm:coded} decisions {days} {days:day|days} before {end:date}, for their follow-up has to be"
            " over, got {n} later {n:one|ones} only; choose an earlier period, or shorten incremental.follow_up_days",
            "aucune décision {arm:coded} antérieure d'au moins {days} {days:jour|jours} au {end:date}, alors que le"
            " suivi doit être achevé : {n:l'unique décision est plus récente|les {n} décisions sont plus récentes} ;"
            " choisissez une période plus ancienne, ou réduisez incremental.follow_up_days",
        ),
        "ineligible": Sentence(
            "expected treated decisions on customers who could get the action, got {n} on others only; check its"
            " eligible condition, customers.contactable and incremental.cool_down_days",
            "aucune décision traitée ne porte sur un client qui pouvait recevoir l'action ({n}"
            " {n:décision porte|décisions portent} sur d'autres clients) ; vérifiez la condition eligible,"
            " customers.contactable et incremental.cool_down_days",
        ),
        "lapsed_elsewhere": Sentence(
            "expected treated decisions on customers with a running subscription, got {left}; {n} more {n:is|are} on"
            " customers who had no running subscription at the decision: `state: lapsed` under"
            " incremental.actions.{action} measures them",
            "{left} {left:décision traitée porte|décisions traitées portent} sur des clients abonnés, et {n}"
            " {n:autre|autres} sur des clients sans abonnement en cours au moment de la décision ; pour en mesurer"
            " l'effet, donnez la valeur lapsed à incremental.actions.{action}.state",
        ),
        "running_elsewhere": Sentence(
            "expected treated decisions on customers whose subscription had ended (`state: lapsed`), got {left}; {n}"
            " more {n:is|are} on customers who had a running subscription at the decision: `state: running` under"
            " incremental.actions.{action} measures them",
            "{left} {left:décision traitée porte|décisions traitées portent} sur des clients dont l'abonnement avait"
            " pris fin (state vaut lapsed), et {n} {n:autre|autres} sur des clients dont l'abonnement était en cours au"
            " moment de la décision ; pour en mesurer l'effet, donnez la valeur running à"
            " incremental.actions.{action}.state",
        ),
        "no_treated": Sentence(
            "expected treated decisions, got none; choose a period in which there are some",
            "aucune décision traitée ; choisissez une période qui en contient",
        ),
        "no_control": Sentence(
            "expected control decisions, got none; nobody else was eligible, or none was held out",
            "aucune décision témoin : personne d'autre n'était éligible, ou personne n'a été mis de côté",
        ),
        "trained_alike": Sentence(
            "agents.trained_at: expected agents trained and not (or later) trained to compare, got all alike; without"
            " both nothing can be said of training",
            "agents.trained_at : tous les conseillers ont été formés en même temps, ou aucun ne l'a été ; sans"
            " conseillers formés et non formés à comparer, rien ne peut être dit de la formation",
        ),
        "unknown_exposure": Sentence(
            "expected {column} to know who was exposed, it is missing; bring it",
            "la colonne {column} manque : sans elle, on ne sait pas qui était concerné ; ajoutez-la",
        ),
        "few_in_folds": Sentence(
            "expected at least {least} treated and {least} control units to learn from in every fold, got {fewest};"
            " take a longer period or fewer folds",
            "il faut au moins {least} {least:unité traitée|unités traitées} et {least} {least:témoin|témoins} pour"
            " apprendre dans chaque partie des données, il y en a {fewest} ; prenez une période plus longue ou moins"
            " de parties (incremental.folds)",
        ),
        "few_customers": Sentence(
            "expected at least {folds} customers for {folds} folds, got {n}",
            "il faut au moins {folds} {folds:client|clients} pour {folds} {folds:partie|parties} (incremental.folds),"
            " il y en a {n}",
        ),
        "few_units": Sentence(
            "expected at least two treated and two control units",
            "il faut au moins deux unités traitées et deux témoins",
        ),
        "no_overlap": Sentence(
            "expected controls like the treated, found none to speak of: after weighting {controls:n0} effective"
            " {controls:control|controls} remain, and {trimmed:percent} of the treated have a chance of treatment above"
            " {trim:percent}; hold some of the chosen out at random, or compare within a group that is not always"
            " treated",
            "presque aucun témoin ne ressemble aux clients traités : après pondération, il reste l'équivalent de"
            " {controls:n0} {controls:témoin|témoins}, et {trimmed:percent} des traités avaient plus de {trim:percent}"
            " de chances de l'être ; mettez de côté, au hasard, une partie des clients choisis, ou comparez au sein"
            " d'un groupe qui n'est pas toujours traité",
        ),
        "nothing_shared": Sentence(
            "expected treated and control units that overlap, found none on '{population}'; widen who is compared",
            "aucune unité traitée n'a de témoin comparable (population « {population} ») ; élargissez la comparaison",
        ),
        "below": Sentence("below", "au-dessous"),
        "above": Sentence("above", "au-dessus"),
        "few_scores": Sentence(
            "expected at least {least} different scores {side:coded} the cut at {cut:g}, got {n}; take a score before"
            " rounding, or a longer period",
            "il faut au moins {least} scores différents {side:coded} du seuil ({cut:g}), il y en a {n} ; prenez un"
            " score avant arrondi, ou une période plus longue",
        ),
        "few_scores_near": Sentence(
            "expected at least {least} different scores {side:coded} the cut at {cut:g} within {width:g}, got {n}; take"
            " a score before rounding, a longer period, or a wider bandwidth",
            "il faut au moins {least} scores différents {side:coded} du seuil ({cut:g}) à moins de {width:g} de"
            " celui-ci, il y en a {n} ; prenez un score avant arrondi, une période plus longue ou une fenêtre plus"
            " large",
        ),
        "no_jump": Sentence(
            "expected a cut that changes who is treated, got a share treated that rises by {rise:n3} at {cut:g}; check"
            " the cut, or whether the list was used",
            "le seuil devait changer qui est traité, mais la part des traités n'y change pas nettement ({rise:s3} au"
            " seuil de {cut:g}) ; vérifiez le seuil, ou si la liste a été utilisée",
        ),
        "propensity": Sentence(
            "propensity: expected {n} recorded {n:chance|chances} strictly between 0 and 1; leave it out where"
            " assignment was chosen, and drop units that could not have been in both arms",
            "actions.propensity : les {n} probabilités enregistrées doivent être strictement comprises entre 0 et 1 ;"
            " ne l'indiquez pas là où l'affectation était choisie, et retirez les décisions dont l'issue était"
            " certaine",
        ),
    }
)
"""Reasons, each as an error in English says it and as a French page does."""


def refusal(kind: type[Raised], code: str, **figures: Any) -> Raised:
    """Return an error whose text is the English sentence of ``code``, and which carries the code with its figures.

    Parameters
    ----------
    kind
        Class of the error.
    code, figures
        One of :data:`REFUSALS`, and what its sentences tell.

    Examples
    --------
    >>> from servicelift.core.errors import ModelError
    >>> error = refusal(ModelError, "few_customers", folds=5, n=3)
    >>> str(error), error.code
    ('expected at least 5 customers for 5 folds, got 3', 'few_customers')
    """
    error = kind(REFUSALS.say(Locale(), code, **figures))
    error.code, error.figures = code, figures
    return error


def other_state(action: str, *, left: int, elsewhere: int, lapsed: bool) -> DataError:
    """Return the refusal of an action whose decisions are (nearly) all on customers in the other state.

    Parameters
    ----------
    action
        Its name in the configuration.
    left, elsewhere
        Treated decisions on customers in the action's state, and on those in the other.
    lapsed
        Whether the action is for lapsed customers.
    """
    if lapsed:
        return refusal(DataError, "running_elsewhere", action=action, left=left, n=elsewhere)
    return refusal(DataError, "lapsed_elsewhere", action=action, left=left, n=elsewhere)


def within(error: Raised, where: str) -> Raised:
    """Return the same error, its text led by where it happened; its reason stays what it was."""
    led = copy(error)
    led.args = (f"{where}: {error}",)
    led.code, led.figures = error.code, error.figures
    return led


def reason_of(error: ServiceliftError) -> Message:
    """Return the reason that an error carries, or its text as the reason :data:`OTHER`."""
    return Message.of(error.code, **error.figures) if error.code else Message.of(OTHER, text=str(error))
