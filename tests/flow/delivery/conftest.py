from __future__ import annotations

import pytest

from digests.storage.database import Database
from tests.flow.delivery_harness import DeliveryHarness


@pytest.fixture
def harness(database: Database) -> DeliveryHarness:
    return DeliveryHarness(database)
