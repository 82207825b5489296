"""The statement's sentences, in English and French: what each row says, what readers are warned of, and in short."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence
from ...models.refutation.words import RULINGS
from .contrasts import ContrastRuling
from .warnings import Caution

__all__ = ["CAUTIONS", "EXPOSURES", "METHODS", "SHORT", "STATEMENT", "VERDICTS"]

VERDICTS = Catalogue(
    {
        **RULINGS,
        ContrastRuling.SHOWN: Sentence("effect shown", "effet démontré"),
        ContrastRuling.NOT_SHOWN: Sentence("effect not shown", "effet non démontré"),
    }
)
"""A row's verdict in a word or two."""

CAUTIONS = Catalogue(
    {
        Caution.SHORT_HORIZON: Sentence(
            "the horizon of {months} {months:month|months} is under {least}: value that comes later is not counted, and"
            " a return over it is not that of a customer's life",
            "l'horizon de {months} mois est inférieur à {least} : la valeur qui vient plus tard n'est pas comptée, et"
            " un retour sur cette durée n'est pas celui de la vie d'un client",
        ),
        Caution.NO_DATA: Sentence(
            "no data on {stages:coded}: what happens there is neither adjusted for nor counted",
            "aucune donnée sur {stages:coded} : ce qui s'y passe n'est ni corrigé ni compté",
        ),
        Caution.FEW_ANSWERS: Sentence(
            "only {share:percent} of the surveys sent in the period were answered: satisfaction speaks for those who"
            " answer",
            "seuls {share:percent} des questionnaires envoyés dans la période ont reçu une réponse : la satisfaction"
            " est celle des clients qui répondent",
        ),
        Caution.IMMATURE: Sentence(
            "{share:percent} of the treated decisions are too recent to judge and are left out: the others may differ",
            "{share:percent} des décisions traitées sont trop récentes pour être jugées et sont laissées de côté : les"
            " autres peuvent en différer",
        ),
        Caution.FEW_CONTROLS: Sentence(
            "few controls: as informative as {controls:n0} {controls:customer|customers} left alone",
            "peu de témoins : autant d'information que {controls:n0} {controls:client laissé|clients laissés} de côté",
        ),
        Caution.BOTH_ARMS: Sentence(
            "{customers:n0} {customers:customer|customers} treated and held out by the action at the same instant: they"
            " count in both arms",
            "{customers:n0} {customers:client traité et témoin|clients traités et témoins} au même instant :"
            " comptés dans les deux groupes",
        ),
        Caution.SAME_DAY: Sentence(
            "{decisions:n0} {decisions:decision|decisions} with another action on the same customer and day: the effect"
            " is that of both",
            "{decisions:n0} {decisions:décision|décisions} avec une autre action le même jour auprès du même client :"
            " l'effet est celui des deux",
        ),
        Caution.TREATED_SOON: Sentence(
            "{share:percent} of the held-out customers ({customers:n0}) were treated within 30 days: the effect is that"
            " of being treated sooner",
            "{share:percent} des témoins ({customers:n0}) ont été traités dans les 30 jours : l'effet est celui d'un"
            " traitement plus tôt",
        ),
        Caution.WAITING: Sentence(
            "{customers:n0} {customers:customer|customers} in trial or paused when the follow-up ended: valued as if"
            " paying from the next renewal on",
            "{customers:n0} {customers:client en essai ou en pause|clients en essai ou en pause} à la fin du suivi :"
            " leur valeur compte comme s'ils payaient dès la prochaine échéance",
        ),
        Caution.LAPSED_LEFT_OUT: Sentence(
            "{decisions:n0} treated {decisions:decision|decisions} left out, on customers who had no running"
            " subscription then: an action with `state: lapsed` measures them",
            "{decisions:n0} {decisions:décision traitée laissée|décisions traitées laissées} de côté, sur des clients"
            " sans abonnement en cours à ce moment : une action dont state vaut lapsed les mesure",
        ),
        Caution.RUNNING_LEFT_OUT: Sentence(
            "{decisions:n0} treated {decisions:decision|decisions} left out, on customers whose subscription ran then:"
            " an action with `state: running` measures them",
            "{decisions:n0} {decisions:décision traitée laissée|décisions traitées laissées} de côté, sur des clients"
            " dont l'abonnement était en cours : une action dont state vaut running les mesure",
        ),
        Caution.NOT_DRAWN: Sentence(
            "chance alone decides whom this action treats, and its observational figures may compare with customers who"
            " were not in the draw: go by the randomised ones",
            "seul le hasard décide qui cette action touche, et ses chiffres observationnels peuvent comparer avec des"
            " clients hors du tirage au sort : fiez-vous à ceux du tirage au sort",
        ),
        Caution.OBSERVED_PROPENSITY: Sentence(
            "actions.propensity is missing: the share treated stands for it, within {strata}",
            "actions.propensity manque : la part traitée la remplace, par {strata}",
        ),
        Caution.ONE_SIDED: Sentence(
            "actions.propensity is on one arm only: it belongs on both",
            "actions.propensity n'est renseignée que pour un groupe : elle doit l'être pour les deux",
        ),
        Caution.TOLD_APART: Sentence(
            "actions.propensity tells the arms apart, as the chance of the arm that was drawn does: it should be the"
            " chance of being treated, on both arms",
            "actions.propensity sépare les deux groupes, comme le ferait la probabilité du groupe tiré : elle doit"
            " être la probabilité d'être traité, dans les deux groupes",
        ),
        Caution.CERTAIN: Sentence(
            "{decisions:n0} {decisions:decision|decisions} of propensity 0 or 1 left out: nobody could be in the other"
            " arm",
            "{decisions:n0} {decisions:décision|décisions} de propension 0 ou 1 laissées de côté : personne n'aurait pu"
            " être dans l'autre groupe",
        ),
        Caution.SPLIT: Sentence(
            "{came} {came:customer was|customers were} held out where the recorded propensities plan for {planned:n0}"
            " (p {p}): customers are missing in one arm, and those who are missing are seldom like the others",
            "{came} {came:client témoin|clients témoins} là où les probabilités enregistrées en prévoient {planned:n0}"
            " (p {p}) : des clients manquent dans un groupe, et ceux qui manquent ressemblent rarement aux autres",
        ),
        Caution.GROSS_OF_REFUNDS: Sentence(
            "value is gross of refunds: the payments hold none",
            "la valeur est brute : les paiements ne comptent aucun remboursement",
        ),
        "acquisition": Sentence("acquisition", "l'acquisition"),
        "subscription": Sentence("subscription", "l'abonnement"),
        "payment": Sentence("payment", "le paiement"),
        "service": Sentence("service", "le service client"),
        "satisfaction": Sentence("satisfaction", "la satisfaction"),
        "referral": Sentence("referral", "le parrainage"),
    }
)
"""What readers are warned of, and the stages of a customer's journey."""

