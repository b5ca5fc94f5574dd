r"""The person's side of the simulator, over HTTP: what the chat page and the tests call.

JSON in and out. Every path is below the simulator's url; errors are `{"error": "one sentence"}` with status 400
(a wrong request), 403 (a foreign Host or Origin), 404 (no such user, chat or file, or no clock) or 504 (no answer
to a press). POST bodies need `Content-Type: application/json`. Times are Unix seconds unless said otherwise.
`?` marks what may be left out, or may be absent.

Shapes
    USER     {id, is_bot, first_name, last_name?, username?, language_code?, blocked, deactivated, started,
              rich: what the user's client makes of rich messages: "shown", "unsupported" (it says so) or "blank"}
    TOPIC    {thread, name, closed}
    CHAT     {id, type: "private"|"group"|"supergroup"|"channel", title, unread, last_message: MESSAGE|null,
              is_forum: or a private chat with topics, topics: [TOPIC],
              status: "creator"|"administrator"|"member"|"left"|"kicked",
              bot: the bot's own status there (the same words; "kicked" in a private chat: blocked),
              typing: bool, members: number, migrated_to: id|null}
              keyboard: [[{text, request: null | a KeyboardButtonRequestChat}]]: the reply keyboard, [] for none
             `title` of a private chat is the bot's name; `topics` leaves out deleted ones; "General" is thread 0.
    MESSAGE  Telegram's own Message object (message_id, date, chat, from?, text | photo + caption, entities?,
             reply_markup?, link_preview_options?, message_thread_id?, is_topic_message?, media_group_id?,
             edit_date?, and service messages: new_chat_members, left_chat_member, migrate_to_chat_id,
             migrate_from_chat_id, group_chat_created, pinned_message, forum_topic_created ...) plus
               seq        grows with each change: messages are listed by message_id, `after=SEQ` compares this
               html       text or caption as safe HTML: only b i u s code pre a blockquote and
                          span.spoiler; an expandable quote is <blockquote class="expandable">; links are
                          http, https or tg; line breaks are "\n" (use white-space: pre-wrap). A bot command is
                          <a class="command" data-command="/help">; a hashtag or mention stays plain text
               order      by which messages stand below each other
               ephemeral  true when nobody else sees it; its message_id is negative here, and 0 for the bot
               outgoing   true when this user wrote it
               edited, deleted, silent, pinned    booleans (a deleted message is listed with no text)
               buttons    [[{text, kind: "callback"|"url"|"copy"|"inline"|"other", data?, url?, copy?, query?, style?}]]
                          data is what `press` takes; url is http, https or tg; query is what the person then types
                          behind the bot's name
               preview    null | {url, large, above, photo_url?, width?, height?}: the page of which Telegram would
                          show a preview, with a large picture (`large`), above the text (`above`). The url may itself
                          be a picture's: of one on this machine, photo_url is "/sim/files/FILE_ID". Null also when
                          the page can't be fetched
               photo_url  null | "/sim/files/FILE_ID" or the http(s) address that the bot gave
               file       null | {name, size, url}: a document
               rich       null | how the user's client shows the rich message (a USER's `rich`); unless it is "shown",
                          `rich_message` is absent
               rich_text  the rich message as plain text, "" when the client does not show it
               service    null | one sentence in English about a service message
    COMMAND  {command, description}

People
    POST /sim/users {id?, first_name, last_name?, username?, language_code?, started?, rich?}
                                                                              -> USER   created, or updated by id
    GET  /sim/users                                                           -> {users: [USER], bot: USER}
    POST /sim/say {user, chat?, thread?, text?, entities?, photo?: base64, document?: base64, name?, caption?,
                   album?, forwarded_from?: name, reply_to?: message_id, name_of?: chat, above?, spoiler?}
                                                                              -> MESSAGE
         `name` is the document's. Messages with the same `album` form one. `forwarded_from`: somebody else wrote it.
         `name_of`: it is written in the name of this group (by an anonymous admin) or channel. `above`: the caption
         is above the photo; `spoiler`: the photo is hidden until it is tapped.
         `chat` defaults to the private chat with the bot. "/start PAYLOAD" is what opening t.me/BOT?start=PAYLOAD
         does. Commands, links and mentions get their entities. Writing to a blocked bot unblocks it.
    POST /sim/open {user, link}                                               -> MESSAGE
         Opens https://t.me/BOT?start=PAYLOAD: says "/start PAYLOAD". 400 for a payload that Telegram won't carry.
    POST /sim/share {user, shared: chat, request_id?}                         -> MESSAGE
         Picks a chat for the button of the reply keyboard that asks for one (`request_id`, if there are several): the
         bot is added there with the rights that the button names, and gets `chat_shared`. 400 for a chat that
         Telegram's picker would not list.
    GET  /sim/share?user=ID&request_id=N                                      -> {chats: [CHAT]}  which it lists
    POST /sim/press {user, chat?, message, data, forged?, gone?}   -> {answered, text, show_alert, url}
         Waits up to 10 s for the bot's answer; then {answered: false, text: "", show_alert: false, url: null}.
         400 when the message has no button with this data, neither in its keyboard nor in its rich text, or was
         deleted. `forged`: no button needs to carry this data; `gone`: the message is deleted, or out of the bot's
         reach, when the press arrives.
    POST /sim/inline {user, chat?, text, offset?, wait?}
                                       -> {query, answered, results: [RESULT], next_offset, button: null|{text, url},
                                           cache_time, is_personal, kept}
         Types "@BOT text" in the chat, and waits up to 10 s for the bot's results; then answered is false. `kept`:
         Telegram had the answer to the same query. 400 while inline mode is off.
         RESULT {id, title, description, url: text|null, thumbnail_url: text|null, text, html, buttons: as of a MESSAGE}
    POST /sim/inline/choose {user, chat?, thread?, query, result: id}          -> MESSAGE
         Sends the message of a result, which has `via_bot` then.
    POST /sim/people {count, first_id?, language_code?}                       -> {first_id, count}   for load tests
    POST /sim/read {user, chat?}                                              -> {}     unread becomes 0
    POST /sim/block, /sim/unblock, /sim/deactivate {user}                     -> USER

Groups and channels
    POST /sim/groups {title, creator, type?: "group"|"supergroup"|"channel", is_forum?, topics?: [name], username?}
                                                                              -> CHAT
    POST /sim/groups/add     {chat, user?: null, as?: "member"|"administrator", by?}   -> CHAT
         user null or absent: the bot. `by` (default: the creator) is the user who does it.
    POST /sim/groups/remove  {chat, user?: null, by?}                         -> CHAT   kicks them; null: the bot
    POST /sim/groups/join    {chat, user}, /sim/groups/leave {chat, user}     -> CHAT
    POST /sim/groups/admin   {chat, user?: null, on, by?, rights?: {can_post_messages?, ...: bool}}  -> CHAT
         an administrator has all rights but those that are false
    POST /sim/groups/permissions {chat, permissions: {can_send_messages?, can_send_photos?, ...: bool}}  -> CHAT
    POST /sim/groups/hide    {chat, on}    (a supergroup's members)            -> CHAT
    POST /sim/groups/link    {chat: a channel, group}   forwards its posts to the group   -> CHAT
    POST /sim/groups/topic   {chat, name} | {chat, thread, closed?, deleted?} -> TOPIC (with deleted: bool)
    POST /sim/groups/upgrade {chat}                                           -> CHAT   the supergroup, new id
    POST /sim/groups/delete  {chat}                                           -> {}

What a user sees
    GET /sim/chats?user=ID                          -> {chats: [CHAT]}  newest first
    GET /sim/messages?user=ID&chat=ID[&thread=N][&after=SEQ][&limit=N]
                                                    -> {seq, messages: [MESSAGE]}  oldest first; last 200 by default
    GET /sim/events?user=ID&after=SEQ[&wait=SECONDS]
         Long poll, at most 25 s. -> {seq, events: [EVENT], reset}. Begin with after=0, which answers at once with
         the current seq and no events. `reset` true: too much was missed, load the chats again.
         EVENT {seq, type: "message"|"edited"|"deleted"|"typing"|"commands"|"answer"|"chat", chat, ...}
           message, edited, deleted: + message: MESSAGE
           typing: + action; show it for 5 s or until the next message of that chat
           commands: chat null: fetch /sim/commands again
           answer: + text, show_alert, url, message_id: the bot's answer to a press by this user
           chat: the chat itself changed (topics, members, title, blocked): fetch /sim/chats again
    GET /sim/commands?user=ID&chat=ID               -> {commands: [COMMAND], name, description, short_description}
         What Telegram would show this user there: by scope, then language, with Telegram's fallbacks.
    GET /sim/files/FILE_ID                          -> bytes of a photo or document

The clock (404 when the simulator has none)
    GET  /sim/clock                                 -> {now: ISO 8601, next: ISO 8601|null}
    POST /sim/clock/next                            -> {now, moved: bool}   moved to the next moment, if there is one

Faults, settings and the ledger
    POST /sim/faults {kind, method?, chat?, times?, seconds?, description?, code?, url?, share?} -> {faults: [...]}
         kind: "refuse" (code, description; default 403 "Forbidden: bot was blocked by the user"), "flood" (429,
         seconds), "error" (code 500-504), "cut_before", "cut_after" (the connection ends before or after the call
         takes effect), "slow" (seconds), "bad_picture" (url: a part of the addresses that can't be fetched, or a
         file_id, or the SHA-256 of an upload that Telegram won't take; description?: words other than Telegram's
         usual ones), "forgotten_files" (the file_ids that exist now are refused from now on, also when the fault is
         deleted; the same content uploaded again gets another), "offline" (every connection of the bot is closed),
         "gone" (for `seconds` the port is closed, to this side as well).
         times: how many calls, default 1 (bad_picture, forgotten_files, offline: until deleted); 0: all. Without a
         method: all but getUpdates. share: 0-1, the share of matching calls that it affects.
    GET /sim/faults -> {faults: [...]};  DELETE /sim/faults -> {faults: []}
    POST /sim/settings {strict_rates?, hold_calls?, rate?, paid_rate?, chat_burst?, group_rate?, rich_messages?,
                         ephemeral_messages?, private_topics?, inline_mode?}   -> all settings
         rich_messages: false makes this a Bot API server from before rich messages: sendRichMessage is 404.
         ephemeral_messages: false makes it one from before those: receiver_user_id is passed over.
         private_topics: the switch at BotFather (getMe.has_topics_enabled); false at first.
         inline_mode: the switch at BotFather (getMe.supports_inline_queries); true at first.
    GET /sim/ledger -> {accepted: {chat: count}, messages, refusals: {description: count}, floods, faults: {kind: n},
                        unanswered: [{id, user, chat, message_id, data}], unknown_parameters: {"method.name": n},
                        wrong_types: {"method.name": n}, dropped_entities, bad_start_links: {url: n}, paid,
                        methods: {method: calls}, largest_second, calls,
                        uploads: {method: files}, upload_contents: {SHA-256: times}, uploaded_bytes,
                        dangling_anchors: {name: n}, largest_rich: {characters, blocks, depth, media, columns}}
         `messages` and `accepted` count what the bot sent and Telegram accepted, also when the answer was cut off.
         dangling_anchors: links in rich messages that jump nowhere. largest_rich: the largest of each, {} at first.
    GET /sim/fetches -> {fetches: [FETCH]};  DELETE /sim/fetches -> {fetches: []}   forgets them, failures too
         FETCH {url, status: 0 when nobody answered, mime, bytes, width, height, refusal: Telegram's words for a photo
         from there, or ""}. Only loopback addresses are fetched (localhost with a port); all others are assumed to
         be fine.
    GET /sim/ledger/calls?after=N[&limit=N] -> {next, calls: [CALL]}
         CALL {n, at, method, parameters, ok, description, fault?, message_id?}   parameters without files

The page
    GET / -> page/index.html;  GET /page/NAME -> its files
"""

