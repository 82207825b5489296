"""Verdicts and their reasons in words: of an action, held against its cost, and of a contrast, held against 0."""

from __future__ import annotations

from ...core.locale import Locale
from ...core.messages import Catalogue, Sentence, capitalised
from .verdict import Check, Reason, Ruling, Verdict

__all__ = ["CONTRAST_REASONS", "REASONS", "RULINGS", "reasons_in_words", "sentence"]

RULINGS = Catalogue(
    {
        Ruling.PAYS: Sentence("pays", "rentable"),
        Ruling.LOSES: Sentence("loses", "à perte"),
        Ruling.NOT_PROVEN: Sentence("not proven", "non prouvé"),
    }
)
"""A ruling in a word or two."""

_CHECKS: dict[str, Sentence] = {
    Check.OVERLAP: Sentence(
        "hardly anybody like the treated was left alone ({controls:n0} effective {controls:control|controls},"
        " {trimmed_share:percent} of the treated without a counterpart)",
        "presque aucun client semblable aux traités n'a été laissé de côté ({controls:n0}"
        " {controls:témoin équivalent|témoins équivalents}, {trimmed_share:percent} des traités sans homologue)",
    ),
    Check.PLACEBO: Sentence(
        "treated and controls differed already before the decision (placebo)",
        "traités et témoins différaient déjà avant la décision (placebo)",
    ),
    Check.SURROGATE: Sentence(
        "on older decisions the value predicted beyond the follow-up was wrong (surrogate check)",
        "sur des décisions plus anciennes, la valeur prédite au-delà du suivi était fausse (contrôle de la prévision)",
    ),
    Check.RANDOM_TREATMENT: Sentence(
        "of treatments drawn at random among the controls {share:percent} look like effects, where 5% should (random"
        " treatment)",
        "parmi des traitements tirés au sort chez les témoins, {share:percent} ressemblent à des effets, au lieu de"
        " 5 % (traitement fictif)",
    ),
    Check.STABILITY: Sentence(
        "the estimate moves with the seed or rests on a fold of the customers (stability)",
        "l'estimation change avec le tirage ou repose sur une partie des clients (stabilité)",
    ),
    Check.NEGATIVE_CONTROL: Sentence(
        "customers who were chosen but held out differ from others like them, so the choice looks at more than the"
        " tables show (negative control)",
        "les clients choisis puis mis de côté diffèrent d'autres clients semblables : le choix tient donc compte de"
        " plus que ce que montrent les tables (contrôle négatif)",
    ),
    Check.NEGATIVE_CONTROL_ELSEWHERE: Sentence(
        "where it can be checked ({actions:names}) the choice looks at more than the tables show (negative control)",
        "là où l'on peut le vérifier ({actions:names}), le choix tient compte de plus que ce que montrent les tables"
        " (contrôle négatif)",
    ),
}

REASONS = Catalogue(
    {
        **_CHECKS,
        Reason.INCLUDES_COST: Sentence(
            "the interval from {low:money} to {high:money} includes the cost of {cost:money}",
            "l'intervalle de {low:money} à {high:money} contient le coût de {cost:money}",
        ),
        Reason.CHANCE_ABOVE: Sentence(
            "the interval from {low:money} to {high:money} lies above the cost of {cost:money}, but with {judged}"
            " {judged:action|actions} judged together one such result can be chance (adjusted p {p:n3}, above"
            " {limit:n2})",
            "l'intervalle de {low:money} à {high:money} est au-dessus du coût de {cost:money}, mais avec {judged}"
            " {judged:action jugée|actions jugées} ensemble, un tel résultat peut être dû au hasard (p ajusté"
            " {p:n3}, supérieur à {limit:n2})",
        ),
        Reason.CHANCE_BELOW: Sentence(
            "the interval from {low:money} to {high:money} lies below the cost of {cost:money}, but with {judged}"
            " {judged:action|actions} judged together one such result can be chance (adjusted p {p:n3}, above"
            " {limit:n2})",
            "l'intervalle de {low:money} à {high:money} est au-dessous du coût de {cost:money}, mais avec {judged}"
            " {judged:action jugée|actions jugées} ensemble, un tel résultat peut être dû au hasard (p ajusté"
            " {p:n3}, supérieur à {limit:n2})",
        ),
        Reason.HIDDEN_CAUSE: Sentence(
            "the choice was not random, and a hidden cause no stronger than {feature}, the strongest feature observed,"
            " could bias the effect by {bias:money}: enough to reach the cost of {cost:money} from {low:money} to"
            " {high:money}",
            "le choix n'était pas aléatoire, et une cause cachée pas plus forte que {feature}, la variable observée la"
            " plus forte, pourrait biaiser l'effet de {bias:money} : assez pour que l'intervalle de {low:money} à"
            " {high:money} atteigne le coût de {cost:money}",
        ),
        Reason.ABOVE_COST: Sentence(
            "even the low end of {low:money} to {high:money} is above the cost of {cost:money}",
            "même la borne basse de l'intervalle, de {low:money} à {high:money}, est au-dessus du coût de {cost:money}",
        ),
        Reason.BELOW_COST: Sentence(
            "even the high end of {low:money} to {high:money} is below the cost of {cost:money}",
            "même la borne haute de l'intervalle, de {low:money} à {high:money}, est au-dessous du coût de"
            " {cost:money}",
        ),
        Reason.UNSEEN: Sentence(
            "the choice was not random, and no check here can see a cause that the tables leave out: one that biases"
            " {times:n1} times as much as {feature}, the strongest feature observed, would undo this verdict; only"
            " customers held out at random would show it",
            "le choix n'était pas aléatoire, et aucun contrôle ne voit une cause absente des tables : si elle biaise"
            " {times:n1} fois autant que {feature}, la variable observée la plus forte, elle renverse ce verdict ;"
            " seuls des témoins tirés au sort la révéleraient",
        ),
        Reason.UNSEEN_NO_MEASURE: Sentence(
            "the choice was not random, and no check here can see a cause that the tables leave out; no feature"
            " observed drives both choice and value, so nothing measures how strong one could be; only customers held"
            " out at random would show it",
            "le choix n'était pas aléatoire, et aucun contrôle ne voit une cause absente des tables ; aucune variable"
            " observée ne guide à la fois le choix et la valeur, rien ne mesure donc la force qu'elle pourrait avoir ;"
            " seuls des témoins tirés au sort la révéleraient",
        ),
    }
)
"""Why an action got its verdict."""