METHODS = Catalogue(
    {
        "iban": Sentence("direct debit", "prélèvement"),
        "card": Sentence("card", "carte"),
        "cheque": Sentence("cheque", "chèque"),
        "wallet": Sentence("e-wallet", "portefeuille électronique"),
        "other": Sentence("other means", "autre moyen"),
        "any": Sentence("another method", "autre moyen"),
    }
)
"""Payment methods of the contract."""

EXPOSURES = Catalogue(
    {
        "payment_method": Sentence(
            "Moving from {origin} to {to}",
            "Changer de moyen de paiement ({origin} → {to})",
        ),
        "payment_method_others": Sentence(
            "customers like them who paid as they had, and did not move at that moment",
            "des clients semblables qui payaient de la même façon et n'ont pas changé à ce moment-là",
        ),
        "answered_within": Sentence(
            "A first answer within {hours:g} {hours:hour|hours}",
            "Une première réponse en moins de {hours:g} {hours:heure|heures}",
        ),
        "answered_within_others": Sentence(
            "similar contacts answered later",
            "des contacts semblables qui ont reçu une réponse plus tard",
        ),
        "resolved_at_first_contact": Sentence(
            "A first contact that solved the matter, with none after it within {days} {days:day|days},",
            "Un premier contact qui a réglé la question, sans nouveau contact dans les {days} {days:jour|jours},",
        ),
        "resolved_at_first_contact_others": Sentence(
            "similar contacts that did not",
            "des contacts semblables qui ne l'ont pas réglée",
        ),
        "contact_in_first_month": Sentence(
            "A contact within {days} {days:day|days} of signing up",
            "Un contact dans les {days} {days:jour|jours} suivant l'inscription",
        ),
        "contact_in_first_month_others": Sentence(
            "similar new customers without one",
            "de nouveaux clients semblables sans contact",
        ),
        "agent_training": Sentence(
            "An agent trained before the contact",
            "Un conseiller formé avant le contact",
        ),
        "agent_training_others": Sentence(
            "similar contacts of the same months with agents not trained yet, who had solved as much before",
            "des contacts semblables des mêmes mois avec des conseillers pas encore formés, qui avaient résolu autant"
            " de demandes auparavant",
        ),
    }
)
"""What happened to the treated of a contrast, and (``_others``) what they are compared with."""

