"""Phrases: every declaration has words in both languages; numbers, units and plurals read as people write them."""

from __future__ import annotations

import re

import pytest
from servicelift.core.config.business import Config
from servicelift.features.catalogue.catalogue import GROUPS, explain
from servicelift.features.catalogue.declare import Form
from servicelift.features.phrases.say import PHRASES, TOGETHER, counts, say, title, topic

CONFIG = Config(
    tables={"customers": "c", "payments": "p"},
    static=("birth_year", "plan"),
    features={"windows_days": (30, 90, 365), "channels": ("phone",), "reasons": ("late_delivery",)},
    incremental={"actions": {"iban_switch": {}}},
    lines={"copies": {"kind": "noncontractual"}},
)
FEATURES = [feature for group in GROUPS for feature in group.features(CONFIG)]
LANGUAGES = ("en", "fr")


def told(name, value, language, names=()):
    return say(explain(name, CONFIG), value, language=language, currency="EUR", names=dict(names))


def test_every_declaration_has_a_phrase_and_no_phrase_is_left_over():
    assert {d.name for group in GROUPS for d in group.declarations} == set(PHRASES)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.info.name)
def test_every_value_can_be_said_in_both_languages(feature):
    values = ["late_delivery"] if feature.form is Form.TEXT else [0, 1, 2, 0.5, 7.25, 1234.5, -3]
    missing = [] if feature.form in (Form.COUNT, Form.SUM) else [None, float("nan")]
    for value in values + missing:
        said = {lang: say(feature.info, value, language=lang, currency="EUR", names={}) for lang in LANGUAGES}
        assert said["en"] != said["fr"] or "upsell" in said["en"]
        for text in said.values():
            assert text == text.strip()
            assert text
            assert not re.search(r"[{}\[\]|_]|\bnan\b|None|  ", text), text
            assert not text.endswith((".", ":")), text


