"""The keyboard below what /why says: what changes it, and what leads on from it."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import ArticleButton, EndWishButton, PreviewButton, SettingsButton, SubscribeButton, WishButton
from bot.i18n import Translator
from bot.keyboards.base import ButtonRow, button
from bot.render.shorten import shorten
from bot.render.wishes import subject_name
from digests.model.category_tree import CategoryTree
from digests.model.explanation import Explanation, Reason
from digests.model.wish import WishKind

_MOST = 3
_LABEL = 32
_COMING = (Reason.COMES, Reason.CUT, Reason.CAPPED, Reason.WAITS, Reason.SAME_STORY)


def why_keyboard(explained: Explanation, tree: CategoryTree, t: Translator) -> InlineKeyboardMarkup:
    """Return what helps next: following a category, ending a mute or a limit, the next digest, the article itself."""
    rows: list[ButtonRow] = []
    if explained.reason is Reason.UNWANTED:
        for category in explained.categories[:_MOST]:
            label = t("+ Follow {name}", name=shorten(category.name, _LABEL))
            rows.append([button(label, SubscribeButton(category.id))])
    if explained.reason is Reason.MUTED:
        mutes = [wish for wish in explained.wishes if wish.kind is WishKind.MUTE]
        for wish in mutes[:_MOST]:
            label = t("🔊 Unmute {name}", name=shorten(subject_name(wish.subject, tree, t), _LABEL))
            rows.append([button(label, EndWishButton(wish.id))])
    if explained.reason is Reason.CAPPED:
        caps = [wish for wish in explained.wishes if wish.kind is WishKind.CAP]
        for wish in caps[:_MOST]:
            label = t("✂️ Limit for {name}", name=shorten(subject_name(wish.subject, tree, t), _LABEL))
            rows.append([button(label, WishButton(wish.id))])
    if explained.reason in (Reason.CUT, Reason.WAITS):
        rows.append([button(t("⚙️ Settings"), SettingsButton())])
    last = [button(t("📄 The article"), ArticleButton(explained.article.id))]
    if explained.reason in _COMING:
        last.append(button(t("👀 Preview"), PreviewButton()))
    return InlineKeyboardMarkup([*rows, last])
