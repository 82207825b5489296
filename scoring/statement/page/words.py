"""The words of the statement's page, in English and French."""

from __future__ import annotations

from ....core.messages import Catalogue, Sentence

__all__ = ["CHECKS", "HOW_TO_READ", "MONEY", "PAGE", "PICTURES"]

PAGE = Catalogue(
    {
        "title": Sentence("What service earned: {business}", "Ce que le service client a rapporté : {business}"),
        "period": Sentence("Decisions from {since:date} to {until:date}", "Décisions du {since:date} au {until:date}"),
        "head": Sentence(
            "Data until {data_until:date}; value over {months} {months:month|months} in {money}; CLV model version"
            " {version}. All intervals are 95%.",
            "Données jusqu'au {data_until:date} ; valeur sur {months} mois en {money} ; modèle de valeur client,"
            " version {version}. Tous les intervalles sont à 95 %.",
        ),
        "care": Sentence("Read with care", "À lire avec prudence"),
        "contents": Sentence("On this page", "Sur cette page"),
        "by_action": Sentence("Action by action", "Action par action"),
        "by_initiative": Sentence("By initiative", "Par initiative"),
        "in_detail": Sentence("Each action in detail", "Chaque action en détail"),
        "beyond": Sentence("Beyond actions", "Au-delà des actions"),
        "at_the_cut": Sentence("At the cut of the lists", "À la limite des listes"),
        "terms": Sentence("What the words mean", "Ce que veulent dire les mots"),
        "own_care": Sentence("Read with care:", "À lire avec prudence :"),
        "overview": Sentence("At a glance ({money})", "Vue d'ensemble (en {money})"),
        "action": Sentence("action", "action"),
        "verdict": Sentence("verdict", "verdict"),
        "treated": Sentence("treated", "traités"),
        "cost": Sentence("cost", "coût"),
        "gain": Sentence("incremental CLV", "valeur client incrémentale"),
        "return": Sentence("return", "retour"),
        "paid_back": Sentence("paid back", "amorti"),
        "naive": Sentence("naive figure", "écart brut"),
        "assignment": Sentence("assignment", "affectation"),
        "randomised": Sentence("randomised", "tirage au sort"),
        "observational": Sentence("observational", "observationnelle"),
        "in_month": Sentence("month {month:n0}", "mois {month:n0}"),
        "no": Sentence("no", "non"),
        "to": Sentence("{low} to {high}", "de {low} à {high}"),
        "chance": Sentence("{chance} likely to pay", "rentable : {chance} de chances"),
        "chance_refused": Sentence(
            "check failed; corrected, {chance} likely to pay",
            "contrôle échoué ; corrigé, rentable : {chance} de chances",
        ),
        "under": Sentence("under {chance:percent}", "moins de {chance:percent}"),
        "over": Sentence("over {chance:percent}", "plus de {chance:percent}"),
        "left_out_of_totals": Sentence(
            "Left out of these totals, cost and effect, because a check failed: {parts:words}.",
            "Hors de ces totaux, coût et effet, car un contrôle a échoué : {parts:words}.",
        ),
        "left_out_part": Sentence(
            "{name} (cost {cost:money0}, estimate {gain:money0})",
            "{name} (coût {cost:money0}, estimation {gain:money0})",
        ),
        "totals": Sentence("By initiative, and all together ({money})", "Par initiative, et au total (en {money})"),
        "initiative": Sentence("initiative", "initiative"),
        "actions_cost": Sentence("actions' own cost", "coût propre des actions"),
        "realised": Sentence("of it realised", "dont réalisée"),
        "single_count": Sentence("return without double counting", "retour sans double comptage"),
        "without_initiative": Sentence("without initiative", "sans initiative"),
        "all": Sentence("all", "total"),
        "salaries": Sentence("salaries", "salaires"),
        "tools": Sentence("tools", "outils"),
        "training": Sentence("training", "formation"),
        "licences": Sentence("licences", "licences"),
        "integration": Sentence("integration", "intégration"),
        "maintenance": Sentence("maintenance", "maintenance"),
        "other": Sentence("other", "autres"),
        "cuts": Sentence(
            "At the cut of the lists: one more customer ({money})",
            "À la limite des listes : un client de plus (en {money})",
        ),
        "cuts_note": Sentence(
            "Customers just above and just below the cut of a list are alike, so the jump of their value there is an"
            " effect, without a holdout. It speaks for customers at the cut alone: “pays” says that a longer list would"
            " pay, “loses” that the list goes too far.",
            "Les clients juste au-dessus et juste au-dessous de la limite d'une liste se ressemblent : le saut de leur"
            " valeur y est un effet, sans témoins tirés au sort. Il ne vaut que pour les clients à la limite :"
            " « rentable » veut dire qu'une liste plus longue le serait, « à perte » que la liste va trop loin.",
        ),
        "at_cut": Sentence("effect at the cut", "effet à la limite"),
        "above_below": Sentence("just above, just below", "juste au-dessus, juste au-dessous"),
        "one_costs": Sentence("cost of one offer", "coût d'une offre"),
        "moved": Sentence("share whom the cut moved", "part déplacée par la limite"),
        "bunched": Sentence("scores bunch at the cut", "les scores s'accumulent à la limite"),
        "pair": Sentence("{right:n0}, {left:n0}", "{right:n0}, {left:n0}"),
        "contrasts": Sentence(
            "Beyond actions: what else moves value ({money})",
            "Au-delà des actions : ce qui fait aussi varier la valeur (en {money})",
        ),
        "contrasts_note": Sentence(
            "Nobody decided these at random, so all of it is observational: similar customers at the same moment,"
            " whatever they did later. No cost is known, so no return is claimed.",
            "Rien de tout cela n'a été tiré au sort, tout est donc observationnel : des clients semblables au même"
            " moment, quoi qu'ils aient fait ensuite. Aucun coût n'est connu, aucun retour n'est donc annoncé.",
        ),
        "contrast": Sentence("contrast", "comparaison"),
        "effect": Sentence("effect", "effet"),
        "happened_to": Sentence("it happened to", "clients concernés"),
        "compared_with": Sentence("compared with", "comparés à"),
        "change": Sentence("change of a customer's value", "variation de la valeur d'un client"),
        "naive_difference": Sentence("naive difference", "écart brut"),
        "section": Sentence("{name}: {verdict}", "{name} : {verdict}"),
        "late": Sentence(
            "{n} further {n:decision is|decisions are} too recent to judge: {n:its|their} {days} days of follow-up are"
            " not over.",
            "{n} {n:autre décision est trop récente pour être jugée : ses|autres décisions sont trop récentes pour"
            " être jugées : leurs} {days} jours de suivi ne sont pas écoulés.",
        ),
        "money": Sentence("What finance asks for ({money})", "Ce que demande la finance (en {money})"),
        "figure": Sentence("figure", "grandeur"),
        "value": Sentence("value", "valeur"),
        "checks": Sentence("What could refute it", "Ce qui pourrait réfuter l'estimation"),
        "check": Sentence("check", "contrôle"),
        "checks_caption": Sentence(
            "Checks by assignment; money in {money}, 95% intervals",
            "Contrôles par affectation ; montants en {money}, intervalles à 95 %",
        ),
        "left_out": Sentence("Not estimated", "Non estimé"),
        "left_out_line": Sentence("{name}: ", "{name} : "),
        "how": Sentence("How to read this", "Comment lire cette page"),
    }
)
"""Headings, columns and the sentences between them."""

