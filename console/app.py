"""The application: addresses, and what stands between a request and a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ..core.config.business import Config
from ..core.errors import ServiceliftError
from ..core.locale import LANGUAGES, Language
from .decisions import DECISIONS, Decided
from .desk import Desk
from .page import PAGES, Content, Links, Shell, read_asset, render
from .pages.customer import customer_page
from .pages.experiments import experiments_page
from .pages.indicators import indicators_page
from .pages.models import models_page
from .pages.returns import returns_page
from .pages.targets import EXPORTED_ROWS, list_csv, targets_page, wish_of
from .pages.today import today_page
from .security import Guard
from .words.shell import REFUSALS, SHELL
from .words.targets import TARGETS

__all__ = ["Console"]

_LARGEST = 65_536
"""Bytes of the largest form."""

_ASSETS = {"console.css": "text/css", "console.js": "text/javascript"}
_SAVED = ("done", "refused", "open", "note")


class Console:
    """The web application of one business.

    Parameters
    ----------
    config
        The business.
    name
        File of the configuration, as people call it in a command.
    """

    def __init__(self, config: Config, name: str = "CONFIG") -> None:
        self.config = config
        self.guard = Guard.of(config.console)
        self.desk = Desk(config, name)
        self._pages: dict[str, Callable[[Shell], Content]] = {
            "today": lambda shell: today_page(self.desk, shell),
            "targets": lambda shell: targets_page(
                self.desk, shell, wish_of(shell.links.query, EXPORTED_ROWS if shell.links.files else 50)
            ),
            "customer": lambda shell: customer_page(self.desk, shell, shell.links.query.get("id", "").strip()[:200]),
            "returns": lambda shell: returns_page(self.desk, shell),
            "indicators": lambda shell: indicators_page(self.desk, shell),
            "experiments": lambda shell: experiments_page(self.desk, shell),
            "models": lambda shell: models_page(self.desk, shell),
        }
        routes = [Route("/" if name == "today" else f"/{name}", self._page(name)) for name in PAGES]
        routes += [
            Route("/targets.csv", self._guarded(self._csv)),
            Route("/decide", self._guarded(self._decide), methods=["POST"]),
            Route("/enter", self._enter, methods=["GET", "POST"]),
            Route("/static/{name}", self._asset),
            Route("/{rest:path}", self._guarded(self._not_found), methods=["GET", "POST"]),
        ]
        self.app = Starlette(routes=routes)

    def content(self, name: str, shell: Shell) -> Content:
        """Return a page by name, as its address asks for it."""
        return self._pages[name](shell)

    def _page(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        def answer(request: Request) -> Response:
            return self._answer(request, name, self._pages[name])

        return self._guarded(answer)

    def _guarded(self, answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that refuses what the guard refuses, and answers in a thread."""

        async def endpoint(request: Request) -> Response:
            refused = self.guard.refusal(request)
            if refused is not None:
                return self.guard.seal(request, self._refused(request, refused.code, refused.status))
            if not self.guard.entered(request):
                return self.guard.seal(request, RedirectResponse(self._address(request, "/enter"), 303))
            if request.method == "POST":
                body = await _body(request)
                if body is None:
                    return self.guard.seal(request, self._refused(request, "large", 413))
                request.state.form = body
            return await run_in_threadpool(answer, request)

        return endpoint

    def _answer(self, request: Request, name: str, make: Callable[[Shell], Content]) -> Response:
        session = self.guard.session(request)
        shell = self._shell(request, name, session)
        try:
            content = make(shell)
        except ServiceliftError as error:
            text = SHELL.say(shell.locale, "file_fault")
            content = _message(shell, "error", text, " ".join(str(error).split()), 500)
        return self.guard.seal(request, HTMLResponse(render(content, shell), content.status), session)

    def _csv(self, request: Request) -> Response:
        shell = self._shell(request, "targets", "")
        listed = self.desk.target_list(self.desk.places())
        if listed is None:
            return self._not_found(request)
        made = list_csv(listed, wish_of(shell.links.query), self.desk.decisions.latest(), shell.locale)
        headers = {"Content-Disposition": 'attachment; filename="targets.csv"'}
        return self.guard.seal(request, Response(made, media_type="text/csv; charset=utf-8", headers=headers))

    def _decide(self, request: Request) -> Response:
        """Keep a decision about a row of the list, and go back to where it was made."""
        form = dict(request.state.form)
        if not self.guard.form_is_ours(request, form.get("token", "")):
            return self.guard.seal(request, self._refused(request, "form", 403))
        listed = self.desk.target_list(self.desk.places())
        row = None if listed is None else listed.of_action(form.get("action_id", ""))
        if row is None:
            return self.guard.seal(request, self._refused(request, "not_listed", 404))
        decision, note = form.get("decision", ""), form.get("note", "").strip()[:2_000]
        if decision not in DECISIONS or (decision == "note" and not note):
            return self.guard.seal(request, self._refused(request, "decision", 400))
        keys = (str(row["action_id"]), str(row["customer_id"]), str(row["action"]))
        try:
            self.desk.decisions.add(Decided(*keys, decision, note, self.guard.user(request), datetime.now(UTC)))
        except ServiceliftError as error:
            shell = self._shell(request, "targets", "")
            content = _message(shell, "error", SHELL.say(shell.locale, "file_fault"), str(error), 500)
            return self.guard.seal(request, HTMLResponse(render(content, shell), 500))
        back = _back(form.get("back", ""), decision, keys[0])
        return self.guard.seal(request, RedirectResponse(back, 303))

    async def _enter(self, request: Request) -> Response:
        """Ask for the token, and let in who brings it."""
        refused = self.guard.refusal(request)
        if refused is not None:
            return self.guard.seal(request, self._refused(request, refused.code, refused.status))
        session, wrong = self.guard.session(request), False
        if request.method == "POST":
            form = dict(await _body(request) or ())
            home = RedirectResponse(self._address(request, "/"), 303)
            ours = self.guard.form_is_ours(request, form.get("token", ""))
            if ours and self.guard.enter(request, home, form.get("given", "")):
                return self.guard.seal(request, home)
            wrong = True
        shell = self._shell(request, "enter", session)
        content = Content("enter.html.j2", SHELL.say(shell.locale, "enter"), {"wrong": wrong})
        return self.guard.seal(request, HTMLResponse(render(content, shell), 403 if wrong else 200), session)

    def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS or self.guard.refusal(request) is not None:
            return self.guard.seal(request, Response(status_code=404))
        return self.guard.seal(request, Response(read_asset(name), media_type=_ASSETS[name]))

    def _not_found(self, request: Request) -> Response:
        return self.guard.seal(request, self._refused(request, "not_found", 404))

    def _refused(self, request: Request, code: str, status: int) -> Response:
        shell = self._shell(request, "error", "")
        content = _message(shell, "error", REFUSALS.say(shell.locale, code), "", status)
        return HTMLResponse(render(content, shell), status)

    def _shell(self, request: Request, name: str, session: str) -> Shell:
        query = {key: value for key, value in request.query_params.items() if value}
        language = self._language(query.pop("lang", ""))
        saved = query.pop("saved", "")
        about = query.pop("about", "")
        links = Links(language, self.config.language, name, query)
        token = self.guard.form_token(session) if session else ""
        shell = Shell.of(self.config, language, links=links, user=self.guard.user(request), form_token=token)
        return replace(shell, note=self._note(shell, saved, about)) if saved in _SAVED else shell

    def _note(self, shell: Shell, saved: str, action_id: str) -> str:
        """Return what has just been decided, in words; nothing where the address speaks of no row of the list."""
        try:
            listed = self.desk.target_list(self.desk.places())
        except ServiceliftError:
            return ""
        row = None if listed is None else listed.of_action(action_id)
        if row is None:
            return ""
        figures = {} if saved == "note" else {"action": row["action"]}
        return TARGETS.say(shell.locale, f"saved_{saved}", customer=str(row["customer_id"]), **figures)

    def _language(self, wanted: str) -> Language:
        return next((each for each in LANGUAGES if each == wanted), self.config.language)

    def _address(self, request: Request, path: str) -> str:
        language = self._language(request.query_params.get("lang", ""))
        return path if language == self.config.language else f"{path}?lang={language}"


def _message(shell: Shell, title: str, text: str, detail: str, status: int) -> Content:
    return Content("message.html.j2", SHELL.say(shell.locale, title), {"text": text, "detail": detail}, status)


async def _body(request: Request) -> list[tuple[str, str]] | None:
    """Return the fields of a form; None where it is too large, or has more of them than any of ours."""
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > _LARGEST:
            return None
    try:
        return parse_qsl(read.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None


def _back(address: str, decision: str, action_id: str) -> str:
    """Return where to go after a decision: a page of this console, never another site."""
    parts = urlsplit(address)
    inside = (
        not parts.scheme and not parts.netloc and parts.path.startswith("/") and not address.startswith(("//", "/\\"))
    )
    path = parts.path if inside else "/targets"
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("saved", "about")] if inside else []
    return f"{path}?{urlencode([*query, ('saved', decision), ('about', action_id)])}"
