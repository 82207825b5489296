"""Printing: by a browser that is there, said where there is none, nothing half-written."""

from __future__ import annotations

import shutil

import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.pages import pdf
from servicelift.scoring.pages.pdf import PDF_WORDS, browser, print_pdf


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "a page.html"
    file.write_text("<!doctype html><title>a</title><details><summary>b</summary>c</details>", encoding="utf-8")
    return file


def test_without_a_browser_that_is_said_and_an_old_print_is_taken_away(page, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    old = page.with_suffix(".pdf")
    old.write_text("old")
    message = print_pdf(page, old)
    assert message.code == "no_browser"
    assert not old.exists()
    assert "chromium" in PDF_WORDS.write(Locale("en"), message)
    assert "aucun de ces navigateurs" in PDF_WORDS.write(Locale("fr"), message)


def test_a_browser_that_fails_leaves_nothing(page, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "browser", lambda: "/bin/false")
    message = print_pdf(page, page.with_suffix(".pdf"))
    assert (message.code, message.figures["why"]) == ("failed", "exit 1")
    assert [one.name for one in tmp_path.iterdir()] == [page.name]


@pytest.mark.slow
@pytest.mark.skipif(browser() is None, reason="no browser of the Chromium family is installed")
def test_a_page_is_printed(page):
    file = page.with_suffix(".pdf")
    assert print_pdf(page, file).code == "written"
    assert file.read_bytes().startswith(b"%PDF")