HOW_TO_READ = Catalogue(
    {
        "gain": Sentence(
            "Incremental CLV is the discounted margin over {months} {months:month|months} that being offered the action"
            " caused. It is compared with not being offered it at that moment, everything else taking its natural"
            " course.",
            "La valeur client incrémentale est la marge actualisée sur {months} mois que la proposition de l'action a"
            " causée. Elle est comparée à l'absence de proposition à ce moment-là, tout le reste suivant son cours"
            " naturel.",
        ),
        "return": Sentence(
            "The action's own cost is taken off once, in the return: (gain − cost) / cost.",
            "Le coût propre de l'action est déduit une seule fois, dans le retour : (gain − coût) / coût.",
        ),
        "realised": Sentence(
            "What was realised so far is money that came in; the rest is predicted.",
            "La part réalisée est de l'argent déjà encaissé ; le reste est prédit.",
        ),
        "paths": Sentence(
            "The paths add up to the effect: a customer who stays counts under retention, net of the service they"
            " need.",
            "Les voies s'additionnent pour donner l'effet : un client qui reste compte dans la fidélisation, net du"
            " service qu'il demande.",
        ),
        "naive": Sentence(
            "The naive figure is the plain difference to untreated customers; it mixes the effect with who was chosen.",
            "L'écart brut est la simple différence avec les clients non traités : il mêle l'effet au choix.",
        ),
        "randomised": Sentence(
            "Randomised: compared with customers held out at random.",
            "Tirage au sort : comparaison avec des clients témoins tirés au sort.",
        ),
        "observational": Sentence(
            "Observational: adjusted for what the tables show; it still assumes that nothing else drove the choice.",
            "Observationnelle : corrigée de tout ce que montrent les tables ; elle suppose encore que rien d'autre n'a"
            " guidé le choix.",
        ),
        "hidden": Sentence(
            "The strength of a hidden cause is a measure, not a finding. It compares what would be needed with what the"
            " tables show; a cause that they leave out can be stronger, and no check of them would tell.",
            "La force d'une cause cachée est une mesure, pas un constat. Elle compare ce qu'il faudrait à ce que"
            " montrent les tables ; une cause qui en est absente peut être plus forte, et aucun contrôle ne le dirait.",
        ),
        "surrogate": Sentence(
            "Value after the first {days} days is predicted from the customer's state. Older decisions, for which more"
            " of it came in, correct the effect, and widen its interval, as far as they show forecasts to be wrong.",
            "La valeur au-delà des {days} premiers jours est prédite à partir de l'état du client. Les décisions plus"
            " anciennes, dont la valeur est en partie connue, corrigent l'effet et élargissent son intervalle, dans la"
            " mesure où elles montrent toutes ensemble que les prévisions se trompent.",
        ),
        "late_hazard": Sentence(
            "The line on late hazards stresses it further: beyond what was observed, customers may leave more or less.",
            "La ligne des risques tardifs la met davantage à l'épreuve : au-delà de ce qui a été observé, les clients"
            " peuvent partir plus ou moins.",
        ),
        "always": Sentence(
            "A statement that is read again and again finds an effect by luck sooner or later. The interval over all"
            " readings allows for that, as long as --since stays the same and decisions only come in.",
            "À force de relire un bilan, on finit par trouver un effet par hasard. L'intervalle sur toutes les lectures"
            " en tient compte, tant que --since reste le même et que les décisions ne font que s'ajouter.",
        ),
        "verdict": Sentence(
            "A verdict is given only where the interval of the net value excludes 0 and the checks hold.",
            "Un verdict n'est rendu que si l'intervalle de la valeur nette exclut 0 et si les contrôles sont passés.",
        ),
    }
)
"""How the page is read, one thought a line."""

