"""Accessibility by axe-core: what it finds on a page, in one line for each element."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def find_violations(page: Page) -> list[str]:
    """Return the violations of WCAG 2.2 AA and of good practice on the page as it is now."""
    found = await Axe().run(page, options=_RULES)
    return [
        f"{violation['id']}: {node['html'][:120]}: {node.get('failureSummary', '')}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
