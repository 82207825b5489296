"""What a run of nights does, with scoring taken out: whole or not there, up to date, revised, resumed, alarmed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ALARMED, BusyError, ConfigError, DataError, ModelError
from servicelift.core.output_lock import locked_folder
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.night import night as job
from servicelift.scoring.night import retraining, steps
from servicelift.scoring.night.history import History
from servicelift.scoring.night.log import Log
from servicelift.scoring.night.steps import Alarm, Seen
from servicelift.scoring.targets.policy import NoBetterError

DAY, NEXT = pd.Timestamp("2024-05-31"), pd.Timestamp("2024-06-01")
CUSTOMERS = pd.DataFrame({"customer_id": [1, 2], "signed_up_at": pd.to_datetime(["2023-01-01", "2023-02-01"])})
PAID = pd.to_datetime(["2024-05-01", "2024-05-20", "2024-06-20"])
PAYMENTS = pd.DataFrame(
    {"payment_id": ["a", "b", "c"], "customer_id": [1, 2, 1], "paid_at": PAID, "amount": 10.0, "method": "iban"}
)
LATE = PAYMENTS.iloc[[0]].assign(payment_id="late")


def config(**nightly):
    wish = {"look_back": 7, "budget": 100, **nightly}
    tables = {"customers": "c.parquet", "payments": "p.parquet"}
    return Config.model_validate({"tables": tables, "data_until": "2024-07-01", "nightly": wish})


def opens(payments=PAYMENTS):
    return lambda asked: tables_from_frames({"customers": CUSTOMERS, "payments": payments}, asked)


HANDED = {}
"""What the list of each day was compared with: the last list, and a folder of scores."""


def fake_score(config, as_of, out, opened, versions, pieces):
    """Writes what scoring writes: the number of payments that were known stands for all that it computes."""
    if versions["churn"] == 99:
        raise ModelError("no such version")
    tables = opened(config)
    known = int((tables.execute(tables["payments"])["paid_at"] < as_of).sum())
    out.mkdir()
    frame = pd.DataFrame({"customer_id": [1, 2], "as_of": as_of.tz_localize("UTC"), "clv": float(known)})
    for name in ("scores.parquet", "action_values.parquet"):
        frame.to_parquet(out / name)
    facts = {key: {} for key in ("stale_tables", "unknown_levels", "counted_as_missing", "waiting", "not_scored")}
    facts |= {
        "known": known,
        "as_of": as_of.isoformat(),
        "data_until": "2024-07-01",
        "refunds": None,
        "churn_grade": "B",
        "files": {},
    }
    (out / "run.json").write_text(json.dumps(facts | {"model_versions": versions}), encoding="utf-8")
    return SimpleNamespace(customers=2, pairs=2 * (known > 0), notes=())


def fake_targets(config, scores, budget, capacity, out, opened, today, last, before):
    out.parent.mkdir()
    HANDED[str(today.date())] = [None if each is None else str(each) for each in (last, before)]
    out.write_text((scores / "run.json").read_text(encoding="utf-8"), encoding="utf-8")
    return SimpleNamespace(
        contacted=1, held_out=1, cost=5.0, net_value=9.0, left_out=(), lines=lambda: [f"list: {out}"]
    )


@pytest.fixture(autouse=True)
def champions(monkeypatch):
    """The champions in use, to change."""
    numbers = {"churn": 1, "clv": 1, "incremental": 1}
    monkeypatch.setattr(steps, "score", fake_score)
    monkeypatch.setattr(steps, "targets", fake_targets)
    monkeypatch.setattr(job, "champion_versions", lambda tracker, config: dict(numbers))
    monkeypatch.setattr(job.Tracker, "of", lambda config: None)
    return numbers


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A history of one night."""
    root = tmp_path_factory.mktemp("nights") / "history"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "score", fake_score)
        patch.setattr(steps, "targets", fake_targets)
        patch.setattr(job, "champion_versions", lambda tracker, config: {"churn": 1, "clv": 1, "incremental": 1})
        patch.setattr(job.Tracker, "of", lambda config: None)
        job.nightly(config(), [DAY], out=root, opened=opens())
    return root


@pytest.fixture
def root(one, tmp_path):
    """A copy of the history, to change."""
    return shutil.copytree(one, tmp_path / "history", symlinks=True)


