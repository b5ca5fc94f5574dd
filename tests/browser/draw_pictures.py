"""Draws the pictures of the sample posts: `python -m tests.browser.draw_pictures [FOLDER]`.

The scenes are mostly coordinates, with one shape on each line: long lines read better than one number on each line.
"""

# ruff: noqa: C901, E501
# fmt: off
from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import ImageDraw

from tests.browser.canvas import HEIGHT, WIDTH, Canvas, scaled_box, wave


def water(canvas: Canvas, top: float, colours: Sequence[str], height: float = 5, length: float = 190) -> None:
    step = (HEIGHT - top) / len(colours)
    for number, fill in enumerate(colours):
        crest = wave(top + step * number, height * (0.6 + number * 0.3), length * (1 + number * 0.22), number * 1.9)
        canvas.polygon([*crest, (WIDTH + 20, HEIGHT), (-10, HEIGHT)], fill)


def glitter(canvas: Canvas, x: float, top: float, fill: str) -> None:
    """Draw the path of a low light on water."""
    for number in range(13):
        y = top + 6 + number * number * 0.9 + number * 3
        if y > HEIGHT:
            break
        half = 16 + number * 6 + canvas.random.uniform(-8, 8)
        shift = canvas.random.uniform(-9, 9)
        canvas.line([(x - half + shift, y), (x + half + shift, y)], fill, 2.2 + number * 0.15, alpha=0.62 - number * 0.035)


def tide() -> Canvas:
    canvas = Canvas("#1d3557", "#3d6e94", "#f2b880", "#f7d9ae")
    canvas.stars(40, 130)
    canvas.disc(585, 150, 120, "#fff1d0", alpha=0.22, blur=30)
    canvas.disc(585, 150, 58, "#fff6e0")
    canvas.disc(565, 138, 9, "#ecdcb8", alpha=0.7)
    canvas.disc(603, 168, 13, "#ecdcb8", alpha=0.6)
    canvas.disc(598, 128, 6, "#ecdcb8", alpha=0.6)
    canvas.hills(268, 9, "#4f7391", rough=1.7, alpha=0.7)
    water(canvas, 285, ("#2f6f8f", "#235a7c", "#1a4767", "#123651"))
    glitter(canvas, 585, 285, "#ffe9bd")
    # The tide organ: pipes of decreasing length in a pier.
    canvas.box(0, 318, 360, 16, "#0d2438")
    canvas.box(0, 334, 344, 116, "#112c45")
    for number in range(11):
        x = 30 + number * 29
        tall = 150 - number * 9
        canvas.box(x, 318 - tall, 15, tall, "#d98f5c", radius=7)
        canvas.box(x + 3, 318 - tall + 6, 4, tall - 12, "#f4c08f", radius=2, alpha=0.8)
        canvas.oval(x + 7.5, 318 - tall + 2, 7.5, 3.4, "#7a4526")
    return canvas


def deep() -> Canvas:
    canvas = Canvas("#0b3a53", "#072a45", "#051b33", "#030f20")
    for x, wide in ((150, 90), (380, 130), (610, 80)):
        canvas.polygon([(x, -10), (x + wide, -10), (x + wide * 2.4 - 120, 450), (x - 190, 450)], "#3fa7b8", alpha=0.07, blur=14)
    for _ in range(70):
        canvas.disc(canvas.random.uniform(0, 800), canvas.random.uniform(60, 450), canvas.random.uniform(0.8, 2.4), "#7ff0e0", alpha=canvas.random.uniform(0.15, 0.7))
    cx, cy = 430.0, 190.0
    canvas.oval(cx, cy, 150, 120, "#25c7c0", alpha=0.22, blur=40)
    for number in range(9):
        start = (cx - 46 + number * 11.5, cy + 40)
        points = [(start[0] + math.sin(step / 5 + number * 0.8) * step * 0.55 - (4 - number) * step * 0.9, start[1] + step * 7.0) for step in range(27)]
        canvas.line(points, "#67e8d6", 4.2 if number % 2 else 2.8, alpha=0.8)
        for step in range(3, 26, 4):
            canvas.disc(points[step][0], points[step][1], 3.4, "#e9fff6", alpha=0.9)
    canvas.polygon([(cx, cy - 128), (cx + 50, cy - 52), (cx + 92, cy - 20), (cx + 55, cy - 8), (cx + 56, cy + 44), (cx, cy + 62), (cx - 56, cy + 44), (cx - 55, cy - 8), (cx - 92, cy - 20), (cx - 50, cy - 52)], "#1fa3a6")
    canvas.polygon([(cx, cy - 128), (cx + 50, cy - 52), (cx + 18, cy + 40), (cx - 30, cy - 30)], "#5fd9cf", alpha=0.55)
    for side in (-1, 1):
        canvas.disc(cx + side * 30, cy + 18, 12, "#f4fff9")
        canvas.disc(cx + side * 31, cy + 20, 6, "#062036")
    for number in range(7):
        canvas.disc(cx - 24 + (number % 3) * 24, cy - 84 + number * 12, 4.2, "#fff3a8", alpha=0.95)
    return canvas


def fog() -> Canvas:
    canvas = Canvas("#cfdbe0", "#dfe6e4", "#eee8da")
    canvas.disc(610, 120, 46, "#fff8e4")
    for top, fill, alpha in ((190, "#a9bcc4", 0.9), (235, "#8ea7b1", 0.9)):
        canvas.hills(top, 26, fill, alpha=alpha)
    for x in (210, 560):
        canvas.box(x - 9, 90, 7, 300, "#b5523b")
        canvas.box(x + 9, 90, 7, 300, "#b5523b")
        for y in (110, 160, 215):
            canvas.box(x - 9, y, 25, 7, "#b5523b")
    for left, right in ((-140, 213), (213, 563), (563, 940)):
        points = [(left + (right - left) * t / 40, 92 + 178 * (1 - (2 * t / 40 - 1) ** 2)) for t in range(41)]
        canvas.line(points, "#9c432f", 3.2)
        for number in range(2, 39, 2):
            canvas.line([points[number], (points[number][0], 292)], "#9c432f", 1.1, alpha=0.75)
    canvas.box(-5, 288, 815, 13, "#8f3c2a")
    for y, alpha in ((255, 0.5), (310, 0.75), (345, 0.85), (395, 0.95)):
        for x in range(-80, 900, 150):
            canvas.oval(x + canvas.random.uniform(-50, 50), y + canvas.random.uniform(-8, 22), 150, 30, "#f4f3ee", alpha=alpha, blur=16)
    return canvas


