# SPDX-License-Identifier: GPL-2.0-or-later
"""
A figure as SVG, without any library: horizontal bars in groups.
"""
from xml.sax.saxutils import escape

COLOURS = ("#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377")
BAR, GAP, LEFT, WIDTH, RIGHT = 12, 10, 150, 600, 90


def bars(title, groups):
    "groups: name → {series: value}; all groups have the same series.  Returns the SVG."
    series = list(next(iter(groups.values())))
    most = max(value for group in groups.values() for value in group.values()) or 1
    height = 60 + len(groups) * (len(series) * BAR + GAP)
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" font-family="sans-serif" font-size="11">'.format(
            LEFT + WIDTH + RIGHT, height
        ),
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="{}" y="18" font-size="14">{}</text>'.format(LEFT, escape(title)),
    ]
    for index, name in enumerate(series):
        x = LEFT + 90 * index
        lines.append('<rect x="{}" y="28" width="10" height="10" fill="{}"/>'.format(x, COLOURS[index % len(COLOURS)]))
        lines.append('<text x="{}" y="37">{}</text>'.format(x + 14, escape(str(name))))
    y = 50
    for group, values in groups.items():
        middle = y + len(series) * BAR / 2 + 4
        lines.append('<text x="{}" y="{}" text-anchor="end">{}</text>'.format(LEFT - 8, middle, escape(group)))
        for index, name in enumerate(series):
            width = WIDTH * values[name] / most
            lines.append(
                '<rect x="{}" y="{}" width="{:.1f}" height="{}" fill="{}"/>'.format(
                    LEFT, y, width, BAR - 1, COLOURS[index % len(COLOURS)]
                )
            )
            lines.append('<text x="{:.1f}" y="{}" font-size="9">{:.0f}</text>'.format(LEFT + width + 4, y + 9, values[name]))
            y += BAR
        y += GAP
    lines.append("</svg>")
    return "\n".join(lines)
