"""Whether texts look like English, which is what the model reads."""

import re

# The commonest words of English news that no other language of the Latin alphabet uses as much.
COMMON = frozenset(
    re.findall(
        r"\w+",
        "the of and to that with his this but not have from they are were has said who which will would been "
        "by it he she their",
    )
)
FEWEST_WORDS = 50  # a shorter text says too little
MOST_CHARACTERS = 4000  # that are looked at
FLOOR = 0.05  # of the words; of 100 articles of English news 99 have 0.13 or more

_WORD = re.compile(r"[^\W\d_]+")


def is_foreign(text: str) -> bool:
    """Whether a text is long enough to tell, and plainly not English."""
    words = _WORD.findall(text[:MOST_CHARACTERS].lower())
    return len(words) >= FEWEST_WORDS and sum(word in COMMON for word in words) < FLOOR * len(words)
