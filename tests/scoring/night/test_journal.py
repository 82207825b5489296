"""What a killed run has done is done, if it is whole and made from the same; half a step is not."""

from __future__ import annotations

import pytest
from servicelift.scoring.night.journal import Journal


def writes(folder, name, text="rows", facts=None):
    def work():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return facts or {"n": 1}

    return work


def never():
    raise AssertionError("this step was done already")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / ".night-as_of=2024-06-01"


@pytest.fixture
def begun(folder):
    """A night whose scores are done and whose list is half written."""
    journal = Journal(folder, "key")
    done = journal.run("score", writes(folder, "scores/part-00000.parquet"))
    assert (done.facts, done.resumed) == ({"n": 1}, False)
    with pytest.raises(KeyboardInterrupt):
        journal.run("targets", lambda: (writes(folder, "targets/half.csv")(), (_ for _ in ()).throw(KeyboardInterrupt)))
    return folder


def test_a_killed_run_goes_on_with_what_is_done_and_without_what_is_half(begun):
    assert (begun / "targets" / "half.csv").exists()
    journal = Journal(begun, "key")
    done = journal.run("score", never)
    assert (done.facts, done.resumed) == ({"n": 1}, True)
    assert not (begun / "targets").exists()
    journal.run("targets", writes(begun, "targets/list.csv"))
    assert sorted(journal.files) == ["scores/part-00000.parquet", "targets/list.csv"]


def test_other_inputs_begin_anew(begun):
    journal = Journal(begun, "another key")
    assert list(begun.iterdir()) == []
    assert not journal.run("score", writes(begun, "scores/part-00000.parquet")).resumed


@pytest.mark.parametrize("damage", ["other", None])
def test_a_step_whose_files_are_not_its_own_is_done_anew(begun, damage):
    Journal(begun, "key").run("targets", writes(begun, "targets/list.csv"))
    file = begun / "scores" / "part-00000.parquet"
    file.write_text(damage, encoding="utf-8") if damage else file.unlink()
    journal = Journal(begun, "key")
    assert not journal.files
    assert list(begun.iterdir()) == []


def test_steps_before_a_damaged_one_are_kept(begun):
    Journal(begun, "key").run("targets", writes(begun, "targets/list.csv"))
    (begun / "targets" / "list.csv").unlink()
    assert list(Journal(begun, "key").files) == ["scores/part-00000.parquet"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "key"}'])
def test_a_journal_that_was_cut_off_is_worth_nothing(begun, text):
    begun.with_name(f"{begun.name}.json").write_text(text, encoding="utf-8")
    assert not Journal(begun, "key").files


def test_the_manifest_is_no_step_and_the_journal_goes_with_the_night(begun):
    (begun / "manifest.json").write_text("{}", encoding="utf-8")
    journal = Journal(begun, "key")
    journal.run("targets", writes(begun, "targets/list.csv"))
    assert "manifest.json" not in journal.files
    journal.close()
    assert [each.name for each in begun.parent.iterdir()] == [begun.name]
