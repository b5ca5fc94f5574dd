/** The page's own texts. What the bot says comes from the bot. */

const WORDS = {
  en: {
    brand: "Chat simulator", brandNote: "Everything stays on this machine",
    people: "You are", chats: "Chats", newGroup: "New group", newPerson: "New person", skip: "Skip to the message field",
    back: "Back to chats", more: "More", messages: "Messages", toNewest: "Go to the newest message",
    demoTime: "Demo time", goNext: "Go to the next digest", goNextShort: "Next digest", going: "On the way…",
    next: (when) => `next digest ${when}`, nextNone: "no digest is due",
    moved: (when) => `It is now ${when}`, notMoved: "Nothing is due yet. Choose a category and a time first.",
    ok: "OK", close: "Close", cancel: "Cancel", create: "Create", name: "Name", language: "Language",
    kind: "Type", kindGroup: "Group", kindForum: "Group with topics", kindChannel: "Channel",
    addBotNow: "Add the bot as an administrator",
    start: "Start", welcome: (name) => `Hello, I'm ${name}`,
    welcomeText: "Choose what you like to read, and a digest of the news will arrive here every day, at the time you choose.",
    welcomeNote: "Takes under a minute. You can stop at any time.",
    welcomeGroup: "No messages here yet.",
    write: "Write a message", caption: "Add a caption", send: "Send", attach: "Attach a picture or a file",
    removePicture: "Remove the file", commands: "Bot commands", noCommand: "No such command",
    formatting: "Formatting", bold: "Bold (Ctrl+B)", italic: "Italic (Ctrl+I)", strike: "Strikethrough", code: "Code",
    link: "Link (Ctrl+K)", formatHint: "Select text, then choose a format",
    bot: "bot", typing: "typing…", photoSending: "sending a picture…",
    members: (n) => (n === 1 ? "1 member" : `${n} members`), channel: "channel", subscribers: (n) => (n === 1 ? "1 subscriber" : `${n} subscribers`),
    edited: "edited", silent: "sent silently", pinned: "pinned", sending: "sending", failed: "not sent", retry: "Send again",
    today: "Today", yesterday: "Yesterday", tomorrow: "tomorrow", unread: (n) => (n === 1 ? "1 new message" : `${n} new messages`),
    you: "You", photo: "Photo", file: "File", noMessages: "No messages yet", showMore: "Show all",
    noAnswer: "The bot hasn't answered yet", copied: "Copied", opened: (host) => `Opens ${host}`,
    spoiler: "Show hidden text", picture: "Picture", openPicture: "Enlarge the picture", badPicture: "Picture not available",
    lost: "No connection to the simulator. Trying again…", again: "Connected again",
    gone: (id) => `There is nobody with the ID ${id} here`,
    block: "Block the bot", unblock: "Unblock the bot", blocked: "You blocked the bot.",
    addBot: "Add the bot", removeBot: "Remove the bot", botAdmin: "Make the bot an administrator", botNoAdmin: "Make the bot a plain member",
    newTopic: "New topic…", topicName: "Topic name", general: "General", copyId: (id) => `Copy ID ${id}`,
    unsupported: "This message is not supported by this version of the app.", unknownBlock: "This part can't be shown",
    slides: "Pictures, side by side", table: "Table",
    hideRich: "Use an app without rich messages", showRich: "Use an app with rich messages",
    themeDark: "Dark appearance", themeLight: "Light appearance",
    inlineResults: "Results to choose from", inlineNone: "Nothing found", via: (name) => `via @${name}`,
    onlyYou: "Only you see this", noneToPick: "You have no such chat yet.",
    readOnly: "You can't write here.", badFile: "This file can't be read",
  },
  zh: {
    brand: "聊天模拟器", brandNote: "一切都只在这台机器上",
    people: "你是", chats: "聊天", newGroup: "新建群组", newPerson: "新的人", skip: "跳到输入框",
    back: "返回聊天列表", more: "更多", messages: "消息", toNewest: "回到最新消息",
    demoTime: "演示时间", goNext: "前往下一份摘要", goNextShort: "下一份", going: "正在前往…",
    next: (when) => `下一份摘要 ${when}`, nextNone: "暂无待发的摘要",
    moved: (when) => `现在是 ${when}`, notMoved: "还没有待发的摘要。请先选择分类和时间。",
    ok: "好", close: "关闭", cancel: "取消", create: "创建", name: "名字", language: "语言",
    kind: "类型", kindGroup: "群组", kindForum: "带话题的群组", kindChannel: "频道",
    addBotNow: "把机器人加为管理员",
    start: "开始", welcome: (name) => `你好，我是${name}`,
    welcomeText: "选好你爱看的分类，每天到了你定的时间，新闻摘要就会送到这里。",
    welcomeNote: "不用一分钟，随时可以停。",
    welcomeGroup: "这里还没有人说话。",
    write: "写消息", caption: "添加说明", send: "发送", attach: "添加图片或文件",
    removePicture: "移除文件", commands: "机器人的命令", noCommand: "没有这个命令",
    formatting: "格式", bold: "粗体 (Ctrl+B)", italic: "斜体 (Ctrl+I)", strike: "删除线", code: "代码",
    link: "链接 (Ctrl+K)", formatHint: "先选中文字，再点格式",
    bot: "机器人", typing: "正在输入…", photoSending: "正在发送图片…",
    members: (n) => `${n} 位成员`, channel: "频道", subscribers: (n) => `${n} 位订阅者`,
    edited: "已编辑", silent: "静音发送", pinned: "已置顶", sending: "发送中", failed: "未发送", retry: "重新发送",
    today: "今天", yesterday: "昨天", tomorrow: "明天", unread: (n) => `${n} 条新消息`,
    you: "你", photo: "图片", file: "文件", noMessages: "还没有消息", showMore: "展开",
    noAnswer: "机器人还没有回应", copied: "已复制", opened: (host) => `打开 ${host}`,
    spoiler: "隐藏的文字：点按显示", picture: "图片", openPicture: "查看大图", badPicture: "图片无法显示",
    lost: "与模拟器的连接断开了，正在重试…", again: "已重新连接",
    gone: (id) => `这里没有编号为 ${id} 的人`,
    block: "屏蔽机器人", unblock: "取消屏蔽", blocked: "你已屏蔽机器人。",
    addBot: "添加机器人", removeBot: "移除机器人", botAdmin: "设机器人为管理员", botNoAdmin: "取消机器人的管理员身份",
    newTopic: "新建话题…", topicName: "话题名称", general: "综合", copyId: (id) => `复制编号 ${id}`,
    unsupported: "当前版本的应用不支持此消息。", unknownBlock: "这部分无法显示",
    slides: "并排的图片", table: "表格",
    hideRich: "改用不支持富文本消息的应用", showRich: "改用支持富文本消息的应用",
    themeDark: "深色外观", themeLight: "浅色外观",
    inlineResults: "可选的结果", inlineNone: "没有找到", via: (name) => `通过 @${name}`,
    onlyYou: "只有你能看到", noneToPick: "你还没有这样的聊天。",
    readOnly: "你不能在这里发言。", badFile: "无法读取这个文件",
  },
};

