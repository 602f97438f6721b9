"""Tiny things that the tests share: an encoder, a model, a corpus, all made on the fly."""

import dataclasses
import importlib.util
import json
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from framing.codebook import load_codebook
from framing.decisions import Decision, Decisions
from framing.samples import sample_articles_path

WORDS = (
    *("the", "minister", "said", "that", "a", "border", "gang", "will", "attack"),
    *("our", "people", "and", "nobody", "knows", "why", "it", "happened", "now"),
)
CODES = ("loaded_language", "name_calling_labeling", "doubt")


def load_script(name: str) -> ModuleType:
    """Load a script of the folder docs, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", autouse=True)
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the tests' own."""
    folder = tmp_path_factory.mktemp("graphs")
    os.environ["FRAMING_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def sample_rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in sample_articles_path().read_text("utf8").splitlines()]


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory, sample_rows: list[dict[str, str]]) -> Path:
    """A BERT of two layers and 32 dimensions, with a WordPiece vocabulary of the sample articles."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel

    torch.set_num_threads(1)  # what is tiny is slower on more
    folder = tmp_path_factory.mktemp("encoder")
    text = " ".join(row["text"] for row in sample_rows).lower()
    characters = sorted(set(text) - {" ", "\n"})
    words = sorted({*WORDS, *re.findall(r"\w+", text)})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *characters, *("##" + c for c in characters), *words]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=300,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_base(tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny encoder, and the package believes that it is the one expected."""
    from framing import encoder

    found = encoder.hash_file(tiny_encoder / encoder.WEIGHTS)
    monkeypatch.setattr(encoder, "MINILM", dataclasses.replace(encoder.MINILM, sha256=found))
    return tiny_encoder


@pytest.fixture(scope="session")
def tiny_model(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with full weights: random, but whole."""
    import torch

    from framing.model import FramingConfig
    from framing.weights import encoder_settings, new_network

    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(1)
    config = FramingConfig(encoder=encoder_settings(tiny_encoder), codes=list(CODES), window=64, context=16)
    network = new_network(config, tiny_encoder)
    for parameter in (*network.label_head.parameters(), *network.evidence_head.parameters()):
        torch.nn.init.normal_(parameter, std=0.5)
    network.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((tiny_encoder / "tokenizer.json").read_bytes())
    Decisions({code: Decision(1.0, 0.0, 0.5, 0.5) for code in CODES}, 0.5, "nothing: random").save(folder)
    (folder / "codebook.json").write_text(load_codebook().subset(CODES).to_json(), "utf8")
    (folder / "model.json").write_text('{"name": "tiny", "version": "0"}', "utf8")
    return folder


@pytest.fixture(scope="session")
def ptc_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus in PTC's format: sentences of random words, where "gang" and "why" carry techniques."""
    import numpy as np

    folder = tmp_path_factory.mktemp("corpora") / "ptc"
    rng = np.random.default_rng(0)
    for part, articles in (("train", 40), ("dev", 6)):
        (folder / f"{part}-articles").mkdir(parents=True)
        lines = []
        for number in range(articles):
            text = "\n".join(
                " ".join(rng.choice(WORDS, size=rng.integers(6, 12))).capitalize() + "." for _ in range(10)
            )
            name = f"{part}{number}"
            (folder / f"{part}-articles" / f"article{name}.txt").write_text(text, "utf8")
            for word, technique in (("gang", "Name_Calling,Labeling"), ("why", "Doubt")):
                lines += [
                    f"{name}\t{technique}\t{m.start()}\t{m.end()}" for m in re.finditer(word, text, re.I)
                ]
        (folder / f"{part}-task-flc-tc.labels").write_text("\n".join(lines) + "\n", "utf8")
    return folder


@pytest.fixture
def read_for_devices(ptc_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's annotators read the tests' corpus, too: "gang" carries a device."""
    from training.annotation import Annotation, Mark, digest
    from training.corpora import read_corpus
    from training.sheets import list_units

    found = []
    for part in ("train", "dev"):
        for article in read_corpus("ptc", ptc_folder.parent, part):
            for unit in list_units(article, part):
                mark = Mark("gangster_tactics", "outlet", ((unit.start, unit.end),))
                found.append(
                    Annotation(
                        *("ptc", part, unit.article, unit.start, unit.end, digest(unit.text)),
                        marks=(mark,) if "gang" in unit.text.lower() else (),
                        annotator="a",
                        sample="natural",
                        reading=1,
                    )
                )
    for reader in ("run_data", "development"):
        monkeypatch.setattr(f"training.{reader}.read_settled", lambda _, **__: found)


@pytest.fixture
def polnear_folder(ptc_folder: Path) -> Path:
    """A corpus in PolNeAR's format, beside the other: in every other sentence the minister said something."""
    import numpy as np

    folder = ptc_folder.parent / "polnear"
    rng = np.random.default_rng(1)
    for part, articles in (("train", 20), ("dev", 4)):
        for kind in ("text", "attributions"):
            (folder / part / kind).mkdir(parents=True, exist_ok=True)
        for number in range(articles):
            text, lines = "", []
            for at in range(5):
                words = [" ".join(rng.choice(WORDS[4:], size=6)) for _ in range(2)]
                start = len(text)
                text += f"The minister said that {words[0]}.\n{words[1].capitalize()}.\n"
                for offset, (kind, phrase) in enumerate(
                    (("Source", "The minister"), ("Cue", "said"), ("Content", f"that {words[0]}")), 1 + 3 * at
                ):
                    first = text.index(phrase, start)
                    lines.append(f"T{offset}\t{kind} {first} {first + len(phrase)}\t{phrase}")
                source, cue, content = (f"T{3 * at + which}" for which in (1, 2, 3))
                lines.append(f"E{at}\tAttribution:{cue} Source:{source} Cue:{cue} Content:{content}")
            name = f"paper_2016-01-{number + 1:02d}_a_b"
            (folder / part / "text" / f"{name}.txt").write_bytes(text.encode())
            (folder / part / "attributions" / f"{name}_aa.ann").write_bytes(
                ("\n".join(lines) + "\n").encode()
            )
    return folder