STATEMENT = Catalogue(
    {
        "randomised": Sentence(
            "customers held out at random",
            "des clients témoins tirés au sort",
        ),
        "observational": Sentence(
            "similar customers who were not chosen (observational)",
            "des clients semblables qui n'ont pas été choisis (étude observationnelle)",
        ),
        "lapsed_randomised": Sentence(
            "customers whose subscription had ended too, held out at random",
            "des clients témoins tirés au sort, dont l'abonnement avait aussi pris fin",
        ),
        "lapsed_observational": Sentence(
            "similar customers whose subscription had ended as long ago, and who were not chosen (observational)",
            "des clients semblables dont l'abonnement avait pris fin depuis aussi longtemps et qui n'ont pas été"
            " choisis (étude observationnelle)",
        ),
        "action": Sentence(
            "Being offered {action:name} changed a customer's value over {months} {months:month|months} by"
            " {estimate:money}, compared with {others}. The 95% interval goes from {low:money} to {high:money}. It cost"
            " {cost:money} a customer. {verdict} The plain difference to untreated customers, {naive:money}, mixes the"
            " effect with who was chosen.",
            "Se voir proposer l'action « {action:name} » a changé la valeur d'un client de {estimate:money} sur"
            " {months} mois, par rapport à {others}. L'intervalle à 95 % va de {low:money} à {high:money}. Le coût a"
            " été de {cost:money} par client. {verdict} L'écart brut avec les clients non traités, {naive:money}, mêle"
            " l'effet au choix des clients.",
        ),
        "contrast": Sentence(
            "{exposure} changed a customer's value over {months} {months:month|months} by {estimate:money}, compared"
            " with {others} (observational). The 95% interval goes from {low:money} to {high:money}. {shown} The plain"
            " difference, {naive:money}, mixes the effect with who they are.",
            "{exposure} a changé la valeur d'un client de {estimate:money} sur {months} mois, par rapport à {others}"
            " (étude observationnelle). L'intervalle à 95 % va de {low:money} à {high:money}. {shown} L'écart brut,"
            " {naive:money}, mêle l'effet à ce que sont ces clients.",
        ),
        "read_again": Sentence(
            " It was read {more}{n} {n:time|times} before, and the more often one looks, the more often luck looks like"
            " an effect: over all readings together the 95% interval goes from {low:money} to {high:money}, which does"
            " not rule out {value:money}.",
            " Déjà lu {more}{n} fois : plus on regarde, plus souvent le hasard a l'air d'un effet. Sur toutes les"
            " lectures ensemble, l'intervalle à 95 % va de {low:money} à {high:money}, ce qui n'exclut pas"
            " {value:money}.",
        ),
        "at_least": Sentence("at least ", "au moins "),
        "shown": Sentence("The effect is shown.", "L'effet est démontré."),
        "not_shown": Sentence("The effect is not shown: {reasons}.", "L'effet n'est pas démontré : {reasons}."),
    }
)
"""What happened, compared with whom, at what cost, and the verdict, for readers without statistics."""

