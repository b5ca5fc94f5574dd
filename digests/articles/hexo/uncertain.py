"""Why a post gets no link: what its site does with it is not certain, or the site has no page of it."""

from __future__ import annotations

from digests.model.link_causes import LinkCause


class UncertainError(Exception):
    """We cannot be certain of what Hexo would do here; `detail` is the rule or value that is to blame."""

    def __init__(self, cause: LinkCause, detail: str = "") -> None:
        super().__init__(cause, detail)
        self.cause: LinkCause = cause
        self.detail = detail
