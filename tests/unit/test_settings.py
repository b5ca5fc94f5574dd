from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from bot.telegram.webhook import WebhookServer
from config.load import load_settings
from config.mistakes import ConfigError
from config.settings import Settings
from config.showing import describe
from digests.storage.database import Database
from digests.storage.engine.addresses import read_url
from digests.storage.migrate import migrate

FIXED_NAMES = {
    "DIGESTBOT_DATA_DIR": "here",
    "DIGESTBOT_TELEGRAM__TOKEN": "123:abc_DEF",
    "DIGESTBOT_TELEGRAM__API_URL": "http://127.0.0.1:9/",
    "DIGESTBOT_TELEGRAM__ADMINS": "1,2",
    "DIGESTBOT_TELEGRAM__RATE": "25",
    "DIGESTBOT_POSTS__FOLDER": "p",
    "DIGESTBOT_POSTS__SITE_CONFIG": "_config.yml",
    "DIGESTBOT_POSTS__SCAN_SECONDS": "1.5",
    "DIGESTBOT_POSTS__MAX_AGE_DAYS": "0",
    "DIGESTBOT_DATABASE__URL": "sqlite:///x.db",
    "DIGESTBOT_DIGEST__TIME": "7:05",
    "DIGESTBOT_DIGEST__TIMEZONE": "Europe/Berlin",
    "DIGESTBOT_DIGEST__MAX_ITEMS": "3",
}


def mistakes(environ: dict[str, str], file: Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, environ)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_every_option_has_a_default_with_a_comment() -> None:
    text = resources.files("config").joinpath("default.toml").read_text(encoding="utf-8")
    written = tomllib.loads(text)
    assert load_settings(environ={}) == Settings.model_validate(written)
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith(("#", "[")):
            above = lines[number - 1]
            assert above.startswith("#") or "=" in above, f"{line} has no comment"


def test_the_fixed_names_of_the_environment() -> None:
    settings = load_settings(environ=FIXED_NAMES)
    assert settings.data_dir == Path("here")
    assert settings.telegram.token.get_secret_value() == "123:abc_DEF"
    assert settings.telegram.api_url == "http://127.0.0.1:9"
    assert settings.telegram.admins == (1, 2)
    assert settings.telegram.rate == 25
    assert settings.posts.scan_seconds == 1.5
    assert settings.posts.max_age_days == 0
    assert settings.digest.time == "07:05"
    assert settings.digest.max_items == 3
    assert settings.database_url == "sqlite:///x.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
async def test_postgresql_is_known_by_each_of_its_names(scheme: str) -> None:
    settings = load_settings(environ={"DIGESTBOT_DATABASE__URL": f"{scheme}://bot:p%40ss@db.example:6432/news"})
    assert settings.database_url == "postgresql://bot:p%40ss@db.example:6432/news"
    assert read_url(f"{scheme}://bot@db.example/news").get_backend_name() == "postgresql"


