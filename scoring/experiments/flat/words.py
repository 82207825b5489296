"""What is said of an experiment on a flat table, in English and French."""

from __future__ import annotations

from ....core.messages import Catalogue, Sentence

__all__ = ["CAUTIONS", "EXPERIMENT", "HOW"]

EXPERIMENT = Catalogue(
    {
        "title": Sentence("Experiment: {name:name}", "Expérience : {name:name}"),
        "customers": Sentence(
            "{n} {n:customer|customers} in {arms} arms: {sizes:words}",
            "{n} {n:client|clients} dans {arms} groupes : {sizes:words}",
        ),
        "size": Sentence("{arm:name} {n} (planned {planned:n0})", "{arm:name} {n} ({planned:n0} au plan)"),
        "split_holds": Sentence(
            "split: as planned (chi-square p {p})", "répartition : conforme au plan (khi-deux, p {p})"
        ),
        "split_fails": Sentence(
            "split: not the planned one (chi-square p {p}); do not believe what follows",
            "répartition : pas celle du plan (khi-deux, p {p}) ; ne croyez pas ce qui suit",
        ),
        "balance": Sentence(
            "balance: {n} {n:covariate column|covariate columns}, largest standardised difference {worst:n3}, together"
            " p {p}",
            "équilibre : {n} {n:colonne de covariables|colonnes de covariables}, plus grande différence standardisée"
            " {worst:n3}, ensemble p {p}",
        ),
        "no_covariates": Sentence("balance: no covariates to compare", "équilibre : aucune covariable à comparer"),
        "effect": Sentence(
            "{outcome:name}, {arm:name} against {control:name}: {mid} ({low} to {high}); {control:name} {base};"
            " {shown:coded}",
            "{outcome:name}, {arm:name} contre {control:name} : {mid} (de {low} à {high}) ; {control:name} {base} ;"
            " {shown:coded}",
        ),
        "effect_shown": Sentence("effect shown", "effet démontré"),
        "effect_not_shown": Sentence("no effect shown", "aucun effet démontré"),
        "together": Sentence(
            'intervals are 95% for each comparison alone; "shown" means over all {n} {n:comparison|comparisons}'
            " together",
            "intervalles à 95 % pour chaque comparaison seule ; « démontré » vaut pour {n:la comparaison|les"
            " comparaisons} ({n}) dans leur ensemble",
        ),
        "differs": Sentence(
            "{outcome:name}, {arm:name}: customers differ in the effect (AUTOC {mid}, {low} to {high}; p {p} among"
            " all comparisons)",
            "{outcome:name}, {arm:name} : l'effet varie d'un client à l'autre (AUTOC {mid}, de {low} à {high} ; p"
            " {p} parmi toutes les comparaisons)",
        ),
        "no_evidence": Sentence(
            "{outcome:name}, {arm:name}: no evidence that customers differ in the effect (AUTOC {mid}, {low} to"
            " {high})",
            "{outcome:name}, {arm:name} : rien n'indique que l'effet varie d'un client à l'autre (AUTOC {mid}, de {low}"
            " à {high})",
        ),
        "not_asked": Sentence(
            "differences between customers: not asked, an arm is too small or there are no covariates",
            "différences entre clients : non examinées, un groupe est trop petit ou il n'y a pas de covariables",
        ),
        "personal": Sentence(
            "advice: choose the arm by customer; on customers not learnt from this is worth {value} each ({low} to"
            " {high}), and more than every simpler rule",
            "conseil : choisir le groupe client par client ; sur des clients dont rien n'a été appris, cela vaut"
            " {value} par client (de {low} à {high}), plus que toute règle plus simple",
        ),
        "one_arm": Sentence(
            "advice: {arm:name} for everybody; a choice by customer is not shown to be worth more",
            "conseil : {arm:name} pour tous ; un choix client par client n'est pas démontré plus rentable",
        ),
        "nobody": Sentence(
            "advice: nothing for anybody yet; no arm's effect on {outcome:name} is shown to exceed its cost",
            "conseil : rien pour personne à ce stade ; aucun groupe n'a sur {outcome:name} un effet démontré supérieur"
            " à son coût",
        ),
        "refused": Sentence(
            "advice: none; the arms are not alike, find out which customers are missing first",
            "conseil : aucun ; les groupes ne sont pas comparables, cherchez d'abord quels clients manquent",
        ),
        "no_rule": Sentence(
            "advice: none asked; name an outcome and what one unit of it is worth under rule:",
            "conseil : aucun demandé ; indiquez un résultat et ce que vaut une unité sous rule:",
        ),
        "files": Sentence("written: {page}, with its tables beside it", "écrit : {page}, avec ses tables à côté"),
        "caution": Sentence("read with care: {text}", "à lire avec prudence : {text}"),
        "points": Sentence("{value} points", "{value} points"),
        "to": Sentence("{low} to {high}", "de {low} à {high}"),
        "head": Sentence(
            "{n} {n:customer|customers}, one row each; control: {control:name}. Chance decided the arms. All intervals"
            " are 95%.",
            "{n} {n:client|clients}, une ligne chacun ; témoin : {control:name}. Le hasard a décidé des groupes. Tous"
            " les intervalles sont à 95 %.",
        ),
        "care": Sentence("Read with care", "À lire avec prudence"),
        "effects": Sentence("Average effects", "Effets moyens"),
        "outcome": Sentence("outcome", "résultat"),
        "arm": Sentence("arm", "groupe"),
        "level": Sentence("control", "témoin"),
        "mid": Sentence("effect", "effet"),
        "plain": Sentence("difference in means", "écart des moyennes"),
        "p": Sentence("p, all together", "p, ensemble"),
        "verdict": Sentence("verdict", "verdict"),
        "shown": Sentence("effect shown", "effet démontré"),
        "not_shown": Sentence("not shown", "non démontré"),
        "not_believed": Sentence("arms not alike", "groupes non comparables"),
        "capped": Sentence("capped at {cap}: {mid} ({low} to {high})", "plafonné à {cap} : {mid} (de {low} à {high})"),
        "forest": Sentence("{outcome:name}: effect of each arm", "{outcome:name} : effet de chaque groupe"),
        "forest_label": Sentence("Effects with intervals", "Effets avec intervalles"),
        "legend_effect": Sentence("adjusted effect, 95% interval", "effet ajusté, intervalle à 95 %"),
        "legend_naive": Sentence("difference in means", "écart des moyennes"),
        "cost": Sentence("cost", "coût"),
        "customers_by_arm": Sentence("Customers by arm", "Clients par groupe"),
        "came": Sentence("came", "constatés"),
        "planned": Sentence("planned", "prévus"),
        "balance_title": Sentence(
            "Balance: what was known before, arm against control",
            "Équilibre : ce qui était connu avant, groupe contre témoin",
        ),
        "covariate": Sentence("covariate", "covariable"),
        "in_arm": Sentence("in the arm", "dans le groupe"),
        "in_control": Sentence("in the control", "chez les témoins"),
        "apart": Sentence("standardised difference", "différence standardisée"),
        "differences": Sentence("Do customers differ in the effect?", "L'effet varie-t-il d'un client à l'autre ?"),
        "evidence": Sentence("customers differ", "il varie"),
        "no_evidence_cell": Sentence("no evidence", "rien ne l'indique"),
        "rule": Sentence(
            "Whom to give what: money a customer, on {n} customers not learnt from",
            "À qui donner quoi : argent par client, sur {n} clients dont rien n'a été appris",
        ),
        "rule_name": Sentence("rule", "règle"),
        "rule_personal": Sentence("by customer", "client par client"),
        "rule_one_arm": Sentence("{arm:name} for everybody", "{arm:name} pour tous"),
        "rule_nobody": Sentence("nothing for anybody", "rien pour personne"),
        "treated": Sentence("treated", "traités"),
        "worth": Sentence("net value", "valeur nette"),
        "lead": Sentence("lead of the choice by customer", "avance du choix client par client"),
        "notes": Sentence("Left out or assumed", "Écarté ou supposé"),
        "how": Sentence("How to read this", "Comment lire cette page"),
    }
)
"""Lines, headings and cells."""

