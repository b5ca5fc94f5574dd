"""The headings of /help, which commands of several rooms share."""

from __future__ import annotations

from bot.i18n import gettext_noop

YOUR_DIGEST = gettext_noop("<b>Your digest</b>")
CONTENTS = gettext_noop("<b>What comes in it</b>")
LOOK_UP = gettext_noop("<b>Look things up</b>")
SCHEDULE = gettext_noop("<b>When it comes</b>")
MORE = gettext_noop("<b>More</b>")

HEADINGS = (YOUR_DIGEST, CONTENTS, LOOK_UP, SCHEDULE, MORE)
"""All of them, in the order of /help and of the menus."""