async def test_the_database_may_be_asked_for_its_certificate() -> None:
    address = "postgresql://bot:p@db.example/news?sslmode=verify-full&sslrootcert=/etc/ssl/house.pem"
    settings = load_settings(environ={"DIGESTBOT_DATABASE__URL": address})
    database = Database(settings.database_url)
    assert dict(database.url.query) == {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/house.pem"}
    await database.close()


def test_metrics_can_be_turned_off_by_the_environment() -> None:
    assert load_settings(environ={"DIGESTBOT_METRICS__LISTEN": "off"}).metrics.listen == ""
    assert load_settings(environ={"DIGESTBOT_METRICS__LISTEN": ""}).metrics.listen == "127.0.0.1:9464"


@pytest.mark.parametrize(
    "listen",
    [
        *("9464", ":9464", "127.0.0.1:65536", "127.0.0.1:-1", "[::1:9464", "a b:80", "localhost\n:80", "\0:80"),
        *("a..b:80", f"{'x' * 70}.example:80", f"{'é' * 60}.example:80", "user:word@host:80", "host/path:80", "//:80"),
    ],
)
def test_nothing_is_listened_on_that_is_no_host_and_port(listen: str) -> None:
    for option in ("METRICS__LISTEN", "TELEGRAM__WEBHOOK_LISTEN"):
        (said,) = mistakes({f"DIGESTBOT_{option}": listen.replace("\0", "\t")})
        assert "host:port, such as 127.0.0.1:8443 or [::1]:8443" in said


@pytest.mark.parametrize("host", ["[::1]", "::1", "localhost", "127.0.0.1"])
async def test_webhooks_are_taken_at_whatever_address_is_allowed(host: str) -> None:
    async def nothing(_update: object) -> None: ...

    settings = load_settings(environ={"DIGESTBOT_TELEGRAM__WEBHOOK_LISTEN": f"{host}:0"})
    webhook = WebhookServer("https://bot.example/hook", settings.telegram.webhook_listen, "secret", nothing)
    await webhook.start()
    await webhook.stop()


def test_one_admin_is_a_list_too() -> None:
    assert load_settings(environ={"DIGESTBOT_TELEGRAM__ADMINS": "7"}).telegram.admins == (7,)


def test_layers_override_each_other_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[digest]\ntime = "09:00"\nmax_items = 5\n[telegram]\ntoken = "1:from-file"\n')
    secret = tmp_path / "token"
    secret.write_text("2:from-secret\n")
    settings = load_settings(
        None,
        {
            "DIGESTBOT_CONFIG": str(file),
            "DIGESTBOT_DIGEST__MAX_ITEMS": "6",
            "DIGESTBOT_TELEGRAM__TOKEN_FILE": str(secret),
        },
        digest={"first_items": 2},
    )
    assert (settings.digest.time, settings.digest.max_items, settings.digest.first_items) == ("09:00", 6, 2)
    assert settings.telegram.token.get_secret_value() == "2:from-secret"


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[digest]\ntime = "25:00"\nmax_itms = 3\n')
    found = mistakes({"DIGESTBOT_TELEGRAM__RATE": "fast", "DIGESTBOT_DIGEST__TIMEZONE": "Mars/Base"}, file)
    text = "\n".join(found)
    assert len(found) == 4
    assert "digest.time = '25:00' (own.toml): must be a time of day" in text
    assert "digest.max_itms (own.toml): no such option; did you mean digest.max_items?" in text
    assert "telegram.rate = 'fast' (environment)" in text
    assert "digest.timezone = 'Mars/Base' (environment): must be a zone" in text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DIGESTBOT_TELEGRAM__TOKEN", "no-token", "a token as @BotFather gives it"),
        ("DIGESTBOT_TELEGRAM__API_URL", "ftp://x", "http://"),
        ("DIGESTBOT_TELEGRAM__PROXY", "proxy:1", "scheme://host:port"),
        # Nothing here can speak to a proxy by TLS.
        ("DIGESTBOT_TELEGRAM__PROXY", "https://proxy:1", "http, socks4 or socks5"),
        ("DIGESTBOT_TELEGRAM__WEBHOOK_URL", "http://x", "https://"),
        ("DIGESTBOT_TELEGRAM__WEBHOOK_LISTEN", "8443", "host:port"),
        ("DIGESTBOT_TELEGRAM__WEBHOOK_SECRET", "ä", "A-Z"),
        ("DIGESTBOT_DATABASE__URL", "mysql://x", "postgresql://"),
        ("DIGESTBOT_DATABASE__URL", "postgresql+asyncpg://h/x", "postgresql://"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p@h:port/x", "port"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p@h:99999/x", "port"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p@[::1/x", "port"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p@ss@h/x", "%40"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p/s@h/x", "%2F"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p%zz@h/x", "%25"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p%ff@h/x", "%XX"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://u:p%00@h/x", "%XX"),
        ("DIGESTBOT_DATABASE__URL", "postgresql://" + "h" * 300 + "/x", "host"),
        ("DIGESTBOT_DATABASE__URL", "postgresql:", "postgresql://"),
        ("DIGESTBOT_DATABASE__URL", "sqlite://host/x.db", "sqlite:///relative/file"),
        ("DIGESTBOT_DATABASE__URL", "sqlite:///:memory:", "sqlite:///relative/file"),
        ("DIGESTBOT_DATABASE__URL", "sqlite://", "sqlite:///relative/file"),
        ("DIGESTBOT_DATABASE__URL", "sqlite:///x.db?timeout=abc", "no options"),
        ("DIGESTBOT_DATABASE__URL", "sqlite:///x%00.db", "%XX"),
        ("DIGESTBOT_TELEGRAM__ADMINS", "5,9223372036854775808", "telegram.admins"),
        ("DIGESTBOT_CHAT__ALLOWED", "9" * 5000, "chat.allowed"),
        ("DIGESTBOT_DATA_DIR", "~nobody-of-this-name/x", "home folder"),
        ("DIGESTBOT_TELEGRAM__WEBHOOK_LISTEN", "h:²", "host:port"),
        ("DIGESTBOT_CHAT__ACCESS", "closed", "open"),
        ("DIGESTBOT_DIGEST__TIME", "8", "a time of day"),
        ("DIGESTBOT_NONE__SUCH", "1", "no such option"),
        ("DIGESTBOT_TELEGRAM__TOKEN_FILE", "/nowhere/at/all", "can't be read"),
        ("DIGESTBOT_CONFIG", "/nowhere/at/all.toml", "can't be read"),
    ],
)
def test_a_wrong_value_names_what_is_allowed(name: str, value: str, said: str) -> None:
    (found,) = mistakes({name: value})
    assert said in found


