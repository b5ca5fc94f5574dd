"""Why an article has no link, in sentences for operators (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

LinkCause = Literal[
    "no site",
    "url",
    "draft",
    "unpublished",
    "future",
    "hidden path",
    "file type",
    "skip_render",
    "ignore",
    "front matter",
    "lost",
    "variable",
    "field",
    "abbrlink",
    "date",
    "title",
    "time zone",
    "version",
    "plugin",
    "path",
    "shared number",
    "shared category",
]

LINK_CAUSES: Mapping[LinkCause, tuple[str, str]] = {
    "no site": (
        "nothing says which site shows it",
        "set site_config of its origin to the site's _config.yml, or write link: in the post",
    ),
    "url": ("the site's _config.yml gives no address of its own as url{detail}", "write the site's address as url"),
    "draft": ("it is a draft, which the site does not show", "move it to _posts when it is done"),
    "unpublished": ("it says published: {detail}", "take that line out when it may be seen"),
    "future": ("its date lies ahead, and the site shows no such posts (future: false)", "wait, or mend its date"),
    "hidden path": (
        "Hexo leaves out files and folders whose names begin with _ or . ({detail})",
        "rename it, if the site shall show it",
    ),
    "file type": ('Hexo makes no post of a file that ends in "{detail}"', "rename it so that it ends in .md"),
    "skip_render": (
        "skip_render in _config.yml makes it no post, or may do so (the pattern {detail})",
        "make that pattern narrower",
    ),
    "ignore": (
        "ignore in _config.yml leaves it out, or may do so (the pattern {detail})",
        "make that pattern narrower",
    ),
    "front matter": (
        "Hexo may read its front matter otherwise ({detail})",
        "write that line plainly, with quotes around the value",
    ),
    "lost": ("Hexo can't read it and leaves it out ({detail})", "mend that line"),
    "variable": (
        "the site's permalink needs :{detail}, which the post does not have",
        "write that field in the post, or a default in permalink_defaults",
    ),
    "field": ("the field {detail}, which its link needs, is no plain text", "write it as one text"),
    "abbrlink": (
        "the site's permalink needs :abbrlink, and no plugin that is known to make it is in package.json{detail}",
        "install hexo-abbrlink, or write abbrlink: in the post",
    ),
    "date": (
        "its link needs a date, and it has none that Hexo is known to read{detail}",
        "write date: 2026-11-25 10:00:00 in the post",
    ),
    "title": ("its link needs its title as Hexo makes it ({detail})", "write the title as one text in quotes"),
    "time zone": (
        "its link depends on the time zone of the machine that builds the site",
        "say it in _config.yml, in a line such as # process time zone: Asia/Shanghai",
    ),
    "version": (
        "its link depends on the version of Hexo, which nothing tells{detail}",
        "put the site's package.json beside its _config.yml",
    ),
    "plugin": (
        "a plugin of the site changes such links ({detail})",
        "write the article's address in the post, as link:",
    ),
    "path": ('Hexo turns its path into an odd link ("{detail}")', "rename the file, with letters, digits and dashes"),
    "shared number": (
        "another post may have its number ({detail})",
        "let hexo-abbrlink write abbrlink: into the posts, and keep what it writes",
    ),
    "shared category": (
        "its link depends on which of its categories Hexo meets last ({detail})",
        "put it in one category, or write permalink: in the post",
    ),
}
"""A sentence about the article for each cause, and the fix; {detail} is the rule or value that is to blame."""
