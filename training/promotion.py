"""Champion or challenger: models are compared on the same held-out rows, and promoted only beyond noise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ..core.arrays import Floats
from ..core.errors import ModelError
from ..core.interrupt import uninterrupted
from ..tracking import CHALLENGER, CHAMPION, Loaded, Run, Tracker, by_hand
from .card.model_card import CARD, card_page, meaning_of, model_card, version_description
from .judged import JUDGED_FILE, HeldOut, JudgedModel
from .paired_losses import Paired

__all__ = ["Promotion", "finished", "lost_parts", "promote"]


_TRIES = 10
_SHOWN = 5


@dataclass(frozen=True)
class Promotion:
    """Whether a new model takes the champion's place, why, and by how much it differs from the champion.

    ``first`` says that there was no champion before, ``objected`` that the model must not be used by itself, whatever
    the champion is: a person may promote it.
    """

    promoted: bool
    reason: str
    champion_loss: float | None = None
    paired: Paired | None = None
    first: bool = False
    objected: bool = False


def promote(
    tracker: Tracker,
    name: str,
    model: Any,
    example: pd.DataFrame,
    *,
    run: Run,
    held_out: HeldOut,
    beside: Mapping[str, float],
    notes: tuple[str, ...] = (),
    losses: Floats | None = None,
    objections: tuple[str, ...] = (),
) -> JudgedModel:
    """Register ``model`` with an alias: champion where :class:`Promotion` says so, else challenger.

    A model that loses against the naive forecast or a simpler rival, that lost features or actions of the champion, or
    to which the job objects, becomes champion by hand only. A model of this job that was registered before a kill is
    taken up, not registered twice. Everything but the version and its alias is written first; those two cannot be cut
    apart by Ctrl-C.

    Parameters
    ----------
    tracker, name, model, example
        Where and what to register; see :meth:`Tracker.store`.
    run
        The model's run; it keeps figures, decision and model card.
    held_out
        The held-out rows that judge.
    beside, notes
        Further figures and remarks for the reader.
    losses
        What ``held_out.losses_of(model)`` gives, where it is known already.
    objections
        Why the model must not be used by itself, such as its grade; one clause each.
    """
    losses = held_out.losses_of(model) if losses is None else losses
    held = held_out.loss(losses)

    def with_alias(verdict: Promotion, version: int) -> JudgedModel:
        alias = CHAMPION if verdict.promoted else CHALLENGER
        reason = verdict.reason
        if verdict.objected:
            reason += f": not promoted; all the same: {by_hand(name, version)}"
        return JudgedModel(
            name, version, alias, held_out.measure, held, verdict.champion_loss, beside, notes, reason, verdict.first
        )

    reasons = (*objections, *held_out.worse_than(losses))

    def decided() -> Promotion:
        return _verdict(tracker, name, number, model, losses, example, held_out, reasons)

    job = run.marks.get("servicelift.job", run.run_id)
    version = _half_done(tracker, name, job)
    number = _champion_before(tracker, name, version)
    verdict = decided()
    stored = None if version else tracker.store(model, name, example)
    _log(run, with_alias(verdict, version or 0), verdict)
    with uninterrupted():
        if stored is not None:
            tags = {"servicelift.job": job, "servicelift.run": run.run_id}
            version = tracker.publish(stored, name, tags, f"Model card: artefact {CARD} of run {run.run_id}.")
        assert version is not None
        for _ in range(_TRIES):
            if _settled(tracker, name, version, number, verdict):
                break
            # Another training has changed the champion meanwhile: the new one judges.
            number = _champion_before(tracker, name, version)
            verdict = decided()
            _log(run, with_alias(verdict, version), verdict)
        judged = with_alias(verdict, version)
        run.text(json.dumps(asdict(judged), indent=2), JUDGED_FILE)
        tracker.describe(name, version, version_description(judged, run), meaning_of(name, run.locale))
        tracker.tag(name, version, {"servicelift.run": run.run_id, "servicelift.decision": _short(judged)})
    return judged


def _verdict(
    tracker: Tracker,
    name: str,
    number: int | None,
    model: Any,
    losses: Floats,
    example: pd.DataFrame,
    held_out: HeldOut,
    objections: tuple[str, ...],
) -> Promotion:
    """Compare the new model with the champion, version ``number``, on the same rows."""
    if number is None:
        if objections:
            return Promotion(False, f"first model, and {'; '.join(objections)}", first=True, objected=True)
        return _first(losses, held_out)
    champion = _champion(tracker, name, number)
    objected = "; ".join(
        [*objections, *([] if isinstance(champion, str) else lost_parts(model, champion.model, number))]
    )
    if not isinstance(champion, str):
        champion = _judgeable(champion, number, example)
    if isinstance(champion, str):
        reason = f"champion {champion}"
        return Promotion(
            not objected, f"{reason}, and the new model is {objected}" if objected else reason, objected=bool(objected)
        )
    theirs = held_out.losses_of(champion.model)
    if not len(losses):
        return Promotion(False, "nothing is held out to compare on", float("nan"))
    paired, was = held_out.compare(losses, theirs), held_out.loss(theirs)
    by = f"{held_out.measure} {paired.difference:+.4g} (95% interval {paired.low:+.4g} to {paired.high:+.4g})"
    against = f"champion version {number} on the same rows: {by}"
    if objected:
        return Promotion(False, f"{objected}; {against}", was, paired, objected=True)
    if paired.better:
        return Promotion(True, f"better beyond noise than {against}", was, paired)
    naive = held_out.loss(held_out.naive)
    if was > naive and paired.difference < 0:
        fails = (
            f"it is no worse than a champion that loses against {held_out.naive_name} ({was:.4g} against {naive:.4g})"
        )
        return Promotion(True, f"{fails}; {against}", was, paired)
    return Promotion(False, f"not better beyond noise than {against}", was, paired)


def _first(losses: Floats, held_out: HeldOut) -> Promotion:
    """Promote a model without a champion to which nobody objects; say so where the naive forecast is hardly worse."""
    if held_out.naive_beyond_noise and held_out.loss(losses) > held_out.loss(held_out.naive):
        return Promotion(True, f"first model, though not better than {held_out.naive_name}", first=True)
    return Promotion(True, "first model", first=True)


def lost_parts(model: Any, champion: Any, number: int) -> list[str]:
    """Return what a champion of version ``number`` has and ``model`` lacks: features and actions, one clause each.

    Whatever was lost, by a table that did not come or a line taken out of the configuration, nobody may notice once the
    model is in use: a person decides.
    """
    clauses = []
    for kind, had, has in (
        ("feature", champion.columns, model.columns),
        ("action", getattr(champion, "actions", ()), getattr(model, "actions", ())),
    ):
        lost = [name for name in had if name not in set(has)]
        if lost:
            shown = ", ".join(lost[:_SHOWN]) + (", ..." if len(lost) > _SHOWN else "")
            clauses.append(f"without {len(lost)} {kind}{'s' * (len(lost) > 1)} of champion version {number} ({shown})")
    return clauses


def _champion(tracker: Tracker, name: str, number: int) -> Loaded | str:
    """Return the champion, or why it cannot be read."""
    try:
        return tracker.read(name, number)
    except ModelError as error:
        return f"cannot be judged: {error}"


def _judgeable(champion: Loaded, number: int, example: pd.DataFrame) -> Loaded | str:
    """Return the champion, or why it cannot be judged on today's tables."""
    lacking = [column for column in champion.model.columns if column not in example]
    if lacking:
        return f"version {number} cannot be judged: the tables give no {', '.join(lacking[:5])} any more"
    return champion


