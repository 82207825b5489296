"""The words of the statement that a reader without statistics may ask about, each in plain words, in both languages."""

from __future__ import annotations

from ...pages.terms import Glossary, term
from .check_terms import CHECK_TERMS

__all__ = ["TERMS"]


_MONEY = {
    "gain": term(
        "gain (incremental value)",
        "gain (valeur client incrémentale)",
        ("incremental CLV", "incremental value", "margin gained", "gains?"),
        ("valeur client incrémentale", "marge gagnée", "gains?"),
        (
            "The margin that came, or is expected, because of an action and would not have come without it. It is"
            " counted for each treated customer over a fixed number of months, and later money counts a little less"
            " than money today.",
            "La marge reçue, ou attendue, grâce à une action et qui ne serait pas venue sans elle. Elle est comptée"
            " pour chaque client traité sur un nombre fixe de mois ; l'argent de plus tard compte un peu moins que"
            " celui d'aujourd'hui.",
        ),
    ),
    "clv": term(
        "customer value (CLV)",
        "valeur client",
        ("CLV model", "CLV", "customer's value"),
        ("modèle de valeur client", "valeur d'un client"),
        (
            "The margin a customer brings over a fixed number of months: payments less the cost of serving them. What"
            " has not come yet is predicted by a model that learns from customers who were there longer.",
            "La marge qu'un client apporte sur un nombre fixe de mois : ses paiements moins le coût de son service. Ce"
            " qui n'est pas encore venu est prédit par un modèle qui apprend des clients présents depuis plus"
            " longtemps.",
        ),
    ),
    "returned": term(
        "return",
        "retour sur investissement",
        ("returns?",),
        ("retour sur investissement", "retours?"),
        (
            "(Gain − cost) / cost. At 0% the money came back and no more; at 100% each unit spent came back and brought"
            " one more; below 0% some of it is lost.",
            "(Gain − coût) / coût. À 0 %, l'argent est revenu, sans plus ; à 100 %, chaque euro dépensé est revenu et"
            " en a rapporté un autre ; sous 0 %, une partie est perdue.",
        ),
    ),
    "paid_back": term(
        "paid back",
        "amorti",
        ("paid back", "payback"),
        ("amorti",),
        (
            "The first month after the decision by whose end the action has brought as much as it cost.",
            "Le premier mois après la décision à la fin duquel l'action a rapporté ce qu'elle a coûté.",
        ),
    ),
    "realised": term(
        "realised and predicted",
        "réalisé et prédit",
        ("realised", "predicted", "came in so far", "came in", "still expected"),
        ("réalisée?s?", "prédite?", "déjà encaissée?", "encaissée?", "encore attendue?"),
        (
            "Realised is what came in within the follow-up of each decision. Predicted is the rest up to the horizon:"
            " it is a forecast, and older decisions show how far such forecasts held.",
            "Le réalisé est ce qui est venu pendant le suivi de chaque décision. Le prédit est le reste jusqu'à"
            " l'horizon : c'est une prévision, et les décisions plus anciennes montrent à quel point elles ont été"
            " justes.",
        ),
    ),
    "follow_up": term(
        "follow-up",
        "suivi",
        ("follow-up",),
        ("jours de suivi", "suivi"),
        (
            "The days after a decision over which every customer is watched in the same way. A younger decision cannot"
            " be judged yet.",
            "Les jours qui suivent une décision et pendant lesquels chaque client est observé de la même façon. Une"
            " décision plus récente ne peut pas encore être jugée.",
        ),
    ),
    "initiative": term(
        "initiative",
        "initiative",
        ("initiatives?",),
        ("initiatives?",),
        (
            "A programme of the business to which actions and shared costs belong, such as coaching agents.",
            "Un programme de l'entreprise auquel appartiennent des actions et des coûts communs, comme la formation des"
            " conseillers.",
        ),
    ),
    "winning": term(
        "cost of winning a customer",
        "coût d'acquisition",
        ("cost of winning a customer", "winning a customer", "acquisition cost"),
        ("coût d'acquisition d'un client", "coût d'acquisition", "conquérir un client"),
        (
            "What was spent to win the new customers of the period, divided by their number.",
            "Ce qui a été dépensé pour gagner les nouveaux clients de la période, divisé par leur nombre.",
        ),
    ),
    "keeping": term(
        "cost of a customer really kept",
        "coût d'un client réellement gardé",
        ("cost of a customer really (?:retained|kept)", "keeping one", "really kept", "really won back"),
        (
            "coût d'un client réellement (?:fidélisé|gardé)",
            "garder un client",
            "réellement gardé",
            "réellement reconquis",
        ),
        (
            "What the action cost divided by the customers who stayed because of it. Those who would have stayed anyway"
            " are not counted.",
            "Ce que l'action a coûté, divisé par le nombre de clients restés grâce à elle. Ceux qui seraient restés de"
            " toute façon ne comptent pas.",
        ),
    ),
}

