from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.accounts import ACCOUNTS_OF_TELEGRAM, LARGEST_ID, is_group, is_person
from config.load import load_settings
from config.mistakes import ConfigError


@given(st.integers())
def test_an_id_belongs_to_a_person_a_group_or_nobody(number: int) -> None:
    assert not (is_person(number) and is_group(number))
    assert is_person(number) == (0 < number <= 2**52 and number not in ACCOUNTS_OF_TELEGRAM)
    assert is_group(number) == (-(2**52) <= number < 0)


@pytest.mark.parametrize("number", [*ACCOUNTS_OF_TELEGRAM, 0, -1, LARGEST_ID + 1])
def test_admins_must_be_people(number: int) -> None:
    with pytest.raises(ConfigError, match=r"telegram\.admins .*\(command line\): must be the ids of people") as caught:
        load_settings(environ={}, telegram={"admins": [5, number]})
    assert str(number) in str(caught.value)


@pytest.mark.parametrize("number", [*ACCOUNTS_OF_TELEGRAM, 0, LARGEST_ID + 1, -LARGEST_ID - 1])
def test_allowed_chats_must_be_people_or_groups(number: int) -> None:
    with pytest.raises(ConfigError, match=r"chat\.allowed .*must be the ids of people and groups"):
        load_settings(environ={}, chat={"allowed": [-1001234567890, number]})


def test_groups_may_be_allowed() -> None:
    allowed = load_settings(environ={"DIGESTBOT_CHAT__ALLOWED": "-1001234567890,7"}).chat.allowed
    assert allowed == (-1001234567890, 7)


def test_an_account_of_telegram_itself_is_named() -> None:
    with pytest.raises(ConfigError, match="GroupAnonymousBot"):
        load_settings(environ={"DIGESTBOT_TELEGRAM__ADMINS": "1087968824"})
