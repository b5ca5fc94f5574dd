"""The commands about feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import path

feeds = typer.Typer(help="Look after the feeds that the bot reads.", no_args_is_help=True)


@feeds.command("parse")
def parse_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(parser=path, metavar="FILE...", help="RSS, Atom or JSON Feed.")],
    base: Annotated[
        str, typer.Option(metavar="URL", help="The address of the feed, from which relative links count.")
    ] = "",
    content_type: Annotated[
        str, typer.Option(metavar="TYPE", help="The Content-Type that its server gives, with its charset.")
    ] = "",
) -> None:
    """Print what files of feeds say, one JSON object per file. Nothing is fetched."""
    from bot.commands.feed_parsing import parse_feed_files

    parse_feed_files(context.obj, files, base, content_type)
