"""Bar charts as SVG: groups of bars side by side, each with the range that was measured."""
import dataclasses
import html
import math

COLOURS = ("#2a6f97", "#e07a3f", "#6a994e", "#7b2d8b")
HEIGHT, BAR, GAP, MARGIN, TOP, BOTTOM = 240, 22, 26, 70, 46, 64


@dataclasses.dataclass
class Bar:
    value: float
    low: float
    high: float


@dataclasses.dataclass
class Panel:
    """One chart: series are names, groups are (name, one Bar for each series)."""
    title: str
    unit: str
    series: list
    groups: list

    def width(self):
        return 2 * MARGIN + len(self.groups) * (len(self.series) * BAR + GAP)


def tidy(value):
    """Three digits, and thousands as k."""
    for limit, divisor, suffix in ((1e6, 1e6, "M"), (1e3, 1e3, "k")):
        if value >= limit:
            return f"{value / divisor:.3g}{suffix}"
    return f"{value:.3g}"


def step_for(top):
    """A round distance of grid lines: about five of them."""
    size = 10 ** math.floor(math.log10(top / 5))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= top / 5)


def text(x, y, words, anchor="middle", size=11, more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" {more}>'
            f"{html.escape(words)}</text>")


def line(x1, y1, x2, y2, colour):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def draw_panel(panel, y0):
    top = max(bar.high for _, bars in panel.groups for bar in bars) * 1.08 or 1
    base = y0 + TOP + HEIGHT

    def y_of(value):
        return base - value / top * HEIGHT

    parts = [text(MARGIN, y0 + 18, f"{panel.title} ({panel.unit})", "start", 14, 'font-weight="bold"')]
    step = step_for(top)
    for i in range(int(top / step) + 1):
        parts.append(line(MARGIN, y_of(i * step), panel.width() - MARGIN / 2, y_of(i * step), "#ddd"))
        parts.append(text(MARGIN - 6, y_of(i * step) + 4, tidy(i * step) if i else "0", "end"))
    x = MARGIN + GAP / 2
    for name, bars in panel.groups:
        middle = x + len(bars) * BAR / 2
        for colour, bar in zip(COLOURS, bars):
            parts.append(f'<rect x="{x:.1f}" y="{y_of(bar.value):.1f}" width="{BAR - 3}" '
                         f'height="{base - y_of(bar.value):.1f}" fill="{colour}"/>')
            parts.append(line(x + BAR / 2 - 1.5, y_of(bar.low), x + BAR / 2 - 1.5, y_of(bar.high), "#222"))
            x += BAR
        for i, word in enumerate(name.split("\n")):
            parts.append(text(middle, base + 16 + 13 * i, word))
        x += GAP
    x = MARGIN
    for colour, name in zip(COLOURS, panel.series):
        parts.append(f'<rect x="{x}" y="{y0 + 26}" width="11" height="11" fill="{colour}"/>')
        parts.append(text(x + 16, y0 + 36, name, "start"))
        x += 34 + 7 * len(name)
    return parts


def draw(path, panels, note=""):
    """Write the panels below one another into the file."""
    tall = TOP + HEIGHT + BOTTOM
    width, height = max(panel.width() for panel in panels), tall * len(panels) + 24
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}" font-family="sans-serif" fill="#222">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for i, panel in enumerate(panels):
        parts += draw_panel(panel, i * tall)
    parts += [text(MARGIN, height - 10, note, "start", 10), "</svg>"]
    path.write_text("\n".join(parts) + "\n")
