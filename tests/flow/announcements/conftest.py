from __future__ import annotations

import pytest

from tests.flow.harness import BotHarness


@pytest.fixture
async def harness(harness: BotHarness) -> BotHarness:
    """Return a running bot with one article, so that people can follow its category."""
    await harness.publish("News")
    return harness