from __future__ import annotations

from aiohttp import web

from bot.simulator.clock import SimulatedClock
from bot.simulator.person.endpoints import chats, controls, groups, inline, page, users
from bot.simulator.person.request import RequestHandler, endpoint
from bot.simulator.state.world import World

_ROUTES: tuple[tuple[str, str, RequestHandler], ...] = (
    ("POST", "/sim/users", users.post_users),
    ("GET", "/sim/users", users.get_users),
    ("POST", "/sim/people", users.post_people),
    ("POST", "/sim/say", users.post_say),
    ("POST", "/sim/open", users.post_open),
    ("POST", "/sim/share", users.post_share),
    ("GET", "/sim/share", users.get_shareable),
    ("POST", "/sim/press", users.post_press),
    ("POST", "/sim/inline", inline.post_inline),
    ("POST", "/sim/inline/choose", inline.post_inline_choose),
    ("POST", "/sim/read", users.post_read),
    ("POST", "/sim/block", users.post_block),
    ("POST", "/sim/unblock", users.post_unblock),
    ("POST", "/sim/deactivate", users.post_deactivate),
    ("POST", "/sim/groups", groups.post_groups),
    ("POST", "/sim/groups/add", groups.post_groups_add),
    ("POST", "/sim/groups/remove", groups.post_groups_remove),
    ("POST", "/sim/groups/join", groups.post_groups_join),
    ("POST", "/sim/groups/leave", groups.post_groups_leave),
    ("POST", "/sim/groups/admin", groups.post_groups_admin),
    ("POST", "/sim/groups/permissions", groups.post_groups_permissions),
    ("POST", "/sim/groups/hide", groups.post_groups_hide),
    ("POST", "/sim/groups/link", groups.post_groups_link),
    ("POST", "/sim/groups/topic", groups.post_groups_topic),
    ("POST", "/sim/groups/upgrade", groups.post_groups_upgrade),
    ("POST", "/sim/groups/delete", groups.post_groups_delete),
    ("GET", "/sim/chats", chats.get_chats),
    ("GET", "/sim/messages", chats.get_messages),
    ("GET", "/sim/events", chats.get_events),
    ("GET", "/sim/commands", chats.get_commands),
    ("GET", "/sim/files/{file_id}", chats.get_file_content),
    ("GET", "/sim/clock", controls.get_clock),
    ("POST", "/sim/clock/next", controls.post_clock_next),
    ("POST", "/sim/faults", controls.post_faults),
    ("GET", "/sim/faults", controls.get_faults),
    ("DELETE", "/sim/faults", controls.delete_faults),
    ("POST", "/sim/settings", controls.post_settings),
    ("GET", "/sim/ledger", controls.get_ledger),
    ("GET", "/sim/fetches", controls.get_fetches),
    ("DELETE", "/sim/fetches", controls.delete_fetches),
    ("GET", "/sim/ledger/calls", controls.get_ledger_calls),
    ("GET", "/", page.get_index),
    ("GET", "/page/{name:.+}", page.get_page_file),
)


def add_routes(app: web.Application, world: World, clock: SimulatedClock | None) -> None:
    """Add the person's side to an application."""
    for method, path, handler in _ROUTES:
        app.router.add_route(method, path, endpoint(world, clock, handler))