MONEY = Catalogue(
    {
        "cost": Sentence("cost", "coût"),
        "cost_parts": Sentence("{cost} ({parts})", "{cost} ({parts})"),
        "part": Sentence("{item} {money:n0}", "{item} {money:n0}"),
        "own": Sentence("own cost", "coût propre"),
        "nothing": Sentence("nothing", "rien"),
        "return": Sentence("return", "retour"),
        "paid_back": Sentence("paid back, by the estimate", "amorti, selon l'estimation"),
        "in_month": Sentence("in month {month:n0}", "au mois {month:n0}"),
        "not_within": Sentence("not within {months} {months:month|months}", "pas en {months} mois"),
        "retained": Sentence("more customers after {days} days", "clients de plus après {days} jours"),
        "per_retained": Sentence("cost of a customer really retained", "coût d'un client réellement fidélisé"),
        "nobody_retained": Sentence(
            "no customer retained, as far as the estimate tells", "aucun client fidélisé, selon l'estimation"
        ),
        "perhaps_nobody": Sentence(
            "no upper end: perhaps nobody was retained", "pas de borne haute : peut-être aucun client fidélisé"
        ),
        "won_back": Sentence("more customers back after {days} days", "clients revenus de plus après {days} jours"),
        "per_won_back": Sentence("cost of a customer really won back", "coût d'un client réellement reconquis"),
        "nobody_won_back": Sentence(
            "no customer won back, as far as the estimate tells", "aucun client reconquis, selon l'estimation"
        ),
        "open_end_won_back": Sentence(
            "{mid} (from {low}; no upper end: perhaps nobody was won back)",
            "{mid} (à partir de {low} ; pas de borne haute : peut-être aucun client reconquis)",
        ),
        "acquired": Sentence("cost of winning a customer", "coût d'acquisition d'un client"),
        "referral": Sentence(
            "customers brought by the treated because of it", "clients amenés par les traités grâce à l'action"
        ),
        "referral_value": Sentence("{range}; not in the value", "{range} ; hors de la valeur"),
        "full": Sentence(
            "realised over all {months} {months:month|months}", "réalisée sur la totalité des {months} mois"
        ),
        "full_value": Sentence("{range} on {n} {n:decision|decisions}", "{range} sur {n} {n:décision|décisions}"),
        "full_unknown": Sentence(
            "{n} {n:decision is|decisions are} old enough, too few",
            "{n} {n:décision assez ancienne|décisions assez anciennes}, trop peu",
        ),
        "unknown": Sentence("not known", "inconnu"),
        "around": Sentence("{mid} ({low} to {high})", "{mid} (de {low} à {high})"),
        "around_open": Sentence("{mid} ({low} to {high})", "{mid} (de {low} à {high})"),
        "open_end": Sentence(
            "{mid} (from {low}; no upper end: perhaps nobody was retained)",
            "{mid} (à partir de {low} ; pas de borne haute : peut-être aucun client fidélisé)",
        ),
    }
)
"""The facts that finance asks for."""

