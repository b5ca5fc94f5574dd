"""No secret is shown, wherever in the settings it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import load_settings
from config.logs import SecretMask, secrets_of
from config.masking import mask, plain_address
from config.mistakes import ConfigError
from config.origins import OriginSettings
from config.settings import Settings
from config.showing import describe, option_names

TOKEN = "123456789:AAH_secretsecretsecretsecretsecret"
KEY = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
URL = "postgresql://me:hunter22@db.example/news"
SECRETS = (TOKEN, "AAH_secret", KEY, "hunter22")
OPTIONS = tuple(option_names())
SECTIONS = tuple(sorted({option.partition(".")[0] for option in OPTIONS if "." in option}))


def shown_to_operator(text: str, tmp_path: Path, environ: dict[str, str] | None = None) -> str:
    """Return what the operator reads about this file: its mistakes, or its settings."""
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    try:
        return json.dumps(describe(load_settings(file, environ or {})), ensure_ascii=False)
    except ConfigError as error:
        return str(error)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


@pytest.mark.parametrize("secret", [TOKEN, KEY, URL])
@pytest.mark.parametrize("form", ["text", "list", "table", "key", "deep"])
def test_a_secret_in_the_wrong_place_is_not_shown(secret: str, form: str, tmp_path: Path) -> None:
    value: Any = {
        "text": secret,
        "list": [secret, [secret]],
        "table": {"password": secret},
        "key": {secret: 1},
        "deep": {"x": [{secret: [secret]}]},
    }[form]
    places = [f"{section} = {toml(value)}\n" for section in (*SECTIONS, "data_dir", "origins", "unknown")]
    places += [
        f"[{option.rpartition('.')[0]}]\n{option.rpartition('.')[2]} = {toml(value)}\n"
        for option in OPTIONS
        if "." in option
    ]
    places += [
        f'[[origins]]\nname = "x"\n{name} = {toml(value)}\n' for name in OriginSettings.model_fields if name != "name"
    ]
    places += [f"{json.dumps(secret)} = 1\n", f"[telegram.{json.dumps(secret)}]\nx = 1\n", f"[{json.dumps(secret)}]\n"]
    places += [f"[[origins]]\n{json.dumps(secret)} = 1\n", f"[digest]\n{json.dumps(secret)} = 1\n"]
    # A folder and an origin may be called anything: such a value is accepted, and shown.
    accepted = (
        "folder =",
        "[posts]\nname =",
        "data_dir =",
        "path =",
        "category_prefix =",
        "branch =",
        "site_config =",
        "git =",
    )
    for text in places:
        if form == "text" and any(name in text for name in accepted) and secret != URL:
            continue
        if form == "text" and "default_pictures" in text and secret != URL:
            continue
        if form == "list" and "default_pictures" in text:
            continue
        shown = shown_to_operator(text, tmp_path)
        assert not [leaked for leaked in SECRETS if leaked in shown], (text, shown)


@pytest.mark.parametrize(
    "text",
    [
        f"x = {URL}\n",
        f'"{KEY}" = 1\n"{KEY}" = 2\n',
        f'["{KEY}"]\n["{KEY}"]\n',
        f"telegram = {{ {KEY} = 1, {KEY} = 2 }}\n",
        f'telegram.token = "{TOKEN}\n',
        f'telegram.token = "{TOKEN}" x\n',
        f"{TOKEN}\n",
        f"[telegram]\ntoken = {TOKEN}\n",
    ],
)
def test_a_file_that_is_not_toml_is_not_quoted(text: str, tmp_path: Path) -> None:
    shown = shown_to_operator(text, tmp_path)
    assert "own.toml" in shown
    assert "is not valid TOML" in shown
    assert not [leaked for leaked in SECRETS if leaked in shown], shown


@pytest.mark.parametrize(
    "text", ["x = " + "[" * 3000 + "]" * 3000, "x = " + "{a=" * 3000 + "1" + "}" * 3000, "x = " + "9" * 5000]
)
def test_a_file_that_is_too_deep_or_too_long_is_a_mistake(text: str, tmp_path: Path) -> None:
    shown = shown_to_operator(text, tmp_path)
    assert "is not valid TOML" in shown
    assert len(shown) < 500


def test_a_value_in_place_of_a_section_is_explained(tmp_path: Path) -> None:
    shown = shown_to_operator(f'telegram = "{TOKEN}"\n', tmp_path, {"DIGESTBOT_TELEGRAM__RATE": "20"})
    assert shown.count("\n") == 1
    assert "telegram (own.toml): must be a section: write [telegram]" in shown


@pytest.mark.parametrize("name", ["TELEGRAM__TOKEN_FILE", "DATABASE__URL_FILE", "TELEGRAM__PROXY_FILE"])
@pytest.mark.parametrize("secret", [TOKEN, KEY, URL])
def test_a_secret_given_as_the_name_of_its_file(name: str, secret: str) -> None:
    with pytest.raises(ConfigError, match="can't be read") as caught:
        load_settings(environ={f"DIGESTBOT_{name}": secret})
    assert not [leaked for leaked in SECRETS if leaked in str(caught.value)]


def test_the_name_of_a_missing_file_of_settings_is_shown_unless_it_is_a_secret() -> None:
    with pytest.raises(ConfigError, match="DIGESTBOT_CONFIG = none/own"):
        load_settings(environ={"DIGESTBOT_CONFIG": "none/own.toml"})
    for secret in (TOKEN, KEY, URL):
        with pytest.raises(ConfigError) as caught:
            load_settings(environ={"DIGESTBOT_CONFIG": secret})
        assert not [leaked for leaked in SECRETS if leaked in str(caught.value)]


def test_plain_values_are_shown(tmp_path: Path) -> None:
    shown = shown_to_operator(
        '[digest]\ntime = "25:00"\nmax_items = 99\n[telegram]\nrate = "fast"\n[log]\nlevel = "loud"\n', tmp_path
    )
    for piece in ("'25:00'", "99", "'fast'", "'loud'"):
        assert piece in shown


def test_addresses_are_shown_without_user_and_password() -> None:
    environ = {
        "DIGESTBOT_TELEGRAM__API_URL": "http://me:hunter22@bots.example:8081/x?key=hunter22",
        "DIGESTBOT_TELEGRAM__WEBHOOK_URL": "https://me:hunter22@bots.example/hook?key=hunter22",
        "DIGESTBOT_POSTS__SITE_CONFIG": "https://me:hunter22@bots.example/_config.yml",
    }
    origin = {
        "name": "x",
        "git": "ssh://hunter22@git.example/x.git",
        "user": "hunter22",
        "site_config": "http://a:hunter22@b/c",
    }
    loaded = load_settings(environ=environ, origins=[origin])
    shown = json.dumps(describe(loaded))
    assert "hunter22" not in shown
    assert "http://bots.example:8081/x" in shown
    assert "ssh://git.example/x.git" in shown
    assert loaded.telegram.api_url.startswith("http://me:hunter22@")
    for option, value in (("API_URL", "ftp://me:hunter22@h"), ("WEBHOOK_URL", "http://me:hunter22@h:x/y")):
        with pytest.raises(ConfigError) as caught:
            load_settings(environ={f"DIGESTBOT_TELEGRAM__{option}": value})
        assert "hunter22" not in str(caught.value)
    with pytest.raises(ConfigError, match="'ftp://bots"):
        load_settings(environ={"DIGESTBOT_TELEGRAM__API_URL": "ftp://bots.example"})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://h/x", "https://h/x"),
        ("https://u@h/x", "https://h/x"),
        ("https://u:p/q?r#s@h/x@y", "https://y"),
        ("git@host:path", "host:path"),
        ("https://h/@someone/x", "https://h/@someone/x"),
        ("https://h/x?token=1", "https://h/x?…"),
        ("/a/folder", "/a/folder"),
        (TOKEN, "123456789:********"),
        (f"https://h/bot{TOKEN}", "https://h/bot123456789:********"),
        (f"https://h/file/bot{TOKEN}/x", "https://h/file/bot123456789:********/x"),
    ],
)
def test_an_address_as_it_is_shown(address: str, shown: str) -> None:
    assert plain_address(address) == shown


@given(
    st.text(
        st.characters(codec="utf-8", exclude_characters="@", exclude_categories=["Zs", "Cc", "Zl", "Zp"]), min_size=4
    ),
    st.sampled_from(["http", "https", "postgresql", "socks5", "ssh"]),
)
def test_no_password_of_an_address_is_shown(password: str, scheme: str) -> None:
    secret = f"§{password}§"
    for text in (
        f"{scheme}://u:{secret}@h/x",
        f"see {scheme}://{secret.replace('/', '').replace('?', '').replace('#', '')}@h.",
    ):
        assert "§" not in mask(text)
        assert "§" not in plain_address(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from(
        (
            "https://[",
            "https://[::1",
            "http://h:x",
            "http://h:99999",
            "http://",
            "https://a b",
            "https://h\x00",
            "https://" + "a" * 70 + ".example",
            "https://u:hunter22@[zz]/",
            "https://\u2100.example",
            "https://h/{x",
        )
    )
)
def test_malformed_addresses_are_mistakes(address: str) -> None:
    for name in ("api_url", "webhook_url", "proxy"):
        if name == "api_url" and address == "https://h/{x":
            continue
        with pytest.raises(ConfigError) as caught:
            load_settings(environ={}, telegram={name: address})
        assert "hunter22" not in str(caught.value)
        assert "must be" in str(caught.value)


def test_passwords_of_addresses_are_masked_in_logs() -> None:
    environ = {
        "DIGESTBOT_TELEGRAM__API_URL": "http://me:hunter22@h",
        "DIGESTBOT_TELEGRAM__PROXY": "socks5://me:hunter33@127.0.0.1:1",
        "DIGESTBOT_DATABASE__URL": "postgresql://me:hunter%2F44@h/x",
    }
    masking = SecretMask(secrets_of(load_settings(environ=environ)))
    line = masking.mask("hunter22 hunter33 hunter%2F44 hunter/44 and http://a:b@c")
    assert "hunter" not in line
    assert "a:b" not in line


@pytest.mark.parametrize("address", ["me:hunter22@git.example/x.git", "me:hunter22@git.example:x.git", ":hunter22@h"])
def test_a_password_before_a_host_without_a_scheme_is_refused_and_not_shown(address: str, tmp_path: Path) -> None:
    shown = shown_to_operator(f'[[origins]]\nname = "x"\ngit = "{address}"\n', tmp_path)
    assert "without a user and a password" in shown
    assert "hunter22" not in shown


@pytest.mark.parametrize("user", ["me:hunter22@", ":hunter22@", "hunter22@"])
def test_feeds_have_no_passwords_in_the_settings_either(user: str, tmp_path: Path) -> None:
    address = f"https://{user}news.example"
    for text in (f'[[origins]]\nkind = "feed"\nurl = "{address}/feed"\n', f'[feeds]\nrsshub = "{address}"\n'):
        shown = shown_to_operator(text, tmp_path)
        assert "without a user and a password" in shown
        assert "hunter22" not in shown


def test_every_option_says_whether_it_may_be_shown() -> None:
    shown = describe(Settings.model_validate(load_settings(environ={}).model_dump()))
    assert shown["telegram"]["token"] == ""
    assert shown["posts"]["folder"] == "posts"