_PROOF = {
    "interval": term(
        "95% interval",
        "intervalle à 95 %",
        ("95% intervals?", "intervals?", "range"),
        ("intervalles? à 95 %", "intervalles?", "fourchette"),
        (
            "The range in which the true figure lies unless chance was unkind: ranges made this way miss it about once"
            " in twenty times. Where it holds both a gain and a loss, nothing is proven.",
            "La fourchette où se trouve le vrai chiffre, sauf hasard contraire : faite ainsi, une fourchette le manque"
            " environ une fois sur vingt. Si elle contient à la fois un gain et une perte, rien n'est prouvé.",
        ),
    ),
    "verdict": term(
        "verdict: pays, loses, not proven",
        "verdict : rentable, à perte, non prouvé",
        ("verdicts?", "not proven", "proven", "pays", "loses"),
        ("verdicts?", "non prouvée?s?", "prouvée?s?", "rentables?", "à perte"),
        (
            "Pays: even the low end of the range is above the cost, and no check failed. Loses: even the high end is"
            " below it. Not proven: the figures allow both, or a check failed. It is no synonym of useless.",
            "Rentable : même le bas de la fourchette dépasse le coût, et aucun contrôle n'a échoué. À perte : même le"
            " haut reste en dessous. Non prouvé : les chiffres permettent les deux, ou un contrôle a échoué. Cela ne"
            " veut pas dire inutile.",
        ),
    ),
    "chance": term(
        "chance that it pays",
        "chances d'être rentable",
        ("likely to pay",),
        ("de chances",),
        (
            "How likely it is, from these figures, that the action brings more than it costs.",
            "La probabilité, d'après ces chiffres, que l'action rapporte plus qu'elle ne coûte.",
        ),
    ),
    "treated": term(
        "treated",
        "traités",
        ("treated",),
        ("clients? traités?", "traités?"),
        (
            "Customers to whom the action was offered, whether they accepted or not.",
            "Les clients à qui l'action a été proposée, qu'ils l'aient acceptée ou non.",
        ),
    ),
    "controls": term(
        "held out, controls",
        "témoins",
        ("held[- ]out at random", "held[- ]out", "hold out", "controls?", "left out at random"),
        ("témoins tirés au sort", "clients témoins", "témoins?"),
        (
            "Customers who could have been offered the action and were not. They show what would have happened anyway.",
            "Des clients à qui l'action aurait pu être proposée et ne l'a pas été. Ils montrent ce qui se serait passé"
            " de toute façon.",
        ),
    ),
    "randomised": term(
        "randomised",
        "tirage au sort",
        ("randomised", "at random"),
        ("tirage au sort", "tirée?s? au sort"),
        (
            "Chance decided who was offered the action and who was not. Both groups are alike in everything else, so a"
            " difference between them is due to the action.",
            "Le hasard a décidé à qui l'action était proposée. Les deux groupes se ressemblent pour tout le reste : un"
            " écart entre eux vient donc de l'action.",
        ),
    ),
    "observational": term(
        "observational",
        "étude observationnelle",
        ("observational",),
        ("étude observationnelle", "observationnelles?", "observationnel"),
        (
            "People or rules chose who was offered the action. The treated are compared with customers who looked alike"
            " in the data at the same moment; what the data do not show can still mislead.",
            "Des personnes ou des règles ont choisi à qui proposer l'action. Les traités sont comparés à des clients"
            " qui leur ressemblaient dans les données au même moment ; ce que les données ne montrent pas peut encore"
            " tromper.",
        ),
    ),
    "assignment": term(
        "assignment",
        "affectation",
        ("assignment",),
        ("affectations?",),
        (
            "Who decided which customers get the action: chance, or people and rules.",
            "Ce qui a décidé quels clients reçoivent l'action : le hasard, ou des personnes et des règles.",
        ),
    ),
    "contrast": term(
        "contrast",
        "comparaison",
        ("contrasts?",),
        ("comparaison",),
        (
            "Something that happened to customers without being decided as an action, such as a quick answer. Those to"
            " whom it happened are compared with similar ones.",
            "Une chose arrivée à des clients sans être décidée comme une action, par exemple une réponse rapide. Ceux à"
            " qui elle est arrivée sont comparés à des clients semblables.",
        ),
    ),
    "effect": term(
        "effect",
        "effet",
        ("effects?",),
        ("effets?",),
        (
            "The difference that something made: what happened less what would have happened without it.",
            "La différence due à une chose : ce qui s'est passé moins ce qui se serait passé sans elle.",
        ),
    ),
    "cut": term(
        "cut of a list",
        "limite d'une liste",
        ("cut of (?:the|a|its) lists?", "at the cut"),
        ("limite d(?:es|'une) listes?", "à la limite"),
        (
            "The place in a ranked list where the budget ends. Customers just above and just below it are nearly"
            " alike.",
            "L'endroit d'une liste classée où le budget s'arrête. Les clients juste au-dessus et juste au-dessous se"
            " ressemblent presque.",
        ),
    ),
}

TERMS = Glossary({**_MONEY, **_PROOF, **CHECK_TERMS})
"""The glossary of the page."""
