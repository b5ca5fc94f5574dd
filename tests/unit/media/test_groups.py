"""Pictures that look the same have one likeness, and an operator is told what to do about a missing one."""

from __future__ import annotations

from random import Random

import pytest

from digests.media.groups import AlikePictures
from digests.media.likeness import look_alike
from digests.media.reasons import picture_fix


def likeness(random: Random) -> int:
    return random.getrandbits(384)


def test_pictures_that_look_the_same_have_the_likeness_of_the_first() -> None:
    random = Random(1)
    firsts = [likeness(random) for _ in range(200)]
    alike = AlikePictures(f"{first:096x}" for first in firsts)
    for first in firsts:
        changed = first
        for bit in random.sample(range(384), 15):
            changed ^= 1 << bit
        text = f"{changed:096x}"
        assert look_alike(text, f"{first:096x}")
        assert alike.of(text) == f"{first:096x}"
        assert alike.of(f"{first:096x}") == f"{first:096x}"


def test_another_picture_is_the_first_of_its_kind() -> None:
    random, alike = Random(2), AlikePictures()
    texts = [f"{likeness(random):096x}" for _ in range(100)]
    assert [alike.of(text) for text in texts] == texts
    assert [alike.of(text) for text in texts] == texts


def test_grouping_agrees_with_comparing_each_pair() -> None:
    random = Random(3)
    base = likeness(random)
    texts = []
    for _ in range(300):
        changed = base
        for bit in random.sample(range(384), random.randrange(60)):
            changed ^= 1 << bit
        texts.append(f"{changed:096x}")
    alike, firsts = AlikePictures(), list[str]()
    for text in texts:
        found = alike.of(text)
        assert found == text or look_alike(found, text)
        assert (found in firsts) == any(look_alike(first, text) for first in firsts)
        firsts.append(found)


@pytest.mark.parametrize(
    ("reason", "word", "is_ours"),
    [
        ("its host is not public (private)", "fetch.allow_hosts", True),
        ("port 22 is not one of the web", "fetch.allow_hosts", True),
        ("its host has no address", "look names up", True),
        ("it takes longer than 8 s", "fetch.seconds", True),
        ("it is larger than 5 MB", "fetch.max_mb", True),
        ("its certificate is not valid: certificate has expired", "clock", True),
        ("the server answers 404", "gone", False),
        ("the server answers 403", "fetch.contact", False),
        ("the server answers 429", "fetch.per_host", True),
        ("the server answers 503", "tried again", False),
        ("the server's answer is no proper HTTP", "mend it", False),
        ("it stands with many articles", "default picture", False),
        ("nearly one colour", "represents no article", False),
    ],
)
def test_every_reason_has_a_fix(reason: str, word: str, *, is_ours: bool) -> None:
    fix, found = picture_fix(reason)
    assert word in fix
    assert found is is_ours
