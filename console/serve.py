"""Serve the console, or tell why not: addresses, the port, and what is opened before the first page."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from pydantic import ValidationError

from ..core.config.business import Config
from ..core.config.console import ConsoleConfig
from ..core.errors import BusyError, ConfigError
from ..core.progress import Say, silent
from .app import Console

__all__ = ["address_of", "listening_at", "serve"]


def address_of(config: Config) -> str:
    """Return the address of the console as a browser asks for it."""
    host = config.console.host
    return f"http://{f'[{host}]' if ':' in host else host}:{config.console.port}/"


def listening_at(config: Config, host: str | None, port: int | None) -> Config:
    """Return the configuration with another address or port.

    Raises
    ------
    ConfigError
        It is no address.
    """
    change = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    try:
        wish = ConsoleConfig.model_validate({**config.console.model_dump(exclude_unset=True), **change})
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]["msg"]
    else:
        return config.model_copy(update={"console": wish})
    raise ConfigError(f"--host and --port: {reason.removeprefix('Value error, ')}")


def serve(config: Config, name: str | Path = "CONFIG", say: Say = silent) -> None:
    """Serve the console until it is stopped.

    Parameters
    ----------
    config
        The business.
    name
        File of the configuration, as people call it in a command.
    say
        Told where it is.

    Raises
    ------
    ConfigError
        Others can reach the address and nothing says who they are, or it cannot be listened at.
    BusyError
        Another program listens at the port.
    """
    import uvicorn

    console = Console(config, str(name))
    listening = _listening(config)
    console.desk.tables.opened(str(console.desk.places().facts))
    console.desk.warm()
    say(f"console: {address_of(config)}")
    server = uvicorn.Server(
        uvicorn.Config(
            console.app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="off"
        )
    )
    try:
        with listening:
            server.run(sockets=[listening])
    finally:
        if console.desk.tables.opening:
            os._exit(130)  # the engine is at work in a thread, and would abort the interpreter noisily at its end


def _listening(config: Config) -> socket.socket:
    """Return the socket that is listened at."""
    host, port = config.console.host, config.console.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
        return listening
    except OSError as error:
        listening.close()
        busy, why = error.errno == 98, error.strerror
    if busy:
        raise BusyError(f"another program listens at {host}:{port}; stop it, or choose another --port")
    raise ConfigError(f"console: cannot listen at {host}:{port} ({why}); choose another address or port")
