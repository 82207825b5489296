from __future__ import annotations

import pytest
from pydantic import ValidationError
from servicelift.core.config.console import ConsoleConfig


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.1.2.3", False)],
)
def test_it_knows_who_can_reach_an_address(host, local):
    assert ConsoleConfig(host=host).local is local


@pytest.mark.parametrize(
    "section",
    [
        {"host": "desk.example"},
        {"port": 0},
        {"token_env": "my token"},
        {"proxy_user_header": "X: y"},
        {"decisions": "mysql://host/db"},
        {"decisions": "postgresql://me:secret@host/db"},
        {"outputs": {"score": "scores"}},
    ],
)
def test_what_cannot_be_is_refused(section):
    with pytest.raises(ValidationError) as fault:
        ConsoleConfig.model_validate(section)
    assert "secret" not in str(fault.value)