def leaves() -> Canvas:
    canvas = Canvas("#e8f1dc", "#d3e6c4", "#b9d7ab")
    canvas.disc(640, 100, 170, "#fff9d9", alpha=0.6, blur=40)

    def frond(x: float, y: float, angle: float, length: float, fill: str, vein: str) -> None:
        tip_x, tip_y = x + math.cos(angle) * length, y + math.sin(angle) * length
        side = angle + math.pi / 2
        count = 15
        for number in range(1, count):
            t = number / count
            bx, by = x + (tip_x - x) * t, y + (tip_y - y) * t
            size = length * 0.34 * math.sin(math.pi * (0.12 + 0.86 * t))
            for sign in (-1, 1):
                lean = angle + sign * 1.05
                ex, ey = bx + math.cos(lean) * size, by + math.sin(lean) * size
                mx, my = bx + math.cos(lean) * size * 0.5, by + math.sin(lean) * size * 0.5
                nx, ny = (math.cos(side) * size * 0.02 + math.cos(lean + 1.57) * size * 0.13, math.sin(lean + 1.57) * size * 0.13)
                canvas.polygon([(bx, by), (mx + nx, my + ny), (ex, ey), (mx - nx, my - ny)], fill)
        canvas.line([(x, y), (tip_x, tip_y)], vein, 3)

    frond(-30, 470, -0.62, 560, "#9cc48f", "#86b27a")
    frond(830, 470, -2.3, 470, "#86b67c", "#6f9f68")
    frond(90, 520, -1.02, 500, "#5d9a63", "#4a8452")
    frond(420, 500, -1.42, 430, "#3f7f52", "#2f6842")
    frond(700, 520, -1.95, 400, "#2d6a46", "#215437")
    for x, y in ((180, 120), (300, 70), (520, 90)):
        canvas.disc(x, y, 3, "#f6d76b", alpha=0.9)
    return canvas


def moon() -> Canvas:
    x: float
    y: float
    canvas = Canvas("#0c1030", "#1a1c4d", "#3a2d66", "#6d4676")
    canvas.stars(120, 360)
    canvas.disc(250, 170, 190, "#e0a878", alpha=0.16, blur=36)

    def globe(draw: ImageDraw.ImageDraw) -> None:
        draw.ellipse(scaled_box(130, 50, 370, 290), fill=255)

    def bands(inner: Canvas) -> None:
        for number, fill in enumerate(("#f3cfa0", "#e6b583", "#f0c795", "#d99f70", "#e8bb8a", "#c98a63", "#d9a077", "#b9785a")):
            crest = wave(50 + number * 31, 4, 150, number, 100, 420)
            inner.polygon([*crest, (420, 330), (100, 330)], fill)
        inner.oval(300, 205, 34, 15, "#b0654d")
        inner.oval(300, 203, 24, 9, "#d58b69")
        inner.disc(345, 235, 165, "#1a1233", alpha=0.5, blur=34)

    canvas.shade(globe, bands)
    canvas.ring(250, 172, 215, 44, "#f0d9b8", 5, alpha=0.75)
    canvas.ring(250, 172, 192, 36, "#cda98a", 3, alpha=0.6)
    canvas.shade(lambda draw: draw.rectangle(scaled_box(120, 40, 380, 172), fill=255), lambda inner: inner.shade(globe, bands))
    canvas.disc(620, 92, 22, "#b8c4dd")
    canvas.disc(612, 88, 22, "#e3e9f4", alpha=0.55)
    canvas.hills(372, 16, "#4b4566", rough=1.5)
    canvas.hills(398, 12, "#2f2c4a", rough=1.2)
    for x, y, size in ((90, 424, 40), (690, 432, 52), (250, 438, 26)):
        canvas.oval(x, y, size, size * 0.24, "#211f38")
    # The lander, on four thin legs.
    x, y = 505.0, 318.0
    for dx in (-42, -17, 17, 42):
        canvas.line([(x + dx * 0.5, y + 8), (x + dx, y + 64)], "#d7dbe6", 3)
        canvas.oval(x + dx, y + 66, 9, 3, "#d7dbe6")
    canvas.polygon([(x - 38, y + 12), (x - 26, y - 24), (x + 26, y - 24), (x + 38, y + 12)], "#f2c14e")
    canvas.polygon([(x + 4, y - 24), (x + 26, y - 24), (x + 38, y + 12), (x + 10, y + 12)], "#c8902c", alpha=0.8)
    canvas.box(x - 20, y - 44, 40, 20, "#eef1f7", radius=5)
    canvas.disc(x, y - 34, 6, "#4b8fb5")
    canvas.line([(x + 14, y - 44), (x + 30, y - 82)], "#d7dbe6", 2.2)
    canvas.oval(x + 32, y - 86, 13, 6, "#eef1f7")
    return canvas


def comet() -> Canvas:
    canvas = Canvas("#071426", "#0d2744", "#1d4a63", "#3d7a7c")
    canvas.stars(170, 400)
    for spread, alpha, fill in ((46, 0.13, "#6ff0c0"), (28, 0.22, "#8ff7cf"), (13, 0.45, "#c9ffe9")):
        canvas.polygon([(548, 178 + spread * 0.45), (548, 178 - spread * 0.45), (40, -40 - spread * 2.1), (-60, 20 + spread * 2.1)], fill, alpha=alpha, blur=9)
    canvas.disc(552, 180, 40, "#7dfcc6", alpha=0.5, blur=15)
    canvas.disc(552, 180, 13, "#f4fff9", blur=1.5)
    canvas.hills(380, 22, "#0e2c35", rough=1.3)
    canvas.hills(412, 14, "#081d25", rough=1.0)
    # Somebody with a telescope, and a friend.
    canvas.line([(300, 392), (285, 430)], "#040f15", 4)
    canvas.line([(300, 392), (318, 430)], "#040f15", 4)
    canvas.line([(276, 408), (336, 362)], "#040f15", 9)
    canvas.disc(262, 380, 12, "#040f15")
    canvas.polygon([(246, 440), (252, 394), (274, 394), (282, 440)], "#040f15")
    canvas.disc(370, 396, 10, "#040f15")
    canvas.polygon([(356, 444), (361, 406), (380, 406), (387, 444)], "#040f15")
    canvas.line([(376, 412), (398, 388)], "#040f15", 4.5)
    return canvas


def skyline() -> Canvas:
    canvas = Canvas("#2b2a5a", "#6b3f75", "#d76a6a", "#f5b16d", "#f9d79a")
    canvas.disc(400, 318, 150, "#ffd98c", alpha=0.35, blur=34)
    canvas.disc(400, 318, 62, "#fff0c2")
    for base, fill, low, high, lit in ((330, "#8a4d74", 40, 110, 0.0), (352, "#56376a", 60, 190, 0.22), (392, "#2a2148", 40, 140, 0.35)):
        x = -10.0
        while x < 810:
            wide = canvas.random.uniform(30, 64)
            tall = canvas.random.uniform(low, high) * (0.55 + 0.6 * abs(x - 400) / 400)
            canvas.box(x, base - tall, wide, tall + 150, fill)
            if canvas.random.random() < 0.25:
                canvas.line([(x + wide / 2, base - tall), (x + wide / 2, base - tall - 24)], fill, 2)
            if lit:
                for wx in range(int(x) + 7, int(x + wide) - 8, 10):
                    for wy in range(int(base - tall) + 9, base + 10, 13):
                        if canvas.random.random() < lit:
                            canvas.box(wx, wy, 4.5, 6.5, "#ffdf94", alpha=0.85)
            x += wide + canvas.random.choice((0, 0, 3, 8))
    canvas.box(0, 404, 800, 60, "#171330")
    for x in range(20, 800, 64):
        canvas.box(x, 428, 32, 3, "#e9c46a", alpha=0.8)
    # The night bus.
    canvas.box(430, 372, 128, 46, "#f4a259", radius=9)
    canvas.box(440, 381, 96, 17, "#fff3cf", radius=4)
    for x in (462, 488, 514):
        canvas.box(x - 2, 381, 4, 17, "#f4a259")
    canvas.box(542, 381, 12, 22, "#fff3cf", radius=3)
    for x in (456, 530):
        canvas.disc(x, 419, 9.5, "#0c0a1c")
        canvas.disc(x, 419, 4, "#8d8aa6")
    canvas.polygon([(558, 404), (660, 392), (660, 428), (558, 412)], "#fff0b8", alpha=0.3, blur=5)
    return canvas


