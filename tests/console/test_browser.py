"""The console in a real browser: Debian's chromium, driven by Playwright; axe-core looks at every page.

Skips, and says why, on a machine without chromium or without the extra ``browser``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servicelift.console.app import Console
from servicelift.console.export import export
from servicelift.console.page import PAGES
from servicelift.console.words.terms import RETURN_TERMS
from servicelift.core.config.business import load_config

from .conftest import HELD, HOSTILE, PERIODS, beside_the_list, indicator_rows, made_up, past_statement, scored

pytestmark = pytest.mark.slow
pytest.importorskip("playwright.sync_api", reason="needs pip install 'servicelift[browser]'")
TOKEN = "a-token-that-is-long-enough"
WIDTHS = {"desk": 1280, "phone": 390}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("browser") / "desk"
    made_up(place)
    (place / "indicators").mkdir()
    indicator_rows().to_parquet(place / "indicators" / "indicators.parquet")
    (place / "targets.list.json").write_text(json.dumps(beside_the_list()), encoding="utf-8")
    for name, span in PERIODS.items():
        past_statement(place, name, *span)
    night = place / "night" / "as_of=2024-05-31" / "scores"
    night.mkdir(parents=True)
    scored(["C1"]).to_parquet(night / "part-00000.parquet")
    (night.parent / "manifest.json").write_text('{"as_of": "2024-05-31T00:00:00+00:00"}', encoding="utf-8")
    (place / "b.yaml").write_text(
        (place / "b.yaml").read_text(encoding="utf-8") + "console: {outputs: {scores: scores, targets: targets.csv}}\n",
        encoding="utf-8",
    )
    return place


@contextmanager
def served(console: Console) -> Iterator[str]:
    """Serve a console by its own server on a free port."""
    import socket

    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        settings = uvicorn.Config(console.app, log_level="error", lifespan="off")
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    """The console as this machine reaches it."""
    console = Console(load_config(folder / "b.yaml"), "b.yaml")
    console.desk.tables.opened("2024-07-01T00:00:00+00:00", wait=True)
    with served(console) as address:
        yield address


@pytest.fixture(scope="module")
def locked(folder: Path) -> Iterator[str]:
    """The console that asks for a token."""
    config = load_config(folder / "b.yaml")
    asks = config.console.model_copy(update={"token_env": "DESK_TOKEN"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_TOKEN", TOKEN)
        console = Console(config.model_copy(update={"console": asks}), "b.yaml")
    with served(console) as address:
        yield address


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": WIDTHS[request.param], "height": 900}, accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    page.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
    yield page
    context.close()
    assert faults == []


def axe_violations(page: Any) -> list[str]:
    """What axe-core finds on a page, WCAG 2.2 AA and best practices included."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs pip install 'servicelift[browser]'"
    )
    found = axe.Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


