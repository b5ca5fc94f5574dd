"""The program's commands. Each imports what it needs only when it is called, so that --help is quick.

Exit status: 0, 1 (failed), 2 (wrong use: an option, a setting, an input file).
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from bot.commands.ending import run_to_its_end
from bot.commands.options import LAST_ID, MOST_DAYS, JsonFlag, announcement_id, path

app = typer.Typer(
    name="digestbot",
    help="A Telegram bot that sends each reader a daily digest of the news posts that he asked for.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
chats = typer.Typer(help="Bring chats from elsewhere, or take them along.", no_args_is_help=True)
app.add_typer(chats, name="chats")

_debug: ContextVar[bool] = ContextVar("debug", default=False)


def _print_version(is_wanted: bool) -> None:
    """Print the installed version and end, before anything else of the command line is looked at."""
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
            "--config", "-c", parser=path, metavar="FILE", help="The settings file, instead of DIGESTBOT_CONFIG."
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error; it may tell secrets.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    context.obj = config
    _debug.set(debug)


@app.command()
def run(context: typer.Context) -> None:
    """Run the bot: read posts, send digests, answer readers."""
    from bot.commands.run import run_bot

    run_bot(context.obj)


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where the chat page is; 0: any free port.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(parser=path, metavar="FOLDER", help="Posts of your own instead of the samples.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="End by itself after so long.")] = None,
) -> None:
    """Try the bot in the browser: no token, no Telegram, sample posts."""
    from bot.commands.demo import run_demo

    run_demo(port, folder, seconds)


@app.command()
def ingest(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(parser=path, metavar="FOLDER", help="Where the posts lie; else posts.folder.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Read new and changed posts once."""
    from bot.commands.posts import ingest_posts

    ingest_posts(context.obj, folder, as_json=json)


@app.command()
def parse(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(parser=path, metavar="PATH...", help="Posts, or folders with posts.")],
) -> None:
    """Show what posts say: one JSON object a post."""
    from bot.commands.posts import parse_posts

    parse_posts(context.obj, paths)


@app.command()
def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help="Words, all of which must be found.")],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    newest: Annotated[bool, typer.Option("--newest", help="The newest first instead of the best.")] = False,
    json: JsonFlag = False,
) -> None:
    """Find articles: words, "a phrase", -without, cat:NAME, source:NAME, lang:en, after:2026-01-31, before:…"""
    from bot.commands.search import search_articles

    search_articles(context.obj, " ".join(query), limit, newest=newest, as_json=json)


@app.command()
def reindex(context: typer.Context) -> None:
    """Make the search index anew. A running bot does it itself, and answers meanwhile."""
    from bot.commands.posts import rebuild_index

    rebuild_index(context.obj)


@app.command()
def preview(
    context: typer.Context,
    chat: Annotated[int | None, typer.Option(min=-LAST_ID, max=LAST_ID, help="The next digest of this chat.")] = None,
    categories: Annotated[str | None, typer.Option(help="A digest of these categories: A,B.")] = None,
    at: Annotated[str | None, typer.Option(help="As if it were this moment: 2026-06-01T08:00, or 08:00.")] = None,
    format: Annotated[Literal["text", "html", "json"], typer.Option()] = "text",  # noqa: A002 - the option's name
) -> None:
    """Show a digest without sending it."""
    from bot.commands.search import preview_digest

    preview_digest(context.obj, chat, categories, at, format)


@app.command()
def announce(
    context: typer.Context,
    text: Annotated[str, typer.Option(help="What to say.")],
    categories: Annotated[str | None, typer.Option(help="Only to those who follow these: A,B.")] = None,
    html: Annotated[bool, typer.Option("--html", help="The text holds Telegram's HTML tags.")] = False,
    text_in: Annotated[
        list[str] | None, typer.Option("--text-in", help="A language's own text: zh_CN=…; may be repeated.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Only to those who speak this: en, zh_CN.")] = None,
    active_days: Annotated[
        int, typer.Option(min=0, max=MOST_DAYS, help="Only to those active in the last N days.")
    ] = 0,
    only: Annotated[
        Literal["people", "chats"] | None, typer.Option(help="Only to people, or only to groups and channels.")
    ] = None,
    ids: Annotated[str | None, typer.Option(help="Only to these chats: 1,2,-100123.")] = None,
    at: Annotated[str | None, typer.Option(help="Later: 18:00, “2026-06-07 18:00”, 2026-06-07T18:00Z.")] = None,
    local_time: Annotated[
        str | None, typer.Option(help="When each chat's own clock shows it: 08:00, “2026-06-07 08:00”.")
    ] = None,
    photo: Annotated[str | None, typer.Option(help="The web address of a photo to send with it.")] = None,
    button: Annotated[list[str] | None, typer.Option(help="Label=https://…; may be repeated.")] = None,
    silent: Annotated[bool, typer.Option("--silent", help="Without a sound.")] = False,
    pin: Annotated[bool, typer.Option("--pin", help="Pin it in each chat.")] = False,
    quiet_hours: Annotated[
        bool, typer.Option("--in-quiet-hours", help="In quiet hours too, without a sound; else when they end.")
    ] = False,
    paid: Annotated[
        bool | None, typer.Option("--paid/--free", help="At the paid rate, for Stars; else as telegram.paid says.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Show a bar until it is out.")] = False,
) -> None:
    """Say something to readers. The running bot sends it."""
    from bot.commands.announce import AnnounceOptions, announce_text

    options = AnnounceOptions(
        text=text,
        is_html=html,
        texts=text_in or (),
        categories=categories,
        language=language,
        active_days=active_days,
        kind=only or "",
        photo=photo,
        paid=paid,
        despite_quiet=quiet_hours,
        ids=ids,
        at=at,
        local=local_time,
        buttons=button or (),
        silent=silent,
        pin=pin,
        yes=yes,
        wait=wait,
    )
    announce_text(context.obj, options)


