"""The commands that read, find and show posts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.options import JsonFlag, chat_id, path


def ingest(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(parser=path, metavar="FOLDER", help="The folder of the posts; by default posts.folder."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Read new and changed posts once."""
    from bot.commands.posts import ingest_posts

    ingest_posts(context.obj, folder, as_json=json)


def parse(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(parser=path, metavar="PATH...", help="Posts, or folders of posts.")],
) -> None:
    """Print what posts say, one JSON object per post."""
    from bot.commands.posts import parse_posts

    parse_posts(context.obj, paths)


def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help="Words that articles must contain.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many.")] = 10,
    newest: Annotated[bool, typer.Option("--newest", help="Show the newest first instead of the best.")] = False,
    json: JsonFlag = False,
) -> None:
    """Find articles.

    A query takes words, "a phrase", -excluded, cat:NAME, tag:NAME, source:NAME, lang:en, after:2026-01-31 and
    before:2026-06-01.
    """
    from bot.commands.search import search_articles

    search_articles(context.obj, " ".join(query), limit, newest=newest, as_json=json)


def reindex(context: typer.Context) -> None:
    """Rebuild the search index. A running bot does this itself, and keeps answering meanwhile."""
    from bot.commands.posts import rebuild_index

    rebuild_index(context.obj)


def preview(
    context: typer.Context,
    chat: Annotated[int | None, chat_id("Show the next digest of this chat.")] = None,
    categories: Annotated[str | None, typer.Option(help="Show a digest of these categories: A,B.")] = None,
    at: Annotated[str | None, typer.Option(help="Pretend that it is this time: 2026-06-01T08:00, or 08:00.")] = None,
    layout: Annotated[
        Literal["gallery", "list", "headlines", "magazine"] | None,
        typer.Option(help="How it looks; by default as in the chat, or as digest.layout says."),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["text", "html", "json", "png"],
        typer.Option(help="How to print it; html and png show it as a telephone would."),
    ] = "text",
) -> None:
    """Show a digest without sending it."""
    from bot.commands.preview import preview_digest

    preview_digest(context.obj, chat, categories, at, layout, format)
