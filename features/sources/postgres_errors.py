"""Why PostgreSQL failed, in our words: its own may quote users, connection strings and rows."""

from __future__ import annotations

import re

__all__ = ["connecting", "reading"]

_CONNECTING = (
    (
        r"authentication failed|no password supplied",
        "user or password was refused; set PGUSER and PGPASSWORD, a password file, or the variables of connection:",
    ),
    (r'role ".*" does not exist', "the server has no such user; check PGUSER or the variables of connection:"),
    (r'database ".*" does not exist', "the server has no such database; check its name in connection:"),
    (r"could not translate host name|could not parse network", "no such host is known; check its name in connection:"),
    (
        r"Connection refused|No such file or directory",
        "nothing answers there; check host and port, and whether the server runs",
    ),
    (
        r"timeout expired|timed out|No route to host|unreachable",
        "the host does not answer; check its address, the network and the firewall",
    ),
    (r"no pg_hba\.conf entry", "the server admits no such user from here; ask its administrator"),
    (r"too many (clients|connections)|connection slots", "the server takes no more connections; try again later"),
    (r"starting up|shutting down|recovery mode", "the server is starting or stopping; try again later"),
    (r"SSL|certificate", "no encrypted connection could be made; check sslmode and certificates"),
    (r"definition of service|service file", "the service is not in the service file; check PGSERVICE"),
    (r"URI|invalid (integer|port|connection option|sslmode)", "an option of connection: is not one of PostgreSQL's"),
)
_READING = {
    "22": "a value could not be sent",
    "42501": "the user may not read it; ask for: GRANT USAGE on its schema and GRANT SELECT on it",
    "42602": "its name is none that SQL takes; put odd names in double quotes",
    "40": "the server gave the reading up; run again",
    "42P01": "it is not there, or a view of it rests on what is not; check schema and name",
    "53": "the server lacks memory, disk or connections; run again later",
    "55P03": "it is locked; run again later",
    "57014": "the server stopped the query; ask for a longer statement_timeout",
    "57": "the server was stopped; run again later",
    "08": "the connection was lost; run again",
    "XX": "the server reports damaged data; ask its administrator",
}
# An error while rows are coming in carries no code.
_ON_THE_WAY = (
    (r"server closed the connection|connection to server was lost|terminating connection", "08"),
    (r"canceling statement due to conflict|could not serialize", "40"),
    (r"canceling statement", "57014"),
)


def connecting(error: Exception, place: str) -> str:
    """Return why a database could not be opened, without user, password or options."""
    text = str(error)
    why = next((why for pattern, why in _CONNECTING if re.search(pattern, text)), None)
    return f"expected a PostgreSQL database at {place}: {why or 'it could not be opened; try psql with the same URI'}"


def reading(error: Exception, where: str) -> str:
    """Return why ``where`` could not be read, by the server's code (SQLSTATE) alone."""
    state = str(getattr(error, "sqlstate", None) or "")
    if isinstance(error, TimeoutError):
        return f"{where} could not be read: the server has stopped answering; look at it, and run again"
    why = _READING.get(state) or _READING.get(state[:2])
    if why is None:
        why = next((_READING[code] for pattern, code in _ON_THE_WAY if re.search(pattern, str(error))), None)
    code = f" (SQLSTATE {state})" if state else ""
    return f"{where} could not be read: {why or 'the server reports an error; try it with psql'}{code}"
