"""What the words of code columns mean, in English, French and German; what is not listed is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.contract import CONTRACT

__all__ = ["BOOLS", "CODE_WORDS", "CodeProposal", "code_words", "folded", "propose_codes"]

CODE_WORDS: dict[str, dict[str, str]] = {
    "method": {
        "iban": "iban, sepa, sdd, prlv, prelevement, prelevement automatique, prelevement sepa, prelevement bancaire,"
        " sepa_debit, direct debit, direct_debit, directdebit, bacs, lastschrift, bankeinzug, sepa lastschrift,"
        " sepa direct debit, sepa core, core, dd",
        "card": "card, cb, carte, carte bancaire, carte bleue, credit card, credit_card, creditcard, debit card, visa,"
        " mastercard, master card, mc, amex, american express, maestro, karte, kreditkarte, ec karte, girocard,"
        " credit card (automatic), cartes bancaires",
        "cheque": "cheque, chq, check, mailed check, scheck, cheque bancaire, chk",
        "wallet": "wallet, paypal, apple pay, apple_pay, applepay, google pay, google_pay, googlepay, portefeuille",
        "other": "other, autre, andere, sonstige, virement, bank transfer, wire, wire transfer, ueberweisung, transfer,"
        " especes, cash, bar, voucher, gutschein, invoice, rechnung",
    },
    "status": {
        "paid": "paid, succeeded, success, ok, paye, payee, regle, reglee, bezahlt, settled, confirmed, paid_out,"
        " paidout,"
        " completed, complete, accepte, encaisse, captured",
        "failed": "failed, failure, rejected, rejete, rejetee, rejet, impaye, impayee, declined, refused, refuse,"
        " returned,"
        " retour, fehlgeschlagen, abgelehnt, ruecklastschrift, charged_back, unpaid, echoue, echec, ko",
    },
    "kind": {
        "renewal": "renewal, renouvellement, verlaengerung, subscription, abonnement, recurring, reconduction,"
        " subscription_cycle",
        "upsell": "upsell, upgrade, montee en gamme, hoeherstufung",
        "cross_sell": "cross_sell, cross-sell, cross sell, cross selling, vente croisee, querverkauf",
        "one_off": "one_off, one-off, one off, single, single purchase, achat au numero, unitaire, einzelkauf,"
        " einmalig",
        "refund": "refund, refunded, remboursement, avoir, erstattung, gutschrift, rueckerstattung, credit note",
    },
    "end_reason": {
        "voluntary": "voluntary, cancelled, canceled, volontaire, resiliation, resilie, kuendigung, gekuendigt,"
        " customer cancelled, freiwillig",
        "payment_failure": "payment_failure, payment failure, payment failed, impaye, involuntary, non-payment,"
        " zahlungsausfall, defaut de paiement, unpaid",
        "other": "other, autre, andere, sonstiges",
    },
    "interactions.kind": {
        "page": "page, web, website, site, faq, help page, help centre, help center, portal, seite, webseite,"
        " hilfeseite, portail, page d'aide, kundenportal",
        "bot": "bot, chatbot, chat bot, voicebot, callbot, assistant",
        "app": "app, mobile, mobile app, application, appli, ios, android",
    },
    "direction": {
        "inbound": "inbound, in, entrant, incoming, eingehend, e, entree",
        "outbound": "outbound, out, sortant, outgoing, ausgehend, s, sortie",
    },
    "metric": {
        "csat": "csat, satisfaction, zufriedenheit",
        "nps": "nps, net promoter score, recommandation, weiterempfehlung",
        "ces": "ces, effort, customer effort score",
    },
    "arm": {
        "treated": "treated, treatment, test, traite, traitee, behandelt, offered, exposed",
        "control": "control, temoin, kontrolle, holdout, held out, held_out, controle, kontrollgruppe",
    },
    "item": {
        "salaries": "salaries, salaires, gehaelter, salary, wages, personnel, lohn",
        "tools": "tools, outils, werkzeuge, software, outil",
        "training": "training, formation, schulung, formations",
        "licences": "licences, licenses, lizenzen, licence",
        "integration": "integration, implementation",
        "maintenance": "maintenance, wartung",
        "other": "other, autre, andere, sonstiges",
    },
    "term_months": {
        "1": "monthly, month, mensuel, mensuelle, monatlich, month-to-month, month to month, 1 month, 1 mois, 1"
        " monat, m",
        "3": "quarterly, quarter, trimestriel, trimestrielle, vierteljaehrlich, quartalsweise, 3 months, 3 mois",
        "6": "semiannual, semi-annual, half-yearly, semestriel, semestrielle, halbjaehrlich, 6 months, 6 mois",
        "12": "annual, annually, yearly, year, annuel, annuelle, jaehrlich, one year, 1 year, 1 an, 12 months, 12 mois,"
        " 1 jahr",
        "24": "two year, two years, 2 years, 2 ans, biennial, 24 months, 24 mois, 2 jahre",
    },
}
"""By column of the contract, whatever its table unless it is named: the words of each code."""

BOOLS: dict[str, str] = {
    "true": "true, t, yes, y, 1, oui, o, vrai, v, ja, j, wahr, on",
    "false": "false, f, no, n, 0, non, faux, nein, falsch, off",
}
"""Words of yes and no; the contract itself reads the English ones and 1 and 0."""

_READ_AS_THEY_ARE = {"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}


@dataclass(frozen=True)
class CodeProposal:
    """What the words of a column are proposed to mean.

    Parameters
    ----------
    codes
        Words by code of the contract; only those that the contract does not read by itself.
    unknown
        Words nobody can tell, with their rows: to be asked.
    share
        Share of the rows whose word is known.
    """

    codes: dict[str, tuple[str, ...]]
    unknown: dict[str, int]
    share: float


def folded(word: str) -> str:
    """Return a word without accents, case and blanks around, umlauts written out."""
    plain = word.strip().lower()
    for sign, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(sign, written)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"\s+", " ", plain)


def code_words(table: str, column: str) -> dict[str, str]:
    """Return each known folded word of a column and its code; of yes and no for flags; empty for other columns."""
    contract = CONTRACT[table].column[column]
    listed = CODE_WORDS.get(f"{table}.{column}", CODE_WORDS.get(column, {}))
    words = BOOLS if contract.kind == "bool" else listed if _coded(table, column) else {}
    return {word.strip(): code for code, text in words.items() for word in text.split(",")}


def _coded(table: str, column: str) -> bool:
    return bool(CONTRACT[table].column[column].codes) or column == "term_months"


def propose_codes(table: str, column: str, counts: Mapping[str, int]) -> CodeProposal:
    """Return what each word of a column is proposed to mean.

    Parameters
    ----------
    table, column
        A code or flag of the contract, or ``term_months``.
    counts
        Rows of each word.
    """
    known = code_words(table, column)
    own = _READ_AS_THEY_ARE if CONTRACT[table].column[column].kind == "bool" else CONTRACT[table].column[column].codes
    codes: dict[str, list[str]] = {}
    unknown = {}
    read = 0
    for word, rows in counts.items():
        code = known.get(folded(word), _number(column, word))
        if code is None:
            unknown[word] = rows
            continue
        read += rows
        if word.strip().lower() not in own and not (column == "term_months" and word.strip().isdigit()):
            codes.setdefault(code, []).append(word)
    total = sum(counts.values())
    return CodeProposal({c: tuple(_sorted(w)) for c, w in codes.items()}, unknown, read / total if total else 0.0)


def _number(column: str, word: str) -> str | None:
    """Return the months that a word already is."""
    return word.strip() if column == "term_months" and re.fullmatch(r"[1-9][0-9]{0,2}", word.strip()) else None


def _sorted(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (folded(word), word))