CHECKS = Catalogue(
    {
        "arms": Sentence("treated / control", "traités / témoins"),
        "effect": Sentence("effect a customer", "effet par client"),
        "always": Sentence("interval that holds over all readings", "intervalle valable sur toutes les lectures"),
        "read_before": Sentence("earlier statements that read it", "bilans antérieurs qui l'ont lu"),
        "read_times": Sentence("{n}", "{n}"),
        "read_at_least": Sentence("at least {n}", "au moins {n}"),
        "read_unknown": Sentence(
            "not known: the store is older than the record of readings",
            "inconnu : les lectures n'étaient pas encore enregistrées",
        ),
        "detectable": Sentence(
            "smallest effect that would be found 4 times in 5", "plus petit effet décelable 4 fois sur 5"
        ),
        "p": Sentence(
            "adjusted p, and how many were judged together", "p ajusté, sur combien d'estimations jugées ensemble"
        ),
        "p_value": Sentence("{p:n3} of {n}", "{p:n3} sur {n}"),
        "late_hazard": Sentence(
            "effect with late hazards 20% higher or lower", "effet avec des risques tardifs 20 % plus ou moins élevés"
        ),
        "surrogate": Sentence(
            "surrogate check (includes 0 where forecasts hold)",
            "contrôle de la prévision (contient 0 si elle est juste)",
        ),
        "combined": Sentence(
            "effect that borrows from customers like any other, with an allowance for bias",
            "effet complété par des clients comme les autres, avec une marge pour le biais",
        ),
        "not_combined": Sentence("nothing to borrow", "rien à compléter"),
        "forecast": Sentence("correction of the forecast", "correction de la prévision"),
        "forecast_value": Sentence("{by}, standard error {error:n2}", "{by}, erreur type {error:n2}"),
        "too_young": Sentence("no decision is old enough", "aucune décision n'est assez ancienne"),
        "placebo": Sentence(
            "placebo before the decision (has to include 0)", "placebo avant la décision (doit contenir 0)"
        ),
        "negative_control": Sentence(
            "chosen but held out (has to include 0)", "choisis puis mis de côté (doit contenir 0)"
        ),
        "not_visible": Sentence("cannot be seen", "non observable"),
        "random_treatment": Sentence(
            "random treatments that look like effects (5% should)",
            "traitements fictifs qui ressemblent à des effets (5 % attendus)",
        ),
        "too_few": Sentence("too few to try", "trop peu pour essayer"),
        "stability": Sentence("estimate over seeds", "estimation selon le tirage"),
        "controls": Sentence("effective controls", "témoins équivalents"),
        "trimmed": Sentence("treated without a counterpart", "traités sans homologue"),
        "imbalance": Sentence(
            "largest imbalance, before and after weighting", "plus grand déséquilibre, avant et après pondération"
        ),
        "imbalance_value": Sentence(
            "{before:n2}, then {after:n2} standard deviations", "{before:n2}, puis {after:n2} écart type"
        ),
        "hidden": Sentence(
            "strength of a hidden cause that brings the estimate to its cost",
            "force d'une cause cachée qui ramène l'estimation au coût",
        ),
        "hidden_none": Sentence("none: chance decided", "aucune : le hasard a décidé"),
        "hidden_unknown": Sentence("not known", "inconnue"),
        "hidden_value": Sentence(
            "{share:percent1} of what is left to explain. Whether there is one, the tables cannot tell",
            "{share:percent1} de ce qui reste à expliquer. Les tables ne disent pas si elle existe",
        ),
        "hidden_times": Sentence(
            "{share:percent1} of what is left to explain; {times:n1} times {feature}. Whether there is one, the tables"
            " cannot tell",
            "{share:percent1} de ce qui reste à expliquer ; {times:n1} fois {feature}. Les tables ne disent pas si"
            " elle existe",
        ),
        "treated_later": Sentence("controls treated later", "témoins traités plus tard"),
    }
)
"""Checks and their results."""

