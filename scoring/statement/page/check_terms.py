"""The words of the bridge and of the checks, each in plain words, in both languages."""

from __future__ import annotations

from ...pages.terms import term

__all__ = ["CHECK_TERMS"]

CHECK_TERMS = {
    "naive": term(
        "naive figure",
        "écart brut",
        ("naive figures?", "naive difference", "plain difference", "what a dashboard would say", "dashboard"),
        ("écart brut", "ce que dirait un tableau de bord", "tableau de bord"),
        (
            "The plain difference between customers who got the action and those who did not, as most dashboards show"
            " it. It mixes what the action did with who was chosen for it.",
            "La simple différence entre les clients qui ont reçu l'action et les autres, comme la montrent la plupart"
            " des tableaux de bord. Elle mêle ce que l'action a fait à qui a été choisi.",
        ),
    ),
    "selection": term(
        "selection",
        "sélection",
        ("selection",),
        ("sélection",),
        (
            "The part of the plain difference that was there before: loyal customers are chosen more often, and would"
            " have stayed anyway.",
            "La part de l'écart brut qui existait avant : les clients fidèles sont plus souvent choisis, et seraient"
            " restés de toute façon.",
        ),
    ),
    "regression": term(
        "regression to the mean",
        "retour à la moyenne",
        ("regression to the mean",),
        ("retour à la moyenne",),
        (
            "Whoever is picked at a bad moment recovers by himself to some degree, and whoever is picked at a good one"
            " falls back, with or without the action.",
            "Qui est choisi à un mauvais moment se redresse en partie de lui-même, et qui est choisi à un bon moment"
            " retombe, avec ou sans l'action.",
        ),
    ),
    "double": term(
        "double counting",
        "double comptage",
        ("double counting", "counted again"),
        ("double comptage",),
        (
            "An action may lead to later actions. Their gain is claimed again by those; without double counting it is"
            " given to one of them alone.",
            "Une action peut en entraîner d'autres, qui comptent à nouveau le même gain ; sans double comptage, il"
            " n'est attribué qu'une fois.",
        ),
    ),
    "path": term(
        "paths of an effect",
        "voies d'un effet",
        ("paths?",),
        ("voies?",),
        (
            "The ways in which an action changes value: customers stay, spend more, or cost less to serve. They add up"
            " to the effect.",
            "Les façons dont une action change la valeur : les clients restent, dépensent plus ou coûtent moins à"
            " servir. Leur somme est l'effet.",
        ),
    ),
    "placebo": term(
        "placebo",
        "placebo",
        ("placebo",),
        ("placebo",),
        (
            "The same comparison made on what happened before the decision. The action cannot have caused that, so a"
            " difference there shows that the groups were not alike.",
            "La même comparaison faite sur ce qui s'est passé avant la décision. L'action ne peut pas l'avoir causé :"
            " un écart y montre que les groupes ne se ressemblaient pas.",
        ),
    ),
    "forecast": term(
        "check of the forecast",
        "contrôle de la prévision",
        ("surrogate check", "correction of the forecast", "forecasts?"),
        ("contrôle de la prévision", "correction de la prévision", "prévisions?"),
        (
            "On decisions that are old enough, what was predicted is held against what came in. Where forecasts were"
            " wrong, the gain is corrected and its range gets wider.",
            "Sur les décisions assez anciennes, la prévision est comparée à ce qui est venu. Là où elle était fausse,"
            " le gain est corrigé et sa fourchette s'élargit.",
        ),
    ),
    "negative": term(
        "negative control",
        "contrôle négatif",
        ("negative control", "chosen but held out"),
        ("contrôle négatif", "choisis puis mis de côté"),
        (
            "Customers who were chosen and then not treated are compared with others like them. Nothing was done to"
            " them, so a difference shows that the choice itself looked at something the data do not hold.",
            "Des clients choisis puis non traités sont comparés à des clients semblables. Rien ne leur a été fait : un"
            " écart montre que le choix tenait compte de quelque chose que les données n'ont pas.",
        ),
    ),
    "random_treatment": term(
        "random treatments",
        "traitements fictifs",
        ("random treatments?",),
        ("traitements? fictifs?",),
        (
            "Made-up treatments drawn among customers who got nothing. They do nothing, so hardly any should look like"
            " an effect.",
            "Des traitements inventés, tirés au sort chez des clients qui n'ont rien reçu. Ils ne font rien : presque"
            " aucun ne devrait ressembler à un effet.",
        ),
    ),
    "seeds": term(
        "stability",
        "stabilité",
        ("seeds?", "stability"),
        ("selon le tirage", "stabilité"),
        (
            "The estimate is made again with other random draws of the computation. A sound figure hardly moves.",
            "L'estimation est refaite avec d'autres tirages du calcul. Un chiffre solide bouge à peine.",
        ),
    ),
    "equivalent": term(
        "effective controls",
        "témoins équivalents",
        ("effective controls?",),
        ("témoins équivalents?",),
        (
            "As how many equally telling untreated customers the comparison counts: few of them resemble the treated.",
            "À combien de témoins également instructifs équivaut la comparaison : peu ressemblent vraiment aux"
            " traités.",
        ),
    ),
    "counterpart": term(
        "counterpart",
        "homologue",
        ("counterpart",),
        ("homologue",),
        (
            "An untreated customer who was alike in the data. Treated customers without one cannot be compared.",
            "Un client non traité qui ressemblait au client traité dans les données. Sans homologue, pas de comparaison"
            " possible.",
        ),
    ),
    "imbalance": term(
        "imbalance and weighting",
        "déséquilibre et pondération",
        ("imbalance", "weighting"),
        ("déséquilibre", "pondération"),
        (
            "How much the two groups differ in what is known of them. Weighting counts customers more who resemble the"
            " other group, until the groups are alike.",
            "À quel point les deux groupes diffèrent dans ce qu'on sait d'eux. La pondération compte davantage les"
            " clients qui ressemblent à l'autre groupe, jusqu'à ce que les groupes se ressemblent.",
        ),
    ),
    "hidden": term(
        "hidden cause",
        "cause cachée",
        ("hidden cause",),
        ("cause cachée",),
        (
            "Something that the data do not hold and that drove both the choice and the outcome. The page says how"
            " strong it would have to be to undo the result.",
            "Une chose absente des données qui aurait guidé à la fois le choix et le résultat. La page dit quelle force"
            " il lui faudrait pour défaire le résultat.",
        ),
    ),
    "adjusted_p": term(
        "adjusted p",
        "p ajusté",
        ("adjusted p",),
        ("p ajusté",),
        (
            "How often chance alone would give a result like this one, with an allowance for judging several actions at"
            " once: the more are judged, the more often one looks good by luck.",
            "La fréquence à laquelle le hasard seul donnerait un tel résultat, en tenant compte du nombre d'actions"
            " jugées ensemble : plus il y en a, plus souvent l'une paraît bonne par chance.",
        ),
    ),
    "readings": term(
        "over all readings",
        "sur toutes les lectures",
        ("over all readings",),
        ("sur toutes les lectures", "toutes les lectures"),
        (
            "Whoever looks at a figure every month sees luck sooner or later. This wider range holds however often the"
            " statement is read.",
            "À force de regarder un chiffre chaque mois, on finit par voir de la chance. Cette fourchette plus large"
            " reste valable quel que soit le nombre de lectures.",
        ),
    ),
    "detectable": term(
        "smallest effect that would be found",
        "plus petit effet décelable",
        ("smallest effect that would be found",),
        ("plus petit effet décelable",),
        (
            "With so many customers, a smaller effect would often go unseen. What was not found may still be there.",
            "Avec ce nombre de clients, un effet plus petit passerait souvent inaperçu. Ce qui n'a pas été trouvé peut"
            " exister quand même.",
        ),
    ),
    "late": term(
        "late hazards",
        "risques tardifs",
        ("late hazards?",),
        ("risques tardifs",),
        (
            "How likely customers are to leave in months that nobody has observed yet.",
            "La probabilité que les clients partent au cours de mois que personne n'a encore observés.",
        ),
    ),
    "error": term(
        "standard error, standard deviation",
        "erreur type, écart type",
        ("standard errors?", "standard deviations?"),
        ("erreur type", "écarts? types?"),
        (
            "Measures of spread: how far a figure usually lies from the truth, or customers from their mean.",
            "Des mesures de dispersion : de combien un chiffre s'écarte d'ordinaire de la vérité, ou les clients de"
            " leur moyenne.",
        ),
    ),
}
"""Of the bridge, and of the checks."""
