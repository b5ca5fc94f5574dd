"""The commands that look after feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import JsonFlag, path

feeds = typer.Typer(help="Add, list and check feeds: RSS, Atom and JSON Feed.", no_args_is_help=True)

Url = Annotated[str, typer.Argument(metavar="URL", help="The address of a feed, or of a page that has one.")]


@feeds.command("add")
def add_feed(
    context: typer.Context,
    url: Url,
    category: Annotated[
        str | None,
        typer.Option(metavar="A/B", help="The category of its articles; by default one that is called as the feed is."),
    ] = None,
) -> None:
    """Add a feed. Of a page with several feeds, list them; a running bot looks at it at once.

    Exit status 1: nothing was added, since there is no feed or are several.
    """
    from bot.commands.feeds import add_feed_by_address

    add_feed_by_address(context.obj, url, category)


@feeds.command("list")
def list_feeds(context: typer.Context, json: JsonFlag = False) -> None:
    """List all feeds with their state.

    That is what they brought last, errors, and the next look.
    """
    from bot.commands.feeds import print_feeds

    print_feeds(context.obj, as_json=json)


@feeds.command("remove")
def remove_feed(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="ID|URL", help="The feed's number in the list, or its address.")],
) -> None:
    """Remove a feed; its articles stay."""
    from bot.commands.feeds import remove_stored_feed

    remove_stored_feed(context.obj, feed)


@feeds.command("import")
def import_feeds(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(parser=path, metavar="FILE.opml", help="An OPML file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be imported.")] = False,
) -> None:
    """Import the feeds of an OPML file, with its folders as categories."""
    from bot.commands.feed_lists import import_feed_list

    import_feed_list(context.obj, file, dry_run=dry_run)


@feeds.command("export")
def export_feeds(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path, metavar="FILE", help="The file; by default standard output."),
    ] = None,
) -> None:
    """Export all feeds as an OPML file."""
    from bot.commands.feed_lists import export_feed_list

    export_feed_list(context.obj, output)


@feeds.command("check")
def check_feed(context: typer.Context, url: Url, json: JsonFlag = False) -> None:
    """Fetch a feed, and show what it holds.

    It is fetched and read as the bot would, and what the server said is shown too. Nothing is stored.

    Exit status 1: the bot could not use it.
    """
    from bot.commands.feed_checking import check_feed_at

    check_feed_at(context.obj, url, as_json=json)


@feeds.command("parse")
def parse_feeds(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(parser=path, metavar="FILE...", help="Files of feeds.")],
    base: Annotated[str, typer.Option(metavar="URL", help="The address that links are relative to.")] = "",
    content_type: Annotated[str, typer.Option(metavar="TYPE", help="What a server says that the files are.")] = "",
) -> None:
    """Print what feeds say, one JSON object per file, without the network.

    Exit status 1: a file is no feed. 2: a file can't be read.
    """
    from bot.commands.feed_parsing import parse_feed_files

    parse_feed_files(context.obj, files, base, content_type)
