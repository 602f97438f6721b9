import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from framing.errors import FramingError
from framing.losses import UNKNOWN
from framing.model import FramingConfig, FramingNetwork
from framing.tagging import CONTENT, CUE, NONE, SOURCE
from framing.weights import load_network
from framing.windows import cut_windows, load_tokenizer
from training.config import Data, RunConfig
from training.corpora import (
    GoldArticle,
    GoldRole,
    GoldSpan,
    merge_spans,
    mute_copies,
    read_corpus,
    split_lines,
)
from training.examples import (
    VOICED_WEIGHT,
    TokenBatches,
    TokenisedArticle,
    collate,
    make_epoch,
    make_row,
    random_windows,
    tag_tokens,
)
from training.folds import parse_fold
from training.guesses import Guesses, add_guesses, guess, read_guesses, write_guesses
from training.run_data import read_train

TEXT = """The gang will attack.

  Why? Nobody knows why it happened.
The minister said that our people will attack.
"""
KNOWN = frozenset({"name_calling_labeling", "doubt"})
CODES = ("doubt", "name_calling_labeling", "slogans")


def article(**settings: object) -> GoldArticle:
    spans = (GoldSpan("name_calling_labeling", 4, 8), GoldSpan("doubt", 25, 29))
    made = GoldArticle("ptc", "1", TEXT, split_lines(TEXT), spans, KNOWN)
    return replace(made, **settings)


def test_lines_are_sentences_with_their_offsets() -> None:
    sentences = split_lines(TEXT)
    assert [s.text for s in sentences] == [line.strip() for line in TEXT.splitlines() if line.strip()]
    assert all(TEXT[s.start : s.end] == s.text for s in sentences)


def test_ptc_is_read(ptc_folder: Path) -> None:
    dev = read_corpus("ptc", ptc_folder.parent, "dev")
    assert len(dev) == 6
    for one in dev:
        for span in one.spans:
            assert one.text[span.start : span.end].lower() in ("gang", "why")
        gangs = [s for s in one.sentences if "gang" in s.text.lower()]
        assert gangs == [s for s in one.sentences if "name_calling_labeling" in one.codes_of(s)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1\tDoubt\t3", r"labels:1: found '1\\tDoubt\\t3'"),
        ("1\tIrony\t3\t4", "expected article, technique, start and end"),
    ],
)
def test_a_broken_line_of_labels_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "ptc" / "dev-articles").mkdir(parents=True)
    (tmp_path / "ptc" / "dev-articles" / "article1.txt").write_text("Why?", "utf8")
    (tmp_path / "ptc" / "dev-task-flc-tc.labels").write_text(line, "utf8")
    with pytest.raises(FramingError, match=message):
        read_corpus("ptc", tmp_path, "dev")


def test_a_missing_corpus_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"no article\*\.txt there"):
        read_corpus("ptc", tmp_path, "dev")
    with pytest.raises(FramingError, match="corpus 'reuters' is not known"):
        read_corpus("reuters", tmp_path, "dev")


def test_copies_of_held_out_sentences_are_muted() -> None:
    text = "Something else stands here.\nTHE MINISTER said that “our” people will attack\nWhy?"
    other = GoldArticle("ptc", "2", text, split_lines(text), (), KNOWN)
    (muted,) = mute_copies([other], [article()])
    assert muted.muted == {1}


