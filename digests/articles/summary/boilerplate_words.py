"""The words of what stands around an article's text: labels, notices, calls, bylines, captions, counters, greetings.

Each table names its languages or what it is for. They come from the pages of news sites and blogs, and from the themes
and feed readers that write them: WordPress ("The post ... appeared first on ..."), Zhihu and WeChat (著作权归作者所有),
Douban (导演/编剧/主演), the news agencies' captions (图/..., REUTERS/...), Hexo's themes.
"""

from __future__ import annotations

import re


def _joined(*tables: str) -> str:
    """Return the tables as one pattern: lines are broken after `|`, and mean nothing."""
    return "".join([line.strip() for table in tables for line in table.splitlines()])


def _pattern(*tables: str) -> re.Pattern[str]:
    return re.compile(_joined(*tables), re.IGNORECASE)


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


_LABELS = _joined(
    # Chinese: texts, people, pictures, notes of the editors.
    r"""
    (?:原|本)?(?:标题|標題|题|題)|原文(?:链接|鏈接|連結|地址|网址|出处|作者|来源)?|(?:文章|消息|新闻|资料|数据|内容|
    图片|圖片|照片)?(?:来源|來源|出处|出處)|(?:转载|轉載|转|摘|編譯|编译)自|稿源|(?:本文|原文|文章)?作者|[文图圖]|
    图文|文图|(?:撰|供|采|配)[文稿图写]|(?:图片|圖片|图|圖)(?:源|说明|說明)?|题图|題圖|头图|頭圖|封面(?:图|图片)?|
    摄影?|攝影?|(?:责任|責任|本文|本期|值班|实习|网络|微信)?(?:编辑|編輯)|责编|責編|[编編]|(?:审|校)[校对對核]|排版|
    设计|(?:本报|实习|特约)?(?:记者|記者)|通讯员|(?:编译|翻译|译者|整理|策划|监制|出品|主编|撰稿|制图|制作|供稿)人?|
    (?:发布|發布|更新|发表|修改|创建)?(?:时间|時間|日期)|(?:标签|標籤|分类|分類|关键词|關鍵詞|关键字)|(?:立即|免费|
    官方|软件|文件|资源|点击)?(?:下载|下載)(?:地址|链接|鏈接|連結)?|(?:官网|官方网站|项目地址|链接|鏈接|連結|网址|
    地址|传送门)|(?:相关|相關|推荐|推薦|延伸|扩展|参考|更多)(?:阅读|閱讀|文章|链接|资料|文献|新闻|報導|报道)?|
    (?:微信)?公众号|微信|微博
    """,
    # Chinese: films, books, games, broadcasts.
    r"""
    |(?:预计|預計)?(?:阅读|閱讀)(?:时间|時間|时长)|导演|導演|编剧|編劇|主演|演员|演員|类型|類型|片长|片長|
    上映(?:日期|时间)?|语言|語言|(?:制片)?(?:国家|地区)(?:/地区)?|又名|豆瓣(?:评分)?|书名|出版社|译者|页数|定价|
    售价|时长|嘉宾|主持人?|主播|配音|声优|平台|开发商|发行商?|评分|字数|来稿|赞助商?|特别(?:感谢|鸣谢)|鸣谢
    """,
    # Japanese.
    r"""
    |読了時間|出典|引用元?|ソース|参照|参考(?:文献|リンク|記事)?|(?:画像|写真|動画)(?:提供|出典|引用)?|撮影|
    取材(?:・文)?|構成|編集|著者?|執筆者?|翻訳|元記事|ライター|関連(?:記事|リンク)|カテゴリー?|タグ|(?:公開|更新|
    投稿|発売|配信|放送|開催)日時?|監督|脚本|出演|原作|音楽|キャスト|スタッフ|価格|定価|会場|場所|提供|スポンサー
    """,
    # Korean.
    r"""
    |읽는 시간|출처|자료|사진|기자|글|작성자|저자|지은이|옮긴이|편집|관련\s?기사|태그|카테고리|(?:게시|수정|작성|
    등록)일|감독|각본|출연|원작|장르|출판사
    """,
    # English.
    r"""
    |(?:original |news |image |photo |picture |data )?sources?|(?:written|posted|published|edited|translated|
    reviewed|photos?|photography|words|text|story|images?|video|reporting|art|music|illustrations?)? ?by|authors?|
    (?:cover |featured |header )?(?:photo|image|picture|illustration|graphic|video)s?(?: (?:by|credits?|source|
    courtesy(?: of)?))?|credits?|via|h/?t|tags?|topics?|keywords?|categor(?:y|ies)|filed under|posted (?:in|on)|
    related(?: (?:posts?|articles?|stor(?:y|ies)|reading|links?|content))?|see also|read (?:also|more|next)|
    also read|published|(?:last )?updated|date|time|(?:estimated )?reading time|time to read|reading time|director|
    producers?|writers?|screenplay|cast|starring|genres?|runtime|length|running time|clients?|agency|
    production company|isbn|publisher|editors?|translators?|downloads?|links?|website|homepage|sponsors?|
    sponsored by|copyright|license|platforms?|developers?|price|rating
    """,
    # German, French, Spanish, Italian, Portuguese, Dutch, Russian.
    r"""
    |lesezeit|temps de lecture|tiempo de lectura|tempo d[ie] (?:lettura|leitura)|quellen?|fotos?|bild(?:er|quelle|
    nachweis)?|titelbild|autor(?:in|en)?|redaktion|schlagw[oö]rt(?:er)?|kategorien?|veröffentlicht|aktualisiert|
    stand|datum|regie|drehbuch|darsteller|besetzung|kamera|musik|mehr zum thema|auch interessant|lesen sie auch|
    cr[ée]dits?(?: photos?)?|auteurs?|publié(?: le)?|mis à jour|mots[- ]clés|catégories?|réalisation|scénario|
    à lire aussi|lire aussi|fuentes?|fonte|autora?|publicado|actualizado|etiquetas|im[aá]gen(?:es)?|imagem|créditos|
    autore|pubblicato|crediti|leggi anche|lea también|leia também|bron|auteur|lees ook|источник|фото|автор|теги|
    рубрика|режиссёр|перевод|читайте также
    """,
)
LABEL = re.compile(
    rf"[【\[(（「<《◎●■□▍#＃\s]{{0,3}}(?:{_LABELS})[】\])）」>》]?"
    r"(?:\s?[:：|｜丨]|(?<=[\u3040-\u9fff\uac00-\ud7af])\s?[/／=＝])",
    re.IGNORECASE,
)
"""A word that says what follows it, with the colon or the like that makes it a label."""
NOTICE = _pattern(
    # Editors' and authors' remarks about the article, before it begins.
    r"""
    [【\[(（*※\s]{0,3}(?:注意?|注释|提示|温馨提示|声明|免责声明|編者按|编者按|编者注|警告|更正|版权声明|说明|前注|
    注記|追記|ご注意|お断り|알림|주의|편집자\s?주|(?:editor'?s? |author'?s? |please )?note|n\.?b\.?|disclaimer|
    disclosure|warning|caution|correction|update|edit|trigger warning|spoiler(?: alert| warning)?|hinweis|anmerkung|
    achtung|korrektur|transparenzhinweis|avertissement|remarque|note de l'auteur|nota|aviso|avviso|внимание|
    примечание)(?:\s?[0-9(（][^:：]{0,20})?[】\])）]?\s?[:：]|(?:本文|这篇文章|該文|文章)(?:内容)?(?:最后|最近|已|
    可能已)?(?:更新于|过时|过期|失效)|本文(?:最初|首次|原)?(?:发表|发布|刊登|连载)[于在]
    """,
)
ANY_NOTICE = _pattern(
    # Sentences that no article begins with, wherever they stand in a short paragraph.
    r"""
    \bthe post .{0,300} appeared|your browser does ?n[o']t|enable javascript|javascript (?:is|to be) (?:disabled|
    required|enabled)|(?:site|website|page|we) uses? cookies|accept cookies|all rights reserved|(?:©|\(c\)|
    copyright) ?(?:©|\(c\)|[0-9]{4})|affiliate links?|amazon associate|(?:this|today's|our) (?:post|episode|article|
    issue|story|week's|newsletter|show|video|content|entry|piece).{0,40}(?:sponsored|supported|brought to you|
    made possible|(?:originally|first) (?:published|appeared|posted)|cross-?posted)|^(?:originally|
    first) (?:published|appeared|posted) (?:on|at|by|here)|^cross-?posted (?:from|to|on|at)|(?:未经|
    未經).{0,8}(?:授权|授權|许可|許可|允许|同意).{0,12}(?:不得|禁止|请勿|严禁|謝絕|谢绝)|(?:版权|
    版權)(?:[归歸].{1,12}所有|所有(?:[，。,©]|$)|©)|(?:转载|轉載)(?:请|請|须|需|时请|必须)(?:注明|註明|联系|聯絡|
    标明|保留|经|获)|本文(?:系|为|由).{0,20}(?:原创|授权|首发|发布|翻译|整理)|(?:本文|文章|本站|
    内容).{0,6}[仅僅]供.{0,4}(?:参考|學習|学习|研究|娱乐|个人|個人|逆向|交流)|(?:本|该)(?:节目|文章|视频|
    期).{0,6}由.{1,20}赞助|感谢.{1,20}(?:赞助|的支持与赞助)|浏览器不支持|瀏覽器不支援|無断(?:転載|複製|使用)|(?:本|
    この|当)(?:記事|サイト|ページ).{0,10}(?:広告|アフィリエイト|プロモーション)|무단\s?(?:전재|복제)|저작권자|
    쿠팡\s?파트너스|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|все права защищены
    """,
)
NOTICE_HINT = re.compile(
    _joined(
        # Each branch begins with a character of its own: `re` then skips what begins none, ten times as fast.
        r"""
        appeared|browser|javascript|cookies|rights|©|\(c\)|copyright|affiliate|associate|sponsor|support|brought|
        possible|published|posted|未经|未經|版权|版權|转载|轉載|本文|赞助|浏览器|瀏覽器|無断|広告|アフィリエイト|
        プロモーション|무단|저작권|쿠팡|vorbehalten|réservés|reservados|защищены
        """,
    )
)
"""What ANY_NOTICE needs, in small letters. To look for it takes a tenth of the time."""
CALL = _pattern(
    # What a reader is to do, not to read. A sentence too, but a short one.
    r"""
    [\W_]{0,4}(?:(?:please )?(?:subscribe (?:to|now|here|via|on|for|today|if)|sign up (?:for|to|here|now|today)|
    follow (?:us|me|@)|join (?:our (?:newsletter|community|discord|mailing|telegram|channel)|the discussion)|
    share this|share on|tweet this|click (?:here|to|on|the)|tap (?:here|to)|leave a (?:comment|reply)|jump to|
    skip to|like this)\b|listen to (?:this|the) (?:article|story|post)|(?:read|view|see|show|load|watch|
    listen to) (?:the )?(?:more|full|all|original|whole|rest|next|previous|comments?)\b|(?:continue|keep) reading|
    (?:点击|點擊|单击|戳)(?:查看|阅读|下载|进入|这里|此处|关注|上方|下方|上图|标题|蓝字|链接|观看|報名|报名)|
    (?:阅读|閱讀|查看|繼續閱讀|继续阅读)(?:原文|全文|更多)?[\W_]*$|(?:扫码|掃碼)(?:关注|加|入|进|下载|阅读|领取|
    添加|观看|参与|購買|购买)|(?:扫描|扫一扫|掃描).{0,8}(?:二维码|码|QR)|长按.{0,6}(?:识别|扫|图片|二维码|关注|
    保存)|关注(?:.{0,12}(?:公众号|微信|微博)|我们(?:[，。！!]|$))|(?:欢迎|歡迎)(?:关注|關注|订阅|訂閱|转发|加入|
    扫码|大家(?:关注|加入|转发))|更多(?:精彩)?(?:内容|信息|资讯|详情|细节|干货|新闻|內容|資訊).{0,6}(?:请|請|點擊|
    点击|关注|尽在|欢迎)|求(?:关注|点赞)|本文(?:来源|来自|转自|转载|选自|节选|首发|原载|作者[:：系为])|
    続き(?:を読む|は)|詳(?:しく|細)は.{0,12}(?:こちら|ご覧)|もっと(?:見る|読む)|(?:この記事を)?シェア(?:する)?$|
    フォロー(?:する|して)|チャンネル登録|画像(?:を)?クリック|더\s?보기|계속 읽기|자세히 보기|원문 보기|구독(?:하기|
    하세요|해)|공유하기|weiterlesen|mehr (?:dazu|lesen|erfahren)|jetzt (?:abonnieren|lesen|anmelden|kaufen)|
    lesen sie|lire (?:la suite|aussi|plus|l['’]article)|à lire aussi|en savoir plus|abonnez-vous|inscrivez-vous|
    leer (?:más|también)|seguir leyendo|suscr[ií]bete|leggi (?:anche|tutto|di più)|continua a leggere|iscriviti|
    leia (?:mais|também)|continue lendo|inscreva-se|lees (?:meer|verder|ook)|читать (?:далее|дальше|полностью|
    также)|подробнее|подписывайтесь)
    """,
)
WHOLE = _pattern(
    # Lines that say only this.
    r"""
    [\W_]*(?:advertisement|advertorial|sponsored(?: (?:content|post|by .{1,40}))?|anzeige|werbung|publicité|
    publicidad|pubblicità|реклама|广告|廣告|推广|広告|pr|광고|(?:table of )?contents|toc|inhalt(?:sverzeichnis)?|
    sommaire|table des matières|índice|indice|目录|目錄|目次|목차|содержание|related(?: (?:posts?|articles?|
    stor(?:y|ies)|reading|links?|content))?|相关(?:阅读|文章|推荐)?|相關閱讀|推荐阅读|延伸阅读|延伸閱讀|関連記事|
    관련\s?기사|原文(?:链接|鏈接|地址|出处)?|原标题|來源|来源|下载|下載|download(?: \S++){0,4}|share|print|e-?mail|
    subscribe|sign up|log ?in|loading|comments?|评论|留言|コメント|댓글|top|back to top|home|menu|null|undefined|
    nan|none|n/a|object object|tl;?dr|thanks for reading.{0,40}|the end|fin|ende|完|全文完|未完待续|未完待續|以上|
    おわり|終わり|끝|more)[\W_]*
    """,
)
GREETING = _pattern(
    r"""
    (?:hello|hi|hey|dear|greetings|good (?:morning|evening|afternoon)|welcome back|hallo|liebe|moin|guten (?:tag|
    morgen)|bonjour|salut|chers?|hola|ciao|olá|привет|здравствуйте)\b[^.!?。！？]{0,40}[,!.:;…]*|(?:大家好|各位|
    你好|您好|亲爱的|嗨|哈喽|尊敬的|親愛的)[^。！？!?，,]{0,16}[。！!，,:：~～]*|(?:皆さん|みなさん|
    皆様)?[、,]?(?:こんにちは|こんばんは|おはようございます|はじめまして)[^。]{0,12}[。！!]*|
    안녕하세요[^.!]{0,12}[.!,]*
    """,
)
DATED = _pattern(
    r"""
    (?:posted|published|(?:last )?(?:updated|modified|edited)|created|veröffentlicht|aktualisiert|publié|publicado|
    pubblicato|опубликовано)\b.{0,60}
    """,
)
PARENTHESIS_LABEL = _pattern(
    r"""
    \s?(?:图|圖|图片|本报|记者|記者|通讯员|编辑|責編|责编|原标题|来源|來源|来自|來自|作者|文/|摄影|出典|写真|撮影|
    画像|사진|출처|photo|image|picture|foto|bild|source|credit|quelle|by|via|©)
    """,
)
REPORTER = _pattern(
    r"""
    .{0,10}(?:记者|記者|通讯员|特约撰稿|责编|责任编辑|編輯|编辑|作者)[\s:：|｜]+\S{2,4}(?:[\s、/]+\S{2,6}){0,6}|
    \S{2,4}\s?기자(?:\s\S+@\S+)?|.{2,10}\s?(?:기자|記者)
    """,
)
CAPTION_START = _pattern(
    r"""
    [▲▼△▽◆◀▶]|(?:图|圖)(?:为(?!什么|何)|為|[\s:：/／｜|丨]|[0-9一二三四五六七八九十]{1,2}[\s:：.、．])|(?:资料|
    資料)(?:图|圖|照)|(?:上|下|左|右|如)图(?!书)|视频截图|网络截图|写真(?:は|[:：/＝=])|画像は|사진\s?[=:]|
    (?:fig(?:ure|\.)?|abb(?:ildung|\.)?|abbildung|table|图表)\s?[0-9]|(?:file |undated |handout )?(?:photo|
    photograph|image|picture|illustration|foto|bild)s?(?: (?:by|credit|courtesy|via)\b|\s?[:/©|])|screenshot (?:of|
    from|by|via)\b
    """,
)
CAPTION_END = _pattern(
    r"""
    (?:摄|攝|供图|供圖|制图|绘图|资料图片?|資料圖|截图|截圖|剧照|劇照|海报|海報|现场|現場|合影|留影|示意图|效果图|
    官图|图源网络|撮影|写真|より引用|スクリーンショット|제공|캡처|자료사진)[)）\]】」]?$|
    [(（\s。.!]?[图圖文][片源]?\s?[/／:：|｜丨]\s?[^。\s][^。]{0,18}$|(?:[/(:©|]|\b(?:via|by|from|photo|image|
    credit)s?:?)\s?(?:getty(?: images)?|ap(?: photo)?|afp|reuters|shutterstock|unsplash|pixabay|pexels|imago|dpa|
    flickr|wikimedia commons|(?:getty|ap|afp|reuters)/\S+)[^.。]{0,30}$
    """,
)
PSEUDO_HEADING = _pattern(
    r"""
    (?:第[0-9一二三四五六七八九十百]{1,4}[章节節回部篇步]|[一二三四五六七八九十]{1,3}[、.．]|
    [(（][0-9一二三四五六七八九十]{1,3}[)）]|[0-9]{1,2}(?:\.[0-9]{1,2}){0,3}[.、．)\s]|(?:chapter|part|step|section|
    teil|kapitel|chapitre) [0-9ivx]{1,4}\b|[■□◆◇●○★☆▍▎█])
    """,
)
COUNTED = _words(
    """
    view views comment comments like likes share shares save saves retweet retweets repost reposts reply replies
    read reads point points vote votes upvote upvotes downvotes follower followers following subscriber subscribers
    download downloads star stars fork forks favorite favorites favourites bookmark bookmarks boost boosts reaction
    reactions answer answers min mins minute minutes hour hours day days ago clap claps play plays watching by hide
    past discuss k m aufrufe aufruf kommentar kommentare gefällt mal geteilt lesezeit minuten vues vue commentaire
    commentaires partages lecture visitas comentarios gusta me compartir commenti visualizzazioni comentários
    curtidas просмотров комментариев просмотры комментарии 阅读 浏览 点击 评论 点赞 赞 收藏 转发 分享 播放 人气 回复
    閱讀 瀏覽 評論 留言 點讚 轉發 观看 喜欢 推荐 关注 粉丝 投票 在看 弹幕 热度 次 数 量 万 千 亿 人 个 条 分钟 小时
    前 字 阅读量 浏览量 点击量 播放量 阅读数 评论数 点赞数 收藏数 次阅读 次浏览 次观看 次播放 条评论 人赞 人赞同
    人喜欢 人收藏 分钟阅读 万次 万阅读 いいね 件 件のコメント コメント 閲覧 観覧 回視聴 再生 シェア リツイート 回
    お気に入り ブックマーク users 조회 조회수 좋아요 댓글 공유 추천 회 개 명 건
    """
)
NAME_WORDS = _words(
    """
    and und et y e i de van von der den la le du da dos the for of in at with & / | · – - — • @
    """
)
BY = _words(
    """
    by von par por di da door av af от via
    """
)
