"""A sender and an editor over real HTTP against the simulator, with pictures of our own that the test makes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from telegram.ext import ExtBot

from bot.simulator.server import Simulator
from bot.simulator.state.chats import Chat, Message
from bot.telegram.client import DigestBot
from bot.telegram.editor import TelegramEditor
from bot.telegram.limiter import Limiter
from bot.telegram.part_pictures import PartPictures
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import TelegramSender
from bot.telegram.throttle import Throttle
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Part, RichText
from digests.model.ids import DeliveryId
from digests.model.mosaic import Mosaic, Tile, compose_mosaic
from digests.model.outcome import Form, Outcome, Sent, Throttled
from digests.model.place import Place
from digests.model.step import RetrySimpler, SendAgain, next_step
from tests.factories.pictures import grey_png
from tests.factories.places import place as a_place
from tests.factories.times import DAY, NOW
from tests.fakes import FakeOwnPictures

TOKEN = "123456:test-token"
READER = 1001
BAD = b"not a picture"


def mosaic_of(name: str) -> Mosaic:
    """Return the mosaic of one picture."""
    return compose_mosaic([Tile(1, name)], b"secret")


def picture_of(name: str) -> bytes:
    """Return a picture that no other name has."""
    return grey_png(300 + int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 4000, 250)


def rich(*names: str, text: str = "News") -> Part:
    """Return a magazine that shows these kept pictures."""
    shown = "".join(
        f'<figure><img src="tg://photo?id=p{number}"/><figcaption>{name}</figcaption></figure>'
        for number, name in enumerate(names, 1)
    )
    return Part("", rich=RichText(f"<h1>{text}</h1>{shown}<p>end</p>", names))


class PictureBot:
    """What sends and edits for the bot, without the rest of it."""

    def __init__(self, simulator: Simulator, folder: Path, public_url: str) -> None:
        self.simulator = simulator
        self.world = simulator.world
        self.pictures = FakeOwnPictures(folder)
        self.connections = AiohttpRequest(connections=32)
        self.part_pictures = PartPictures(self.pictures, public_url)
        throttle = Throttle(10_000, 10_000, 10_000)
        self.bot: DigestBot = ExtBot(TOKEN, base_url=f"{simulator.url}/bot", rate_limiter=Limiter(throttle))
        connections, part_pictures = self.connections, self.part_pictures
        self.sender = TelegramSender(self.bot, throttle, connections, connections, paid=False, pictures=part_pictures)
        self.editor = TelegramEditor(self.bot, connections, Limiter(throttle), part_pictures)

    def make(self, mosaic: Mosaic, content: bytes | None = None) -> None:
        """Make a mosaic."""
        self.pictures.add(mosaic.key, content or picture_of(mosaic.key), is_mosaic=True)

    def keep(self, *names: str, content: bytes | None = None) -> None:
        """Keep pictures of articles."""
        for name in names:
            self.pictures.add(name, content or picture_of(name))

    async def send(self, part: Part, chat_id: int = READER) -> list[Outcome]:
        """Send a part in whatever form it takes; return what every try came to."""
        form, repeats, tries = Form.WHOLE, 0, list[Outcome]()
        place = a_place(chat_id, chat_id=chat_id)
        while True:
            async with self.sender.turn(_delivery(place), part, form, last=True, rest=0, items=0, urgent=False) as turn:
                outcome = turn if isinstance(turn, Throttled) else await turn.send()
            tries.append(outcome)
            step = next_step(outcome, form, 0, NOW, NOW + DAY, repeats=repeats)
            if isinstance(step, SendAgain):
                repeats += 1
            elif isinstance(step, RetrySimpler):
                form, repeats = step.form, 0
            else:
                return tries

    async def edit(self, part: Part, message: Message) -> bool | None:
        """Make a message show the part."""
        place = a_place(message.chat.id, chat_id=message.chat.id)
        return await self.editor.edit(_delivery(place), message.id, part, rest=0, items=0)

    def reader(self, user_id: int = READER) -> Chat:
        """Return the chat with a person, who is added if need be."""
        if user_id not in self.world.chats:
            self.world.add_user("Robin", user_id=user_id, started=True)
        return self.world.chats[user_id]

    @property
    def last(self) -> Message:
        """The reader's last message."""
        return list(self.reader().messages.values())[-1]

    def shows(self, message: Message, content: bytes) -> bool:
        """Return whether a photo, or a rich message, shows a picture of this content."""
        return hashlib.sha256(content).hexdigest() in {
            hashlib.sha256(each).hexdigest() for each in self._shown(message)
        }

    def _shown(self, message: Message) -> list[bytes]:
        def ids(value: object) -> list[str]:
            if isinstance(value, dict):
                own = [value["file_id"]] if "file_id" in value else []
                return own + [found for below in value.values() for found in ids(below)]
            return [found for below in value for found in ids(below)] if isinstance(value, list) else []

        files = [self.world.files.get(name) for name in [*ids(message.media), *ids(message.rich)]]
        return [file.content for file in files if file is not None]


def _delivery(place: Place) -> Delivery:
    return Delivery(DeliveryId(1), place, DeliveryKind.DIGEST, NOW, DeliveryState.SENDING, "key", 0, NOW)


@asynccontextmanager
async def open_picture_bot(folder: Path, public_url: str = "") -> AsyncIterator[PictureBot]:
    """Run a simulator and what sends to it."""
    async with AsyncExitStack() as closing:
        simulator = Simulator(TOKEN)
        closing.push_async_callback(simulator.stop)
        await simulator.start()
        bot = PictureBot(simulator, folder, public_url)
        closing.push_async_callback(bot.connections.shutdown)
        bot.reader()
        yield bot


def is_sent(tries: list[Outcome]) -> bool:
    """Return whether the last try arrived."""
    return isinstance(tries[-1], Sent)
