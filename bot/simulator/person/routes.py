"""The person's side of the simulator, over HTTP: what the chat page and the tests call.

JSON in and out. Every path is below the simulator's url; errors are `{"error": "one sentence"}` with status 400
(a wrong request), 403 (a foreign Host or Origin), 404 (no such user, chat, file, or no clock) or 504 (no answer
to a press). POST bodies need `Content-Type: application/json`. Times are Unix seconds unless said otherwise.
`?` marks what may be left out or is absent.

Shapes
    USER     {id, is_bot, first_name, last_name?, username?, language_code?, blocked, deactivated, started}
    TOPIC    {thread, name, closed}
    CHAT     {id, type: "private"|"group"|"supergroup"|"channel", title, unread, last_message: MESSAGE|null,
              is_forum, topics: [TOPIC], status: "creator"|"administrator"|"member"|"left"|"kicked",
              bot: the bot's own status there (the same words; "kicked" in a private chat: blocked),
              typing: bool, members: number, migrated_to: id|null}
             `title` of a private chat is the bot's name; `topics` lists those not deleted; "General" is thread 0.
    MESSAGE  Telegram's own Message object (message_id, date, chat, from?, text | photo + caption, entities?,
             reply_markup?, link_preview_options?, message_thread_id?, is_topic_message?, media_group_id?,
             edit_date?, and service messages: new_chat_members, left_chat_member, migrate_to_chat_id,
             migrate_from_chat_id, group_chat_created, pinned_message, forum_topic_created ...) plus
               seq        when it last changed: messages are listed by message_id, `after=SEQ` compares this
               html       text or caption as safe HTML: only b i u s code pre a blockquote and
                          span.spoiler; an expandable quote is <blockquote class="expandable">; links are
                          http, https or tg; line breaks are "\\n" (use white-space: pre-wrap). A bot command is
                          <a class="command" data-command="/help">; a hashtag or mention stays plain text
               outgoing   true: this user wrote it
               edited, deleted, silent, pinned    booleans (a deleted message is listed with no text)
               buttons    [[{text, kind: "callback"|"url"|"copy"|"other", data?, url?, copy?, style?}]]
                          data is what `press` takes; url is http, https or tg
               preview    null | {url, large, above}: the page whose preview Telegram would show. `large`:
                          a large picture; `above`: over the text. For a picture's own url: show it as <img>
               photo_url  null | "/sim/files/FILE_ID" or the http(s) address that the bot gave
               file       null | {name, size, url}: a document
               service    null | one sentence in English about a service message
    COMMAND  {command, description}

People
    POST /sim/users {id?, first_name, last_name?, username?, language_code?, started?}
                                                                              -> USER   created, or updated by id
    GET  /sim/users                                                           -> {users: [USER], bot: USER}
    POST /sim/say {user, chat?, thread?, text?, entities?, photo?: base64, document?: base64, name?, caption?,
                   album?, forwarded_from?: name, reply_to?: message_id, name_of?: chat, above?, spoiler?}
                                                                              -> MESSAGE
         `name`: the document's. Messages with the same `album` are one. `forwarded_from`: it is somebody else's.
         `name_of`: in the name of this group (by an anonymous admin) or channel. `above`: the caption above the
         photo; `spoiler`: the photo under one.
         `chat` defaults to the private chat with the bot. "/start PAYLOAD" is what opening t.me/BOT?start=PAYLOAD
         does. Commands, links and mentions get their entities. Writing to a blocked bot unblocks it.
    POST /sim/open {user, link}                                               -> MESSAGE
         Presses https://t.me/BOT?start=PAYLOAD: says "/start PAYLOAD". 400 for a payload that Telegram won't carry.
    POST /sim/press {user, chat?, message, data, forged?, gone?}   -> {answered, text, show_alert, url}
         Waits up to 10 s for the bot's answer; then {answered: false, text: "", show_alert: false, url: null}.
         400 when the message has no button with this data, or was deleted. `forged`: with data of no button;
         `gone`: the message is deleted, or out of the bot's reach, when the press comes in.
    POST /sim/people {count, first_id?, language_code?}                       -> {first_id, count}   for load tests
    POST /sim/read {user, chat?}                                              -> {}     unread becomes 0
    POST /sim/block, /sim/unblock, /sim/deactivate {user}                     -> USER

Groups and channels
    POST /sim/groups {title, creator, type?: "group"|"supergroup"|"channel", is_forum?, topics?: [name], username?}
                                                                              -> CHAT
    POST /sim/groups/add     {chat, user?: null, as?: "member"|"administrator", by?}   -> CHAT
         user null or absent: the bot. `by` (default: the creator) is who does it.
    POST /sim/groups/remove  {chat, user?: null, by?}                         -> CHAT   kicks; null: the bot
    POST /sim/groups/join    {chat, user}, /sim/groups/leave {chat, user}     -> CHAT
    POST /sim/groups/admin   {chat, user?: null, on, by?}                     -> CHAT
    POST /sim/groups/permissions {chat, permissions: {can_send_messages?, can_send_photos?, ...: bool}}  -> CHAT
    POST /sim/groups/hide    {chat, on}    (a supergroup's members)            -> CHAT
    POST /sim/groups/link    {chat: a channel, group}   its posts are forwarded there   -> CHAT
    POST /sim/groups/topic   {chat, name} | {chat, thread, closed?, deleted?} -> TOPIC (with deleted: bool)
    POST /sim/groups/upgrade {chat}                                           -> CHAT   the supergroup, new id
    POST /sim/groups/delete  {chat}                                           -> {}

Looking
    GET /sim/chats?user=ID                          -> {chats: [CHAT]}  newest first
    GET /sim/messages?user=ID&chat=ID[&thread=N][&after=SEQ][&limit=N]
                                                    -> {seq, messages: [MESSAGE]}  oldest first; last 200 by default
    GET /sim/events?user=ID&after=SEQ[&wait=SECONDS]
         Long poll, at most 25 s. -> {seq, events: [EVENT], reset}. Begin with after=0: answers at once with the
         present seq and no events. `reset` true: too much was missed, load the chats again.
         EVENT {seq, type: "message"|"edited"|"deleted"|"typing"|"commands"|"answer"|"chat", chat, ...}
           message, edited, deleted: + message: MESSAGE
           typing: + action; show it for 5 s or until the next message of that chat
           commands: chat null: fetch /sim/commands again
           answer: + text, show_alert, url, message_id: what a press by this user was answered with
           chat: the chat itself changed (topics, members, title, blocked): fetch /sim/chats again
    GET /sim/commands?user=ID&chat=ID               -> {commands: [COMMAND], name, description, short_description}
         What Telegram would show this user there: by scope, then language, with its fallbacks.
    GET /sim/files/FILE_ID                          -> bytes of a photo or document

The clock (404 when the simulator has none)
    GET  /sim/clock                                 -> {now: ISO 8601, next: ISO 8601|null}
    POST /sim/clock/next                            -> {now, moved: bool}   moved to the next moment, if there is one

Trouble, and what came of it
    POST /sim/faults {kind, method?, chat?, times?, seconds?, description?, code?, url?, share?} -> {faults: [...]}
         kind: "refuse" (code, description; default 403 "Forbidden: bot was blocked by the user"), "flood" (429,
         seconds), "error" (code 500-504), "cut_before", "cut_after" (the connection ends before or after the call
         was acted on), "slow" (seconds), "bad_picture" (url: a part of the addresses that can't be fetched;
         description?: in other words), "offline" (every connection of the bot is closed), "gone" (for `seconds`
         nobody listens at the port, this side included).
         times: how often, default 1 (bad_picture, offline: until deleted); 0: always. No method: any but
         getUpdates. share: 0-1, the part of the fitting calls that it hits.
    GET /sim/faults -> {faults: [...]};  DELETE /sim/faults -> {faults: []}
    POST /sim/settings {strict_rates?, hold_calls?, rate?, paid_rate?, chat_burst?, group_rate?} -> all settings
    GET /sim/ledger -> {accepted: {chat: count}, messages, refusals: {description: count}, floods, faults: {kind: n},
                        unanswered: [{id, user, chat, message_id, data}], unknown_parameters: {"method.name": n},
                        wrong_types: {"method.name": n}, dropped_entities, bad_start_links: {url: n}, paid,
                        methods: {method: calls}, largest_second, calls}
         `messages` and `accepted` count what the bot sent and Telegram took, also when the answer was cut off.
    GET /sim/ledger/calls?after=N[&limit=N] -> {next, calls: [CALL]}
         CALL {n, at, method, parameters, ok, description, fault?, message_id?}   parameters without files

The page
    GET / -> page/index.html;  GET /page/NAME -> its files
"""

