"""Git repositories for tests, made with the real program."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Repo:
    """A bare repository that somebody pushes posts to."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.bare = folder / "posts.git"
        self.work.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare))
        self.git("remote", "add", "origin", str(self.bare))

    def git(self, *arguments: str) -> str:
        who = {f"GIT_{role}_{what}": f"{what}@x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.work, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(self, files: dict[str, str | None], *, force: bool = False, branch: str = "main") -> None:
        for name, text in files.items():
            path = self.work / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "posts")
        self.git("push", "-q", *(["--force"] if force else []), "origin", f"HEAD:{branch}")