@app.command()
def announcements(
    context: typer.Context,
    pause: Annotated[int | None, announcement_id("Hold this one.")] = None,
    resume: Annotated[int | None, announcement_id("Let it go on.")] = None,
    cancel: Annotated[int | None, announcement_id("Whoever has not got it does not get it.")] = None,
    resend: Annotated[int | None, announcement_id("Again to where it failed or is uncertain.")] = None,
    recall: Annotated[int | None, announcement_id("Take it back from all who have it.")] = None,
    edit: Annotated[int | None, announcement_id("Change the text of all copies to --text.")] = None,
    text: Annotated[str | None, typer.Option(help="The new text, with --edit.")] = None,
    html: Annotated[bool, typer.Option("--html", help="The new text holds Telegram's HTML tags.")] = False,
    language: Annotated[str, typer.Option(help="Whose text, with --edit: en, zh_CN; else the default.")] = "",
    outcomes: Annotated[int | None, announcement_id("What came of it, a line a chat.", "--csv")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show a bar until it is done.")] = False,
    json: JsonFlag = False,
) -> None:
    """List announcements with their outcomes, or change one that is on its way or out."""
    from bot.commands import announcements as work

    wanted = {"pause": pause, "resume": resume, "cancel": cancel, "resend": resend}
    given = [one for one in (*wanted.values(), recall, edit, outcomes) if one is not None]
    if len(given) > 1:
        raise typer.BadParameter("one thing at a time, please")
    if (text is None) != (edit is None):
        raise typer.BadParameter("--edit and --text belong together")
    for what, number in wanted.items():
        if number is not None:
            work.change_announcement(context.obj, what, number, wait=wait)
    if recall is not None:
        work.recall_announcement(context.obj, recall, wait=wait)
    elif edit is not None and text is not None:
        work.edit_announcement(context.obj, edit, work.NewText(text, html, language), wait=wait)
    elif outcomes is not None:
        work.print_outcomes(context.obj, outcomes)
    elif not given:
        work.list_announcements(context.obj, as_json=json)


@chats.command("import")
def import_chats(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(parser=path, metavar="FILE", help="One JSON object a line: id, language, categories, …")
    ],
) -> None:
    """Take in chats with their subscriptions: all of the file, or nothing of it."""
    from bot.commands.chats import import_file

    import_file(context.obj, file)


@chats.command("export")
def export_chats(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(parser=path, metavar="FILE", help="Where to; else standard output.")
    ] = None,
) -> None:
    """Write all chats in the form that `import` takes."""
    from bot.commands.chats import export_file

    export_file(context.obj, file)


@app.command()
def doctor(
    context: typer.Context,
    json: JsonFlag = False,
    running: Annotated[bool, typer.Option("--running", help="Fail when no bot is running, for health checks.")] = False,
) -> None:
    """Say what needs mending, and how."""
    from bot.commands.maintenance import show_checks

    show_checks(context.obj, as_json=json, must_run=running)


@app.command()
def stats(context: typer.Context, json: JsonFlag = False) -> None:
    """Count readers, articles and messages."""
    from bot.commands.maintenance import show_stats

    show_stats(context.obj, as_json=json)


@app.command()
def migrate(context: typer.Context) -> None:
    """Bring the database up to date with this program."""
    from bot.commands.maintenance import bring_up_to_date

    bring_up_to_date(context.obj)


@app.command()
def config(context: typer.Context, json: JsonFlag = False) -> None:
    """Show all settings as the bot sees them, with secrets masked."""
    from bot.commands.maintenance import show_config

    show_config(context.obj, as_json=json)


def main() -> NoReturn:
    """The console script."""
    sys.exit(run_to_its_end(app, _debug.get))
