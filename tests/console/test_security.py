"""Who gets in, what a form needs, and that nothing a customer is called by becomes part of a page."""

from __future__ import annotations

import re

import pytest
from servicelift.console.app import Console
from servicelift.console.security import CSP, Guard
from servicelift.core.config.console import ConsoleConfig
from servicelift.core.errors import ConfigError

from .conftest import FORMULA, Browser, made_up

TOKEN = "a-token-that-is-long-enough"
ROW = {"action_id": "a-20240701-C1", "decision": "done"}


def test_every_answer_forbids_what_a_page_must_not_do(browser):
    for address in ("/", "/targets", "/returns", "/console.css", "/static/console.css", "/nowhere", "/targets.csv"):
        answer = browser.get(address)
        assert answer.header("content-security-policy") == CSP
        assert answer.header("cache-control") == "no-store"
        assert answer.header("x-content-type-options") == "nosniff"
    assert "'unsafe" not in CSP
    assert CSP.startswith("default-src 'none'")


def test_no_page_has_script_or_style_of_its_own(browser):
    for address in ("/", "/targets?budget=100", "/returns"):
        text = browser.get(address).text
        assert " style=" not in text
        assert "<style" not in text
        assert text.count("<script") == 1
        assert 'src="/static/console.js"' in text
        assert " on" + "click=" not in text


def test_a_foreign_host_gets_nothing(browser):
    browser.host = "evil.example:8765"
    answer = browser.get("/targets")
    assert answer.status == 400
    assert "C1" not in answer.text


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765"])
def test_this_machine_has_its_own_names(browser, host):
    browser.host = host
    assert browser.get("/").status == 200


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://evil.example", "cross-site"),
        ("https://evil.example", ""),
        ("http://127.0.0.1:9999", ""),
        ("null", ""),
        ("http://127.0.0.1:8765", "same-site"),
        ("", ""),
    ],
)
def test_a_form_from_elsewhere_is_refused(browser, origin, site):
    form = {"token": browser.token(), **ROW}
    assert browser.post("/decide", form, origin=origin, sec_fetch_site=site).status == 403
    assert browser.console.desk.decisions.all() == []


def test_a_form_needs_the_token_of_its_own_browser(browser):
    theirs = Browser(browser.console).token()
    own = browser.token()
    assert own != theirs
    for token in ("", theirs, own[:-1]):
        assert browser.post("/decide", {"token": token, **ROW}).status == 403
    assert browser.post("/decide", {"token": own, **ROW}).status == 303


def test_a_form_is_bounded(browser):
    form = {"token": browser.token(), **ROW, "note": "x" * 70_000}
    assert browser.post("/decide", form).status == 413
    many = {"token": browser.token(), **ROW} | {f"field{n}": "x" for n in range(30)}
    assert browser.post("/decide", many).status == 413


def test_after_a_decision_nobody_is_sent_to_another_site(browser):
    for back in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = browser.post("/decide", {"token": browser.token(), **ROW, "back": back})
        assert answer.header("location").startswith("/targets?")


def test_hostile_texts_are_shown_as_texts(browser):
    for language in ("en", "fr"):
        text = browser.get(f"/targets?lang={language}&text=alert").text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<b>cheque" not in text
        assert "<i>well" not in browser.get(f"/returns?lang={language}").text
    assert '"><script' not in browser.get("/targets?text=%22%3E%3Cscript%3E").text


def test_a_spreadsheet_runs_nothing(browser):
    text = browser.get("/targets.csv").text
    assert f"'{FORMULA}" in text
    assert f",{FORMULA}" not in text


def test_others_are_let_in_only_with_a_word_on_who_they_are(monkeypatch):
    with pytest.raises(ConfigError, match=r"token_env .* or proxy_user_header"):
        Guard.of(ConsoleConfig(host="0.0.0.0"))
    monkeypatch.setenv("DESK_TOKEN", "short")
    with pytest.raises(ConfigError, match=r"16 characters or more .*, got 5"):
        Guard.of(ConsoleConfig(host="0.0.0.0", token_env="DESK_TOKEN"))
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    assert Guard.of(ConsoleConfig(host="0.0.0.0", token_env="DESK_TOKEN")).token == TOKEN
    assert TOKEN not in repr(Guard.of(ConsoleConfig(token_env="DESK_TOKEN")).config)


