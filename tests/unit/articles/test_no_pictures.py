"""Which pictures represent no article, and which look as if they did not."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.pictures.excluded import is_decoration, is_no_picture

NONE = [
    "https://img.shields.io/badge/build-passing-green.svg",
    "https://img.shields.io/npm/v/tide.png?style=flat",
    "https://badge.fury.io/js/tide.png",
    "https://travis-ci.org/ann/tide.png?branch=main",
    "https://api.travis-ci.com/ann/tide.png",
    "https://codecov.io/gh/ann/tide/branch/main/graph/badge.png",
    "https://coveralls.io/repos/ann/tide/badge.png",
    "https://badgen.net/npm/v/tide",
    "https://github.com/ann/tide/actions/workflows/ci.yml/badge.svg",
    "https://ci.example/badges/tide.png",
    "https://ci.example/project/badge?branch=main",
    "https://tide.example/badge.png",
    "https://komarev.com/ghpvc/?username=ann",
    "https://hits.seeyoufarm.com/api/count/incr/badge.png",
    "https://count.getloli.com/get/@ann",
    "https://counter.example/count.php?page=3",
    "https://pond.example/hitcounter/5.png",
    "https://pond.example/kite.svg",
    "https://pond.example/kite.svg?v=3",
    "https://pond.example/kite.SVG#view",
    "https://pond.example/image?format=svg",
    "https://pond.example/kite.avif",
    "https://pond.example/kite.heic",
    "https://pond.example/favicon.ico",
    "https://pond.example/film.mp4",
    "https://www.youtube.com/watch?v=abc",
    "https://github.com/ann/pics/blob/main/kite.png",
    "https://latex.codecogs.com/gif.latex?x%5E2",
    "https://www.zhihu.com/equation?tex=x",
    "https://www.plantuml.com/plantuml/png/abc",
    "https://mail.example/o/open.gif?u=123",
    "https://mail.example/open.php?u=1",
    "https://mail.example/wf/open?upn=abc",
    "https://mail.example/track/open/123/abc",
    "https://mail.example/e/o/aGVsbG8",
    "https://mail.example/pixel.gif",
    "https://mail.example/pixel?id=5",
    "https://mail.example/px.gif?x=1",
    "https://mail.example/beacon/abc",
    "https://mail.example/img/tracking-pixel.png",
    "https://mail.example/t.gif?e=1",
    "https://stats.example/piwik.php?idsite=1",
    "https://stats.example/matomo.php?idsite=1&rec=1",
    "https://news.us5.list-manage.com/track/open.php?u=1&id=2",
    "https://pixel.wp.com/g.gif?v=ext",
    "https://stats.wordpress.com/b.gif?host=x",
    "https://feeds.feedburner.com/~r/pond/~4/abc",
    "https://feeds.wordpress.com/1.0/comments/pond/",
    "https://medium.com/_/stat?event=post.clientViewed",
    "https://email.substack.com/o/abc",
    "https://hm.baidu.com/hm.gif?si=1",
    "https://counter.theconversation.com/content/1/count.gif",
    "https://pond.example/img/blank.gif",
    "https://pond.example/loading.gif",
    "https://pond.example/ajax-loader.gif",
    "https://pond.example/img/default-cover.jpg",
    "https://pond.example/no-image.png",
    "https://picsum.photos/seed/5/400/300",
    "https://source.unsplash.com/1600x900/?water",
    "https://source.unsplash.com/random",
    "https://api.btstu.cn/sjbz/api.php?lx=dongman&format=images",
    "https://api.ixiaowai.cn/gqapi/gqapi.php",
    "https://www.dmoe.cc/random.php",
    "https://img.xjh.me/random_img.php?type=bg",
    "https://pics.example/random",
    "https://pics.example/api/random/image",
    "https://pics.example/rand.php?type=pc",
    "https://pics.example/acg.php",
    "https://api.pics.example/cover.php?1",
    "https://api.pics.example/?t=5",
    "https://secure.gravatar.com/avatar/abc?s=96",
    "https://cravatar.cn/avatar/abc",
    "https://avatars.githubusercontent.com/u/1?v=4",
    "https://thirdqq.qlogo.cn/g?b=qq&nk=1",
    "https://pbs.twimg.com/profile_images/1/x.jpg",
    "https://pond.example/images/avatar.png",
    "https://pond.example/uploads/avatars/12.jpg",
    "https://s.w.org/images/core/emoji/13/72x72/1f600.png",
    "https://twemoji.maxcdn.com/v/14.0.2/72x72/1f600.png",
    "https://pond.example/emoji/smile.png",
    "https://github.githubassets.com/images/icons/emoji/unicode/1f600.png",
    "https://pond.example/favicon-32x32.png",
    "https://pond.example/share-buttons/x.png",
    "https://pond.example/buttons/go.png",
    "https://pond.example/divider.png",
    "https://pond.example/blue-divider.gif",
    "https://pond.example/img/line.gif",
    "https://pond.example/qrcode.png",
    "https://pond.example/img/wechat-qrcode.jpg",
    "https://pond.example/qrcode_for_gh_1a2b3c_258.jpg",
    "https://api.qrserver.com/v1/create-qr-code/?data=x",
    "https://pond.example/二维码.png",
    "https://ad.doubleclick.net/ad/x",
    "https://ads.example.com/x.png",
    "https://pond.example/ads/summer.jpg",
    "https://pond.example/ad/summer.jpg",
    "https://pond.example/owo/cat.png",
    "https://pond.example/headimg/12.jpg",
    "https://pond.example/img/468x60.gif",
    "https://pond.example/img/summer-728x90.png",
    "https://pond.example/img/300x250.png",
    "https://pond.example/undefined",
]

PICTURES = [
    "https://pond.example/kite.jpg",
    "https://code.example/p/owo/d/img/raw/main/kite.png",
    "https://pond.example/image/ad/57/ad2ad8.jpg",
    "https://upload.wikimedia.org/wikipedia/commons/a/ad/Kite.jpg",
    "https://pond.example/2026/headimg.png",
    "https://pond.example/covers/emoji.jpg",
    "https://pond.example/new.gif",
    "https://pond.example/kite.png?x-oss-process=image/resize,w_900",
    "https://pond.example/avatar-2-trailer.jpg",
    "https://pond.example/how-tracking-works.jpg",
    "https://pond.example/google-pixel.jpg",
    "https://pond.example/google-pixel-9.png",
    "https://pond.example/open.jpg",
    "https://pond.example/open.gif",
    "https://pond.example/track.jpg",
    "https://pond.example/photos/tracks/start.jpg",
    "https://pond.example/badger.jpg",
    "https://pond.example/boy-scout-badge.jpg",
    "https://pond.example/scout-badges-2026.png",
    "https://pond.example/streets-empty.jpg",
    "https://pond.example/truck-loading.jpg",
    "https://pond.example/red-button.jpg",
    "https://pond.example/transparent-phone-is-clear.jpg",
    "https://pond.example/how-qrcode-works.png",
    "https://pond.example/random-forest.png",
    "https://pond.example/random.png",
    "https://pond.example/random/forest.jpg",
    "https://pond.example/image.php?id=5",
    "https://pond.example/show?file=kite",
    "https://pond.example/kite-300x250.jpg",
    "https://pond.example/wp-content/uploads/kite-1024x576.jpg",
    "https://pond.example/uploads/2026/ad-astra.jpg",
    "https://pond.example/adserver-talk.png",
    "https://pond.example/advertising-week/stage.jpg",
    "https://pond.example/divider-of-the-sea.png",
    "https://pond.example/line.jpg",
    "https://pond.example/count-of-birds.png",
    "https://pond.example/emoji-history.png",
    "https://pond.example/svg/kite.png",
    "https://pond.example/kite.svg?format=png",
    "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/Kite.svg/1024px-Kite.svg.png",
    "https://github.com/ann/pics/blob/main/kite.png?raw=true",
    "https://github.com/ann/pics/raw/main/kite.png",
    "https://raw.githubusercontent.com/ann/pics/main/kite.png",
    "https://mmbiz.qpic.cn/mmbiz_jpg/abc/640?wx_fmt=jpeg",
    "https://pic1.zhimg.com/v2-abc_1440w.jpg",
    "https://i.ytimg.com/vi/abc/default.jpg",
    "https://images.unsplash.com/photo-1?ixlib=rb&w=1080",
    "https://api.mapbox.com/styles/v1/x/static/5,6/400x300.png",
    "https://cdn.example/w_900,h_600,c_fill/kite.jpg",
    "https://wx1.sinaimg.cn/large/abc.jpg",
    "https://travis-ci-guide.example/kite.png",
    "https://example-shields.io.example/kite.png",
]


@pytest.mark.parametrize("url", NONE)
def test_no_pictures(url: str) -> None:
    assert is_no_picture(url)


@pytest.mark.parametrize("url", PICTURES)
def test_pictures(url: str) -> None:
    assert not is_no_picture(url)


@pytest.mark.parametrize(
    "image",
    [
        {"width": "1", "height": "1"},
        {"height": "1px"},
        {"style": "width: 16px; height:16px"},
        {"width": "468", "height": "60"},
        {"style": "width:728px;height:90px"},
        {"class": "avatar"},
        {"class": "wp-smiley"},
        {"class": "post-badge"},
        {"alt": "Build Status"},
        {"alt": "npm version"},
        {"alt": "二维码"},
        {"alt": " Avatar "},
        {"data-ratio": "0.0546875", "data-w": "640"},
        {"class": "site-logo", "width": "120"},
        {"src": "/img/logo.png", "width": "160", "height": "40"},
        {"alt": "logo", "width": "100"},
    ],
)
def test_decorations(image: dict[str, str]) -> None:
    assert is_decoration(image)


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"width": "100%"},
        {"width": "300", "height": "250"},
        {"width": "900", "height": "600", "class": "alignnone size-full"},
        {"alt": "The avatar of the film"},
        {"alt": "New build status lamp in the harbour"},
        {"class": "kite", "alt": "kite"},
        {"data-ratio": "0.56"},
        {"data-ratio": "."},
        {"src": "/img/logo.png", "width": "800"},
        {"src": "/img/logo.png"},
        {"src": "/img/catalogo.png", "width": "160"},
        {"style": "max-width:100%"},
    ],
)
def test_no_decorations(image: dict[str, str]) -> None:
    assert not is_decoration(image)


def test_the_table_is_whole() -> None:
    table = tomllib.loads(files("digests.articles.pictures").joinpath("excluded.toml").read_text(encoding="utf-8"))
    hosts = [host for kind in table["kinds"] for host in kind.get("hosts", ())]
    assert all(kind["name"] and kind["sources"] for kind in table["kinds"])
    assert len(hosts) == len(set(hosts))
    assert all(re.fullmatch(r"[a-z0-9.-]+(?:/[^?#]*)?", host) for host in hosts)
    assert all(is_no_picture(f"https://{host}") for host in hosts)


@given(st.text(max_size=300))
def test_any_address(text: str) -> None:
    assert is_no_picture(f"https://pond.example/{text}") in (True, False)
    assert is_decoration({"alt": text, "class": text, "style": text, "width": text, "data-ratio": text}) in (
        True,
        False,
    )