SHORT = Catalogue(
    {
        "action": Sentence(
            "{action}: {verdict}. {earned}, {payback}; {basis}. {sentence}",
            "{action} : {verdict}. {earned}, {payback} ; {basis}. {sentence}",
        ),
        "contrast": Sentence("{action}: {verdict}. {sentence}", "{action} : {verdict}. {sentence}"),
        "all": Sentence("all actions together: {earned}.", "toutes les actions ensemble : {earned}."),
        "all_but": Sentence(
            "all actions together but {refused:names}, whose effect failed a check ({out_cost:money0} spent, estimated"
            " at {out_gain:money0}): {earned}.",
            "toutes les actions ensemble sauf {refused:names}, dont l'effet n'a pas passé un contrôle"
            " ({out_cost:money0} dépensés, effet estimé à {out_gain:money0}) : {earned}.",
        ),
        "earned": Sentence(
            "{cost:money0} spent, {gain:money0} earned, of it {realised:money0} realised so far; {returned}",
            "{cost:money0} dépensés, {gain:money0} gagnés, dont {realised:money0} déjà réalisés ; {returned}",
        ),
        "return": Sentence(
            "return {mid:percent} ({low:percent} to {high:percent})",
            "retour de {mid:percent} (de {low:percent} à {high:percent})",
        ),
        "no_cost": Sentence("no return without a cost", "pas de retour sans coût"),
        "payback": Sentence(
            "payback in month {month:n0} by the estimate", "amorti au mois {month:n0} selon l'estimation"
        ),
        "no_payback": Sentence(
            "no payback within the horizon by the estimate", "non amorti sur l'horizon selon l'estimation"
        ),
        "configured": Sentence(
            "costs of offers as configured, none of {n} {n:decision|decisions} carries one",
            "coût des offres selon la configuration, aucun constaté sur {n} {n:décision|décisions}",
        ),
        "recorded": Sentence(
            "costs of offers as recorded over {own} {own:decision|decisions}",
            "coût des offres constaté sur {own} {own:décision|décisions}",
        ),
        "recorded_gaps": Sentence(
            "costs of offers as recorded over {own} {own:decision|decisions}, {gaps} without one filled by the rule",
            "coût des offres constaté sur {own} {own:décision|décisions}, {gaps} sans coût {gaps:complétée|complétées}"
            " par la règle",
        ),
        "mature": Sentence(
            "forecast beside what came: on {n} {n:action|actions} with decisions old enough, {given} {given:is|are}"
            " judged to pay or lose by what came, {foreseen} by the forecast alone; both say the same of {same}.",
            "prévision et réalité : sur {n} {n:action|actions} aux décisions assez anciennes, {given}"
            " {given:est jugée rentable|sont jugées rentables} ou à perte d'après le réalisé, {foreseen} d'après la"
            " seule prévision ; les deux concordent pour {same}.",
        ),
        "left_out": Sentence("{name}: not estimated: {reason}", "{name} : non estimé : {reason}"),
        "under_design": Sentence("{name} ({design})", "{name} ({design})"),
        "cut": Sentence(
            "{action}, at the cut of its lists: {verdict}. One more customer there brings {effect:money}"
            " ({low:money} to {high:money}) and costs {cost:money}.{bunched}",
            "{action}, à la limite de ses listes : {verdict}. Un client de plus y rapporte {effect:money}"
            " (de {low:money} à {high:money}) et coûte {cost:money}.{bunched}",
        ),
        "bunched": Sentence(
            " Scores bunch on one side of the cut, so the comparison proves nothing.",
            " Les scores s'accumulent d'un côté de la limite : la comparaison ne prouve rien.",
        ),
        "cut_name": Sentence("{name} (at the cut of its lists)", "{name} (à la limite de ses listes)"),
        "randomised": Sentence("randomised", "tirage au sort"),
        "observational": Sentence("observational", "étude observationnelle"),
        "files": Sentence("statement: {page}, {rows}", "bilan : {page}, {rows}"),
    }
)
"""The statement in a few lines."""