def chip() -> Canvas:
    canvas = Canvas("#0d2b2a", "#0f3a36", "#0b2a2d")
    cx, cy = 400.0, 225.0
    for side in range(4):
        for number in range(8):
            offset = -77 + number * 22
            reach = 150 + canvas.random.randint(0, 5) * 24
            bend = (number - 3.5) * canvas.random.uniform(10, 26)
            horizontal = side % 2 == 0
            sign = 1 if side < 2 else -1
            start = (cx + sign * 98, cy + offset) if horizontal else (cx + offset, cy + sign * 98)
            mid = (cx + sign * (98 + reach * 0.3), cy + offset) if horizontal else (cx + offset, cy + sign * (98 + 26))
            turn = (mid[0] + sign * abs(bend), mid[1] + bend) if horizontal else (mid[0] + bend, mid[1] + sign * abs(bend))
            end = (turn[0] + sign * reach * 0.9, turn[1]) if horizontal else (turn[0], turn[1] + sign * reach * 0.9)
            glow = canvas.random.random() < 0.4
            stroke = "#f6c35b" if glow else "#3f9c86"
            if glow:
                canvas.line([start, mid, turn, end], stroke, 7, alpha=0.25, blur=5)
            canvas.line([start, mid, turn, end], stroke, 3)
            canvas.disc(end[0], end[1], 6.5, stroke)
            canvas.disc(end[0], end[1], 2.7, "#0d2b2a")
    canvas.box(cx - 104, cy - 104, 208, 208, "#0a1d20", radius=14)
    canvas.box(cx - 92, cy - 92, 184, 184, "#173c3c", radius=10)
    canvas.disc(cx, cy, 66, "#ff9d5c", alpha=0.35, blur=20)
    hand = [(cx + 50 * (16 * math.sin(t) ** 3) / 16, cy - 46 * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16) for t in (n / 60 * math.tau for n in range(61))]
    canvas.polygon(hand, "#ffb26b")
    canvas.line([(cx - 66, cy), (cx - 22, cy), (cx - 10, cy - 24), (cx + 8, cy + 24), (cx + 20, cy), (cx + 66, cy)], "#173c3c", 4.5)
    return canvas