@pytest.mark.parametrize("name", sorted(PHRASES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_tell_the_same_places_and_forms(name, language):
    """A number, a window or an item that one language names is named in the other; so is each special form."""
    one, other = PHRASES[name].words(language), PHRASES[name].words("fr" if language == "en" else "en")
    for form in ("some", "none", "zero", "minus"):
        mine, theirs = getattr(one, form), getattr(other, form)
        assert bool(mine) == bool(theirs), form
        places = (set(re.findall(r"\{\w+\}", text)) - {"{days}"} for text in (mine, theirs))
        first, second = places
        # "every [month|{n} months]" and "tous les {n} mois" name the number in one of two ways.
        assert first - {"{n}"} == second - {"{n}"}, form


@pytest.mark.parametrize(
    ("name", "value", "en", "fr"),
    [
        ("contacts_unresolved_90d", 2, "2 unresolved contacts in 90 days", "2 contacts non résolus en 90 jours"),
        ("contacts_unresolved_90d", 1, "1 unresolved contact in 90 days", "1 contact non résolu en 90 jours"),
        ("contacts_unresolved_90d", 0, "no unresolved contact in 90 days", "aucun contact non résolu en 90 jours"),
        ("method", "iban", "pays by direct debit", "paie par prélèvement"),
        ("method", "other", "pays by other means", "paie par un autre moyen"),
        ("tenure_days", 3.0, "customer for 3 days", "client depuis 3 jours"),
        ("tenure_days", 1.5, "customer for 36 hours", "client depuis 36 heures"),
        ("tenure_days", 100.0, "customer for 3 months", "client depuis 3 mois"),
        ("tenure_days", 731.0, "customer for 2 years", "client depuis 2 ans"),
        ("hours_to_answer_max_365d", 0.5, "once waited 30 minutes for an answer (365 days)", None),
        ("hours_to_answer_max_365d", 1.0, None, "a attendu une réponse jusqu'à 1 heure (365 jours)"),
        ("handle_seconds_mean_90d", 20.0, None, "contacts traités en moins d'une minute en moyenne (90 jours)"),
        ("amount_paid_365d", 1234.5, "paid 1,234.50 EUR in 365 days", "a payé 1\u00a0234,50 EUR en 365 jours"),
        (
            "amount_trend_90d",
            -20.0,
            "paid 20 EUR less in 90 days than in the 90 before",
            "a payé 20 EUR de moins en 90 jours que sur les 90 précédents",
        ),
        ("contacts_trend_90d", 1, "1 contact more in 90 days than in the 90 before", None),
        ("card_expires_in_days", -40.0, "card expired 40 days ago", "carte expirée depuis 40 jours"),
        ("csat_last", 4.0, "last CSAT score: 4", "dernière note CSAT : 4"),
        ("csat_trend", -1.5, "last CSAT 1.5 points below the earlier mean", None),
        ("csat_trend", -1.5, None, "dernier CSAT 1,5 point sous la moyenne passée"),
        ("csat_last", None, "never gave a CSAT score", "aucune note CSAT"),
        ("resolved_share_365d", 0.5, "50% of contacts in 365 days were resolved", None),
        ("resolved_share_365d", 0.5, None, "50\u00a0% des contacts résolus en 365 jours"),
        ("birth_year", 1954.0, "birth year: 1954", "birth year : 1954"),
        ("plan", "gold_plus", "plan: gold plus", None),
        ("iban_switch_offered_30d", 1, None, "action « iban switch » proposée une fois en 30 jours"),
        ("iban_switch_offered_30d", 1, "got iban switch once in 30 days", None),
        ("iban_switch_offered_30d", 3, "got iban switch 3 times in 30 days", None),
        ("failed_in_a_row", 1, "the last payment failed", "le dernier paiement a été refusé"),
        ("failed_in_a_row", 2, "the last 2 payments failed", "les 2 derniers paiements ont été refusés"),
        ("referrals_made", 2, "has referred 2 customers", "a parrainé 2 clients"),
        ("referrals_made_365d", 1, "has referred 1 customer in 365 days", "a parrainé 1 client en 365 jours"),
        ("term_months", 1.0, "subscription renewed every month", "abonnement renouvelé tous les mois"),
        ("term_months", 12.0, "subscription renewed every 12 months", "abonnement renouvelé tous les 12 mois"),
        ("last_payment_failed", 1, "the last payment failed", "le dernier paiement a été refusé"),
        ("auto_renew", 0.0, "does not renew automatically", "pas de renouvellement automatique"),
    ],
)
def test_as_people_write(name, value, en, fr):
    assert en is None or told(name, value, "en") == en
    assert fr is None or told(name, value, "fr") == fr


def test_the_business_s_own_words_stand_for_its_names():
    names = {"iban_switch": "passage au prélèvement", "late_delivery": "retard de livraison", "cheque": "chèque papier"}
    assert told("iban_switch_offered_30d", 1, "fr", names) == (
        "action « passage au prélèvement » proposée une fois en 30 jours"
    )
    assert told("late_delivery_contacts_365d", 2, "fr", names) == (
        "2 contacts au sujet de « retard de livraison » en 365 jours"
    )
    assert told("method", "cheque", "fr", names) == "paie par chèque papier"


def test_topics_that_speak_together_exist():
    topics = {topic(feature.info) for feature in FEATURES}
    for together in TOGETHER:
        assert together.main in together.covers
        assert set(together.covers) <= topics
        assert set(together.words) == set(LANGUAGES)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.info.name)
def test_counts_alone_are_never_missing(feature):
    assert counts(feature.info) == (feature.form in (Form.COUNT, Form.SUM))


def test_static_columns_are_topics_of_their_own():
    assert topic(explain("birth_year", CONFIG)) != topic(explain("plan", CONFIG))


@pytest.mark.parametrize(
    ("months", "en", "fr"),
    [
        (1, "every month", "tous les mois"),
        (12, "every 12 months", "tous les 12 mois"),
        (7 / (365.25 / 12), "every week", "toutes les semaines"),
        (28 / (365.25 / 12), "every 4 weeks", "toutes les 4 semaines"),
        (10 / (365.25 / 12), "every 10 days", "tous les 10 jours"),
    ],
)
def test_a_term_is_said_in_the_unit_that_people_use(months, en, fr):
    assert told("term_months", months, "en") == f"subscription renewed {en}"
    assert told("term_months", months, "fr") == f"abonnement renouvelé {fr}"


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.info.name)
def test_every_feature_has_a_title_without_a_value(feature):
    titles = [title(feature.info, language=language, names={}) for language in LANGUAGES]
    assert titles[0] != titles[1] or "upsell" in titles[0]
    for text in titles:
        assert text
        assert not set("{}[]|") & set(text)
        assert "None" not in text


def test_a_title_reads_as_a_reason_without_its_figure():
    def titled(name, language, names=()):
        return title(explain(name, CONFIG), language=language, names=dict(names))

    assert titled("contacts_unresolved_90d", "en") == "… unresolved contacts in 90 days"
    assert titled("contacts_unresolved_90d", "fr") == "… contacts non résolus en 90 jours"
    assert titled("tenure_days", "fr") == "client depuis …"
    assert titled("birth_year", "fr", {"birth_year": "année de naissance"}.items()) == "année de naissance : …"
