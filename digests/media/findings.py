"""What an operator should know of articles' pictures (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from digests.media.reasons import picture_fix
from digests.storage.articles.wanted_pictures import WAITING
from digests.storage.media.progress import KEPT
from digests.storage.media.report import OLD, PictureReason, PictureReport

_MOST = 5


class PictureFinding(NamedTuple):
    """One line for the doctor: how bad it is, what it is about, and how it is, with the fix."""

    level: Literal["ok", "warning"]
    what: str
    text: str


def picture_findings(report: PictureReport, folder_mb: int) -> Iterator[PictureFinding]:
    """Yield how many articles have a picture, by host, why others have none, and how full the folder is."""
    wanted = report.articles - report.states[OLD]
    line = f"{report.states[KEPT]:,} of {wanted:,} articles that are news have a picture"
    if report.states[WAITING]:
        line += f", {report.states[WAITING]:,} still waiting"
    yield PictureFinding("ok", "pictures", line)
    for host in report.hosts[:_MOST]:
        counts = {"kept": host.kept, "waiting": host.waiting, "without": host.without}
        told = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
        yield PictureFinding("ok", f"pictures of {host.host}", told)
    for reason in report.reasons[:_MOST]:
        yield _of_reason(reason)
    use = report.folder
    told = f"{use.bytes / 1e6:,.1f} of {folder_mb:,} MB: {use.pictures:,} pictures, {use.mosaics:,} mosaics"
    yield PictureFinding("ok", "folder of pictures", told)


def _of_reason(reason: PictureReason) -> PictureFinding:
    fix, is_ours = picture_fix(reason.reason)
    what = "no picture yet" if reason.state == WAITING else "no picture"
    example = reason.address or reason.title
    number = f"{reason.articles:,} article{'s' if reason.articles > 1 else ''}"
    text = f"{number}: {reason.reason}; for example {example}. Fix: {fix}"
    return PictureFinding("warning" if is_ours else "ok", what, text)
