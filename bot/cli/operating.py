"""The commands that run the bot and look after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import JsonFlag, path, process_label


def _load_bot() -> Callable[..., None]:
    """Return what runs a process of the bot."""
    from bot.telegram.lean_import import import_libraries

    import_libraries()
    from bot.commands.run import run_bot

    return run_bot


def run(context: typer.Context) -> None:
    """Run the bot: read posts, send digests, answer readers."""
    _load_bot()(context.obj)


def bot(context: typer.Context) -> None:
    """Answer readers, beside other processes on PostgreSQL. Digests and announcements are sent by workers."""
    from digests.model.process import ProcessRole

    _load_bot()(context.obj, frozenset({ProcessRole.UPDATES}))


def worker(
    context: typer.Context,
    jobs: Annotated[bool, typer.Option("--jobs", help="Only read posts and feeds, and plan digests.")] = False,
    deliveries: Annotated[bool, typer.Option("--deliveries", help="Only send messages.")] = False,
    name: Annotated[
        str | None, typer.Option("--name", parser=process_label, metavar="NAME", help="What logs and `doctor` call it.")
    ] = None,
) -> None:
    """Read, plan and send, beside other processes on PostgreSQL."""
    from digests.model.process import ProcessRole

    chosen = {ProcessRole.JOBS: jobs, ProcessRole.DELIVERIES: deliveries}
    roles = frozenset(role for role, is_chosen in chosen.items() if is_chosen) or frozenset(chosen)
    _load_bot()(context.obj, roles, name or "")


def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port of the chat page; 0: any free port.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(parser=path, metavar="FOLDER", help="Your own posts instead of the samples.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Stop after this many seconds.")] = None,
) -> None:
    """Try the bot in the browser. This needs no token and no Telegram, and comes with sample posts."""
    from bot.commands.demo import run_demo

    run_demo(port, folder, seconds)


def doctor(
    context: typer.Context,
    json: JsonFlag = False,
    running: Annotated[bool, typer.Option("--running", help="Fail if no bot is running; for health checks.")] = False,
    posts: Annotated[bool, typer.Option("--posts", help="List the posts that lack something, and why.")] = False,
) -> None:
    """Check the bot and say what to fix, and how.

    Exit status 1: something must be fixed or, with --running, no bot shows a sign of life.
    """
    from bot.commands.maintenance import show_checks, show_flawed_posts

    if posts:
        show_flawed_posts(context.obj, as_json=json)
    else:
        show_checks(context.obj, as_json=json, must_run=running)


def pictures(context: typer.Context, json: JsonFlag = False) -> None:
    """Count articles by the state of their picture. By site, and why some have none."""
    from bot.commands.pictures import show_pictures

    show_pictures(context.obj, as_json=json)


def stats(context: typer.Context, json: JsonFlag = False) -> None:
    """Count readers, articles and messages."""
    from bot.commands.maintenance import show_stats

    show_stats(context.obj, as_json=json)


def migrate(
    context: typer.Context,
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="Move everything from this database…")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="…to this one, which must be empty.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin a move anew that was interrupted.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Use this database again, although it was moved.")] = False,
) -> None:
    """Bring the database up to date, or move it to another one. Stop the bot before you move it."""
    from bot.commands.moving import migrate_or_move

    migrate_or_move(context.obj, source, target, anew=anew, back=back)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(parser=path, metavar="FILE", help="The file to write.")],
    search: Annotated[
        bool, typer.Option("--search/--no-search", help="With the search index, or without: it is then made anew.")
    ] = True,
) -> None:
    """Back up the database while the bot runs. The search index and the list of pictures are in it too."""
    from bot.commands.backups import back_up

    back_up(context.obj, file, with_search=search)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(parser=path, metavar="FILE", help="A backup.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace a database that is not empty.")] = False,
) -> None:
    """Restore a backup into the database of the settings. It may be of the other kind; stop the bot first."""
    from bot.commands.backups import restore_backup

    restore_backup(context.obj, file, replace=replace)


def config(context: typer.Context, json: JsonFlag = False) -> None:
    """Show all settings in force, secrets masked."""
    from bot.commands.maintenance import show_config

    show_config(context.obj, as_json=json)
