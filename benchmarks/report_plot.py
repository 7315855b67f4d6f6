"""Draws the figures of a group as an SVG: a bar each, its quarter marks, and what is wanted. Figures of one unit share an axis."""

import math
import textwrap
from xml.sax.saxutils import escape

WIDTH, MARGIN, PLOT = 780, 30, 520  # PLOT: width of the bars' area; the values stand right of it
LABEL_CHARACTERS = 100
LINE, BAR, GAP = 18, 14, 12
TEXT, LINES, BAR_GOOD, BAR_MISSED = "#1f2328", "#d0d7de", "#6c9bd2", "#e0867a"


def number(value):
    """Four digits that mean something, without an exponent."""
    if not value:
        return "0"
    decimals = min(6, max(0, 3 - math.floor(math.log10(abs(value)))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_of(figure):
    """As people write it; a ratio has none."""
    return "" if figure["unit"] == "ratio" else figure["unit"].replace("us/", "µs/")


def name_of(figure):
    return figure["what"] + (f" / {figure['against']}" if figure["against"] else "")


def wanted(figure):
    """(sign, value) of what is to be reached, or None."""
    if "at_most" in figure:
        return "≤", figure["at_most"]
    return ("≥", figure["at_least"]) if "at_least" in figure else None


def missed(figure):
    if "at_most" in figure:
        return figure["median"] > figure["at_most"]
    return "at_least" in figure and figure["median"] < figure["at_least"]


class Axis:
    """From a unit's values to places. Logarithmic where they span more than two decades."""

    def __init__(self, figures):
        values = [value for figure in figures for value in (figure["median"], figure["low"], figure["high"])]
        values += [wanted(figure)[1] for figure in figures if wanted(figure)]
        least, most = min(values), max(values)
        self.logarithmic = least > 0 and most / least > 100
        if self.logarithmic:
            self.first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
            self.ticks = [10.0**power for power in range(self.first, last + 1)]
        else:
            step = self.step(max(most, 0) - min(least, 0))
            self.first, last = math.floor(min(least, 0) / step) * step, math.ceil(max(most, 0) / step) * step
            self.ticks = [self.first + step * count for count in range(round((last - self.first) / step) + 1)]
        self.length = last - self.first or 1

    @staticmethod
    def step(span):
        """1, 2 or 5 times a power of ten, about six of which are the span."""
        if span <= 0:
            return 1
        power = 10.0 ** math.floor(math.log10(span / 6))
        return next(factor * power for factor in (1, 2, 5, 10) if factor * power * 6 >= span)

    def place(self, value):
        return MARGIN + PLOT * ((math.log10(value) if self.logarithmic else value) - self.first) / self.length

    def origin(self):
        """Where bars begin."""
        return MARGIN if self.logarithmic else self.place(0)


class Drawing:
    def __init__(self):
        self.y, self.parts = MARGIN, []

    def text(self, x, y, text, size=13, more=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" {more}>{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, colour=TEXT, width=1.0, more=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}" {more}/>')

    def title(self, text):
        self.text(MARGIN, self.y + 16, text, 17, 'font-weight="bold"')
        self.y += 30

    def legend(self):
        y = self.y + 6
        self.line(MARGIN, y, MARGIN + 28, y, width=1.5)
        for x in (MARGIN, MARGIN + 28):
            self.line(x, y - 4, x, y + 4, width=1.5)
        self.text(MARGIN + 36, y + 4, "quarter marks of the rounds", 12)
        self.line(MARGIN + 230, y - 8, MARGIN + 230, y + 8, width=2.5, more='stroke-dasharray="4 2"')
        self.text(MARGIN + 238, y + 4, "wanted", 12)
        self.parts.append(f'<rect x="{MARGIN + 310}" y="{y - 7}" width="24" height="{BAR}" fill="{BAR_MISSED}"/>')
        self.text(MARGIN + 342, y + 4, "missed", 12)
        self.y += 26

    def bar(self, figure, axis):
        for text in textwrap.wrap(name_of(figure), LABEL_CHARACTERS):
            self.text(MARGIN, self.y + 13, text, more='paint-order="stroke" stroke="#ffffff" stroke-width="4"')
            self.y += LINE
        middle, end = self.y + BAR / 2, axis.place(figure["median"])
        start = min(axis.origin(), end)
        length = max(abs(end - axis.origin()), 1)
        colour = BAR_MISSED if missed(figure) else BAR_GOOD
        self.parts.append(f'<rect x="{start:.1f}" y="{self.y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>')
        low, high = axis.place(figure["low"]), axis.place(figure["high"])
        self.line(low, middle, high, middle, width=1.5)
        for x in (low, high):
            self.line(x, middle - 4, x, middle + 4, width=1.5)
        told = f"{number(figure['median'])} {unit_of(figure)}".strip()
        if wanted(figure):
            sign, value = wanted(figure)
            self.line(axis.place(value), self.y - 1, axis.place(value), self.y + BAR + 3, width=2.5, more='stroke-dasharray="4 2"')
            told += f" ({sign} {number(value)})"
        self.text(MARGIN + PLOT + 14, self.y + BAR - 2, told, 12)
        self.y += BAR + GAP

    def panel(self, unit, figures):
        """The figures of one unit above their axis."""
        axis = Axis(figures)
        top, place = self.y, len(self.parts)
        for figure in figures:
            self.bar(figure, axis)
        bottom = self.y
        bars, self.parts = self.parts[place:], self.parts[:place]
        # The grid lies behind the bars.
        every = 1 + len(axis.ticks) // 9
        for count, tick in enumerate(axis.ticks):
            self.line(axis.place(tick), top, axis.place(tick), bottom, LINES)
            if count % every == 0:
                self.text(axis.place(tick), bottom + 15, number(tick), 12, 'text-anchor="middle"')
        self.parts += bars
        self.text(MARGIN + PLOT + 30, bottom + 15, (unit or "ratio") + (", logarithmic" if axis.logarithmic else ""), 12)
        self.y = bottom + 36

    def svg(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.y}" viewBox="0 0 {WIDTH} {self.y}" '
                f'font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif" fill="{TEXT}">\n'
                f'<rect width="{WIDTH}" height="{self.y}" fill="#ffffff"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


def draw(title, figures):
    """The SVG's text."""
    drawing = Drawing()
    drawing.title(title)
    drawing.legend()
    units = {}
    for figure in figures:
        units.setdefault(unit_of(figure), []).append(figure)
    for unit, alike in units.items():
        drawing.panel(unit, alike)
    return drawing.svg()