ADDRESSES = [*("/" if name == "today" else f"/{name}" for name in PAGES), "/customer?id=C1", f"/customer?id={HELD}"]
ADDRESSES += ["/targets?budget=100&state=open", "/targets?text=nobody", "/customer?id=C", "/nowhere"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_and_nothing_is_cut(page, site, address, language):
    page.goto(f"{site}{address}{'&' if '?' in address else '?'}lang={language}")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_has_a_token_signs_in_on_a_page_that_everybody_can_use(page, locked, language):
    page.goto(f"{locked}/targets?lang={language}")
    assert page.url.startswith(f"{locked}/enter")
    label, button = {"en": ("Access token", "Sign in"), "fr": ("Jeton d'accès", "Se connecter")}[language]
    for given in ("a-token-that-is-not-the-one", TOKEN):
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
        assert page.locator("html").get_attribute("lang") == language
        page.get_by_label(label).fill(given)
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        assert page.get_by_role("alert").count() == (given != TOKEN)
    page.locator("nav[aria-label]").first.wait_for()
    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert kept.keys() == {"servicelift_session", "servicelift_entered"}
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Strict" for cookie in kept.values())
    assert page.evaluate("document.cookie") == ""


def test_axe_is_not_blind(page, site):
    page.goto(f"{site}/")
    page.evaluate(
        "document.querySelector('main').append(document.createElement('img'), document.createElement('input'))"
    )
    found = " ".join(axe_violations(page))
    assert "image-alt" in found
    assert "label" in found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_figure_of_the_return_leads_to_what_it_means(page, site, language):
    page.goto(f"{site}/returns?lang={language}")
    figures = page.locator("article#retention_offer table.figures").first.locator("th")
    names = figures.locator("a.term").all_inner_texts()
    assert len(names) >= figures.count() - 2, "all but the heads of the first two columns are defined"
    for name in names:
        page.goto(f"{site}/returns?lang={language}")
        link = figures.get_by_role("link", name=name, exact=True).first
        target = (link.get_attribute("href") or "").removeprefix("#")
        link.click()
        word, meaning = page.locator(f"#{target}"), page.locator(f"#{target} + dd")
        assert word.evaluate("each => each.getBoundingClientRect().top >= 0")
        assert word.evaluate("each => each.getBoundingClientRect().top < window.innerHeight")
        code = next(code for code in RETURN_TERMS.terms if target == f"term-{code.replace('_', '-')}")
        said = " ".join(meaning.inner_text().split())
        assert said == " ".join(RETURN_TERMS.terms[code].meaning.template(language).split())
    ids = set(page.locator("[id]").evaluate_all("all => all.map(each => each.id)"))
    leads = page.locator("a.term").evaluate_all("all => all.map(each => each.hash.slice(1))")
    assert set(leads) <= ids


def test_a_list_is_filtered_decided_upon_and_downloaded(page, site, tmp_path):
    page.goto(f"{site}/targets")
    assert HOSTILE in page.locator("table.list").inner_text()
    page.get_by_label("Customer or reason").fill("N00")
    page.get_by_label("Action", exact=True).select_option("iban_switch")
    page.get_by_role("button", name="Show").click()
    rows = page.locator("table.list tbody tr")
    assert rows.count() == 5
    page.get_by_role("button", name="Done: iban switch, customer N001").click()
    assert "Kept: iban switch done for N001." in page.locator(".kept[role=status]").inner_text()
    page.get_by_label("State").select_option("done")
    page.get_by_role("button", name="Show").click()
    assert rows.count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "list.csv")
    assert pd.read_csv(tmp_path / "list.csv")["customer_id"].tolist() == ["N001"]
    page.get_by_role("button", name="Take back: iban switch, customer N001").click()
    assert "open again" in page.locator(".kept[role=status]").inner_text()


def test_the_slider_tells_its_figure_and_cuts_the_list(page, site):
    page.goto(f"{site}/targets")
    slider = page.locator("#f-budget")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    assert page.locator("output").inner_text() == "€12"
    page.get_by_role("button", name="Show").click()
    assert page.locator("table.list tbody tr").count() == 2


def test_the_keyboard_reaches_the_content_first_and_everything_after(page, site):
    page.goto(f"{site}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_language_link_keeps_the_page(page, site):
    page.goto(f"{site}/targets?action=iban_switch")
    page.get_by_role("link", name="Français").click()
    assert page.locator("h1").inner_text() == "Clients à contacter"
    assert page.locator("#f-action").input_value() == "iban_switch"
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == "Targets"


def test_pages_work_without_script(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/targets")
    page.get_by_label("Budget, exact amount").fill("22,5")
    page.get_by_role("button", name="Show").click()
    assert page.locator("table.list tbody tr").count() == 4
    page.get_by_role("button", name="Refused: retention offer, customer C1").click()
    assert "refused by C1" in page.locator(".kept[role=status]").inner_text()
    context.close()


def test_a_copy_is_the_same_pages_as_files(page, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("copy") / "pages"
    export(load_config(folder / "b.yaml"), out, "b.yaml")
    page.goto((out / "index.html").as_uri())
    page.get_by_role("link", name="Targets", exact=True).click()
    assert axe_violations(page) == []
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor") == "rgb(255, 255, 255)"
    page.get_by_role("link", name="C1", exact=True).click()
    assert page.locator("h1").inner_text() == "Customer C1"
    page.get_by_role("link", name="Français").click()
    assert page.locator("h1").inner_text() == "Client C1"
    assert axe_violations(page) == []
