"""The shades of a heat map's cells: the more, the darker, or on a dark page the lighter."""

from math import ceil, sqrt

from framing.profiles import percent

# Background and text of a heat map cell, from none to most: one hue that darkens, so that order survives
# colour blindness and a grey printer. Every pair has a contrast of at least 4.5 (WCAG 2.2, AA).
SHADES = (
    ("#f3f4f5", "#58626b"),
    ("#e6eef5", "#16202a"),
    ("#d0e1ef", "#16202a"),
    ("#b3cfe5", "#16202a"),
    ("#8fb8d8", "#16202a"),
    ("#6ca1ca", "#16202a"),
    ("#3a72a4", "#ffffff"),
    ("#265c8f", "#ffffff"),
    ("#164470", "#ffffff"),
)
# The same for a dark page: the more, the lighter.
DARK_SHADES = (
    ("#1c232a", "#98a4ae"),
    ("#1d2f40", "#e8edf1"),
    ("#20405c", "#e8edf1"),
    ("#245278", "#ffffff"),
    ("#2c6594", "#ffffff"),
    ("#6199c5", "#0c1116"),
    ("#82b2d8", "#0c1116"),
    ("#a9cbe6", "#0c1116"),
    ("#d3e5f4", "#0c1116"),
)


def shade_of(share: float, most: float) -> int:
    """The place of a share's shade in `SHADES`, where `most` is the highest share.

    The root gives the many small shares more of the scale than the few large ones.
    """
    last = len(SHADES) - 1
    return min(ceil(last * sqrt(share / most)), last) if share else 0


def scale(most: float) -> list[str]:
    """What each shade stands for, in per cent, up to the highest share."""
    return [percent(most * (shade / (len(SHADES) - 1)) ** 2) for shade in range(len(SHADES))]
