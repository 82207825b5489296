"""The pages are sound: links lead somewhere, paths and modules exist, glossary terms too, and no diary is kept."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
GENERATED = {"features.md", "tables.md", "configuration.md", "api.md"}

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
FILE = re.compile(
    r"(?<![\w/])((?:benchmarks|examples|configs|core|features|models|training|scoring|simulation)/[\w/.-]+\.\w+)"
)
MODULE = re.compile(r"python -m (servicelift[\w.]*)")
DIARY = re.compile(r"\b(earlier version|version before|first half had|used to be|no longer|previously|at present)\b")
SINGULAR = re.compile(r"\b(he|him|his|himself)\b")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return what a link into a page can name: its headings as GitHub writes them, and marked places."""
    text = page.read_text(encoding="utf-8")
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(text)}
    return slugs | set(ANCHOR.findall(text))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_somewhere(page):
    for target in LINK.findall(prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        place, _, part = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), f"{name(page)}: dead link {target}"
        if part:
            assert part in anchors(file), f"{name(page)}: no such place {target}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_and_modules_that_pages_name_exist(page):
    text = page.read_text(encoding="utf-8")
    for path in FILE.findall(text):
        assert (ROOT / path).exists(), f"{name(page)} names {path}"
    for module in MODULE.findall(text):
        assert importlib.util.find_spec(module), f"{name(page)} names {module}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in GENERATED], ids=name)
def test_pages_speak_of_the_present_and_of_customers_as_they(page):
    text = prose(page)
    assert not DIARY.findall(text)
    assert not SINGULAR.findall(text)


def test_the_glossary_is_in_order_and_every_term_can_be_linked():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    entries = [entry for entry in text.split("\n\n") if "**" in entry]
    assert all(ANCHOR.match(entry) for entry in entries)
    slugs = ANCHOR.findall(text)
    assert len(set(slugs)) == len(slugs) == len(entries)
    assert slugs == sorted(slugs, key=lambda slug: slug.replace("-", " "))


def test_readme_is_one_screen():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_page_is_reached_from_the_readme(page):
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        here = ahead.pop()
        if here in reached:
            continue
        reached.add(here)
        targets = [target.partition("#")[0] for target in LINK.findall(here.read_text(encoding="utf-8"))]
        ahead += [file for t in targets if t.endswith(".md") and (file := (here.parent / t).resolve()).exists()]
    assert page in reached
