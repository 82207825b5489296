"""The contract's tables as other people name them: French, German, a CRM's names, camelCase and upper case."""

from __future__ import annotations

import re

FRENCH = {
    "customers": ("clients", {"customer_id": "numero_client", "signed_up_at": "date_inscription"}),
    "subscriptions": (
        "abonnements",
        {
            "subscription_id": "id_abonnement",
            "customer_id": "numero_client",
            "product": "formule",
            "started_at": "date_debut",
            "ended_at": "date_fin",
            "term_months": "duree_mois",
            "price": "tarif",
        },
    ),
    "payments": (
        "paiements",
        {
            "payment_id": "ref_paiement",
            "customer_id": "numero_client",
            "paid_at": "date_paiement",
            "amount": "montant",
            "method": "moyen_paiement",
            "status": "statut",
        },
    ),
    "payment_methods": (
        "moyens_paiement",
        {"customer_id": "numero_client", "valid_from": "valable_du", "method": "moyen_paiement"},
    ),
    "contacts": (
        "appels",
        {
            "contact_id": "numero_appel",
            "customer_id": "numero_client",
            "opened_at": "date_ouverture",
            "closed_at": "date_cloture",
            "channel": "canal",
            "reason": "motif",
            "agent_id": "conseiller",
        },
    ),
    "surveys": (
        "enquetes",
        {
            "survey_id": "id_enquete",
            "customer_id": "numero_client",
            "sent_at": "date_envoi",
            "responded_at": "date_reponse",
            "metric": "indicateur",
            "score": "note",
        },
    ),
    "actions": (
        "actions",
        {
            "action_id": "id_action",
            "customer_id": "numero_client",
            "action": "action",
            "decided_at": "date_decision",
            "arm": "groupe",
        },
    ),
    "agents": ("conseillers", {"agent_id": "id_conseiller", "team": "equipe", "trained_at": "date_formation"}),
    "initiatives": (
        "projets",
        {
            "initiative": "projet",
            "name": "libelle",
            "when": "quand",
            "then": "alors",
            "started_on": "date_debut",
            "ended_on": "date_fin",
        },
    ),
    "initiative_costs": (
        "couts_projets",
        {"initiative": "projet", "item": "poste", "amount": "montant", "incurred_on": "date"},
    ),
    "referrals": (
        "parrainages",
        {"referrer_id": "parrain", "referred_id": "filleul", "referred_at": "date_parrainage"},
    ),
}

GERMAN = {
    "customers": ("Kunden", {"customer_id": "Kundennummer", "signed_up_at": "Anmeldedatum"}),
    "subscriptions": (
        "Verträge",
        {
            "subscription_id": "Vertragsnummer",
            "customer_id": "Kundennummer",
            "product": "Produkt",
            "started_at": "Vertragsbeginn",
            "ended_at": "Vertragsende",
            "term_months": "Laufzeit",
            "price": "Preis",
        },
    ),
    "payments": (
        "Zahlungen",
        {
            "payment_id": "Zahlungsnummer",
            "customer_id": "Kundennummer",
            "paid_at": "Zahlungsdatum",
            "amount": "Betrag",
            "method": "Zahlungsart",
        },
    ),
    "contacts": (
        "Anfragen",
        {
            "contact_id": "Vorgangsnummer",
            "customer_id": "Kundennummer",
            "opened_at": "Erstellt_am",
            "closed_at": "Abgeschlossen_am",
            "channel": "Kanal",
            "agent_id": "Mitarbeiter",
        },
    ),
    "surveys": (
        "Umfragen",
        {
            "survey_id": "Umfragenummer",
            "customer_id": "Kundennummer",
            "responded_at": "Antwortdatum",
            "metric": "Kennzahl",
            "score": "Note",
        },
    ),
}

CRM = {
    "customers": ("sf_accounts_export", {"customer_id": "AccountId", "signed_up_at": "Customer_Since__c"}),
    "subscriptions": (
        "contracts",
        {
            "subscription_id": "ContractNumber",
            "customer_id": "AccountId",
            "product": "Plan__c",
            "started_at": "StartDate",
            "ended_at": "EndDate",
            "term_months": "ContractTerm",
            "price": "Price__c",
        },
    ),
    "payments": (
        "invoices",
        {
            "payment_id": "InvoiceNumber",
            "customer_id": "AccountId",
            "paid_at": "InvoiceDate",
            "amount": "TotalAmount",
            "method": "PaymentMethod",
        },
    ),
    "contacts": (
        "cases",
        {
            "contact_id": "CaseNumber",
            "customer_id": "AccountId",
            "opened_at": "CreatedDate",
            "closed_at": "ClosedDate",
            "channel": "Origin",
            "reason": "Reason",
            "agent_id": "Agent__c",
        },
    ),
    "surveys": (
        "survey_responses",
        {
            "survey_id": "SurveyId",
            "customer_id": "AccountId",
            "responded_at": "ResponseDate",
            "metric": "Metric__c",
            "score": "Score__c",
        },
    ),
    "actions": (
        "campaign_decisions",
        {
            "action_id": "DecisionId",
            "customer_id": "AccountId",
            "action": "Action",
            "decided_at": "DecisionDate",
            "arm": "TestGroup",
        },
    ),
}


def camel(name: str) -> str:
    """``signed_up_at`` as ``signedUpAt``."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


RENAMINGS = {"French": FRENCH, "German": GERMAN, "CRM": CRM}
"""By kind of names: for each table its name and its columns'; columns not named keep theirs."""