let language = languageOf(navigator.language);

export function languageOf(code) {
  return String(code || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function setLanguage(code) {
  language = languageOf(code);
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

/** A text in the language of the page; functions are called with the values. */
export function say(word, ...values) {
  const found = WORDS[language][word] ?? WORDS.en[word] ?? word;
  return typeof found === "function" ? found(...values) : found;
}

/** Fills everything that is marked with data-word (text) or data-label (name for screen readers, and tooltip). */
export function fillWords(root = document) {
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = say(one.dataset.word);
  for (const one of root.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", say(one.dataset.label));
    if (one.tagName === "BUTTON") one.title = say(one.dataset.label);
  }
}

const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

export function timeOf(date) {
  return date.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** "Today", "Yesterday", "Tuesday, 24 November", with the year when it is another one. */
export function dayOf(date, now) {
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) return say("today");
  if (days === 1) return say("yesterday");
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long", year });
}

/** For the clock and the chat list: the time today, else the day. */
export function whenOf(date, now) {
  if (startOfDay(date) === startOfDay(now)) return timeOf(date);
  return date.toLocaleDateString(locale(), { day: "numeric", month: "short" });
}

export function momentOf(date) {
  const day = date.toLocaleDateString(locale(), { weekday: "short", day: "numeric", month: "short" });
  return `${day} ${timeOf(date)}`;
}

export const startOfDay = (date) => new Date(date).setHours(0, 0, 0, 0);