def test_rows_and_batches_hold_the_gold_where_it_is_known(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    gold = article(muted=frozenset({2}))
    (window,) = cut_windows(TokenisedArticle(gold, tokenizer).sentences, tokenizer, budget=128, context=0)
    unread = article(known=frozenset(), spans=())
    batch = collate([make_row(window, gold, CODES), make_row(window, unread, CODES)], len(CODES))
    assert batch["labels"][0].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert batch["label_mask"][0].tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert not batch["label_mask"][1].any()
    tokens = [tokenizer.id_to_token(i) for i in window.input_ids]
    carried = [(tokens[t], CODES[c]) for t, c in batch["evidence"][0].nonzero().tolist()]
    assert carried == [("gang", "name_calling_labeling"), ("why", "doubt"), ("?", "doubt")][: len(carried)]
    assert len(carried) >= 2
    known = batch["evidence_mask"][0, :, 0].bool()
    assert known.tolist() == [owner in (0, 1) for owner in window.sentence_ids]
    assert (batch["tags"] == UNKNOWN).all()


def test_roles_become_tags(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    start = TEXT.index("The minister")
    roles = (
        GoldRole(CONTENT, TEXT.index("that our"), len(TEXT) - 2),
        GoldRole(SOURCE, start, start + 12),
        GoldRole(CUE, start + 13, start + 17),
    )
    gold = article(roles=roles)
    (window,) = cut_windows(TokenisedArticle(gold, tokenizer).sentences, tokenizer, budget=128, context=0)
    tags = collate([make_row(window, gold, CODES)], len(CODES))["tags"][0].tolist()
    words = {TEXT[a:b]: tag for (a, b), tag in zip(window.spans[-10:-1], tags[-10:-1], strict=True)}  # type: ignore[misc]
    assert (words["minister"], words["said"], words["people"], words["."]) == (SOURCE, CUE, CONTENT, NONE)
    assert tags[0] == UNKNOWN
    assert tags[1] == NONE


def test_random_windows_hold_every_sentence_once(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    one = TokenisedArticle(article(), tokenizer)
    for seed in range(20):
        made = list(random_windows(one, tokenizer, np.random.default_rng(seed), 8, 64))
        assert [w.first + i for w in made for i in w.targets] == [0, 1, 2]
        assert all(len(w.input_ids) <= 64 for w in made)


def test_an_epoch_is_the_same_again_and_another_the_next_time(tiny_encoder: Path, ptc_folder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    articles = [TokenisedArticle(a, tokenizer) for a in read_corpus("ptc", ptc_folder.parent, "train")]

    def epoch(number: int, share: float = 1.0, balance: float = 0.0) -> list[list[int]]:
        rows = make_epoch(
            articles,
            tokenizer,
            CODES,
            seed=1,
            epoch=number,
            shortest=16,
            longest=64,
            shares={"ptc": share},
            balance=balance,
        )
        return list(rows["input_ids"])

    assert epoch(0) == epoch(0) != epoch(1)
    assert 0 < len(epoch(0, 0.5)) < len(epoch(0)) < len(epoch(0, 1.5)) < len(epoch(0, 2.0))
    articles[3:] = [TokenisedArticle(replace(a.article, spans=()), tokenizer) for a in articles[3:]]
    balanced = epoch(0, balance=0.9)
    assert len(balanced) == len(epoch(0))
    assert sorted(balanced) != sorted(epoch(0))
    assert balanced == epoch(0, balance=0.9)


def test_batches_keep_to_their_budget_and_hold_every_row() -> None:
    lengths = np.random.default_rng(0).integers(5, 200, 300).tolist()
    batches = list(TokenBatches(lengths, 512, seed=0, epoch=0))
    assert sorted(row for batch in batches for row in batch) == list(range(300))
    assert all(max(lengths[row] for row in batch) * len(batch) <= 512 for batch in batches)
    padded = sum(max(lengths[row] for row in batch) * len(batch) for batch in batches)
    assert padded < 1.3 * sum(lengths)


def test_processes_get_the_same_number_of_batches() -> None:
    lengths = np.random.default_rng(0).integers(5, 200, 300).tolist()
    alone = TokenBatches(lengths, 512, seed=0, epoch=0)
    two = TokenBatches(lengths[:-1], 512, seed=0, epoch=0, processes=2)
    three = TokenBatches(lengths, 512, seed=0, epoch=0, processes=len(alone) - 1)
    assert len(two) % 2 == 0
    assert len(three) == len(alone) - 1


def test_tags_of_single_stretches_leave_the_rest_unknown(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    gold = article(voiced=(GoldRole(CONTENT, 4, 8), GoldRole(NONE, 25, 29)))
    (window,) = cut_windows(TokenisedArticle(gold, tokenizer).sentences, tokenizer, budget=128, context=0)
    tags = tag_tokens(window, gold)
    known = {TEXT[s[0] : s[1]]: t for s, t in zip(window.spans, tags, strict=True) if s and t != UNKNOWN}
    assert known == {"gang": CONTENT, "Why": NONE, "?": NONE}
    assert tag_tokens(window, article()) == []
    assert tag_tokens(window, replace(gold, muted=frozenset({0, 1, 2}))) == []
    muted = tag_tokens(window, replace(gold, muted=frozenset({0})))
    assert [tag for tag in muted if tag != UNKNOWN] == [NONE, NONE]
    assert (collate([make_row(window, gold, CODES)], len(CODES))["tag_weights"] == VOICED_WEIGHT).all()


def test_guesses_are_targets_where_there_is_no_gold(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    table = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]], dtype=np.float32)
    gold = article(guesses=table, guessed=("slogans", "doubt"))
    (window,) = cut_windows(TokenisedArticle(gold, tokenizer).sentences, tokenizer, budget=128, context=0)
    batch = collate([make_row(window, gold, CODES)], len(CODES))
    assert batch["labels"][0, :, CODES.index("slogans")].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert batch["labels"][0, :, CODES.index("doubt")].tolist() == [0.0, 1.0, 0.0]  # PTC's own gold stands
    assert batch["label_mask"].all()
    assert not batch["evidence_mask"][..., CODES.index("slogans")].any()
    mixed = collate([make_row(window, gold, CODES)], len(CODES), gold=0.75)
    assert mixed["labels"][0, :, CODES.index("doubt")].tolist() == pytest.approx([0.225, 0.95, 0.175])
    muted = collate([make_row(window, replace(gold, muted=frozenset({1})), CODES)], len(CODES), gold=0.75)
    assert muted["label_mask"].any(-1).tolist() == [[True, False, True]]


def test_files_of_guesses_add_up_but_none_guesses_twice() -> None:
    one = Guesses(("slogans",), ("a",), {("ptc", "1"): np.full((3, 1), 0.25, dtype=np.float32)})
    two = Guesses(("doubt",), ("b",), {("ptc", "2"): np.full((3, 1), 0.5, dtype=np.float32)})
    first, second = add_guesses(add_guesses([article(), replace(article(), id="2")], one), two)
    assert (first.guessed, second.guessed) == (("slogans",), ("doubt",))
    with pytest.raises(FramingError, match="ptc 1: guessed twice"):
        add_guesses([first], one)


def test_a_guess_is_the_mean_of_the_teachers_that_know_the_code(
    tiny_base: Path, tiny_model: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_model, other)
    network = load_network(tiny_model, tiny_base)
    network.label_head.bias.data += 1.0
    network.save_pretrained(other)
    narrow = tmp_path / "narrow"
    shutil.copytree(tiny_model, narrow)
    FramingNetwork(
        FramingConfig(**{**network.config.to_dict(), "codes": list(network.config.codes[:1])})
    ).save_pretrained(narrow)
    alone = [guess([f], ptc_folder.parent, ["ptc"]) for f in (tiny_model, other, narrow)]
    together = guess([tiny_model, other, narrow], ptc_folder.parent, ["ptc"])
    key = next(iter(together.tables))
    first, second, third = (each.tables[key] for each in alone)
    assert together.codes == alone[0].codes
    np.testing.assert_allclose(together.tables[key][:, 1:], (first + second)[:, 1:] / 2, atol=1e-6)
    np.testing.assert_allclose(
        together.tables[key][:, 0], ((first + second)[:, 0] + third[:, 0]) / 3, atol=1e-6
    )


def test_what_a_run_leaves_out_is_what_its_network_guesses(
    tiny_base: Path, tiny_model: Path, ptc_folder: Path
) -> None:
    config = RunConfig("x", data=Data(left_out="1/4"))
    learned = {article.id for article in read_train(config, ptc_folder.parent)[0]}
    found = guess([tiny_model], ptc_folder.parent, ["ptc"], fold=parse_fold("1/4"), encoder=tiny_base)
    guessed = {article for _, article in found.tables}
    every = {article.id for article in read_corpus("ptc", ptc_folder.parent, "train")}
    assert guessed
    assert learned | guessed == every
    assert not learned & guessed
    for bad in ("4/4", "1 of 4", "1/0", ""):
        with pytest.raises(FramingError, match="expected one as in 0/4"):
            parse_fold(bad)


def test_guesses_come_back_and_must_fit_the_article(tmp_path: Path) -> None:
    table = np.full((3, 1), 0.25, dtype=np.float32)
    write_guesses(Guesses(("slogans",), ("a", "b"), {("ptc", "1"): table}), tmp_path / "guesses.npz")
    read = read_guesses(tmp_path / "guesses.npz")
    assert (read.codes, read.teachers) == (("slogans",), ("a", "b"))
    taught, other = add_guesses([article(), article(id="2")], read)
    assert taught.guesses is not None
    assert taught.guesses.tolist() == table.tolist()
    assert other.guesses is None
    with pytest.raises(FramingError, match="ptc 1: 3 sentences, but 2 were guessed; make the guesses again"):
        add_guesses([article()], replace(read, tables={("ptc", "1"): table[:2]}))
    (tmp_path / "other.npz").write_text("no archive")
    for name, message in (("none.npz", "no such file"), ("other.npz", "not what .* writes")):
        with pytest.raises(FramingError, match=message):
            read_guesses(tmp_path / name)


def test_a_teacher_guesses_probabilities_of_every_sentence(
    tiny_model: Path, tiny_base: Path, ptc_folder: Path
) -> None:
    found = guess([tiny_model], ptc_folder.parent, ["ptc"], encoder=tiny_base)
    assert len(found.tables) == 40
    for table in found.tables.values():
        assert table.shape == (10, len(found.codes))
        assert ((table > 0) & (table < 1)).all()


def test_merge_spans() -> None:
    assert merge_spans([(5, 8), (0, 3), (2, 4), (8, 9)]) == [(0, 4), (5, 9)]
    assert merge_spans([]) == []


def test_a_batch_goes_through_the_network(tiny_encoder: Path) -> None:
    from framing.model import FramingConfig
    from framing.weights import encoder_settings, new_network

    tokenizer = load_tokenizer(tiny_encoder)
    gold = article()
    (window,) = cut_windows(TokenisedArticle(gold, tokenizer).sentences, tokenizer, budget=128, context=0)
    network = new_network(
        FramingConfig(encoder=encoder_settings(tiny_encoder), codes=list(CODES), attribution=True),
        tiny_encoder,
    )
    loss = network(**collate([make_row(window, gold, CODES)], len(CODES))).loss
    assert loss is not None
    assert torch.isfinite(loss)
