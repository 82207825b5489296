"""What a statement says of rollouts, in English and French."""

from __future__ import annotations

import pandas as pd

from ...core.locale import Locale
from ...core.messages import Catalogue, Sentence
from ...core.refusals import OTHER
from .contrasts import ContrastRuling
from .words import SHORT, VERDICTS

__all__ = ["ROLLOUT_WORDS", "rollout_ruling", "rollouts_in_english", "rollouts_in_short", "rollouts_left_out"]

ROLLOUT_WORDS = Catalogue(
    {
        "line": Sentence(
            "{name}, as it reached {reached} of {units} by {by}: {verdict}. {value:money} so far"
            " ({low:money} to {high:money}){cost}; {month:money} a reached customer and month.{alike}",
            "{name}, qui a atteint {reached} des {units} valeurs de « {by} » : {verdict}. {value:money} à ce jour"
            " (de {low:money} à {high:money}){cost} ; {month:money} par client atteint et par mois.{alike}",
        ),
        "for_cost": Sentence(" for {cost:money} spent", " pour {cost:money} dépensés"),
        "not_alike": Sentence(
            " Before the start those to be reached moved otherwise than the others, so the comparison proves nothing.",
            " Avant le début, les clients atteints ensuite évoluaient autrement que les autres : la comparaison ne"
            " prouve rien.",
        ),
        "name": Sentence("{name} (rollout)", "{name} (déploiement)"),
        "title": Sentence("Reached at different dates", "Atteints à des dates différentes"),
        "caption": Sentence(
            "Initiatives that reached units one after the other ({money})",
            "Initiatives déployées d'unité en unité (en {money})",
        ),
        "rollout": Sentence("initiative", "initiative"),
        "verdict": Sentence("verdict", "verdict"),
        "so_far": Sentence("earned so far", "gagné à ce jour"),
        "spent": Sentence("spent", "dépensé"),
        "return": Sentence("return", "retour"),
        "a_month": Sentence("a customer and month", "par client et par mois"),
        "reached": Sentence("customers reached", "clients atteints"),
        "units": Sentence("{reached} of {units} by {by}", "{reached} sur {units} ({by})"),
        "to": Sentence("{low} to {high}", "de {low} à {high}"),
        "bent": Sentence("moved otherwise before", "évolution différente avant"),
        "note": Sentence(
            "Nobody was held out here. Those reached are compared with those not reached yet, by how much more their"
            " monthly value changed. It counts the months seen and forecasts nothing: what keeps customers for years is"
            " told too low today. It holds if both would have moved alike; the months before the start are the check.",
            "Personne n'a été laissé de côté ici. On compare l'évolution de la valeur mensuelle des clients atteints à"
            " celle des clients qui ne le sont pas encore. Seuls les mois observés comptent, rien n'est prévu : ce qui"
            " retient des clients pour des années est sous-estimé aujourd'hui. La comparaison suppose que tous auraient"
            " évolué de même ; les mois d'avant le vérifient.",
        ),
    }
)
"""Lines of the terminal and words of the page."""


def rollout_ruling(row: pd.Series) -> str:
    """Return the verdict of a rollout; where nobody says what it cost, whether there is an effect."""
    if row["verdict"] is not None and pd.notna(row["verdict"]):
        return str(row["verdict"])
    shown = bool(row["effect_shown"]) and bool(row["moved_alike"])
    return ContrastRuling.SHOWN if shown else ContrastRuling.NOT_SHOWN


def rollouts_in_short(rollouts: pd.DataFrame, locale: Locale) -> list[str]:
    """Return one line a rollout with what it earned so far, or why that cannot be told."""
    say, lines = ROLLOUT_WORDS.say, []
    for _, row in (rollouts[rollouts["value_a_month"].notna()] if len(rollouts) else rollouts).iterrows():
        lines.append(
            say(
                locale,
                "line",
                name=locale.named(str(row["rollout"])),
                reached=int(row["n_units_reached"]),
                units=int(row["n_units"]),
                by=locale.named(str(row["by"])),
                verdict=VERDICTS.say(locale, rollout_ruling(row)),
                value=row["incremental_value"],
                low=row["incremental_value_low"],
                high=row["incremental_value_high"],
                month=row["value_a_month"],
                cost="" if pd.isna(row["cost"]) else say(locale, "for_cost", cost=row["cost"]),
                alike="" if row["moved_alike"] else say(locale, "not_alike"),
            )
        )
    unknown = rollouts_left_out(rollouts, locale)
    return [*lines, *(SHORT.say(locale, "left_out", name=name, reason=why) for name, why in unknown.items())]


def rollouts_left_out(rollouts: pd.DataFrame, locale: Locale) -> dict[str, str]:
    """Return why the effect of a rollout could not be told, by its name; errors are English."""
    return {_name(row, locale): str(row["not_estimated"]) for _, row in _lacking(rollouts).iterrows()}


def rollouts_in_english(rollouts: pd.DataFrame, locale: Locale) -> frozenset[str]:
    """Return the names, as of :func:`rollouts_left_out`, whose reason is an error's text, English in every language."""
    rows = _lacking(rollouts)
    return frozenset(_name(row, locale) for _, row in rows.iterrows() if row["not_estimated_code"] == OTHER)


def _lacking(rollouts: pd.DataFrame) -> pd.DataFrame:
    return rollouts[rollouts["value_a_month"].isna()] if len(rollouts) else rollouts


def _name(row: pd.Series, locale: Locale) -> str:
    return ROLLOUT_WORDS.say(locale, "name", name=locale.named(str(row["rollout"])))
