"""Who may ask the console for what: hosts, people, forms, and what a browser may do with a page.

- ``Host`` has to be one that the console answers to: another site's name that is made to point here gets nothing.
- A form is taken only from a page of the console itself: ``Origin`` and ``Sec-Fetch-Site`` have to say so, and it
  carries a token that only the page knew.
- People: on this machine nobody is asked. Elsewhere a token, or the header of a reverse proxy, says who comes.
- Cookies are for the console's own pages alone, out of reach of scripts, and secure where the browser came by https.
- A page may load nothing but the style and the script of the console, and runs no script of its own text.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ..core.config.console import ConsoleConfig
from ..core.errors import ConfigError
from ..core.short_repr import ShortRepr

__all__ = ["CSP", "HEADERS", "Guard", "Refusal"]

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""What a page may load and do."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer."""

_OWN_NAMES = ("127.0.0.1", "localhost", "::1")
_SESSION, _ENTERED = "servicelift_session", "servicelift_entered"
_LEAST = 16
"""Characters of the shortest token that is taken."""


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused: the code of the sentence, and the HTTP status."""

    code: str
    status: int


@dataclass(frozen=True)
class Guard(ShortRepr):
    """The rules of one console.

    Parameters
    ----------
    config
        Its section of the configuration.
    token
        That people give when they come; None: nobody is asked.
    secret
        Signs the tokens of forms; new with each start.
    """

    config: ConsoleConfig
    token: str | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @classmethod
    def of(cls, config: ConsoleConfig) -> Guard:
        """Return the rules of a configuration.

        Raises
        ------
        ConfigError
            Others can reach the address and nothing says who they are, or the token is missing or short.
        """
        token = None
        if config.token_env is not None:
            token = os.environ.get(config.token_env, "")
            if len(token) < _LEAST:
                raise ConfigError(
                    f"console: token_env: expected a token of {_LEAST} characters or more in the environment variable"
                    f" {config.token_env}, got {len(token)}; set one, such as that of `python -c 'import secrets;"
                    " print(secrets.token_urlsafe())'`"
                )
        if not config.local and token is None and config.proxy_user_header is None:
            raise ConfigError(
                f"console: others can reach {config.host}: expected token_env (a token that people give) or"
                " proxy_user_header (a reverse proxy that says who asks), got neither; name one, or listen at 127.0.0.1"
            )
        return cls(config, token)

    def refusal(self, request: Request) -> Refusal | None:
        """Return why a request is refused, before its body is read; None where it may go on."""
        if not self._known_host(request.headers.get("host", "")):
            return Refusal("host", 400)
        if request.method == "POST" and not self._from_here(request):
            return Refusal("origin", 403)
        if self.config.proxy_user_header is not None and self.token is None and not self.user(request):
            return Refusal("nobody", 401)
        return None

    def user(self, request: Request) -> str:
        """Return who the reverse proxy says is asking; "" where nobody says so, or somebody else than the proxy."""
        header = self.config.proxy_user_header
        if header is None or request.client is None or request.client.host not in self.config.proxies:
            return ""
        return request.headers.get(header, "").strip()[:200]

    def entered(self, request: Request) -> bool:
        """Return whether the one who asks has given the token, or need not."""
        if self.token is None or self.user(request):
            return True
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = request.cookies.get(_ENTERED, "")
        return _same(bearer, self.token) or _same(given, self._sign("entered", self.token))

    def enter(self, request: Request, response: Response, token: str) -> bool:
        """Let a browser in that brings the token; return whether it did."""
        if self.token is None or not _same(token, self.token):
            return False
        self._keep(request, response, _ENTERED, self._sign("entered", self.token))
        return True

    def encrypted(self, request: Request) -> bool:
        """Return whether the browser came by https: to the console, or to a reverse proxy of the configuration."""
        if request.url.scheme == "https":
            return True
        named = self.config.proxy_user_header is not None or "proxies" in self.config.model_fields_set
        if not named or request.client is None or request.client.host not in self.config.proxies:
            return False
        return request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower() == "https"

    def session(self, request: Request) -> str:
        """Return the session of a browser: its own, else a new one."""
        known = request.cookies.get(_SESSION, "")
        return known if 20 <= len(known) <= 100 and known.isascii() else secrets.token_urlsafe(24)

    def form_token(self, session: str) -> str:
        """Return the token that forms of a session carry."""
        return self._sign("form", session)

    def form_is_ours(self, request: Request, token: str) -> bool:
        """Return whether a form carries the token of its session."""
        session = request.cookies.get(_SESSION, "")
        return bool(session) and _same(token, self.form_token(session))

    def seal(self, request: Request, response: Response, session: str | None = None) -> Response:
        """Return an answer with the headers that every one has, and the session of the browser."""
        response.headers.update(HEADERS)
        if session is not None and request.cookies.get(_SESSION) != session:
            self._keep(request, response, _SESSION, session)
        return response

    def _keep(self, request: Request, response: Response, name: str, value: str) -> None:
        """Give a browser a cookie that no script and no other site can use, and that https keeps to https."""
        secure = self.encrypted(request)
        response.set_cookie(name, value, httponly=True, samesite="strict", secure=secure, path="/")

    def _known_host(self, header: str) -> bool:
        name = urlsplit(f"//{header}").hostname or ""
        own = (*_OWN_NAMES, self.config.host) if self.config.host not in ("0.0.0.0", "::") else _OWN_NAMES
        return name in own or name in {each.lower() for each in self.config.names}

    def _from_here(self, request: Request) -> bool:
        """Return whether a form comes from a page of the console: the browser has to say so."""
        site = request.headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            return False
        origin = request.headers.get("origin")
        if origin is None:
            return site == "same-origin"
        return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() and origin != "null"

    def _sign(self, what: str, text: str) -> str:
        return hmac.new(self.secret, f"{what}/{text}".encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
