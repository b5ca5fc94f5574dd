"""The headings of /help that commands of several rooms share."""

from __future__ import annotations

from bot.i18n import gettext_noop

YOUR_DIGEST = gettext_noop("<b>Your digest</b>")
LOOK_UP = gettext_noop("<b>Look things up</b>")
MORE = gettext_noop("<b>More</b>")