def _half_done(tracker: Tracker, name: str, job: str) -> int | None:
    """Return a version that this job registered before it was killed, without a decision."""
    found = [v for v in tracker.versions(name) if v.tags.get("servicelift.job") == job]
    return next((v.number for v in found if "servicelift.decision" not in v.tags), None)


def _champion_before(tracker: Tracker, name: str, version: int | None) -> int | None:
    """Return the champion; the one before it, where ``version`` itself had become champion before a kill."""
    now = tracker.version_of(name, CHAMPION)
    if now is None or now != version:
        return now
    return next((number for number in reversed(tracker.history(name)) if number != version), None)


def _settled(tracker: Tracker, name: str, version: int, judged_against: int | None, verdict: Promotion) -> bool:
    """Set the alias, unless the champion is another one than was judged against, or becomes one."""
    now = tracker.version_of(name, CHAMPION)
    if now not in (judged_against, version):
        return False
    if not verdict.promoted:
        if now == version and judged_against is not None:
            tracker.set_alias(name, CHAMPION, judged_against)
        tracker.set_alias(name, CHALLENGER, version)
        return True
    tracker.set_alias(name, CHAMPION, version)
    return tracker.version_of(name, CHAMPION) == version


def _log(run: Run, judged: JudgedModel, verdict: Promotion) -> None:
    """Write the decision and the model card to the model's run."""
    run.metrics({"held_out_loss": judged.loss})
    if verdict.paired is not None and verdict.champion_loss is not None:
        run.metrics({"loss": verdict.champion_loss, **asdict(verdict.paired)}, prefix="champion_")
    run.tags({"decision": _short(judged)})
    run.text(model_card(judged, run), "model_card.md")
    run.text(card_page(judged, run), CARD)
    run.tags({"mlflow.note.content": version_description(judged, run)})


def _short(judged: JudgedModel) -> str:
    return f"{judged.alias}: {judged.decision}"[:500]


def finished(tracker: Tracker, name: str, job: str) -> JudgedModel | None:
    """Return the judgement of a model that this job has registered and decided on, None if there is none."""
    for version in tracker.versions(name):
        if version.tags.get("servicelift.job") == job and "servicelift.decision" in version.tags:
            text = tracker.artefact(version.tags["servicelift.run"], JUDGED_FILE)
            if text is not None:
                fields = json.loads(text)
                return JudgedModel(
                    **{**fields, "notes": (*fields["notes"], "trained before the run was stopped; kept")}
                )
    return None