def run(root, *moments, payments=PAYMENTS, watch=None, force=False, log=None, **nightly):
    return job.nightly(config(**nightly), moments, out=root, opened=opens(payments), watch=watch, force=force, log=log)


def contents(root, day="2024-05-31"):
    """The files of a night but its manifest, byte by byte."""
    folder = root / f"as_of={day}"
    files = (each for each in folder.rglob("*") if each.is_file() and each.name != "manifest.json")
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


def hidden(root):
    return [each.name for each in root.iterdir() if each.name.startswith(".")]


def test_the_same_night_again_is_up_to_date_or_has_the_same_bytes(root):
    before = contents(root)
    again = run(root, DAY)
    assert (again.made, again.up_to_date, again.exit_code) == ((), ("2024-05-31",), 0)
    assert again.lines() == ["2024-05-31: up to date, nothing to do (--force makes it again)"]
    forced = run(root, DAY, force=True)
    assert [each.revision for each in forced.made] == [2]
    assert contents(root) == before


def test_other_champions_and_another_wish_make_a_night_and_its_list_anew(root, champions):
    before = contents(root)["targets/targets.csv"]
    champions["churn"] = 2
    made = run(root, DAY).made
    assert list(made[0].manifest["changed"]) == ["versions"]
    assert contents(root)["targets/targets.csv"] != before
    assert list(run(root, DAY, budget=50).made[0].manifest["changed"]) == ["config"]
    assert run(root, DAY, budget=50).made == ()


def test_late_rows_are_scored_again_by_the_models_of_that_night_and_the_list_stays(root, champions):
    before = contents(root)
    champions["churn"] = 2
    outcome = run(root, NEXT, payments=pd.concat([PAYMENTS, LATE]))
    assert [(each.day, each.revision, each.manifest["why"]) for each in outcome.made] == [
        ("2024-06-01", 1, "asked"),
        ("2024-05-31", 2, "late_rows"),
    ]
    revised = outcome.made[1]
    assert [each.manifest["inputs"]["versions"]["churn"] for each in outcome.made] == [2, 1]
    assert revised.manifest["changed"] == {"tables": {"payments": [2, 3]}}
    assert revised.scores()["clv"].eq(3).all()
    assert contents(root)["targets/targets.csv"] == before["targets/targets.csv"]
    assert revised.manifest["list"]["kept_of_revision"] == 1
    assert (root / "latest").readlink().name == "as_of=2024-06-01"
    revision = "2024-05-31: scored again, revision 2, because other rows are known of that time: payments (3 rows, 2"
    assert any(line.startswith(revision) for line in outcome.lines())
    assert run(root, NEXT, payments=pd.concat([PAYMENTS, LATE])).made == ()


def test_a_list_that_was_handed_out_stays_where_only_rows_differ_unless_forced(root):
    before, late = contents(root), pd.concat([PAYMENTS, LATE])
    made = run(root, DAY, payments=late).made[0]
    assert (made.revision, made.manifest["why"], made.manifest["list"]["kept_of_revision"]) == (2, "asked", 1)
    assert contents(root)["targets/targets.csv"] == before["targets/targets.csv"]
    assert contents(root)["run.json"] != before["run.json"]
    forced = run(root, DAY, payments=late, force=True).made[0]
    assert "kept_of_revision" not in forced.manifest["list"]


def test_a_history_is_of_one_business(root):
    with pytest.raises(ConfigError, match=r"expected nights of business 'other' in .*, it holds those of 'business'"):
        job.nightly(config().model_copy(update={"business": "other"}), [NEXT], out=root, opened=opens())


def test_changed_rows_count_and_rows_after_a_night_do_not(root):
    later = LATE.assign(paid_at=pd.Timestamp("2024-05-31"))
    assert [each.day for each in run(root, NEXT, payments=pd.concat([PAYMENTS, later])).made] == ["2024-06-01"]
    changed = PAYMENTS.assign(amount=[10.01, 10.0, 10.0])
    assert "2024-05-31" in [each.day for each in run(root, NEXT, payments=changed).made]


