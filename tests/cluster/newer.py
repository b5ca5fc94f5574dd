"""Copies of the program as later releases might be: the same, with further migrations and a higher version."""

from __future__ import annotations

import shutil
from pathlib import Path

from digests.storage.migrate import latest_revision
from tests.cluster.harness import Program

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("bot", "config", "digests")
_TABLES = ("places", "deliveries", "parts", "updates", "articles")
"""Some of those that everybody uses all the time."""
_MIGRATION = '''"""{doc}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
{steps}
'''
EXPAND = "\n".join(
    [f'    op.add_column("{table}", sa.Column("mood", sa.Text(), nullable=True))' for table in _TABLES]
    + ['    op.create_index("ix_deliveries_mood", "deliveries", ["mood"])']
)
CONTRACT = "\n".join(
    ['    op.drop_index("ix_deliveries_mood", "deliveries")']
    + [f'    op.drop_column("{table}", "mood")' for table in reversed(_TABLES)]
)


def make_release(folder: Path, version: str, **migrations: str) -> dict[str, str]:
    """Copy the program into a folder, with further migrations by revision; return what makes a process use it."""
    for package in _PACKAGES:
        # With what is compiled already: the copies have the same times.
        shutil.copytree(_ROOT / package, folder / package)
    before = latest_revision()
    for revision, steps in migrations.items():
        number = revision.removeprefix("r")
        text = _MIGRATION.format(doc="Change a table.", revision=number, before=before, steps=steps)
        (folder / "digests" / "storage" / "migrations" / "versions" / f"{number}_later.py").write_text(text)
        before = number
    about = folder / f"digestbot-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: digestbot\nVersion: {version}\n")
    return {"PYTHONPATH": str(folder)}


def of_release(program: Program, release: dict[str, str]) -> Program:
    """Let a process, which has not been started, be of this release."""
    program.environment.update(release)
    return program