PICTURES = Catalogue(
    {
        "forest": Sentence("For one treated customer ({money})", "Pour un client traité (en {money})"),
        "forest_label": Sentence("Effect, naive difference and cost by action", "Effet, écart brut et coût par action"),
        "legend_effect": Sentence("effect with 95% interval", "effet et intervalle à 95 %"),
        "legend_naive": Sentence("naive difference", "écart brut"),
        "cost": Sentence("cost", "coût"),
        "paths": Sentence(
            "How it works, for one treated customer ({money})", "Par quelles voies, pour un client traité (en {money})"
        ),
        "paths_label": Sentence("Effect by path, realised and predicted", "Effet par voie, réalisé et prédit"),
        "path_retention_voluntary": Sentence(
            "stays: fewer leave of themselves", "reste : moins de départs volontaires"
        ),
        "path_retention_involuntary": Sentence(
            "stays: fewer payments fail for good", "reste : moins d'impayés définitifs"
        ),
        "path_spend": Sentence("spends more", "dépense plus"),
        "path_cost_to_serve": Sentence("costs less to serve", "coûte moins à servir"),
        "incremental_clv": Sentence("together", "ensemble"),
        "realised_incremental_clv": Sentence("of which realised so far", "dont déjà réalisé"),
        "predicted_incremental_clv": Sentence("of which still predicted", "dont encore prédit"),
        "bridge": Sentence(
            "From the naive figure to the effect, for one treated customer ({money})",
            "De l'écart brut à l'effet, pour un client traité (en {money})",
        ),
        "bridge_label": Sentence("From the naive figure to the effect", "De l'écart brut à l'effet"),
        "naive": Sentence("naive figure", "écart brut"),
        "bridge_selection": Sentence("who was chosen (selection)", "qui a été choisi (sélection)"),
        "bridge_regression_to_mean": Sentence("when (regression to the mean)", "à quel moment (retour à la moyenne)"),
        "bridge_unseen": Sentence("what nobody saw", "ce que personne n'a vu"),
        "bridge_forecast": Sentence("what forecasts missed", "ce que la prévision a manqué"),
        "effect": Sentence("effect", "effet"),
        "bridge_double_counting": Sentence(
            "counted again later (double counting)", "recompté ensuite (double comptage)"
        ),
        "programme": Sentence("effect without later actions", "effet sans actions ultérieures"),
        "months": Sentence(
            "When value comes, all treated together ({money})",
            "Quand vient la valeur, pour tous les traités (en {money})",
        ),
        "months_label": Sentence(
            "Effect cumulated by month after the decision, {money}", "Effet cumulé par mois après la décision, {money}"
        ),
        "months_note": Sentence(
            "months after the decision; solid: came in, dashed: predicted",
            "mois après la décision ; trait plein : encaissé, tirets : prédit",
        ),
    }
)
"""The pictures: headings, labels and legends."""