CAUTIONS = Catalogue(
    {
        "split": Sentence(
            "the split is not the planned one (p {p}): customers were lost or added in one arm, so the arms are not"
            " alike and no effect can be read; find the missing rows, or correct shares:",
            "la répartition n'est pas celle du plan (p {p}) : des clients manquent ou s'ajoutent dans un groupe, les"
            " groupes ne sont donc pas comparables et aucun effet ne se lit ; cherchez les lignes manquantes, ou"
            " corrigez shares:",
        ),
        "moved": Sentence(
            "the shares moved over time (p {p}): what changed with time looks like an effect; bring each customer's"
            " chance as propensity:",
            "les parts ont bougé au fil du temps (p {p}) : ce qui change avec le temps ressemble à un effet ; apportez"
            " la probabilité de chaque client sous propensity:",
        ),
        "unbalanced": Sentence(
            "what was known before differs between the arms (p {p}, largest standardised difference {worst:n2}): either"
            " a covariate was written after the assignment (drop it), or chance did not decide",
            "ce qui était connu avant diffère entre les groupes (p {p}, plus grande différence standardisée {worst:n2})"
            " : soit une covariable a été écrite après l'affectation (écartez-la avec drop:), soit le hasard n'a pas"
            " décidé",
        ),
        "missing": Sentence(
            "{outcome:name}: {n} {n:customer|customers} ({share:percent1}) without a value left out, about as many in"
            " each arm (p {p})",
            "{outcome:name} : {n} {n:client écarté|clients écartés} ({share:percent1}) faute de valeur, à peu près"
            " autant dans chaque groupe (p {p})",
        ),
        "missing_apart": Sentence(
            "{outcome:name}: {n} {n:customer|customers} ({share:percent1}) have no value, and not equally often in each"
            " arm (p {p}): the effect compares customers who are not alike",
            "{outcome:name} : {n} {n:client|clients} ({share:percent1}) sans valeur, et pas aussi souvent dans chaque"
            " groupe (p {p}) : l'effet compare des clients qui ne se ressemblent pas",
        ),
        "rare": Sentence(
            "{outcome:name}: an arm has {n} {n:customer|customers} with the rarer answer; the interval is rough",
            "{outcome:name} : un groupe compte {n} {n:client|clients} avec la réponse la plus rare ; l'intervalle est"
            " approximatif",
        ),
        "heavy": Sentence(
            "{outcome:name}: a few customers carry the mean; its interval would need some {needed} customers an arm,"
            " there are {n}; the mean of values capped at {cap:n0} stands beside",
            "{outcome:name} : quelques clients portent la moyenne ; son intervalle demanderait environ {needed} clients"
            " par groupe, il y en a {n} ; la moyenne des valeurs plafonnées à {cap:n0} figure à côté",
        ),
        "plain": Sentence(
            "{outcome:name}: not adjusted, there are no covariates or an arm is too small; the effect is the difference"
            " in means",
            "{outcome:name} : non ajusté, faute de covariables ou parce qu'un groupe est trop petit ; l'effet est"
            " l'écart des moyennes",
        ),
        "few_to_rank": Sentence(
            "{outcome:name}: differences between customers are not asked, an arm has fewer than {least} customers",
            "{outcome:name} : les différences entre clients ne sont pas examinées, un groupe compte moins de {least}"
            " clients",
        ),
        "no_costs": Sentence(
            "no arm has a cost: the rule takes every arm as free; say costs:",
            "aucun groupe n'a de coût : la règle les tient tous pour gratuits ; indiquez costs:",
        ),
        "equal_shares": Sentence(
            "no planned shares are given: {n} equal ones are assumed", "aucune part prévue : {n} parts égales supposées"
        ),
        "all_others": Sentence(
            "adjusted for all other columns of the table: {columns:names}; one that was written after the assignment"
            " hides a part of the effect, name it under drop:",
            "ajusté de toutes les autres colonnes de la table : {columns:names} ; celle qui a été écrite après"
            " l'affectation cache une partie de l'effet, nommez-la sous drop:",
        ),
        "without_arm": Sentence(
            "{n} {n:row|rows} without '{column}' left out",
            "{n} {n:ligne écartée|lignes écartées} faute de « {column} »",
        ),
        "own_number": Sentence(
            "'{column}' is no covariate: a number of its own in each row",
            "« {column} » n'est pas une covariable : un nombre propre à chaque ligne",
        ),
        "levels": Sentence(
            "'{column}' is no covariate: a text with {n} different values",
            "« {column} » n'est pas une covariable : un texte à {n} valeurs différentes",
        ),
        "one_value": Sentence(
            "'{column}' is no covariate: one value in every row",
            "« {column} » n'est pas une covariable : une seule valeur",
        ),
        "empty": Sentence(
            "'{column}' is no covariate: it is empty", "« {column} » n'est pas une covariable : elle est vide"
        ),
    }
)
"""What a reader has to know, and what was left out or assumed."""

