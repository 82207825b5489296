"""The copy: the same pages in both languages, links that resolve, nothing of people who are left alone."""

from __future__ import annotations

import re

import pytest
from servicelift.console.export import export
from servicelift.console.page import PAGES
from servicelift.console.pages.targets import EXPORTED_PAGES, EXPORTED_ROWS
from servicelift.core.errors import DataError

from .conftest import HELD, listed, made_up


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy that the tests read and leave as it is."""
    folder = tmp_path_factory.mktemp("copied")
    return export(made_up(folder / "desk"), folder / "copy", "b.yaml")


def test_every_page_is_there_in_both_languages(copied):
    for language in ("en", "fr"):
        for name in PAGES:
            text = (copied.out / f"{name}.{language}.html").read_text(encoding="utf-8")
            assert f'<html lang="{language}">' in text
    assert copied.files == len(list(copied.out.glob("*.*")))


def test_every_link_is_a_file_beside_it(copied):
    for page in copied.out.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        links = re.findall(r'(?:href|src|action)="([^"]*)"', text)
        assert links
        for link in links:
            if not link.startswith("#"):
                assert (copied.out / link.partition("#")[0]).is_file(), f"{page.name}: {link}"


def test_a_copy_asks_for_nothing_and_holds_nobody_who_is_left_alone(copied):
    for page in copied.out.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<form" not in text
        assert HELD not in text
        assert "decisions are made in the console" in text or "se prennent dans la console" in text
    assert HELD not in (copied.out / "targets.en.csv").read_text(encoding="utf-8")


def test_a_long_list_is_cut_and_says_so_and_what_is_gone_leaves_no_page(desk_folder, tmp_path):
    config = made_up(desk_folder)
    rows = EXPORTED_PAGES * EXPORTED_ROWS + 5
    listed([f"N{n:05d}" for n in range(rows)], "treated").to_csv(desk_folder / "targets.csv", index=False)
    out = tmp_path / "copy"
    export(config, out)
    last = (out / f"targets-{EXPORTED_PAGES}.fr.html").read_text(encoding="utf-8")
    assert not (out / f"targets-{EXPORTED_PAGES + 1}.fr.html").exists()
    assert "les 2\u202f000 premiers clients sur 2\u202f005" in last
    assert len((out / "targets.en.csv").read_text(encoding="utf-8").splitlines()) == rows + 1
    listed(["ONLY"], "treated").to_csv(desk_folder / "targets.csv", index=False)
    export(config, out)
    assert sorted(file.name for file in out.glob("customer-*")) == ["customer-1.en.html", "customer-1.fr.html"]
    assert not list(out.glob("targets-*"))


def test_what_cannot_be_read_leaves_no_copy(desk_folder, tmp_path):
    config = made_up(desk_folder)
    (desk_folder / "targets.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"is no list that `targets` wrote"):
        export(config, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
