"""The first screen in words, without jargon: what was spent, what it earned, what is proven, and what to decide."""

from __future__ import annotations

from ....core.messages import Catalogue, Sentence

__all__ = ["FIRST"]

FIRST = Catalogue(
    {
        "earned": Sentence(
            "{n} {n:action|actions} cost {cost:money0} and brought {gain:money0} of margin over {months}"
            " {months:month|months} that would not have come otherwise, of it {realised:money0} so far (95% interval:"
            " {low:money0} to {high:money0}){returned}{aside}.",
            "{n} {n:action a|actions ont} coûté {cost:money0} et apporté {gain:money0} de marge sur"
            " {months} mois qui ne seraient pas venus sans {n:elle|elles}, dont {realised:money0} à ce jour (intervalle"
            " à 95 % : de {low:money0} à {high:money0}){returned}{aside}.",
        ),
        "returned": Sentence(
            ": a return of {mid:percent} ({low:percent} to {high:percent})",
            " : un retour de {mid:percent} (de {low:percent} à {high:percent})",
        ),
        "aside": Sentence(
            "; left out are {cost:money0} spent on {names:words}, whose figures failed a check",
            " ; ne sont pas comptés {cost:money0} dépensés pour {names:words}, dont les chiffres n'ont pas passé un"
            " contrôle",
        ),
        "none_counted": Sentence(
            "{cost:money0} was spent on {names:words}, and none of these figures passed every check: nothing is claimed"
            " to have been earned.",
            "{cost:money0} ont été dépensés pour {names:words}, et aucun de ces chiffres n'a passé tous les contrôles :"
            " aucun gain n'est annoncé.",
        ),
        "no_action": Sentence(
            "No action could be judged, so neither spending nor gain is stated; what follows happened to customers"
            " without being decided as an action.",
            "Aucune action n'a pu être jugée : ni dépense ni gain ne sont donc annoncés ; la suite est arrivée aux"
            " clients sans être décidée comme une action.",
        ),
        "proven": Sentence("Proven: {parts:words}{open}.", "Prouvé : {parts:words}{open}."),
        "pays": Sentence(
            "{names:words} {n:earns|earn} more than {n:it costs|they cost}",
            "{names:words} {n:rapporte|rapportent} plus que {n:son coût|leur coût}",
        ),
        "loses": Sentence(
            "{names:words} {n:costs|cost} more than {n:it earns|they earn}",
            "{names:words} {n:coûte|coûtent} plus que {n:son gain|leur gain}",
        ),
        "open": Sentence(
            "; not proven either way: {names:words} ({share:percent} of the spending)",
            " ; rien n'est prouvé, ni dans un sens ni dans l'autre, pour {names:words} ({share:percent} des dépenses)",
        ),
        "nothing_proven": Sentence(
            "Nothing is proven yet: for {names:words} the figures allow a gain as well as a loss, or a check failed.",
            "Rien n'est encore prouvé : pour {names:words}, les chiffres permettent un gain comme une perte, ou un"
            " contrôle a échoué.",
        ),
        "shown": Sentence(
            "An effect is shown for {names:words}.",
            "Un effet est démontré pour {names:words}.",
        ),
        "none_shown": Sentence("No effect is shown.", "Aucun effet n'est démontré."),
        "decide": Sentence("To decide: {parts}.", "À décider : {parts}."),
        "keep": Sentence("go on with {names:words}", "poursuivre {names:words}"),
        "stop": Sentence("stop {names:words}", "arrêter {names:words}"),
        "test": Sentence(
            "before more money goes into {names:words}, hold out customers at random for {months}"
            " {months:month|months} at most, which risks {forgone:money0} and tells what {n:it is|they are} worth",
            "avant de dépenser plus pour {names:words}, garder des clients témoins tirés au sort, {months} mois au"
            " plus : cela risque {forgone:money0} et dit ce que {n:l'action vaut|les actions valent}",
        ),
        "choose": Sentence(
            "decide on {names:words} without waiting for proof, since no test within two years is likely to give one:"
            " {sides}",
            "trancher sur {names:words} sans attendre de preuve, car aucun test en moins de deux ans n'en donnerait"
            " sans doute une : {sides}",
        ),
        "lean_go": Sentence(
            "today's figures speak for {names:words}", "les chiffres d'aujourd'hui plaident pour {names:words}"
        ),
        "lean_stop": Sentence(
            "today's figures speak against {names:words}", "les chiffres d'aujourd'hui plaident contre {names:words}"
        ),
        "lean_both": Sentence(
            "today's figures speak for {names:words}, and against {others:words}",
            "les chiffres d'aujourd'hui plaident pour {names:words}, et contre {others:words}",
        ),
        "name": Sentence("{name}", "« {name} »"),
        "watch": Sentence(
            "go on with {names:words} and read again when more decisions are old enough",
            "poursuivre {names:words} et relire quand davantage de décisions seront assez anciennes",
        ),
        "nothing_to_decide": Sentence(
            "Nothing is to be decided on these figures alone.",
            "Ces chiffres seuls n'appellent aucune décision.",
        ),
        "picture": Sentence(
            "What each action cost, and what it brought ({money})",
            "Ce que chaque action a coûté, et ce qu'elle a apporté (en {money})",
        ),
        "legend_effect": Sentence("brought, with its 95% interval", "apporté, avec son intervalle à 95 %"),
        "cost": Sentence("cost", "coût"),
        "forest_label": Sentence(
            "Cost and gain of each action, with the interval of the gain",
            "Coût et gain de chaque action, avec l'intervalle du gain",
        ),
        "beside": Sentence("cost {cost:n0}, brought {gain:n0}", "coût {cost:n0}, apport {gain:n0}"),
        "all": Sentence("all together", "total"),
    }
)
"""Its three sentences, and the words of its picture."""
