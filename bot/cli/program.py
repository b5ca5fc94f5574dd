"""The program: its options, its commands in the order in which `--help` lists them, and how it ends."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.cli import announcements, operating, posts
from bot.cli.chats import chats
from bot.cli.feeds import feeds
from bot.cli.options import path
from bot.commands.ending import run_to_its_end

_COMMANDS = (
    operating.run,
    operating.bot,
    operating.worker,
    operating.demo,
    posts.ingest,
    posts.parse,
    posts.search,
    posts.reindex,
    posts.preview,
    announcements.announce,
    announcements.announcements,
    operating.doctor,
    operating.pictures,
    operating.stats,
    operating.migrate,
    operating.backup,
    operating.restore,
    operating.config,
)

app = typer.Typer(
    name="digestbot",
    help="A Telegram bot that sends each reader a daily digest of the news that they chose.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in _COMMANDS:
    app.command()(command)
app.add_typer(feeds, name="feeds")
app.add_typer(chats, name="chats")

_debug: ContextVar[bool] = ContextVar("debug", default=False)


def _print_version(is_wanted: bool) -> None:
    """Print the installed version and exit, before the rest of the command line is read."""
    if is_wanted:
        from importlib.metadata import version

        typer.echo(f"digestbot {version('digestbot')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", parser=path, metavar="FILE", help="The settings file to use instead of DIGESTBOT_CONFIG."
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the full traceback of an error; it may contain secrets.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keep the options that all commands share."""
    context.obj = config
    _debug.set(debug)


def main() -> NoReturn:
    """Run the command line, and exit with its status."""
    sys.exit(run_to_its_end(app, _debug.get))