HOW = Catalogue(
    {
        "effect": Sentence(
            "The effect is the difference that being put into the arm makes to the average customer of the experiment."
            " It is adjusted for the covariates by predictions from other customers; the plain difference in means"
            " stands beside it.",
            "L'effet est la différence que l'affectation au groupe fait pour le client moyen de l'expérience. Il est"
            " ajusté des covariables par des prédictions tirées d'autres clients ; le simple écart des moyennes figure"
            " à côté.",
        ),
        "together": Sentence(
            'Each interval holds by itself. The more comparisons, the likelier one looks good by chance: "effect'
            ' shown" is said only if it stands among all of them together, at 5%.',
            "Chaque intervalle vaut pour lui seul. Plus il y a de comparaisons, plus l'une paraît bonne par hasard :"
            " « effet démontré » n'est dit que s'il résiste parmi toutes, au seuil de 5 %.",
        ),
        "split": Sentence(
            "If fewer customers came in an arm than planned, those who are missing are seldom like the others. Such an"
            " experiment is not read, whatever it shows.",
            "S'il manque des clients dans un groupe par rapport au plan, ceux qui manquent ressemblent rarement aux"
            " autres. Une telle expérience ne se lit pas, quoi qu'elle montre.",
        ),
        "differences": Sentence(
            "AUTOC says by how much those ranked first gain more than the average, over all lengths of the list; QINI"
            " weighs long lists more. The ranking was learnt from other customers. No evidence is no proof that all"
            " customers are alike.",
            "L'AUTOC dit de combien les clients classés en tête gagnent plus que la moyenne, sur toutes les longueurs"
            " de liste ; le QINI pèse davantage les longues listes. Le classement a été appris sur d'autres clients."
            " Ne rien trouver ne prouve pas que tous se ressemblent.",
        ),
        "rule": Sentence(
            "The value of a rule is read off customers that it did not learn from, costs taken off, against giving"
            " nobody anything. A choice by customer is advised only if it is shown to beat every simpler rule.",
            "La valeur d'une règle se lit sur des clients dont elle n'a rien appris, coûts déduits, par rapport à ne"
            " rien donner à personne. Un choix client par client n'est conseillé que s'il est démontré meilleur que"
            " toute règle plus simple.",
        ),
    }
)
"""How to read the page."""