from __future__ import annotations

from aiohttp import web

from bot.simulator.clockwork import Clockwork
from bot.simulator.person import action_routes as person_acts
from bot.simulator.person import chat_routes as person_groups
from bot.simulator.person import pages
from bot.simulator.person import switch_routes as person_switches
from bot.simulator.person import view_routes as person_looks
from bot.simulator.person.request import RequestHandler, door
from bot.simulator.state.world import World

_ROUTES: tuple[tuple[str, str, RequestHandler], ...] = (
    ("POST", "/sim/users", person_acts.put_user),
    ("GET", "/sim/users", person_acts.list_users),
    ("POST", "/sim/people", person_acts.put_people),
    ("POST", "/sim/say", person_acts.say),
    ("POST", "/sim/open", person_acts.open_link),
    ("POST", "/sim/press", person_acts.press),
    ("POST", "/sim/read", person_acts.read),
    ("POST", "/sim/block", person_acts.block),
    ("POST", "/sim/unblock", person_acts.unblock),
    ("POST", "/sim/deactivate", person_acts.deactivate),
    ("POST", "/sim/groups", person_groups.found),
    ("POST", "/sim/groups/add", person_groups.add),
    ("POST", "/sim/groups/remove", person_groups.remove),
    ("POST", "/sim/groups/join", person_groups.join),
    ("POST", "/sim/groups/leave", person_groups.leave),
    ("POST", "/sim/groups/admin", person_groups.admin),
    ("POST", "/sim/groups/permissions", person_groups.permissions),
    ("POST", "/sim/groups/hide", person_groups.hide_members),
    ("POST", "/sim/groups/link", person_groups.link),
    ("POST", "/sim/groups/topic", person_groups.topic),
    ("POST", "/sim/groups/upgrade", person_groups.upgrade),
    ("POST", "/sim/groups/delete", person_groups.delete),
    ("GET", "/sim/chats", person_looks.list_chats),
    ("GET", "/sim/messages", person_looks.list_messages),
    ("GET", "/sim/events", person_looks.list_events),
    ("GET", "/sim/commands", person_looks.list_commands),
    ("GET", "/sim/files/{file_id}", person_looks.give_file),
    ("GET", "/sim/clock", person_switches.clock),
    ("POST", "/sim/clock/next", person_switches.move_clock),
    ("POST", "/sim/faults", person_switches.add_fault),
    ("GET", "/sim/faults", person_switches.list_faults),
    ("DELETE", "/sim/faults", person_switches.clear_faults),
    ("POST", "/sim/settings", person_switches.settings),
    ("GET", "/sim/ledger", person_switches.ledger),
    ("GET", "/sim/ledger/calls", person_switches.ledger_calls),
    ("GET", "/", pages.index),
    ("GET", "/page/{name:.+}", pages.page),
)


def add_routes(app: web.Application, world: World, clock: Clockwork | None) -> None:
    for method, path, handler in _ROUTES:
        app.router.add_route(method, path, door(world, clock, handler))