def robot() -> Canvas:
    canvas = Canvas("#f7e3c8", "#f3cfa8", "#e8b48a")
    canvas.box(0, 385, 800, 70, "#a9745a")
    for y, shift in ((385, 0), (407, 30), (429, 0)):
        for x in range(-60 + shift, 820, 62):
            canvas.box(x, y, 58, 19, "#c08b6c", radius=3)
    canvas.box(430, 0, 400, 386, "#5b7f8c")
    for y in range(0, 386, 26):
        for x in range(430 + (y // 26 % 2) * 26, 830, 52):
            canvas.box(x, y, 49, 23, "#65899a", radius=2, alpha=0.7)
    canvas.box(520, 96, 176, 290, "#24404d", radius=6)
    canvas.box(532, 108, 152, 278, "#c8553d", radius=4)
    for x, y in ((548, 124), (616, 124), (548, 250), (616, 250)):
        canvas.box(x, y, 54, 108, "#ab4431", radius=4)
    canvas.disc(674, 244, 7, "#f3d08a")
    canvas.disc(608, 200, 13, "#f3d08a")
    canvas.ring(608, 214, 12, 14, "#f3d08a", 4)
    canvas.oval(280, 404, 116, 12, "#6b4536", alpha=0.45, blur=5)
    for x in (214, 282, 346):
        canvas.disc(x, 382, 26, "#3a4650")
        canvas.disc(x, 382, 11, "#b9c5cc")
    canvas.box(190, 248, 182, 122, "#f6f3ea", radius=26)
    canvas.box(190, 322, 182, 48, "#f2a541", radius=20)
    canvas.box(216, 270, 92, 32, "#2e3d49", radius=6)
    canvas.box(226, 283, 72, 5, "#7fd1c0", radius=2)
    canvas.box(216, 160, 130, 84, "#f6f3ea", radius=30)
    canvas.box(232, 176, 98, 50, "#22313d", radius=22)
    for x in (260, 302):
        canvas.disc(x, 199, 9, "#8ff0dd")
        canvas.disc(x + 3, 196, 3, "#ffffff")
    canvas.line([(281, 160), (281, 128)], "#8796a0", 4)
    canvas.disc(281, 124, 8, "#e4572e")
    canvas.box(262, 240, 40, 12, "#8796a0")
    canvas.line([(366, 292), (424, 258), (500, 226)], "#8796a0", 11)
    canvas.disc(424, 258, 10, "#5f6d77")
    canvas.disc(506, 223, 13, "#f2a541")
    for number, size in enumerate((18, 30, 42)):
        canvas.arc((520 - size, 214 - size, 520 + size, 214 + size), 290, 340, "#fff4d6", 3, alpha=0.9 - number * 0.22)
    return canvas


def terminal() -> Canvas:
    canvas = Canvas("#3a3d6b", "#5c5a8f", "#a46f8e")
    canvas.disc(660, 90, 150, "#ffd2a6", alpha=0.3, blur=44)
    canvas.box(112, 66, 592, 340, "#100f24", radius=16, alpha=0.35)
    canvas.box(104, 54, 592, 340, "#1b1b34", radius=16)
    canvas.box(104, 54, 592, 36, "#2b2b4d", radius=16)
    canvas.box(104, 76, 592, 16, "#2b2b4d")
    for number, fill in enumerate(("#ff6f61", "#f7c65d", "#6fcf97")):
        canvas.disc(130 + number * 24, 72, 7.5, fill)
    rows = (
        (0, (("#c792ea", 58), ("#82aaff", 104), ("#8a8fb5", 30))),
        (1, (("#c792ea", 34), ("#f7c65d", 86), ("#8a8fb5", 14), ("#9ee6b0", 130))),
        (1, (("#82aaff", 70), ("#8a8fb5", 40), ("#f78c6c", 46))),
        (2, (("#c792ea", 46), ("#9ee6b0", 190))),
        (2, (("#82aaff", 96), ("#f78c6c", 60), ("#8a8fb5", 24))),
        (1, (("#c792ea", 40),)),
        (0, (("#5f648f", 260),)),
        (0, (("#82aaff", 66), ("#9ee6b0", 84))),
    )
    y = 116.0
    for number, (indent, words) in enumerate(rows):
        canvas.box(122, y + 1, 16, 9, "#4a4d78", radius=4)
        x = 160.0 + indent * 34
        for fill, wide in words:
            canvas.box(x, y, wide, 11, fill, radius=5.5, alpha=0.92)
            x += wide + 12
        if number == 7:
            canvas.box(x, y - 4, 10, 19, "#ffffff", alpha=0.9)
        y += 33
    # The bow of an apology.
    canvas.disc(606, 300, 64, "#2f2f57")
    canvas.disc(606, 300, 50, "#f7c65d")
    for x in (590, 622):
        canvas.arc((x - 9, 286, x + 9, 302), 20, 160, "#3a2a10", 3.5)
    canvas.arc((592, 312, 620, 332), 200, 340, "#3a2a10", 3.5)
    canvas.oval(636, 276, 6, 9, "#9be3f5")
    return canvas


def lighthouse() -> Canvas:
    canvas = Canvas("#101d42", "#2a3b73", "#5f6fa5", "#c58d99")
    canvas.stars(110, 260)
    canvas.polygon([(566, 128), (566, 112), (-40, -20), (-40, 150)], "#ffeeb0", alpha=0.34, blur=9)
    canvas.polygon([(566, 128), (566, 112), (860, 30), (860, 190)], "#ffeeb0", alpha=0.26, blur=9)
    # A tree of stars: the binary tree of the lesson.
    nodes = {1: (230, 92), 2: (150, 160), 3: (312, 160), 4: (104, 232), 5: (196, 232), 6: (268, 232), 7: (360, 232)}
    for child in range(2, 8):
        canvas.line([nodes[child // 2], nodes[child]], "#d9e2ff", 2, alpha=0.7)
    for number, (x, y) in nodes.items():
        canvas.disc(x, y, 20, "#bcd0ff", alpha=0.32, blur=7)
        canvas.disc(x, y, 9, "#ffd77a" if number in (1, 3, 6) else "#f1f5ff")
    water(canvas, 330, ("#2c3f77", "#22325f", "#19264a"), 4)
    glitter(canvas, 566, 336, "#ffe7a3")
    canvas.polygon([(430, 372), (470, 336), (520, 322), (620, 318), (690, 342), (740, 380), (800, 392), (800, 450), (400, 450)], "#131c3a")
    canvas.polygon([(536, 330), (546, 146), (586, 146), (598, 330)], "#f4efe6")
    for number in range(3):
        top = 168 + number * 56
        canvas.polygon([(546 - (top - 146) * 0.054, top), (586 + (top - 146) * 0.065, top), (586 + (top - 118) * 0.065, top + 28), (546 - (top - 118) * 0.054, top + 28)], "#d1495b")
    canvas.polygon([(570, 146), (586, 146), (598, 330), (576, 330)], "#2c2444", alpha=0.25)
    canvas.box(536, 137, 60, 10, "#d1495b", radius=2)
    canvas.box(548, 104, 36, 34, "#fff2b8", radius=3)
    canvas.disc(566, 120, 60, "#fff2b8", alpha=0.45, blur=16)
    canvas.polygon([(542, 106), (566, 80), (590, 106)], "#d1495b")
    return canvas


def rowing() -> Canvas:
    x: float
    y: float
    canvas = Canvas("#8ecae6", "#bfe3ea", "#fbe7c6")
    canvas.disc(170, 110, 44, "#fff7dd")
    canvas.hills(205, 18, "#9bb9a5", rough=1.4)
    canvas.hills(222, 12, "#6f9a83", rough=2.0)
    for x in range(0, 820, 26):
        tall = canvas.random.uniform(18, 44)
        canvas.oval(x, 226 - tall * 0.4, 17, tall * 0.6, "#4f8068")
    canvas.box(0, 236, 800, 220, "#3d8fb0")
    water(canvas, 240, ("#4b9fbe", "#3d8fb0", "#2f7d9f", "#256b8c", "#1c5a79"), 2.4, 150)
    for y in (286, 392):
        for x in range(14, 800, 46):
            canvas.disc(x, y, 4.2, "#ff7f51" if (x // 46) % 4 == 0 else "#fdfcf7")
    y = 336.0
    canvas.polygon([(70, y), (130, y + 10), (660, y + 10), (745, y - 2), (660, y - 4), (130, y - 4)], "#f8f4e9")
    canvas.polygon([(90, y + 3), (130, y + 10), (660, y + 10), (720, y + 2)], "#d1495b")
    for number in range(8):
        x = 166 + number * 58
        canvas.line([(x + 12, y - 14), (x - 40, y + 34)], "#fff6dd", 3.4)
        canvas.polygon([(x - 36, y + 25), (x - 56, y + 42), (x - 46, y + 50), (x - 30, y + 33)], "#ffcf56")
        canvas.oval(x - 48, y + 46, 17, 3.4, "#dff3f8", alpha=0.8)
        canvas.polygon([(x - 6, y - 2), (x - 16, y - 38), (x + 2, y - 42), (x + 16, y - 2)], "#1d3557")
        canvas.line([(x - 6, y - 33), (x + 18, y - 12)], "#e8b48f", 5.2)
        canvas.disc(x - 9, y - 53, 10, "#e8b48f")
        canvas.dome((x - 20, y - 65, x + 2, y - 43), "#d1495b")
    canvas.polygon([(636, y - 2), (640, y - 30), (656, y - 30), (664, y - 2)], "#d1495b")
    canvas.disc(648, y - 40, 9, "#e8b48f")
    return canvas


def pitch() -> Canvas:
    x: float
    y: float
    canvas = Canvas("#2f7d4f", "#2a7247")
    for number in range(0, 10, 2):
        canvas.box(number * 80, 0, 80, 450, "#37905b")
    white = "#eaf6ea"
    canvas.frame((36, 28, 764, 422), white, 3.5)
    canvas.line([(400, 28), (400, 422)], white, 3.5)
    canvas.ring(400, 225, 66, 66, white, 3.5)
    canvas.disc(400, 225, 5, white)
    for left, right in ((36, 150), (650, 764)):
        canvas.frame((left, 112, right, 338), white, 3.5)
    for left, right in ((36, 82), (718, 764)):
        canvas.frame((left, 168, right, 282), white, 3.5)
    path = [(230 + t * 12.4, 330 - 160 * math.sin(t / 40 * 2.3)) for t in range(41)]
    for start, end in zip(path[::2], path[1::2], strict=False):
        canvas.line([start, end], "#ffe08a", 3.5, alpha=0.9)
    for x, y, fill in ((230, 330, "#ffd23f"), (330, 140, "#ffd23f"), (470, 300, "#ffd23f"), (590, 190, "#ffd23f"), (540, 350, "#ffd23f"), (640, 270, "#3d5a98"), (560, 120, "#3d5a98"), (440, 190, "#3d5a98"), (690, 160, "#3d5a98"), (745, 225, "#e4572e"), (60, 225, "#f6f3ea")):
        canvas.disc(x + 3, y + 4, 14, "#123d26", alpha=0.4, blur=3)
        canvas.disc(x, y, 14, fill)
        canvas.disc(x - 4, y - 4, 5, "#ffffff", alpha=0.35)
    x, y = path[-1]
    canvas.disc(x, y, 8.5, "#ffffff")
    canvas.disc(x, y, 3.4, "#1f1f1f")
    return canvas


def letters() -> Canvas:
    canvas = Canvas("#f6efe2", "#f1e5d1")
    for number in range(-2, 22):
        canvas.line([(number * 40 + 20, 0), (number * 40 + 20, 450)], "#e4d5bc", 1)
        canvas.line([(0, number * 40 + 5), (800, number * 40 + 5)], "#e4d5bc", 1)
    red, ink, green = "#d1495b", "#22313f", "#5b8c5a"

    def frame(x: float, y: float, size: float) -> None:
        canvas.frame((x, y, x + size, y + size), "#d9a48f", 2)
        for start, end in (((x, y), (x + size, y + size)), ((x + size, y), (x, y + size))):
            canvas.line([start, end], "#e6bfae", 1.4)
        canvas.line([(x + size / 2, y), (x + size / 2, y + size)], "#e6bfae", 1.4)
        canvas.line([(x, y + size / 2), (x + size, y + size / 2)], "#e6bfae", 1.4)

    frame(86, 85, 280)
    # 菜: grass on top, a hand in the middle, a tree below, as a vegetable cart would have it.
    canvas.line([(116, 140), (336, 140)], green, 21)
    canvas.line([(178, 112), (178, 168)], green, 21)
    canvas.line([(274, 112), (274, 168)], green, 21)
    canvas.line([(270, 182), (172, 196)], ink, 19)
    for x1, y1, x2, y2 in ((156, 212, 172, 234), (222, 208, 228, 230), (296, 206, 276, 232)):
        canvas.line([(x1, y1), (x2, y2)], ink, 19)
    canvas.line([(112, 262), (340, 262)], ink, 21)
    canvas.line([(226, 244), (226, 348)], ink, 21)
    canvas.line([(212, 276), (126, 338)], ink, 19)
    canvas.line([(240, 276), (328, 338)], ink, 19)
    frame(434, 85, 280)
    # A tomato, a leek and a price tag in the other frame.
    canvas.disc(520, 250, 62, "#e4572e")
    canvas.disc(500, 228, 17, "#f58f6b", alpha=0.8)
    for angle in range(0, 360, 72):
        rad = math.radians(angle - 90)
        canvas.polygon([(520, 196), (520 + 26 * math.cos(rad), 196 + 13 * math.sin(rad)), (520 + 9 * math.cos(rad + 0.6), 196 + 9 * math.sin(rad + 0.6))], green)
    canvas.polygon([(620, 330), (646, 330), (652, 200), (614, 200)], "#f3f3e4")
    for dx in (-40, -14, 16, 44):
        canvas.polygon([(620, 210), (648, 210), (640 + dx, 106)], green, alpha=0.95)
    canvas.polygon([(470, 318), (590, 318), (606, 336), (590, 354), (470, 354)], red)
    canvas.disc(590, 336, 5, "#f6efe2")
    for number in range(3):
        canvas.box(484 + number * 30, 329, 22, 14, "#f6efe2", radius=4)
    return canvas


def river() -> Canvas:
    canvas = Canvas("#fdf3e3", "#f4dfc4", "#eac8a4")
    for number in range(6):
        x, y = number * 34, number * 18
        canvas.polygon([(x, 30 + y), (x + 30, 46 + y), (x + 30, 404 - y), (x, 420 - y)], "#8f5b3f" if number % 2 else "#7c4d35")
        canvas.polygon([(800 - x, 30 + y), (770 - x, 46 + y), (770 - x, 404 - y), (800 - x, 420 - y)], "#8f5b3f" if number % 2 else "#7c4d35")
        for shelf in range(5):
            top = 44 + y + shelf * (72 - number * 6.5)
            for book in range(3):
                fill = canvas.random.choice(("#e76f51", "#2a9d8f", "#e9c46a", "#264653", "#f4a261", "#84a98c"))
                canvas.box(x + 3 + book * 8.4, top + 14 - number, 7, 42 - number * 4, fill, radius=1)
                fill = canvas.random.choice(("#e76f51", "#2a9d8f", "#e9c46a", "#264653", "#f4a261", "#84a98c"))
                canvas.box(773 - x + book * 8.4, top + 14 - number, 7, 42 - number * 4, fill, radius=1)
    canvas.disc(400, 190, 96, "#fffaf0", alpha=0.95, blur=12)
    canvas.box(330, 130, 140, 150, "#fffdf6", radius=70)
    canvas.polygon([(350, 280), (450, 280), (860, 460), (-60, 460)], "#d9a97c")
    for number, fill in enumerate(("#2b7a9b", "#3c93b0", "#5fb2c6", "#8bd0d8")):
        half = 140 - number * 32
        left = [(398 + 16 * math.sin(t / 9) * (t / 36) - (5 + half * t / 36) * (0.2 + 0.8 * t / 36), 282 + t * 5) for t in range(37)]
        right = [(402 + 16 * math.sin(t / 9) * (t / 36) + (5 + half * t / 36) * (0.2 + 0.8 * t / 36), 282 + t * 5) for t in range(37)]
        canvas.polygon([*left, *reversed(right)], fill)
    canvas.polygon([(384, 372), (440, 372), (428, 388), (396, 388)], "#fffaf0")
    canvas.polygon([(411, 342), (411, 370), (434, 370)], "#f4efe0")
    canvas.polygon([(408, 346), (408, 370), (392, 370)], "#e4d8bd")
    return canvas


def record() -> Canvas:
    canvas = Canvas("#f3d9c9", "#e7b8a6", "#c98d8f", "#7e6585")
    for number in range(9):
        points = wave(258 + number * 22, 10 + number * 2.2, 200 + number * 28, number * 0.8)
        canvas.line(points, "#fff4e6", 2.2, alpha=0.28 + number * 0.04)
    canvas.disc(566, 232, 164, "#2b1e33", alpha=0.35, blur=14)
    canvas.disc(556, 222, 160, "#1f1a2b")
    for radius in range(64, 158, 8):
        canvas.ring(556, 222, radius, radius, "#3b3350", 1.2)
    canvas.polygon([(556, 222), (690, 120), (716, 176)], "#ffffff", alpha=0.10)
    canvas.polygon([(556, 222), (420, 300), (402, 250)], "#ffffff", alpha=0.07)
    canvas.disc(556, 222, 52, "#e76f51")
    canvas.polygon([(504, 222), *wave(222, 6, 48, 0, 506, 606), (608, 222), (596, 254), (556, 274), (516, 254)], "#2a9d8f")
    canvas.disc(556, 222, 6, "#f3d9c9")
    canvas.box(92, 86, 268, 268, "#fbf4ea", radius=4)
    canvas.box(92, 226, 268, 128, "#4d8c9c")
    canvas.disc(226, 192, 54, "#f2a65a")
    canvas.box(92, 226, 268, 128, "#4d8c9c")
    for number in range(5):
        canvas.line(wave(246 + number * 22, 5, 70, number * 1.7, 96, 356), "#dff1ee", 2.4, alpha=0.8)
    canvas.polygon([(92, 354), (150, 300), (206, 330), (236, 354)], "#d9c29b")
    return canvas


def noodles() -> Canvas:
    x: float
    y: float
    canvas = Canvas("#3d2a26", "#5a3a30", "#7a4d3b")
    for y in range(310, 450, 34):
        canvas.box(0, y, 800, 31, "#8a5a41", alpha=0.55)
    canvas.disc(400, 120, 230, "#ffbf7a", alpha=0.18, blur=60)
    for number in range(5):
        x = 300 + number * 50
        points = [(x + 18 * math.sin(t / 5 + number * 1.3), 190 - t * 5) for t in range(30)]
        canvas.line(points, "#fff3e0", 13, alpha=0.22, blur=9)
    canvas.oval(400, 412, 240, 20, "#1f1210", alpha=0.5, blur=8)

    def bowl(draw: ImageDraw.ImageDraw) -> None:
        draw.pieslice(scaled_box(196, 40, 604, 410), 0, 180, fill=255)

    def glaze(inner: Canvas) -> None:
        inner.box(190, 200, 420, 240, "#2d6a8a")
        inner.box(190, 250, 420, 12, "#f3efe4")
        for x in range(196, 620, 46):
            inner.ring(x, 302, 22, 22, "#f3efe4", 4, alpha=0.85)
            inner.ring(x, 302, 11, 11, "#f3efe4", 4, alpha=0.85)
        inner.disc(640, 300, 190, "#0e2233", alpha=0.4, blur=34)

    canvas.shade(bowl, glaze)
    canvas.box(340, 400, 120, 14, "#24566f", radius=5)
    canvas.oval(400, 225, 206, 46, "#f3efe4")
    canvas.oval(400, 227, 192, 39, "#7a3f1d")
    for number in range(15):
        canvas.ring(400 + canvas.random.uniform(-70, 70), 226 + canvas.random.uniform(-9, 9), canvas.random.uniform(44, 110), canvas.random.uniform(10, 24), "#f0c675" if number % 3 else "#dba552", 5)
    canvas.oval(470, 216, 52, 21, "#fffaf0")
    canvas.oval(474, 214, 24, 11, "#f7a325")
    for number in range(46):
        x, y = 318 + canvas.random.uniform(-72, 68), 222 + canvas.random.uniform(-16, 16)
        canvas.line([(x, y), (x + canvas.random.uniform(-10, 10), y + canvas.random.uniform(-4, 4))], "#6fbf4f" if number % 2 else "#a8d86b", 4)
    for dx in (0, 17):
        canvas.line([(560 + dx, 30 + dx * 0.4), (388 + dx, 214 + dx * 0.2)], "#c8553d", 6.5)
        canvas.line([(560 + dx, 30 + dx * 0.4), (528 + dx, 64 + dx * 0.4)], "#f2c14e", 6.5)
    return canvas


def bread() -> Canvas:
    canvas = Canvas("#f4e4cf", "#ebd0b0")
    canvas.box(0, 300, 800, 150, "#b98d68")
    canvas.box(0, 300, 800, 7, "#d0a680")
    canvas.box(70, 40, 190, 200, "#ffffff", radius=8)
    canvas.box(80, 50, 170, 180, "#b9dbe6", radius=4)
    canvas.disc(205, 96, 26, "#fff2c9")
    canvas.polygon([(80, 230), (80, 190), (130, 150), (176, 196), (210, 168), (250, 205), (250, 230)], "#7fae8c")
    canvas.box(162, 50, 6, 180, "#ffffff")
    canvas.box(80, 136, 170, 6, "#ffffff")
    canvas.box(210, 336, 420, 28, "#7c543a", radius=12)
    canvas.oval(420, 342, 200, 12, "#4c3020", alpha=0.4, blur=6)

    def loaf(draw: ImageDraw.ImageDraw) -> None:
        draw.pieslice(scaled_box(240, 160, 600, 510), 180, 360, fill=255)
        draw.rounded_rectangle(scaled_box(240, 300, 600, 342), radius=24, fill=255)

    def crust(inner: Canvas) -> None:
        inner.box(230, 150, 390, 200, "#c67b3c")
        inner.disc(370, 200, 120, "#e3a45f", alpha=0.75, blur=30)
        inner.disc(620, 350, 130, "#7d4420", alpha=0.7, blur=30)
        for number in range(4):
            x = 296 + number * 70
            inner.line([(x, 260 - 22 * math.sin(number)), (x + 30, 214), (x + 74, 196)], "#f4d8a6", 11)
        for _ in range(120):
            inner.disc(inner.random.uniform(250, 590), inner.random.uniform(165, 300), 1.3, "#fff4dc", alpha=0.7)

    canvas.shade(loaf, crust)
    for number in range(4):
        points = [(360 + number * 44 + 12 * math.sin(t / 4 + number), 156 - t * 5) for t in range(22)]
        canvas.line(points, "#ffffff", 10, alpha=0.4, blur=7)
    canvas.polygon([(640, 300), (654, 196), (716, 196), (730, 300)], "#f7f3ea")
    canvas.oval(685, 196, 31, 8, "#e2d8c6")
    for dx, tall in ((-16, 70), (0, 92), (15, 74)):
        canvas.line([(685, 198), (685 + dx * 1.7, 198 - tall)], "#b58a3a", 3)
        for number in range(6):
            y = 198 - tall + number * 9
            canvas.oval(685 + dx * 1.7 - dx * 0.012 * number * 9 - 5, y, 4, 7, "#d9a441")
            canvas.oval(685 + dx * 1.7 - dx * 0.012 * number * 9 + 5, y, 4, 7, "#c18f30")
    return canvas


def ferry() -> Canvas:
    x: float
    y: float
    canvas = Canvas("#13233f", "#274a6b", "#5b7f94", "#e0a47c")
    canvas.stars(110, 220)
    canvas.disc(640, 84, 30, "#fff3d6")
    canvas.disc(628, 78, 27, "#1c3553")
    canvas.hills(292, 16, "#2d4f66", rough=1.2)
    for x in (96, 118, 150, 660, 690, 712, 744):
        canvas.disc(x, 290, 2.5, "#ffd884")
    water(canvas, 306, ("#2b5b77", "#204a65", "#173a53", "#0f2b41"), 4)
    x, y = 210.0, 300.0
    canvas.polygon([(x - 20, y), (x + 400, y), (x + 366, y + 56), (x + 14, y + 56)], "#c8553d")
    canvas.polygon([(x - 12, y + 14), (x + 392, y + 14), (x + 388, y + 22), (x - 8, y + 22)], "#f4efe6")
    canvas.box(x + 26, y - 50, 320, 50, "#f4efe6", radius=5)
    canvas.box(x + 66, y - 92, 220, 44, "#e6ded0", radius=5)
    canvas.box(x + 236, y - 124, 62, 34, "#f4efe6", radius=4)
    canvas.box(x + 120, y - 140, 34, 52, "#c8553d", radius=3)
    canvas.box(x + 120, y - 128, 34, 9, "#1b2a3d")
    for number in range(11):
        canvas.box(x + 42 + number * 27, y - 37, 16, 18, "#ffd884", radius=3)
        if number < 7:
            canvas.box(x + 82 + number * 27, y - 80, 16, 16, "#ffe7ab", radius=3)
    canvas.box(x + 246, y - 117, 44, 14, "#bfe4ee", radius=3)
    for number in range(5):
        canvas.disc(x + 132 - number * 34, y - 156 - number * 17, 17 + number * 6, "#dfe7ea", alpha=0.3 - number * 0.045, blur=8)
    canvas.polygon([*wave(352, 4, 120, 2), (820, 450), (-10, 450)], "#204a65", alpha=0.95)
    for number in range(14):
        canvas.line([(x + 40 + number * 23, 362 + (number % 3) * 16), (x + 56 + number * 23, 362 + (number % 3) * 16)], "#ffd884", 2.6, alpha=0.6)
    return canvas


def train() -> Canvas:
    canvas = Canvas("#86a9c9", "#bcd2e2", "#f4e3dd")
    canvas.disc(180, 130, 40, "#fff8ea")
    canvas.peaks([(-40, 330), (110, 190), (220, 290), (350, 120), (480, 280), (600, 170), (700, 270), (850, 200)], "#7f9cb8", "#f7fbff")
    canvas.hills(325, 14, "#dbe8f0")
    for x in range(-10, 820, 34):
        tall = canvas.random.uniform(34, 74)
        base = 336 + canvas.random.uniform(-6, 8)
        for number in range(3):
            half = (11 + number * 5) * tall / 60
            top = base - tall + number * tall * 0.26
            canvas.polygon([(x, top), (x - half, top + tall * 0.4), (x + half, top + tall * 0.4)], "#3f6a66" if number % 2 else "#4b7a74")
        canvas.polygon([(x, base - tall), (x - 7, base - tall + 16), (x + 7, base - tall + 16)], "#f2f8fb")
    canvas.polygon([(-10, 346), *[(n * 10, 346 + 5 * math.sin(n / 7)) for n in range(82)], (820, 450), (-10, 450)], "#eef5f9")
    canvas.box(0, 398, 800, 5, "#8795a3")
    for x in range(-4, 800, 26):
        canvas.box(x, 403, 13, 6, "#6b5348")
    for number in range(3):
        x = 62 + number * 202
        canvas.box(x, 322, 194, 66, "#b23a48", radius=9)
        canvas.box(x, 356, 194, 9, "#f1d6a8")
        canvas.box(x + 4, 316, 186, 9, "#f7fbff", radius=4)
        for window in range(5):
            canvas.box(x + 15 + window * 35, 333, 25, 18, "#ffe2a0", radius=3)
        for wheel in (30, 62, 132, 164):
            canvas.disc(x + wheel, 390, 9, "#2b2d3c")
            canvas.disc(x + wheel, 390, 3.4, "#98a0ad")
    canvas.polygon([(668, 388), (668, 330), (706, 330), (706, 308), (724, 308), (724, 330), (752, 334), (764, 362), (770, 388)], "#2f3e55")
    canvas.disc(764, 358, 6, "#fff0b5")
    canvas.polygon([(764, 352), (850, 338), (850, 392), (764, 364)], "#fff0b5", alpha=0.5, blur=5)
    for wheel in (688, 716, 744):
        canvas.disc(wheel, 390, 10, "#20222f")
    for number in range(6):
        canvas.disc(712 - number * 38, 292 - number * 11, 17 + number * 5, "#ffffff", alpha=0.75 - number * 0.1, blur=6)
    for _ in range(110):
        canvas.disc(canvas.random.uniform(0, 800), canvas.random.uniform(0, 450), canvas.random.uniform(1, 2.8), "#ffffff", alpha=0.85)
    return canvas


def books() -> Canvas:
    canvas = Canvas("#1f2b3d", "#2c3d52", "#40485a")
    canvas.polygon([(520, 90), (600, 90), (760, 360), (330, 360)], "#ffdf9e", alpha=0.32, blur=16)
    canvas.disc(560, 110, 110, "#ffd98c", alpha=0.28, blur=36)
    canvas.box(0, 358, 800, 100, "#6b4630")
    canvas.box(0, 358, 800, 6, "#8a5d41")
    stack = (("#c8553d", 250, 40, 150), ("#2a7f8e", 230, 34, 168), ("#e0b04c", 262, 30, 146), ("#5b8c5a", 214, 38, 176), ("#7d5a8c", 236, 28, 160))
    y = 358.0
    for fill, wide, tall, x in stack:
        y -= tall
        canvas.box(x, y, wide, tall, fill, radius=4)
        canvas.box(x + wide - 22, y + 4, 20, tall - 8, "#f6ecd8", radius=2)
        canvas.box(x + 22, y, 7, tall, "#f6ecd8", alpha=0.55)
        canvas.box(x + 60, y + tall / 2 - 3, 80, 5, "#f6ecd8", radius=2, alpha=0.75)
    # A paper umbrella on top: shelved under rain.
    canvas.dome((206, 86, 350, 230), "#e76f51")
    for number in range(4):
        canvas.dome((206 + number * 36, 146, 242 + number * 36, 170), "#2a3950")
    canvas.line([(278, 86), (278, 186)], "#f6ecd8", 3.4)
    canvas.polygon([(420, 346), (540, 330), (560, 352), (440, 358)], "#e9dcc3")
    canvas.polygon([(560, 352), (540, 330), (670, 346), (690, 358)], "#f8efdc")
    for number in range(4):
        canvas.line([(574 + number * 3, 350 - number * 4), (660 - number * 12, 352 - number * 3.4)], "#c9b996", 1.5)
    canvas.line([(620, 358), (640, 210), (566, 118)], "#d8a13a", 7)
    canvas.polygon([(514, 128), (540, 74), (592, 88), (612, 130)], "#d8a13a")
    canvas.oval(563, 129, 49, 8, "#fff1c4")
    for x, top in ((60, 40), (120, 110), (40, 190), (720, 60), (690, 150), (760, 230)):
        canvas.line([(x, top), (x - 9, top + 26)], "#9cc3d8", 2.6, alpha=0.55)
    return canvas


def bird() -> Canvas:
    x: float
    y: float
    canvas = Canvas("#f6c9a8", "#f3dcc0", "#cfe0dc")
    canvas.disc(600, 150, 64, "#fff3dd")
    canvas.hills(236, 10, "#b7c7c2", rough=1.3)
    water(canvas, 262, ("#a9cfd0", "#93bfc4", "#7aadb6", "#679ba7"), 2, 240)
    glitter(canvas, 600, 262, "#fff6e4")
    for x, y, size in ((150, 92, 1.0), (206, 122, 0.7), (110, 142, 0.6), (262, 82, 0.5)):
        canvas.line([(x - 26 * size, y - 9 * size), (x - 9 * size, y - 13 * size), (x, y), (x + 9 * size, y - 13 * size), (x + 26 * size, y - 9 * size)], "#6b5b66", 3)
    x, y = 372.0, 244.0
    for dx in (-10, 16):
        canvas.line([(x + dx, y + 40), (x + dx + 3, y + 150)], "#2d2d38", 4.6)
    canvas.oval(x + 4, 396, 66, 6, "#537f8b", alpha=0.5)
    canvas.oval(x, y, 82, 50, "#fdfdfb")
    canvas.polygon([(x - 62, y - 28), (x - 130, y + 22), (x - 96, y + 34), (x - 40, y + 34)], "#eceff0")
    canvas.oval(x - 16, y + 6, 60, 32, "#e6ebec")
    neck = [(x + 52, y - 22), (x + 84, y - 62), (x + 78, y - 104), (x + 94, y - 132)]
    canvas.line(neck, "#fdfdfb", 25)
    canvas.disc(x + 99, y - 136, 24, "#fdfdfb")
    canvas.polygon([(x + 82, y - 156), (x + 44, y - 176), (x + 54, y - 158), (x + 38, y - 152), (x + 80, y - 138)], "#f4e3c0")
    canvas.oval(x + 110, y - 132, 17, 15, "#23232d")
    canvas.disc(x + 108, y - 138, 4, "#d1495b")
    canvas.polygon([(x + 116, y - 142), (x + 190, y - 106), (x + 194, y - 94), (x + 112, y - 122)], "#23232d")
    canvas.oval(x + 200, y - 96, 23, 14, "#23232d")
    canvas.ring(x + 200, y - 96, 14, 7, "#4b4b58", 2)
    for number in range(26):
        gx = canvas.random.choice((canvas.random.uniform(0, 210), canvas.random.uniform(640, 800)))
        tall = canvas.random.uniform(60, 160)
        lean = canvas.random.uniform(-16, 26)
        canvas.line([(gx, 455), (gx + lean * 0.4, 455 - tall * 0.6), (gx + lean, 455 - tall)], "#6f7d52" if number % 2 else "#8a8f57", 3.2)
        if number % 3 == 0:
            canvas.oval(gx + lean, 455 - tall, 4.4, 15, "#8d5b3c")
    return canvas


def mountain() -> Canvas:
    canvas = Canvas("#273469", "#5b5f97", "#e58f7b", "#ffd6a5")
    canvas.stars(60, 150)
    canvas.disc(520, 262, 120, "#ffe6b3", alpha=0.4, blur=30)
    canvas.disc(520, 262, 44, "#fff4d6")
    canvas.peaks([(-60, 330), (90, 210), (210, 300), (350, 96), (470, 282), (590, 190), (710, 300), (860, 210)], "#6a6595", "#fbeee2")
    canvas.polygon([(350, 96), (470, 282), (560, 450), (390, 450), (360, 240)], "#4b4877", alpha=0.55)
    for y, fill, rough in ((310, "#8d7ba6", 1.1), (345, "#55507f", 1.5), (384, "#37355e", 1.2)):
        canvas.hills(y, 15, fill, rough=rough)
        canvas.oval(400, y + 23, 480, 17, "#ffe9d2", alpha=0.14, blur=14)
    canvas.hills(424, 9, "#1d1c3b", rough=1.3)
    path = [(120 + t * 7 + 30 * math.sin(t / 5), 446 - t * 3.0) for t in range(30)]
    canvas.line(path, "#f3cf9b", 4, alpha=0.8)
    canvas.polygon([(196, 412), (200, 386), (214, 386), (219, 412)], "#0f1028")
    canvas.disc(207, 379, 8, "#0f1028")
    canvas.box(190, 388, 11, 15, "#3f7d58", radius=3)
    canvas.line([(221, 388), (228, 414)], "#0f1028", 2.6)
    canvas.disc(213, 380, 3, "#ffe8a3")
    canvas.disc(226, 384, 22, "#ffe8a3", alpha=0.35, blur=7)
    return canvas


def pixels() -> Canvas:
    canvas = Canvas("#5b4b8a", "#8a5a9c", "#e07a8b", "#f6b48f")
    size = 16
    columns, rows = WIDTH // size, HEIGHT // size + 1

    def cell(x: int, y: int, fill: str, alpha: float = 1.0) -> None:
        canvas.box(x * size, y * size, size, size, fill, alpha=alpha)

    for y in range(4, 12):
        for x in range(30, 42):
            if (x - 35.5) ** 2 + (y - 7.5) ** 2 < 15:
                cell(x, y, "#ffe7a8")
    for x0, y0 in ((4, 4), (16, 7), (25, 3)):
        for dx, dy in ((0, 1), (1, 0), (2, 0), (1, 1), (2, 1), (3, 1), (4, 1), (3, 0)):
            cell(x0 + dx, y0 + dy, "#fde2dd", 0.8)
    for x in range(columns):
        top = 19 + round(2.2 * math.sin(x / 5) + 1.4 * math.sin(x / 2.3))
        for y in range(top, rows):
            cell(x, y, "#4a4178" if y > top else "#6a5a99")
    for x in range(columns):
        top = 23 + round(1.2 * math.sin(x / 7 + 2))
        for y in range(top, rows):
            cell(x, y, "#3e8e6a" if y == top else ("#7a5238" if (x + y) % 5 else "#8d6246"))
    tower = ("#.#.#.#", "#######", ".#####.", ".##o##.", ".#####.", ".#####.", ".##o##.", ".#####.", ".##D##.", ".##D##.")
    for dy, row in enumerate(tower):
        for dx, mark in enumerate(row):
            fill = {"#": "#d8d3e6", "o": "#ffd45e", "D": "#6b3f2a"}.get(mark)
            if fill:
                cell(9 + dx, 13 + dy, fill if dx < 4 or mark != "#" else "#b4add0")
    cat = ("k...k.....", "kkkkk....k", "kwkwk....k", "kkpkk...kk", ".kkkkkkkk.", ".kkkkkkkk.", ".k.k..k.k.")
    for dy, row in enumerate(cat):
        for dx, mark in enumerate(row):
            fill = {"k": "#2a2340", "w": "#8ff0a4", "p": "#f49bb0"}.get(mark)
            if fill:
                cell(24 + dx, 16 + dy, fill)
    for x, y in ((38, 18), (41, 16), (44, 18)):
        cell(x, y, "#ffd45e")
        cell(x, y - 1, "#fff1b8")
    return canvas


PICTURES: dict[str, Callable[[], Canvas]] = {
    scene.__name__: scene
    for scene in (
        tide, deep, fog, leaves, moon, comet, skyline, chip, robot, terminal, lighthouse, rowing, pitch, letters, river,
        record, noodles, bread, ferry, train, books, bird, mountain, pixels,
    )
}  # fmt: skip


AGAIN: dict[str, tuple[float, float]] = {
    "tide": (0.93, 1.12), "deep": (0.12, 1.1), "fog": (0.9, 1.2), "leaves": (0.93, 1.18), "moon": (0.86, 1.14),
    "comet": (0.2, 1.16), "skyline": (0.84, 1.12), "terminal": (0.86, 1.06), "lighthouse": (0.9, 1.1),
    "noodles": (0.07, 1.12), "ferry": (0.9, 1.12), "books": (0.92, 1.1), "mountain": (0.88, 1.16),
    "pixels": (0.45, 1.1), "robot": (0.42, 1.16), "rowing": (0.9, 1.14), "river": (0.9, 1.2),
    "record": (0.35, 1.1), "train": (0.5, 1.16), "bird": (0.4, 1.14),
}  # fmt: skip
"""Scenes that are drawn a second time: by how much their colours are turned, and how much larger everything is.

The bot leaves a picture out that four articles have: it takes it for their site's. So the posts need many.
"""


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0]) if arguments else Path(__file__).parents[2] / "bot" / "demo" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        scene = draw()
        print(f"{name}.jpg: {scene.save(folder / f'{name}.jpg') / 1000:.1f} kB")
        if name in AGAIN:
            scene.change(*AGAIN[name])
            print(f"{name}-2.jpg: {scene.save(folder / f'{name}-2.jpg') / 1000:.1f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
