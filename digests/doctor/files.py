"""What the doctor checks of files and folders: posts, sites, origins, fonts, the disk, and who may read them."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from config.masking import plain_address
from config.origins import OriginSettings
from config.settings import Settings
from config.showing import shown_path
from digests.articles.hexo.site import SiteConfigError, read_site_config
from digests.articles.hexo.versions import PackageError, package_fault, package_path, read_package
from digests.media.fonts import find_font
from digests.model.check import Check
from digests.offload import in_own_thread
from digests.storage.files.data_folder import open_to_others

_FILES_SECONDS = 10.0
_LEAST_DISK = 100_000_000


async def file_checks(settings: Settings) -> list[Check]:
    """Check files, off the event loop: a folder on a host that is gone never answers, and would hold up everybody."""
    try:
        async with asyncio.timeout(_FILES_SECONDS):
            return await in_own_thread(_look_at_files, settings)
    except TimeoutError:
        return [Check("error", "files", "a folder of posts or data_dir does not answer: look after its disk or host")]


def _look_at_files(settings: Settings) -> list[Check]:
    checks = [_folder(settings.posts.folder), *site_checks(settings.posts.site_config), _disk(settings.data_dir)]
    checks.extend(
        check for origin in settings.origins if not origin.is_feed for check in _origin(origin, settings.data_dir)
    )
    if settings.digest.picture and settings.media.pictures == "mosaic":
        checks.append(_fonts())
    checks.extend(
        Check("warning", "rights", f"others on this machine may get at {path}: take their rights away (chmod go= …)")
        for path in open_to_others(settings)
    )
    return checks


def _fonts() -> Check:
    if (font := find_font()) is not None:
        return Check("ok", "fonts", f"{Path(font.path).name} has Chinese letters")
    return Check(
        "warning",
        "fonts",
        "none with Chinese letters: covers have no words, and charts only Latin ones. Install one, such as Debian's "
        "fonts-noto-cjk, or any that fontconfig finds",
    )


def _folder(folder: Path) -> Check:
    if not folder.is_dir():
        return Check("error", "posts folder", f"{folder} is not there: create it, or set posts.folder")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Check("error", "posts folder", f"{folder} can't be read: give the bot the right to read it")
    return Check("ok", "posts folder", str(folder))


def _origin(origin: OriginSettings, data_dir: Path) -> list[Check]:
    """Check what can be seen of an origin without asking its host."""
    what = f"origin {origin.name}"
    for file in (origin.token_file, origin.ca_file):
        if file is not None and not os.access(file, os.R_OK):
            return [Check("error", what, f"{shown_path(file)} can't be read: give the bot the right to, or mend it")]
    if origin.folder is not None:
        folder = origin.folder / origin.path
        there = folder.is_dir()
        found = Check("ok", what, str(folder)) if there else Check("error", what, f"{folder} is not there")
        return [found, *site_checks(origin.site_config, f"site of {what}")]
    address = plain_address(origin.git)
    if shutil.which("git") is None:
        return [Check("error", what, "the program git is not there: install it")]
    if not (data_dir / "origins" / origin.name / "HEAD").is_file():
        return [Check("warning", what, f"{address} was not fetched yet: the log says why, if it failed")]
    return [Check("ok", what, address)]


def site_checks(path: str, what: str = "site config") -> list[Check]:
    """Check a site's `_config.yml`, and the package.json beside it; nothing where none is set."""
    if not path:
        return []
    shown = plain_address(path)
    try:
        rules = read_site_config(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        return [Check("error", what, f"{shown} can't be read ({why}): set posts.site_config")]
    except SiteConfigError as error:
        return [Check("error", what, f"{shown}: {error}")]
    if not rules.url:
        return [Check("warning", what, f"{shown} gives no address of the site: write it as url, or posts get no links")]
    return [Check("ok", what, shown), *_package(package_path(path), what)]


def _package(path: str, what: str) -> list[Check]:
    """Check the package.json beside a `_config.yml`, which may be missing."""
    try:
        read_package(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, PackageError) as error:
        why = package_fault(error)
        return [Check("warning", what, f"{plain_address(path)} can't be used ({why}): it would tell Hexo's version")]
    return []


def _disk(folder: Path) -> Check:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("error", "data folder", f"{folder} can't be read ({error.strerror}): set data_dir")
    if free < _LEAST_DISK:
        return Check("error", "data folder", f"only {free / 1e6:.0f} MB are free: make room")
    return Check("ok", "data folder", f"{free / 1e9:.1f} GB free")
