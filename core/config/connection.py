"""Where a database is, and how secrets stay out of sight: connection URIs with placeholders.

The configuration keeps the URI as it was written, ``postgresql://${CRM_USER}:${CRM_PASSWORD}@host/db``; the
environment fills it in only when the database is opened, so that no config that is shown or logged holds a secret.
"""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, quote, unquote

from ..errors import ConfigError
from .document import VARIABLE

__all__ = ["check_connection", "filled", "place", "without_userinfo"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/")
_OURS = re.compile(r"postgres(ql)?://")
_PLACEHOLDERS = re.compile(rf"(?:{VARIABLE.pattern})+")
_SECRETS = ("password", "sslpassword", "oauth_client_secret")
_PORT = re.compile(r"[0-9]*")
_USERINFO = re.compile(r"(://)[^\s'\"]*@")

_EXPECTED = "expected postgresql://host/database"


def check_connection(template: str) -> str:
    """Return ``template`` if it names a PostgreSQL database and holds no secret.

    Raises
    ------
    ValueError
        Another scheme, no URI, or a password that is written out; the message shows no part of it but the scheme.
    """
    if not _OURS.match(template):
        if _PLACEHOLDERS.match(template):
            return template
        scheme = _SCHEME.match(template)
        came = f"got {scheme[1]}:" if scheme else "got no URI"
        raise ValueError(f"{_EXPECTED}, the only kind of database that can be read here, {came}")
    userinfo, _, _, query = _parts(template)
    password = userinfo.partition(":")[2]
    written = [password, *(value for name, value in parse_qsl(query) if name in _SECRETS)]
    if any(secret and not _PLACEHOLDERS.fullmatch(secret) for secret in written):
        raise ValueError(
            "a password must not stand in the configuration; write ${NAME} in its place and set that"
            " environment variable, or leave it out and use PGPASSWORD or a password file"
        )
    return template


def filled(template: str) -> str:
    """Return ``template`` with its placeholders from the environment, user and password percent-encoded.

    Raises
    ------
    ConfigError
        A variable is not set, or what came out is no PostgreSQL URI; shows names of variables only.
    """
    if not _OURS.match(template):
        uri = VARIABLE.sub(_value, template)
    else:
        scheme, _, rest = template.partition("://")
        userinfo, at, place = _split(rest)
        user = VARIABLE.sub(lambda match: quote(_value(match), safe=""), userinfo)
        uri = f"{scheme}://{user}{at}{VARIABLE.sub(_value, place)}"
    if not _OURS.match(uri):
        raise ConfigError(f"{_EXPECTED} from the environment, got another kind of text; correct the variable")
    return uri


def place(uri: str) -> str:
    """Return ``host/database`` as messages show it, without user, password and options."""
    _, hosts, database, query = _parts(uri)
    options = dict(parse_qsl(query))
    service = options.get("service") or (None if hosts else os.environ.get("PGSERVICE"))
    if service:
        return f"service {service}"
    host = hosts or options.get("host") or os.environ.get("PGHOST") or "the local server"
    name = database or options.get("dbname") or os.environ.get("PGDATABASE")
    return f"{unquote(host)}/{unquote(name)}" if name else unquote(host)


def without_userinfo(text: str) -> str:
    """Return ``text`` with whatever stands between ``://`` and ``@`` left out."""
    return _USERINFO.sub(r"\1", text)


def _value(match: re.Match[str]) -> str:
    if match[1] not in os.environ:
        raise ConfigError(f"the environment variable {match[1]} is not set; set it")
    return os.environ[match[1]]


def _split(rest: str) -> tuple[str, str, str]:
    """Return user and password, ``@``, and what follows: a password may hold @ and /, but no bare ``?``."""
    head, mark, query = rest.partition("?")
    userinfo, at, place = head.rpartition("@")
    return userinfo, at, place + mark + query


def _parts(uri: str) -> tuple[str, str, str, str]:
    """Return user and password, hosts, database, options.

    Raises
    ------
    ConfigError
        A port is no number: most likely a password with a bare ``?``, or a forgotten ``@``.
    """
    userinfo, _, rest = _split(uri.partition("://")[2])
    head, _, query = rest.partition("?")
    hosts, _, database = head.partition("/")
    for host in hosts.split(","):
        port = host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
        if not (_PORT.fullmatch(port) or _PLACEHOLDERS.fullmatch(port)):
            raise ConfigError(f"{_EXPECTED}, got a port that is no number; percent-encode signs such as ? and @")
    return userinfo, hosts, database, query
