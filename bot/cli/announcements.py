"""The commands that send and change announcements."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from bot.cli.options import MOST_DAYS, JsonFlag, announcement_id


def announce(
    context: typer.Context,
    text: Annotated[str, typer.Option(help="The text of the message.")],
    categories: Annotated[str | None, typer.Option(help="Send only to chats that follow one of these: A,B.")] = None,
    html: Annotated[bool, typer.Option("--html", help="The text contains Telegram's HTML tags.")] = False,
    text_in: Annotated[
        list[str] | None, typer.Option("--text-in", help="The text for one language: zh_CN=…; may be repeated.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Send only to chats that use this language: en, zh_CN, zh_TW.")
    ] = None,
    active_days: Annotated[
        int, typer.Option(min=0, max=MOST_DAYS, help="Send only to chats active in the last N days; 0: to all.")
    ] = 0,
    only: Annotated[
        Literal["people", "chats"] | None, typer.Option(help="Send only to people, or only to groups and channels.")
    ] = None,
    ids: Annotated[str | None, typer.Option(help="Send only to these chats: 1,2,-100123.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Send at this time: 18:00, “2026-06-07 18:00”, 2026-06-07T18:00Z.")
    ] = None,
    local_time: Annotated[
        str | None, typer.Option(help="Send at this time in each chat's own time zone: 08:00, “2026-06-07 08:00”.")
    ] = None,
    photo: Annotated[str | None, typer.Option(help="Send the photo at this web address with the text.")] = None,
    button: Annotated[
        list[str] | None, typer.Option(help="Add a link button, Label=https://…; may be repeated.")
    ] = None,
    silent: Annotated[bool, typer.Option("--silent", help="Send without a sound.")] = False,
    pin: Annotated[bool, typer.Option("--pin", help="Pin the message in each chat.")] = False,
    quiet_hours: Annotated[
        bool, typer.Option("--in-quiet-hours", help="Send during quiet hours too, silently, instead of after them.")
    ] = False,
    paid: Annotated[
        bool | None,
        typer.Option(
            "--paid/--free", help="Send at the paid rate, for Stars, or not; by default as telegram.paid says."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask for confirmation.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Show a progress bar until it is sent.")] = False,
) -> None:
    """Send a message to readers. The running bot delivers it."""
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


def announcements(
    context: typer.Context,
    pause: Annotated[int | None, announcement_id("Pause this announcement.")] = None,
    resume: Annotated[int | None, announcement_id("Resume this announcement.")] = None,
    cancel: Annotated[int | None, announcement_id("Cancel what has not been sent yet.")] = None,
    resend: Annotated[int | None, announcement_id("Send again where it failed or is uncertain.")] = None,
    recall: Annotated[int | None, announcement_id("Take it back from every chat that received it.")] = None,
    edit: Annotated[int | None, announcement_id("Replace the text of all copies with --text.")] = None,
    text: Annotated[str | None, typer.Option(help="The new text, for --edit.")] = None,
    html: Annotated[bool, typer.Option("--html", help="The new text contains Telegram's HTML tags.")] = False,
    language: Annotated[
        str, typer.Option(help="Edit the text for this language: en, zh_CN, zh_TW; by default the default text.")
    ] = "",
    outcomes: Annotated[int | None, announcement_id("Print the outcome for each chat, as CSV.", "--csv")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show a progress bar until it is done.")] = False,
    json: JsonFlag = False,
) -> None:
    """List announcements, or change one. The list shows what came of each."""
    from bot.commands import announcements as work

    wanted = {"pause": pause, "resume": resume, "cancel": cancel, "resend": resend}
    given = [number for number in (*wanted.values(), recall, edit, outcomes) if number is not None]
    if len(given) > 1:
        raise typer.BadParameter("give only one announcement and one thing to do with it")
    if (text is None) != (edit is None):
        raise typer.BadParameter("--edit and --text must be given together")
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