def test_a_token_opens_the_console(desk_folder, monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    config = made_up(desk_folder, console="console: {host: 0.0.0.0, names: [desk.local], token_env: DESK_TOKEN}\n")
    browser = Browser(Console(config), host="desk.local")
    assert browser.get("/targets").header("location") == "/enter"
    assert browser.get("/targets.csv").status == 303
    assert browser.get("/", authorization=f"Bearer {TOKEN}").status == 200
    form = browser.token("/enter")
    assert browser.post("/enter", {"token": form, "given": "wrong"}).status == 403
    assert browser.post("/enter", {"token": form, "given": TOKEN}, sec_fetch_site="cross-site").status == 403
    assert browser.get("/targets").status == 303
    assert browser.post("/enter", {"token": form, "given": TOKEN}).status == 303
    assert browser.get("/targets").status == 200
    assert TOKEN not in str(browser.cookies)


def test_a_proxy_says_who_asks_and_nobody_else_does(desk_folder):
    config = made_up(
        desk_folder, console="console: {host: 0.0.0.0, names: [desk.local], proxy_user_header: X-Remote-User}\n"
    )
    browser = Browser(Console(config), host="desk.local")
    assert browser.get("/").status == 401
    assert "Camille" in browser.get("/", x_remote_user="Camille").text
    browser.client = "10.0.0.9"
    assert browser.get("/", x_remote_user="Camille").status == 401


def cookie_marks(answer) -> dict[str, set[str]]:
    """What is said of each cookie of an answer, by its name, in small letters."""
    set_here = [value for key, value in answer.headers if key == "set-cookie"]
    return {value.partition("=")[0]: {part.strip().lower() for part in value.split(";")[1:]} for value in set_here}


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(desk_folder, monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    browser = Browser(Console(made_up(desk_folder, console="console: {token_env: DESK_TOKEN}\n")))
    asked = browser.get("/enter")
    form = re.search(r'name="token" value="([0-9a-f]+)"', asked.text)
    assert form is not None
    let_in = browser.post("/enter", {"token": form[1], "given": TOKEN})
    found = cookie_marks(asked) | cookie_marks(let_in)
    assert found.keys() == {"servicelift_session", "servicelift_entered"}
    for marks in found.values():
        assert {"httponly", "samesite=strict", "path=/"} <= marks
        assert "secure" not in marks, "a browser would not send it back to http://127.0.0.1"


def test_cookies_are_kept_to_https_where_the_browser_came_by_it(desk_folder, monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    browser = Browser(Console(made_up(desk_folder, console="console: {token_env: DESK_TOKEN}\n")), scheme="https")
    assert "secure" in cookie_marks(browser.get("/enter"))["servicelift_session"]
    browser.cookies.clear()
    form = browser.token("/enter")
    let_in = browser.post("/enter", {"token": form, "given": TOKEN}, origin="https://127.0.0.1:8765")
    assert "secure" in cookie_marks(let_in)["servicelift_entered"]


@pytest.mark.parametrize(
    ("proxies", "client", "scheme", "secure"),
    [
        ("proxies: [10.0.0.2]", "10.0.0.2", "https", True),
        ("proxies: [10.0.0.2]", "10.0.0.2", "https, http", True),
        ("proxies: [10.0.0.2]", "10.0.0.2", "http", False),
        ("proxies: [10.0.0.2]", "10.0.0.9", "https", False),
        ("proxy_user_header: X-Remote-User", "127.0.0.1", "https", True),
        ("port: 8765", "127.0.0.1", "https", False),
    ],
)
def test_only_a_proxy_of_the_config_says_how_a_browser_came(desk_folder, proxies, client, scheme, secure):
    browser = Browser(Console(made_up(desk_folder, console=f"console: {{{proxies}}}\n")), client=client)
    marks = cookie_marks(browser.get("/", x_forwarded_proto=scheme, x_remote_user="Zoë"))["servicelift_session"]
    assert ("secure" in marks) is secure
