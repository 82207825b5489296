"""What columns and tables are called, in English, French and German: declared, so that names are looked up.

:data:`TOKENS` folds words into one: ``kunde``, ``client`` and ``account`` are ``customer``. :data:`NAMES` lists, for
each column of the contract, the sets of folded words that mean it, best first, each with how sure it makes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

__all__ = ["NAMES", "OWN_WORDS", "TABLE_NAMES", "name_score", "table_score", "tokens"]

_FOLDED = {
    "customer": "customer client clients customers kunde kunden account accounts abonne abonnes subscriber subscribers"
    " member members membre user users buyer requester klient acheteur kundschaft",
    "id": "id no nr num numero nummer number code key ref reference uid guid identifiant identifier matricule kennung"
    " schluessel ident idx",
    "date": "date at on le am datum time timestamp ts dt day jour tag zeit zeitpunkt heure horodatage moment instant"
    " since depuis seit days dates",
    "subscription": "subscription subscriptions abonnement abonnements abo abos contract contracts contrat contrats"
    " vertrag vertraege sub subs membership",
    "payment": "payment payments paid paiement paiements paye payee zahlung zahlungen bezahlt transaction transactions"
    " transaktion reglement reglements regle encaissement encaissements invoice invoices facture factures rechnung"
    " rechnungen charge charges receipt debit buchung order orders commande commandes purchase purchases achat achats"
    " bestellung zahl",
    "method": "method methods methode mode moyen moyens means zahlart zahlungsart zahlungsmittel instrument"
    " zahlungsweise"
    " zahlweise art",
    "amount": "amount montant montants betrag sum summe somme total amt",
    "price": "price prix preis tarif tariff fee",
    "status": "status statut state etat stand resultat ergebnis outcome",
    "start": "start started starts begin begins began beginn debut starting beginnt opening activation activated"
    " gestartet von from commence laufzeitbeginn vertragsbeginn demarrage",
    "end": "end ended ends fin ende expired stop stopped terminated termination until bis finish finished resiliation"
    " laufzeitende vertragsende termine",
    "term": "term terms duree duration laufzeit periode period engagement cycle frequency frequence periodicite"
    " interval"
    " turnus",
    "month": "month months mois monat monate monaten",
    "product": "product products produit produkt offer offre angebot formule plan tier package sku edition titre",
    "open": "open opened created creation cree creee ouvert ouverte ouverture eroeffnet erstellt erstellung submitted"
    " received recu reported logged angelegt eingang eingegangen",
    "answer": "answer answered reponse repondu response responded reply replied antwort beantwortet repondue",
    "close": "close closed cloture cloturee clos ferme fermeture geschlossen abgeschlossen erledigt",
    "resolve": "resolved solved resolu resolue resolution geloest gelost solution",
    "channel": "channel canal kanal origin via medium origine",
    "contact": "contact contacts ticket tickets case cases call calls appel appels demande demandes anfrage anfragen"
    " interaction interactions conversation conversations request requests vorgang kontakt kontakte dossier incident",
    "reason": "reason motif grund cause topic subject category categorie kategorie theme sujet anlass",
    "agent": "agent agents conseiller conseillers conseillere berater assignee employee advisor operateur mitarbeiter"
    " teleconseiller",
    "survey": "survey surveys enquete enquetes umfrage umfragen questionnaire rating ratings sondage befragung"
    " bewertung"
    " bewertungen feedback",
    "score": "score note notes punktzahl grade notation punkte stars etoiles wert bewertungspunkte",
    "satisfaction": "satisfaction satisfait zufriedenheit csat nps",
    "metric": "metric metrique indicateur kennzahl scale echelle skala indicator mesure",
    "sent": "sent envoi envoye envoyee gesendet versand versendet",
    "action": "action actions aktion aktionen campaign campagne kampagne massnahme massnahmen",
    "decide": "decided decision entschieden entscheidung decidee decide",
    "arm": "arm bras group groupe gruppe cell variant bucket",
    "initiative": "initiative initiatives initiativen programme program projekt projet project",
    "cost": "cost costs cout couts kosten depense depenses expense expenses",
    "item": "item poste posten kostenart nature",
    "name": "name nom bezeichnung libelle label",
    "when": "when quand wenn if si",
    "then": "then alors dann",
    "referrer": "referrer parrain werber sponsor referring empfehlender",
    "referred": "referred filleul geworben geworbener invited parraine empfohlen empfohlener",
    "referral": "referral referrals parrainage parrainages empfehlung empfehlungen",
    "signup": "signup signed inscription inscrit inscrite registered registration anmeldung anmelde joined join"
    " adhesion"
    " beitritt registriert enrolled onboarded enregistrement",
    "valid": "valid valide valable gueltig gultig effective",
    "previous": "previous precedent precedente vorherig vorherige prior prev vorgaenger",
    "incurred": "incurred engagee angefallen spent depensee",
    "cancel": "cancel cancelled canceled cancellation annulation kuendigung kundigung resilie",
    "request": "requested demandee demandeee beantragt",
    "withdraw": "withdrawn retiree zurueckgezogen",
    "renew": "renew renewal reconduction verlaengerung renews",
    "auto": "auto tacite automatic automatique automatisch",
    "acquisition": "acquisition referral_source gewinnung won",
    "contactable": "contactable joignable kontaktierbar optin",
    "kind": "kind type genre typ",
    "handle": "handle handling traitement bearbeitung aht",
    "second": "second seconds secondes seconde sekunden secs sec",
    "minute": "minute minutes minuten mins min",
    "hour": "hour hours heures stunden",
    "complaint": "complaint reclamation plainte beschwerde",
    "direction": "direction sens richtung",
    "expiry": "expires expiry expiration ablauf ablaufdatum expire",
    "accept": "accepted accepte acceptee angenommen akzeptiert acceptation",
    "propensity": "propensity propension probability probabilite wahrscheinlichkeit",
    "team": "team teams equipe equipes abteilung department",
    "train": "trained formation formed geschult schulung training",
    "mrr": "mrr",
    "arr": "arr",
    "record": "recorded enregistre erfasst loaded ingested",
    "up": "up",
    "is": "is est ist",
    "first": "first premiere premier erste erster",
    "renewals": "auto_renew",
    "source": "source quelle",
    "unit": "unit unitaire einzel",
    "quantity": "quantity quantite menge qty",
    "churn": "churn churned attrition",
    "refund": "refund refunds refunded remboursement remboursements erstattung avoir",
    "update": "update updated modified modification maj geaendert letzte last",
    "birth": "birth birthday naissance geburt geburtsdatum",
    "usage": "usage utilisation nutzung",
    "tax": "tax taxes tva vat mwst steuer ht net netto",
    "discount": "discount remise rabatt",
    "due": "due echeance faellig faelligkeit",
    "prospect": "prospect prospects lead leads interessent interessenten",
    "convert": "converted convertit converti konvertiert conversion",
    "review": "review reviews avis rezension rezensionen",
    "platform": "platform plateforme plattform site portal",
    "post": "posted publie publiee publication veroeffentlicht published",
    "revise": "revised revision revise revisee ueberarbeitet",
    "ask": "asked sollicite sollicitee eingeladen solicited",
    "engage": "engaged engagement_score enps engagementwert",
    "respondents": "respondents repondants teilnehmer",
    "self": "self selfservice libre",
    "bot": "bot bots chatbot chatbots",
    "app": "app apps",
    "page": "page pages",
    "visit": "visit visits visite visites besuch besuche",
    "currency": "currency currencies devise devises waehrung waehrungen monnaie",
    "rate": "rate rates taux cours kurs kurse wechselkurs wechselkurse",
    "exchange": "exchange change wechsel fx forex",
}

TOKENS: dict[str, str] = {word: folded for folded, words in _FOLDED.items() for word in words.split()}
"""Each known word and what it is folded into."""

_NOISE_WORDS = (
    "the of de du des la le les l d der die das den c sf crm dw stg tbl fact dim raw export exports liste"
    " list data table n s usd eur gbp chf full all v1 v2 ravenstack demo utc dernier en"
)
_NOISE = frozenset(_NOISE_WORDS.split())

_LINKS = frozenset("ns")
"""Letters that German puts between the words of one word."""

_FOREIGN_WORDS = (
    "churn refund update birth usage tax discount due fee error upgrade downgrade trial payout version previous"
)
_FOREIGN = frozenset(_FOREIGN_WORDS.split())
"""Words that make a name mean something else, unless they are looked for."""

OWN_WORDS = {
    "customers": "customer",
    "subscriptions": "subscription",
    "payments": "payment",
    "contacts": "contact",
    "surveys": "survey",
    "actions": "action",
    "agents": "agent",
    "initiatives": "initiative",
    "referrals": "referral",
    "prospects": "prospect",
    "reviews": "review",
    "agent_surveys": "team",
    "fx": "rate",
}
"""The word for a row of each table, by which a table or one of its columns is called where it is one."""

TABLE_NAMES: dict[str, tuple[str, ...]] = {
    "customers": ("customer",),
    "subscriptions": ("subscription",),
    "payments": ("payment",),
    "payment_methods": ("payment method", "method"),
    "contacts": ("contact",),
    "surveys": ("survey", "satisfaction", "survey satisfaction"),
    "actions": ("action", "decide", "action decide"),
    "agents": ("agent",),
    "initiatives": ("initiative",),
    "initiative_costs": ("initiative cost", "cost"),
    "referrals": ("referral",),
    "prospects": ("prospect",),
    "reviews": ("review",),
    "agent_surveys": ("agent survey", "team survey", "engage", "team engage", "team term", "term"),
    "interactions": ("contact", "self service", "self", "bot", "app", "page", "visit"),
    "fx": ("exchange rate", "currency rate", "exchange", "currency"),
}
"""What the tables of the contract are called, in folded words."""

_CUSTOMER = "customer id | customer"

NAMES: dict[str, str] = {
    "customers.customer_id": "customer id | id | customer",
    "customers.signed_up_at": "signup date | signup up date | customer date | signup | open date 0.9 | start date 0.75"
    " | first payment date 0.7 | customer start 0.75",
    "customers.acquisition_channel": "acquisition channel | channel | source referral | source 0.8 | referral source",
    "customers.acquisition_cost": "acquisition cost",
    "customers.contactable": "contactable",
    "subscriptions.subscription_id": "subscription id | id | subscription",
    "subscriptions.customer_id": _CUSTOMER,
    "subscriptions.product": "product | product id 0.8 | product name",
    "subscriptions.started_at": "start date | start | subscription date 0.8 | signup date 0.8 | open date 0.75",
    "subscriptions.ended_at": "end date | end",
    "subscriptions.term_months": "term month | term | term subscription | term payment 0.9",
    "subscriptions.term_days": "term day",
    "subscriptions.trial_until": "trial until | trial end | trial end date",
    "subscriptions.paused_from": "pause date | pause start | pause start date | pause from",
    "subscriptions.paused_until": "resume date | pause end | pause end date | pause until",
    "subscriptions.price": "price | amount 0.9 | mrr amount | arr amount | mrr | arr | price month | price unit 0.6",
    "subscriptions.auto_renew": "auto renew | renew",
    "subscriptions.cancel_requested_at": "cancel request date | cancel date | cancel request",
    "subscriptions.cancel_withdrawn_at": "cancel withdraw date",
    "subscriptions.end_reason": "end reason | cancel reason | reason",
    "subscriptions.previous_subscription_id": "previous subscription id | previous id | previous subscription",
    "payments.payment_id": "payment id | id",
    "payments.customer_id": _CUSTOMER,
    "payments.paid_at": "payment date | date | payment | open date 0.75",
    "payments.amount": "amount | payment amount",
    "payments.method": "method | payment method | payment kind 0.8",
    "payments.status": "status | payment status",
    "payments.kind": "kind | payment kind 0.8 | item 0.8",
    "payments.subscription_id": "subscription id | subscription",
    "payment_methods.customer_id": _CUSTOMER,
    "payment_methods.valid_from": "valid start | valid date | start date | valid | start | open date 0.75",
    "payment_methods.method": "method | payment method",
    "payment_methods.expires_on": "expiry date | expiry | end date 0.8",
    "contacts.contact_id": "contact id | id",
    "contacts.customer_id": _CUSTOMER,
    "contacts.opened_at": "open date | start date | contact date | date 0.9 | open",
    "contacts.answered_at": "answer date | first answer date | first answer",
    "contacts.closed_at": "close date | resolve date | end date | close",
    "contacts.channel": "channel | source 0.8",
    "contacts.reason": "reason | kind 0.8",
    "contacts.direction": "direction",
    "contacts.agent_id": "agent id | agent",
    "contacts.team": "team",
    "contacts.handle_seconds": "handle second | term second | handle term second | handle",
    "contacts.resolved": "resolve | is resolve",
    "contacts.is_complaint": "complaint | is complaint",
    "contacts.cost": "cost",
    "surveys.survey_id": "survey id | id",
    "surveys.customer_id": _CUSTOMER,
    "surveys.sent_at": "sent date | survey date 0.8 | sent",
    "surveys.responded_at": "answer date | answer",
    "surveys.metric": "metric | survey kind 0.8 | kind 0.8",
    "surveys.score": "score | survey score | satisfaction score | satisfaction 0.9 | survey 0.9",
    "surveys.contact_id": "contact id | contact",
    "actions.action_id": "action id | id | decide id",
    "actions.customer_id": _CUSTOMER,
    "actions.action": "action | action name | action kind",
    "actions.decided_at": "decide date | action date | date 0.9 | decide",
    "actions.arm": "arm",
    "actions.propensity": "propensity",
    "actions.cost": "cost",
    "actions.accepted": "accept | is accept",
    "actions.accepted_at": "accept date",
    "actions.contact_id": "contact id | contact",
    "actions.agent_id": "agent id | agent",
    "actions.initiative": "initiative | initiative id",
    "agents.agent_id": "agent id | id | agent",
    "agents.team": "team",
    "agents.trained_at": "train date | train",
    "agents.initiative": "initiative | initiative id",
    "initiatives.initiative": "initiative | initiative id | id",
    "initiatives.name": "name | initiative name",
    "initiatives.when": "when",
    "initiatives.then": "then",
    "initiatives.started_on": "start date | start",
    "initiatives.ended_on": "end date | end",
    "initiative_costs.initiative": "initiative | initiative id",
    "initiative_costs.item": "item | cost item | cost kind 0.8",
    "initiative_costs.amount": "amount | cost amount | cost",
    "initiative_costs.incurred_on": "incurred date | date | cost date | incurred",
    "referrals.referrer_id": "referrer id | referrer | referrer customer id",
    "referrals.referred_id": "referred id | referred | referred customer id",
    "referrals.referred_at": "referral date | referred date | date",
    "prospects.prospect_id": "prospect id | id | prospect",
    "prospects.created_at": "open date | prospect date | date 0.9",
    "prospects.channel": "channel | source | source prospect",
    "prospects.converted_customer_id": "convert customer id | customer id | convert customer | customer",
    "prospects.converted_at": "convert date | convert",
    "prospects.cost": "cost | acquisition cost | prospect cost",
    "reviews.review_id": "review id | id",
    "reviews.customer_id": _CUSTOMER,
    "reviews.platform": "platform | channel 0.8 | source 0.8",
    "reviews.posted_at": "post date | review date | date 0.9 | open date 0.8",
    "reviews.rating": "survey | review survey | score | review score",
    "reviews.asked": "ask | is ask",
    "reviews.answered_at": "answer date",
    "reviews.revised_at": "revise date",
    "reviews.revised_rating": "revise survey | revise score",
    "agent_surveys.team": "team | team name",
    "agent_surveys.month": "month | date 0.9",
    "agent_surveys.engagement": "engage | term 0.9 | engage score | term score 0.9 | score 0.8",
    "agent_surveys.respondents": "respondents | answer 0.8",
    "interactions.customer_id": _CUSTOMER,
    "interactions.at": "date | contact date | start date | visit date | open date 0.9",
    "interactions.kind": "kind | contact kind | channel 0.9 | self service | source 0.8",
    "interactions.solved": "resolve | is resolve",
    "fx.currency": "currency | currency id | currency name 0.8 | exchange 0.6",
    "fx.at": "date | valid start | valid date | rate date | valid",
    "fx.rate": "rate | exchange rate | currency rate",
}
"""``table.column``: the sets of folded words that mean it, split by ``|``, each with how sure it makes (1 if not said).
"""

_EXTRA = 0.15
"""What each further word of a name takes away."""


@cache
def tokens(name: str) -> tuple[str, ...]:
    """Return a name's folded words in order: accents, case, camelCase and joined words are taken apart.

    >>> tokens("DateInscription"), tokens("KUNDENNUMMER"), tokens("numéro_client")
    (('date', 'signup'), ('customer', 'id'), ('id', 'customer'))
    """
    plain = name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", plain)
    plain = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", plain)
    words = [word for word in re.split(r"[^A-Za-z0-9]+", plain.lower()) if word]
    parts = [part for word in words for part in _parts(word)]
    folded = [TOKENS.get(part, part) for part in parts if part in TOKENS or part not in _NOISE]
    return tuple(folded) or tuple(words)


@cache
def _parts(word: str) -> tuple[str, ...]:
    """Return a word taken apart into known ones, the fewest that fill it; itself where there are none."""
    if word in TOKENS or word in _NOISE:
        return (word,)
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 20), end):
            part = word[start:end]
            if start in best and (part in TOKENS if len(part) > 1 else part in _LINKS):
                found = (*best[start], part)
                if end not in best or len(found) < len(best[end]):
                    best[end] = found
    return best.get(len(word), (word,))


@cache
def _patterns(target: str) -> tuple[tuple[frozenset[str], float], ...]:
    """Return the sets of words that mean a column, with how sure each makes."""
    found = []
    for text in NAMES.get(target, "").split("|"):
        words = text.split()
        weight = float(words.pop()) if words and re.fullmatch(r"[0-9.]+", words[-1]) else 1.0
        found.append((frozenset(words), weight))
    return tuple(found)


def name_score(table: str, column: str, name: str) -> float:
    """Return how well a name means a column of the contract, 0 to 1.

    The contract's own name is 1. Otherwise the best of :data:`NAMES`, less for each further word; the word for the
    table itself may stand there or not.
    """
    if name.strip().lower() == column:
        return 1.0
    words = frozenset(tokens(name))
    own = OWN_WORDS.get(table, "")
    return max(
        (_overlap(pattern, words, own) * weight for pattern, weight in _patterns(f"{table}.{column}")), default=0
    )


def _overlap(pattern: frozenset[str], words: frozenset[str], own: str) -> float:
    if pattern == words:
        return 1.0
    if pattern - {own} == words - {own} and words - {own}:
        return 0.95
    if words & _FOREIGN - pattern:
        return 0.0
    if not pattern <= words | ({own} if pattern - {own} else set()):
        return 0.0
    extra = len(words - pattern - {own})
    return max(0.0, 0.9 - _EXTRA * extra) if "id" not in pattern else max(0.0, 0.7 - _EXTRA * extra)


def table_score(table: str, name: str) -> float:
    """Return how well a file's or table's name means a table of the contract, 0 to 1."""
    words = frozenset(tokens(name))
    scores = [0.0]
    for text in TABLE_NAMES[table]:
        pattern = frozenset(text.split())
        if pattern == words:
            scores.append(1.0)
        elif pattern <= words:
            scores.append(max(0.3, 0.9 - 0.25 * len(words - pattern)))
    return max(scores)