def test_a_night_that_cannot_be_revised_stops_no_other_and_raises_an_alarm(root):
    file = root / "as_of=2024-05-31" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["inputs"]["versions"]["churn"] = 99
    file.write_text(json.dumps(manifest), encoding="utf-8")
    lines: list[str] = []
    outcome = run(root, NEXT, payments=pd.concat([PAYMENTS, LATE]), log=Log(lines.append, quiet=True))
    assert [each.day for each in outcome.made] == ["2024-06-01"]
    assert (outcome.exit_code, [alarm.code for alarm in outcome.alarms]) == (ALARMED, ["not_revised"])
    assert History(root).partition("2024-05-31").revision == 1
    assert len(lines) == 1
    assert "it was not scored again: no such version" in lines[0]


def test_a_stopped_night_goes_on_where_it_stopped_and_comes_out_the_same(one, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    root = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run(root, DAY, watch=stopped)
    assert History(root).partitions() == []
    monkeypatch.setattr(steps, "score", lambda *_, **__: pytest.fail("this was done already"))
    outcome = run(root, DAY)
    assert outcome.made[0].manifest["resumed"] == ["score", "targets"]
    assert any("went on where an earlier run had stopped" in line for line in outcome.lines())
    assert contents(root) == contents(one)
    assert hidden(root) == []


def test_what_a_stopped_run_made_of_other_rows_is_not_used(one, tmp_path):
    def stopped(*_):
        raise KeyboardInterrupt

    root = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run(root, DAY, watch=stopped)
    outcome = run(root, DAY, payments=pd.concat([PAYMENTS, LATE]))
    assert outcome.made[0].manifest["resumed"] == []
    assert outcome.made[0].scores()["clv"].eq(3).all()


def test_a_back_fill_goes_on_with_the_nights_that_are_missing(root):
    days = [pd.Timestamp(day) for day in ("2024-05-30", "2024-05-31", "2024-06-01")]
    outcome = run(root, *reversed(days))
    assert [each.day for each in outcome.made] == ["2024-05-30", "2024-06-01"]
    assert outcome.up_to_date == ("2024-05-31",)
    assert History(root).latest().day == "2024-06-01"


def test_a_list_is_compared_with_the_night_before_it_and_never_with_a_later_one(root):
    def compared(day):
        return History(root).partition(day).manifest["list"]["compared_with"]

    folders = {day: f"{root}/as_of={day}" for day in ("2024-05-31", "2024-06-01", "2024-06-03")}
    assert compared("2024-05-31") == {"list": None, "scores": None}
    run(root, pd.Timestamp("2024-06-03"))
    assert HANDED["2024-06-03"] == [f"{folders['2024-05-31']}/targets/targets.csv", folders["2024-05-31"]]
    run(root, NEXT, budget=None)  # a night without a list
    shutil.rmtree(root / "as_of=2024-06-03" / "targets")
    outcome = run(root, pd.Timestamp("2024-06-02"), pd.Timestamp("2024-06-04"), budget=200)
    assert [each.day for each in outcome.made] == ["2024-06-02", "2024-06-04"]
    assert HANDED["2024-06-02"] == [f"{folders['2024-05-31']}/targets/targets.csv", folders["2024-06-01"]]
    assert HANDED["2024-06-04"] == [f"{root}/as_of=2024-06-02/targets/targets.csv", folders["2024-06-03"]]
    assert compared("2024-06-04") == {"list": ["2024-06-02", 1], "scores": ["2024-06-03", 1]}


def test_the_first_list_says_that_it_has_none_to_be_compared_with(tmp_path):
    lines = run(tmp_path / "new", DAY).lines()
    assert "2024-05-31: the first list of this history, there is none to compare it with" in lines


def test_what_is_watched_sees_the_night_beside_those_before_and_alarms_it(root):
    def watch(tables, history, night, folder):
        assert [each.day for each in history.partitions()] == ["2024-05-31"]
        assert len(night.scores()) == night.manifest["counts"]["customers"]
        (folder / "monitor.json").write_text("{}", encoding="utf-8")
        return Seen([Alarm("monitor", "drift", "scores moved", models=True)], ["figures were not kept"])

    outcome = run(root, NEXT, watch=watch)
    assert outcome.exit_code == ALARMED
    night = History(root).latest()
    assert night.manifest["alarms"] == [{"step": "monitor", "code": "drift", "text": "scores moved", "models": True}]
    assert "monitor/monitor.json" in night.manifest["files"]
    assert outcome.lines()[-1] == "alarm: scores moved"
    assert "figures were not kept" in outcome.lines()
    before = contents(root, "2024-06-01")["monitor/monitor.json"]
    again = run(root, pd.Timestamp("2024-06-02"), payments=pd.concat([PAYMENTS, LATE]))
    assert [(each.day, each.revision) for each in again.made[1:]] == [("2024-05-31", 2), ("2024-06-01", 2)]
    assert (again.exit_code, contents(root, "2024-06-01")["monitor/monitor.json"]) == (0, before)
    assert again.made[2].manifest["left_out"]["monitor"] == "late_rows"


def test_a_policy_no_better_than_nobody_leaves_the_night_without_a_list_and_rings(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise NoBetterError("no better than contacting nobody")

    monkeypatch.setattr(steps, "targets", refused)
    outcome = run(tmp_path / "history", DAY)
    assert outcome.exit_code == ALARMED
    assert [alarm.code for alarm in outcome.alarms] == ["no_better"]
    assert "no list: no better than contacting nobody" in outcome.alarms[0].text
    assert not (outcome.made[0].folder / "targets").exists()
    assert outcome.made[0].manifest["left_out"]["targets"] == "no_better"


def test_a_night_without_values_has_no_list_and_says_so(tmp_path):
    outcome = run(tmp_path / "n", pd.Timestamp("2024-04-01"))
    assert [alarm.code for alarm in outcome.alarms] == ["no_list"]
    assert outcome.made[0].manifest["left_out"]["targets"] == "no_list"
    assert run(tmp_path / "m", pd.Timestamp("2024-04-01"), budget=None).exit_code == 0


def test_old_nights_go_and_a_back_fill_into_their_time_is_refused(root):
    outcome = run(root, NEXT, keep=1, look_back=0)
    assert outcome.removed == ("2024-05-31",)
    assert [each.day for each in History(root).partitions()] == ["2024-06-01"]
    assert "1 night beyond the 1 days that are kept removed" in outcome.lines()
    with pytest.raises(ConfigError, match="which would be removed at once"):
        run(root, DAY, keep=1, look_back=0)


def test_a_second_run_and_a_day_that_the_data_do_not_reach_change_nothing(root, tmp_path):
    with locked_folder(root), pytest.raises(BusyError):
        run(root, NEXT)
    with pytest.raises(DataError, match="expected --as-of up to"):
        run(root, pd.Timestamp("2024-07-02"))
    with pytest.raises(DataError, match="expected --as-of up to"):
        run(tmp_path / "new", pd.Timestamp("2024-07-02"))
    assert not (tmp_path / "new").exists()
    assert (hidden(root), len(History(root).partitions())) == ([], 1)


def test_a_place_that_takes_no_more_is_one_line(root, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "/somewhere/file")

    monkeypatch.setattr(steps, "score", full)
    with pytest.raises(ConfigError, match="cannot write to '/somewhere/file': No space left on device; the nights"):
        run(root, NEXT)
    assert [each.day for each in History(root).partitions()] == ["2024-05-31"]


def test_what_an_alarm_says_is_not_said_twice(tmp_path):
    outcome = run(tmp_path / "n", DAY)
    (night,) = outcome.made
    night.manifest["notes"] = ["payments: no row in the 40 days before", "another note"]
    lines = replace(outcome, alarms=(Alarm("gate", "stale", night.manifest["notes"][0]),)).lines()
    assert sum("no row in the 40 days" in line for line in lines) == 1
    assert "another note" in lines


def test_training_is_due_by_alarms_of_models_or_by_age(monkeypatch, champions):
    registered = datetime(2024, 1, 1, tzinfo=UTC)
    store = SimpleNamespace(versions=lambda name: [SimpleNamespace(number=1, created=registered)])
    monkeypatch.setattr(retraining.Tracker, "of", lambda config: store)
    monkeypatch.setattr(retraining, "champion_versions", lambda tracker, config: {"churn": 1, "clv": None})
    now, alarms = (
        registered + timedelta(days=30),
        [Alarm("gate", "stale", ""), Alarm("monitor", "auc", "", models=True)],
    )

    def due(alarms=(), now=now, **wish):
        return [each.code for each in retraining.retraining_due(config(retrain=wish), alarms, now)]

    assert due(alarms) == due(alarms[:1], on_alarm=True) == due(older_than_days=30) == []
    assert due(alarms, on_alarm=True) == ["due_alarm"]
    assert due(now=now + timedelta(days=1), older_than_days=30) == ["due_age"]
