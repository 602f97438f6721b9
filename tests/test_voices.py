import dataclasses
import re
import time
from pathlib import Path

import numpy as np
import pytest

from framing.model_folder import load_model
from framing.posts import find_posts
from framing.records import Article, Label, LabelledSentence
from framing.sentences import split_sentences
from framing.tagging import TAGS
from framing.voices import add_voices

TEXT = (
    "Thugs run the port.\n\n"
    "Moscow said the reports were part of a smear against Russia. “They are criminals,” Anna Orlova added."
)
ROLES = {
    "source": ("Moscow", "Anna Orlova"),
    "cue": ("said", "added"),
    "content": ("the reports were part of a smear against Russia", "“They are criminals,”"),
}


def tagged(
    text: str = TEXT, roles: dict[str, tuple[str, ...]] = ROLES
) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Tokens of a text, and tags as a sure network would give them."""
    tokens = [m.span() for m in re.finditer(r"\w+|[^\w\s]", text)]
    tags = np.full((len(tokens), len(TAGS)), 0.01)
    tags[:, 0] = 0.9
    for role, stretches in roles.items():
        for words in stretches:
            start = text.index(words)
            for token, (a, b) in enumerate(tokens):
                if start <= a and b <= start + len(words):
                    tags[token] = 0.01
                    tags[token, TAGS.index(role)] = 0.9
    return tokens, tags


def labelled(*words: str, text: str = TEXT) -> list[LabelledSentence]:
    rows = []
    for sentence in split_sentences(Article("a", "o", text)):
        spans = [
            m.span()
            for word in words
            for m in re.finditer(word, text)
            if sentence.start <= m.start() < sentence.end
        ]
        labels = tuple(Label("loaded_language", 0.9, (span,)) for span in spans)
        rows.append(
            LabelledSentence(
                "a",
                "o",
                sentence.index,
                sentence.start,
                sentence.end,
                sentence.text,
                {"loaded_language": 0.9},
                labels,
            )
        )
    return rows


def test_every_label_has_the_voice_of_its_words() -> None:
    first, second, third = add_voices(TEXT, labelled("Thugs", "smear", "criminals"), *tagged())
    assert [(x.voice, x.source) for x in first.labels] == [("outlet", None)]
    assert [(x.voice, x.source) for x in second.labels] == [("attributed", "Moscow")]
    assert [(x.voice, x.source) for x in third.labels] == [("quoted", "Anna Orlova")]


@pytest.mark.parametrize(
    ("words", "voice"),
    [
        ("the probe was a “hoax”", "quoted"),
        ("the probe that the new town council had wanted was a “hoax”", "attributed"),
        ("the probe was a hoax", "attributed"),
    ],
)
def test_marks_around_a_quarter_of_a_labels_words_are_enough(words: str, voice: str) -> None:
    text = f"News.\n\nRain fell all day. Moscow said {words}."
    roles = {"source": ("Moscow",), "cue": ("said",), "content": (words,)}
    row = add_voices(text, labelled(words, text=text), *tagged(text, roles))[-1]
    assert [label.voice for label in row.labels] == [voice]
    assert row.voice == "attributed"


SIGNED = " — Ana Poe (@ana_poe) May 1, 2020"


@pytest.mark.parametrize(
    ("text", "posts"),
    [
        ("Rain fell.\n\nThe mayor lies. He must go!" + SIGNED, ["The mayor lies. He must go!"]),
        ("Rain fell.\n\nThe mayor lies.\n\n" + SIGNED, ["The mayor lies."]),
        ("Snow.\nRain fell, “as it does”.\nHe lies.\nGo!" + SIGNED, ["He lies.\nGo!"]),
        ("Rain fell.\nHe lies." + SIGNED + "\nGo!" + SIGNED + "\nIt did.", ["Rain fell.\nHe lies.", "Go!"]),
        ("Word by word. " * 30 + "\nHe lies." + SIGNED, ["He lies."]),
        ("Rain fell — Ana Poe (left) saw it on May 1, 2020", []),
        (SIGNED, []),
    ],
)
def test_embedded_posts_are_found_by_their_signature(text: str, posts: list[str]) -> None:
    found = find_posts(text)
    assert [text[slice(*one.content)] for one in found] == posts
    assert all(one.source and text[slice(*one.source)] == "Ana Poe" for one in found)


def test_an_embedded_post_is_quoted_whatever_the_network_says() -> None:
    text = "News.\n\nRain fell, said Bob.\n\nThe mayor lies." + SIGNED
    roles = {"source": ("Bob",), "cue": ("said",), "content": ("Rain fell", "mayor lies")}
    _, said, post, _ = add_voices(text, labelled("Rain", "lies", text=text), *tagged(text, roles))
    assert [(label.voice, label.source) for label in said.labels] == [("attributed", "Bob")]
    assert [(label.voice, label.source) for label in post.labels] == [("quoted", "Ana Poe")]


def test_thousands_of_embedded_posts_take_seconds_at_most() -> None:
    begin = time.process_time()
    assert len(find_posts(("“He lies.” Go!" + SIGNED + "\n") * 3000)) == 3000
    assert time.process_time() - begin < 10


def test_every_sentence_has_a_voice_and_its_attributions() -> None:
    rows = add_voices(TEXT, labelled(), *tagged())
    assert [row.voice for row in rows] == ["outlet", "attributed", "quoted"]
    assert [len(row.attributions) for row in rows] == [0, 1, 1]
    (attribution,) = rows[1].attributions
    assert attribution.source is not None
    assert TEXT[slice(*attribution.source)] == "Moscow"
    assert TEXT[slice(*attribution.content)].startswith("the reports")


@pytest.mark.parametrize(
    ("headline", "cue", "voice"),
    [
        ("Bandits at the gate: Brussels warns of new raids", ("warns",), "outlet"),
        ("Bandits at the gate: Brussels", (), "attributed"),
    ],
)
def test_before_the_colon_of_a_headline_the_outlet_speaks(
    headline: str, cue: tuple[str, ...], voice: str
) -> None:
    text = f"{headline}\n\nRain fell on the town all day."
    roles = {
        "content": ("Bandits at the gate", "of new raids")[: len(cue) + 1],
        "source": ("Brussels",),
        "cue": cue,
    }
    title, _ = add_voices(text, labelled("Bandits", text=text), *tagged(text, roles))
    assert [label.voice for label in title.labels] == [voice]


@pytest.mark.parametrize(
    ("headline", "roles", "voices"),
    [
        (  # what it says itself, before it names who warns of it, is the outlet's, and so is the whole
            "Bandits stand at the gate: Brussels warns towns that raids will come before spring is over",
            {"source": "Brussels", "cue": "warns", "content": "that raids will come before spring is over"},
            {"Bandits": "outlet", "raids": "attributed", "Bandits.*raids": "outlet", "": "outlet"},
        ),
        (  # also where the network takes it for words of Brussels
            "Bandits stand at the gate: Brussels warns of raids",
            {"source": "Brussels", "cue": "warns", "content": "Bandits stand at the gate"},
            {"Bandits": "outlet", "": "outlet"},
        ),
        (  # the name of a topic says nothing
            "Border raids: Brussels warns that bandits will be at the gates soon",
            {"source": "Brussels", "cue": "warns", "content": "that bandits will be at the gates soon"},
            {"bandits": "attributed", "": "attributed"},
        ),
        (  # "X: …"
            "The new mayor of Brussels: bandits will be at the gates of all towns",
            {"source": "The new mayor of Brussels", "content": "bandits will be at the gates of all towns"},
            {"bandits": "attributed", "": "attributed"},
        ),
        (  # who speaks is named before the colon, with the verb
            "Brussels sends a warning: bandits will be at the gates of all towns",
            {"source": "Brussels", "cue": "warning", "content": "bandits will be at the gates of all towns"},
            {"bandits": "attributed", "": "attributed"},
        ),
        (  # the source alone, behind the colon
            "Bandits will be at the gates before spring is over: Brussels",
            {"source": "Brussels", "content": "Bandits will be at the gates before spring is over"},
            {"Bandits": "attributed", "": "attributed"},
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "Photo: Getty Images\n\n"])
def test_a_headlines_own_words_are_the_outlets(
    headline: str, roles: dict[str, str], voices: dict[str, str], before: str
) -> None:
    text = f"{before}{headline}\n\nRain fell on the town all day."
    rows = [row for row in labelled(*filter(None, voices), text=text) if row.text in (headline, text[-30:])]
    tokens, tags = tagged(text, {role: (words,) for role, words in roles.items()})
    title, rest = add_voices(text, rows, tokens, tags)
    given = [label.voice for label in title.labels]
    assert given == [voice for words, voice in voices.items() if words]
    assert title.voice == voices[""]
    assert rest.voice == "outlet"


def test_a_sentence_of_the_body_is_no_headline() -> None:
    text = (
        "Rain fell on the town.\n\nBandits stand at the gate: Brussels warns of raids before spring is over."
    )
    roles = {"source": ("Brussels",), "cue": ("warns",), "content": ("Bandits stand at the gate",)}
    _, row = add_voices(text, labelled("Bandits", text=text), *tagged(text, roles))
    assert [label.voice for label in row.labels] == ["attributed"]


@pytest.fixture(scope="module")
def voiced_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with an attribution head, random too."""
    import torch

    from framing.model import FramingConfig, FramingNetwork

    folder = tmp_path_factory.mktemp("voiced")
    for file in tiny_model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    torch.manual_seed(2)
    config = FramingConfig.from_pretrained(tiny_model)
    config.attribution = True
    network = FramingNetwork(config)
    torch.nn.init.normal_(network.attribution_head.tags.weight, std=1.0)
    network.save_pretrained(folder)
    return folder


def test_a_model_with_the_head_tells_the_voice_of_everything(voiced_model: Path) -> None:
    text = "\n\n".join(["The minister said that the gang will attack. Nobody knows why it happened."] * 20)
    labels = load_model(voiced_model, device="cpu").label([Article("a", "o", text)])
    assert all(row.voice in ("outlet", "quoted", "attributed") for row in labels)
    assert all(label.voice for row in labels for label in row.labels)
    for row in labels:
        for one in row.attributions:
            assert one.content[0] < row.end
            assert row.start < one.content[1]


def test_profiles_tell_voices_apart() -> None:
    from framing.profiling import build_profiles

    rows = add_voices(TEXT, labelled("Thugs", "smear", "criminals"), *tagged())
    other = [dataclasses.replace(row, article_id="b") for row in rows]
    table = build_profiles([*rows, *other]).to_pandas().set_index("voice")["positives"]
    assert table.to_dict() == {"all": 6, "outlet": 2, "sources": 4}
