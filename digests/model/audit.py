"""What the audit log knows: the acts of those who run the bot."""

from __future__ import annotations

from enum import StrEnum

BY_THE_OPERATOR = 0
"""Who did what was done on the command line, where admins have their number in Telegram."""


class AuditAct(StrEnum):
    """Something that an admin, an editor, the operator or the program itself did; the values are stored."""

    OWN = "own"
    """Became the owner by the link of the first start."""
    INVITE = "invite"
    GRANT = "grant"
    REVOKE = "revoke"

    SEND = "send"
    TEST = "test"
    READY = "ready"
    """Handed a draft to the admins."""
    TAKE = "take"
    """Took over somebody's draft."""
    DISCARD = "discard"
    UNSCHEDULE = "unschedule"
    PAUSE = "pause"
    AUTOPAUSE = "autopause"
    """The program paused an announcement, since too many failed."""
    RESUME = "resume"
    CANCEL = "cancel"
    EDIT = "edit"
    RECALL = "recall"
    HALT = "halt"
    """Stopped an edit or a recall before all copies were changed."""
    RESEND = "resend"
    CSV = "csv"

    HIDE = "hide"
    SHOW = "show"
    WITHDRAW = "withdraw"
    UNWITHDRAW = "unwithdraw"
    RESEND_UNCERTAIN = "resend_uncertain"

    ADD_FEED = "add_feed"
    REMOVE_FEED = "remove_feed"
    PAUSE_FEED = "pause_feed"
    RESUME_FEED = "resume_feed"
    MOVE_FEED = "move_feed"
    SET_FULL_TEXT = "set_full_text"
    IMPORT_FEEDS = "import_feeds"
