"""Where the console listens, what it reads and where it keeps decisions: the section ``console:``."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import Field, field_validator

from .connection import check_connection
from .section import Section, Unit, Words

__all__ = ["ConsoleConfig", "ConsoleOutputs"]

_POSTGRES = ("postgresql:", "postgres:")


class ConsoleOutputs(Section):
    """What the console reads. Without a key: the latest night, else the name in brackets beside this file, or beside
    its folder.
    """

    scores: str | None = None
    """Folder that `score` wrote [scores]."""

    targets: str | None = None
    """List that `targets` wrote [targets.csv]."""

    roi: str | None = None
    """Folder that `roi` wrote [roi]."""

    indicators: str | None = None
    """Folder that `indicators` wrote [indicators]."""

    monitor: str | None = None
    """Folder that `monitor` wrote [monitor]."""

    statements: str | None = None
    """Folder with a folder for each past statement that `roi` wrote [statements]."""

    experiments: str | None = None
    """Folder with the plans of `plan` and, one folder each, the results of `experiment` [experiments]."""


class ConsoleConfig(Section):
    """The web application that `servicelift console` serves."""

    host: str = "127.0.0.1"
    """Address it listens at. Another than this machine's own needs `token_env` or `proxy_user_header`."""

    port: Annotated[int, Field(ge=1, le=65_535), Unit("port")] = 8_765
    """Port it listens at."""

    names: Words = ()
    """Host names by which browsers may ask for it, beside those of this machine."""

    token_env: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """Environment variable that holds the token which people give when they come."""

    proxy_user_header: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    """Header in which a reverse proxy says who asks, such as X-Remote-User."""

    proxies: Words = ("127.0.0.1", "::1")
    """Addresses of reverse proxies: headers of anybody else are refused. They also say who came by https."""

    decisions: str = Field("console.db", min_length=1)
    """Where decisions are kept: an SQLite file, or `postgresql://host/database`."""

    outputs: ConsoleOutputs = ConsoleOutputs()

    @field_validator("host")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value != "localhost":
            try:
                ip_address(value)
            except ValueError:
                raise ValueError(
                    f"expected an IP address or localhost, got '{value}'; name hosts under names:"
                ) from None
        return value

    @field_validator("decisions")
    @classmethod
    def _a_store(cls, value: str) -> str:
        return check_connection(value) if value.startswith(_POSTGRES) or "://" in value else value

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host == "localhost" or ip_address(self.host).is_loopback
