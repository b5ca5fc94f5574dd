"""The magazine: tried before it is chosen, since Telegram does not say whether an app can show it."""

from __future__ import annotations

from bot.callbacks import SeenMagazineButton, TryMagazineButton
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.i18n import Translator
from digests.model.ids import DeliveryId
from digests.model.layout import Layout


async def try_pressed(context: Context, services: ReaderServices, pressed: TryMagazineButton) -> None:
    """Show the digest whose button was pressed as a magazine, and take the button away."""
    place, t = context.place, context.t
    if not context.is_private:
        await context.answer(_private_alone(t), alert=True)
    elif place.layout is Layout.MAGAZINE:
        await context.answer(t("Your digest already is a magazine. /settings changes it."), alert=True)
    elif place.refuses_magazine:
        await context.answer(t("Telegram can't show a magazine in this chat. Your digest stays as it is."), alert=True)
    else:
        trial = await services.trials.plan(place, context.now, DeliveryId(pressed.delivery))
        if trial is None:
            await context.answer(
                t("This digest is too old to show again. In /settings you can try the magazine with a newer one."),
                alert=True,
            )
        elif await context.remove_button():
            await services.delivery_worker.deliver_due([trial])


async def try_chosen(context: Context, services: ReaderServices) -> None:
    """Show the last digest as a magazine, because the magazine was chosen; tapping twice shows one."""
    if await services.trials.was_just_shown(context.place, context.now):
        await context.answer(context.t("You have just got your digest as a magazine. Can you see it?"))
        return
    trial = await services.trials.plan(context.place, context.now)
    if trial is None:
        await context.answer(
            context.t("The magazine is tried with a digest, and you had none yet. Choose it again after the next one."),
            alert=True,
        )
        return
    if context.place.refuses_magazine:
        # Asked for by name, it is tried once more.
        await services.subscriptions.reschedule(context.place, context.now, refuses_magazine=False)
    await context.answer(context.t("Here is your last digest as a magazine. Can you see it?"))
    await services.delivery_worker.deliver_due([trial])


async def seen_pressed(context: Context, services: ReaderServices, pressed: SeenMagazineButton) -> None:
    """Have digests be magazines from now on, or as they were, as whoever tried it says."""
    t = context.t
    if not context.is_private:
        await context.answer(_private_alone(t), alert=True)
        return
    is_magazine = context.place.layout is Layout.MAGAZINE
    if pressed.seen:
        if not is_magazine:
            await services.subscriptions.reschedule(
                context.place, context.now, layout=Layout.MAGAZINE, refuses_magazine=False
            )
        text = t.html("✨ From now on your digest is a magazine. To change it back: /settings, then Layout.")
    elif is_magazine:
        # The button of an old trial, pressed on another device or after an app was changed.
        await services.subscriptions.reschedule(context.place, context.now, layout=Layout.GALLERY)
        text = t.html("Thank you for telling me. Your digest is no longer a magazine; /settings has the other layouts.")
    else:
        text = t.html("Thank you for telling me. Nothing has changed: your digest stays as it was.")
    await context.show(text)


def _private_alone(t: Translator) -> str:
    return t("The magazine is for private chats: open our chat to try it.")
