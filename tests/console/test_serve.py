"""Where it listens, and what stands in the way."""

from __future__ import annotations

import socket

import pytest
from servicelift.console.serve import address_of, listening_at, serve
from servicelift.core.errors import BusyError, ConfigError

from .conftest import made_up


def test_address_and_port_can_be_given(desk_folder):
    config = made_up(desk_folder)
    assert address_of(config) == "http://127.0.0.1:8765/"
    assert address_of(listening_at(config, "::1", 9000)) == "http://[::1]:9000/"
    with pytest.raises(ConfigError, match=r"expected an IP address or localhost, got 'here'"):
        listening_at(config, "here", None)


def test_another_port_names_no_proxy(desk_folder):
    config = listening_at(made_up(desk_folder), None, 9000)
    assert "proxies" not in config.console.model_fields_set
    assert config.console.port == 9000


def test_a_port_that_is_taken_is_said(desk_folder):
    config = made_up(desk_folder)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(BusyError, match=r"another program listens at 127.0.0.1:\d+"):
            serve(listening_at(config, None, other.getsockname()[1]))