CONTRAST_REASONS = Catalogue(
    {
        **_CHECKS,
        Reason.INCLUDES_COST: Sentence(
            "the interval from {low:money} to {high:money} includes 0",
            "l'intervalle de {low:money} à {high:money} contient 0",
        ),
        Reason.CHANCE_ABOVE: Sentence(
            "the interval from {low:money} to {high:money} lies above 0, but with {judged} {judged:contrast|contrasts}"
            " judged together one such result can be chance (adjusted p {p:n3}, above {limit:n2})",
            "l'intervalle de {low:money} à {high:money} est au-dessus de 0, mais avec {judged}"
            " {judged:comparaison jugée|comparaisons jugées} ensemble, un tel résultat peut être dû au hasard (p"
            " ajusté {p:n3}, supérieur à {limit:n2})",
        ),
        Reason.CHANCE_BELOW: Sentence(
            "the interval from {low:money} to {high:money} lies below 0, but with {judged} {judged:contrast|contrasts}"
            " judged together one such result can be chance (adjusted p {p:n3}, above {limit:n2})",
            "l'intervalle de {low:money} à {high:money} est au-dessous de 0, mais avec {judged}"
            " {judged:comparaison jugée|comparaisons jugées} ensemble, un tel résultat peut être dû au hasard (p"
            " ajusté {p:n3}, supérieur à {limit:n2})",
        ),
        Reason.HIDDEN_CAUSE: Sentence(
            "nothing was drawn at random, and a hidden cause no stronger than {feature}, the strongest feature"
            " observed, could bias the effect by {bias:money}: enough to reach 0 from {low:money} to {high:money}",
            "rien n'a été tiré au sort, et une cause cachée pas plus forte que {feature}, la variable observée la plus"
            " forte, pourrait biaiser l'effet de {bias:money} : assez pour que l'intervalle de {low:money} à"
            " {high:money} atteigne 0",
        ),
        Reason.ABOVE_COST: Sentence(
            "even the low end of {low:money} to {high:money} is above 0",
            "même la borne basse de l'intervalle, de {low:money} à {high:money}, est au-dessus de 0",
        ),
        Reason.BELOW_COST: Sentence(
            "even the high end of {low:money} to {high:money} is below 0",
            "même la borne haute de l'intervalle, de {low:money} à {high:money}, est au-dessous de 0",
        ),
        Reason.UNSEEN: Sentence(
            "nothing was drawn at random, and no check here can see a cause that the tables leave out: one that biases"
            " {times:n1} times as much as {feature}, the strongest feature observed, would undo this result",
            "rien n'a été tiré au sort, et aucun contrôle ne voit une cause absente des tables : si elle biaise"
            " {times:n1} fois autant que {feature}, la variable observée la plus forte, elle renverse ce résultat",
        ),
        Reason.UNSEEN_NO_MEASURE: Sentence(
            "nothing was drawn at random, and no check here can see a cause that the tables leave out; no feature"
            " observed drives both exposure and value, so nothing measures how strong one could be",
            "rien n'a été tiré au sort, et aucun contrôle ne voit une cause absente des tables ; aucune variable"
            " observée ne guide à la fois l'exposition et la valeur, rien ne mesure donc la force qu'elle pourrait"
            " avoir",
        ),
    }
)
"""Why a contrast got its verdict: nothing was spent, so its effect is held against 0."""

_WHOLE = Catalogue({"verdict": Sentence("{ruling}: {reasons}.", "{ruling} : {reasons}.")})


def reasons_in_words(verdict: Verdict, locale: Locale, *, contrast: bool = False) -> str:
    """Return the reasons of a verdict, one clause each."""
    return (CONTRAST_REASONS if contrast else REASONS).join(locale, verdict.reasons)


def sentence(verdict: Verdict, locale: Locale) -> str:
    """Return the verdict on an action and its reasons in one sentence."""
    ruling = RULINGS.say(locale, verdict.verdict)
    return capitalised(_WHOLE.say(locale, "verdict", ruling=ruling, reasons=reasons_in_words(verdict, locale)))