def test_a_wrong_secret_is_not_shown() -> None:
    (found,) = mistakes({"DIGESTBOT_TELEGRAM__TOKEN": "very-secret-token"})
    assert "very-secret-token" not in found


@pytest.mark.parametrize("content", [b"[digest\n", b"a = \xff\n"])
def test_a_broken_file_is_one_mistake(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    (found,) = mistakes({}, file)
    assert "own.toml" in found


def test_the_dump_masks_every_secret() -> None:
    environ = {
        "DIGESTBOT_TELEGRAM__TOKEN": "123:secret-one",
        "DIGESTBOT_TELEGRAM__PROXY": "socks5://me:secret-two@127.0.0.1:1080",
        "DIGESTBOT_TELEGRAM__WEBHOOK_SECRET": "secret-three",
        "DIGESTBOT_DATABASE__URL": "postgresql://me:secret-four@127.0.0.1/x",
    }
    shown = str(describe(load_settings(environ=environ)))
    assert "secret-" not in shown
    assert shown.count("********") == 4
    assert "secret-" not in repr(load_settings(environ=environ))


def test_home_is_expanded_in_every_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("1:abc\n")
    (tmp_path / "own.toml").write_text('data_dir = "~/data"\n')
    environ = {
        "HOME": str(tmp_path),
        "DIGESTBOT_CONFIG": "~/own.toml",
        "DIGESTBOT_TELEGRAM__TOKEN_FILE": "~/token",
        "DIGESTBOT_POSTS__FOLDER": "~/posts",
        "DIGESTBOT_POSTS__SITE_CONFIG": "~/_config.yml",
        "DIGESTBOT_DATABASE__URL": "sqlite:///~/x.db",
    }
    origins = [
        {"name": "a", "folder": "~/a", "site_config": "~/a.yml"},
        {"name": "b", "git": "~/b", "token_file": "~/t", "ca_file": "~/c"},
    ]
    settings = load_settings(environ=environ, origins=origins)
    assert settings.telegram.token.get_secret_value() == "1:abc"
    assert settings.database_url == f"sqlite:///{tmp_path}/x.db"
    first, second = settings.origins
    for path in (settings.data_dir, settings.posts.folder, first.folder, second.token_file, second.ca_file):
        assert path is not None
        assert path.is_relative_to(tmp_path)
    assert settings.posts.site_config == f"{tmp_path}/_config.yml"
    assert first.site_config == f"{tmp_path}/a.yml"


@pytest.mark.parametrize("name", ["a%25b", "a?b", "a b", "数据"])
def test_a_data_folder_may_be_called_anything(tmp_path: Path, name: str) -> None:
    settings = load_settings(environ={"DIGESTBOT_DATA_DIR": str(tmp_path / name)})
    migrate(settings.database_url)
    assert (tmp_path / name / "digestbot.db").is_file()


@pytest.mark.parametrize("name", ["data/search.db", "data/../data/search.db", "link/search.db"])
def test_the_database_is_another_file_than_the_search_index(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    environ = {"DIGESTBOT_DATA_DIR": f"{tmp_path}/data", "DIGESTBOT_DATABASE__URL": f"sqlite:///{tmp_path}/{name}"}
    with pytest.raises(ConfigError, match=r"database\.url \(environment\): must be another file than search\.db"):
        load_settings(environ=environ)
    environ["DIGESTBOT_DATABASE__URL"] = f"sqlite:///{tmp_path}/other/search.db"
    assert load_settings(environ=environ).database_file == tmp_path / "other" / "search.db"


def test_a_store_of_pictures_is_checked_as_a_whole() -> None:
    store = {"store": "s3://pictures/bot/", "store_key": "key", "store_secret": "secret"}
    media = load_settings(environ={}, media={**store, "store_endpoint": "http://127.0.0.1:9000/"}).media
    assert (media.store, media.store_endpoint) == ("s3://pictures/bot", "http://127.0.0.1:9000")
    plain = {**store, "store_endpoint": "http://objects:9000", "store_plain": True}
    assert load_settings(environ={}, media=plain).media.store_plain
    mistakes = {
        "begins with https://": {**store, "store_endpoint": "http://objects.example"},
        "both store_key and store_secret": {**store, "store_secret": ""},
        'given store = "s3://bucket/prefix"': {**store, "store": ""},
    }
    for said, wrong in mistakes.items():
        with pytest.raises(ConfigError, match=said) as error:
            load_settings(environ={}, media=wrong)
        assert "secret'" not in str(error.value)


@pytest.mark.parametrize(
    "store", ["pictures", "s3://", "s3://Pictures", "s3://a/../b", "s3://pictures//x", "gs://pictures"]
)
def test_an_address_of_no_store_is_refused(store: str) -> None:
    with pytest.raises(ConfigError, match="s3://bucket"):
        load_settings(environ={}, media={"store": store})


@pytest.mark.parametrize(
    "endpoint",
    [
        "objects.example",
        "ftp://x.example",
        "https://u:p@x.example",
        "https://x.example/?q",
        "http://[x",
        "https://ü.example",
    ],
)
def test_an_address_of_no_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="begins with https://"):
        load_settings(environ={}, media={"store": "s3://pictures", "store_endpoint": endpoint})


def test_the_keys_of_a_store_come_from_files_and_are_masked(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the-key\n")
    (tmp_path / "secret").write_text("the-secret\n")
    environ = {
        "DIGESTBOT_MEDIA__STORE": "s3://pictures",
        "DIGESTBOT_MEDIA__STORE_KEY_FILE": str(tmp_path / "key"),
        "DIGESTBOT_MEDIA__STORE_SECRET_FILE": str(tmp_path / "secret"),
    }
    settings = load_settings(environ=environ)
    assert settings.media.store_secret.get_secret_value() == "the-secret"
    shown = str(describe(settings))
    assert "the-secret" not in shown
    assert "the-key" not in shown


def test_pictures_lie_where_they_are_told(tmp_path: Path) -> None:
    assert load_settings(environ={}, data_dir="here").pictures_folder == Path("here/pictures")
    assert load_settings(environ={}, media={"folder": str(tmp_path)}).pictures_folder == tmp_path
