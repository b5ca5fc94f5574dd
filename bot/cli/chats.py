"""The commands that move chats from one bot to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import path

chats = typer.Typer(help="Import chats from elsewhere, or export them.", no_args_is_help=True)


@chats.command("import")
def import_chats(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(parser=path, metavar="FILE", help="One JSON object per line: id, language, categories, …")
    ],
) -> None:
    """Import chats with their subscriptions. If any line of the file is wrong, nothing is imported."""
    from bot.commands.chats import import_file

    import_file(context.obj, file)


@chats.command("export")
def export_chats(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(parser=path, metavar="FILE", help="The file to write; by default standard output.")
    ] = None,
) -> None:
    """Export all chats in the format that `import` reads."""
    from bot.commands.chats import export_file

    export_file(context.obj, file)
