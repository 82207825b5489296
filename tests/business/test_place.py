"""Where results go."""

from __future__ import annotations

from pathlib import Path

from servicelift.business.place import place


def test_ones_own_place_is_taken_as_it_is():
    assert place("somewhere/list.csv", "other.csv") == (None, Path("somewhere/list.csv"))


def test_a_temporary_place_goes_with_what_keeps_it():
    kept, file = place(None, "list.csv")
    assert file.name == "list.csv"
    assert file.parent.is_dir()
    kept.cleanup()
    assert not file.parent.exists()
