"""Rich messages: from Telegram's rich HTML to the blocks that the Bot API describes, within its limits.

Telegram's server reads this HTML, and drops in silence some of what it does not know. This reads it strictly: what
the Bot API's description (InputRichMessage, 10.3) does not name is refused. Videos, audio, maps, formulas and custom
emoji as pictures are not read at all.
"""
