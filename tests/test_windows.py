from pathlib import Path

import pytest

from framing.errors import FramingError
from framing.records import Article, Sentence
from framing.sentences import split_sentences
from framing.windows import cut_windows, load_tokenizer, plan_windows, tokenise


def test_every_sentence_is_the_target_of_one_window() -> None:
    lengths = [10, 20, 30, 5, 50, 8, 8, 40, 3]
    plan = list(plan_windows(lengths, budget=60, context=15))
    assert [i for _, target, stop in plan for i in range(target, stop)] == list(range(len(lengths)))
    for first, target, stop in plan:
        assert sum(lengths[first:stop]) <= 60
        assert sum(lengths[first:target]) <= 15


def test_plan_worked_by_hand() -> None:
    # 9 tokens of room: the third window would start with sentence 3, and takes sentence 2 along as context
    assert list(plan_windows([4, 4, 3, 5, 9], budget=9, context=3)) == [(0, 0, 2), (2, 2, 4), (4, 4, 5)]
    assert list(plan_windows([4, 4, 3, 6], budget=9, context=3)) == [(0, 0, 2), (2, 2, 4)]
    assert list(plan_windows([7, 2, 6], budget=9, context=2)) == [(0, 0, 2), (1, 2, 3)]


def test_a_sentence_longer_than_the_budget_stands_alone_and_is_cut(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    text = "the gang " * 50
    long = Sentence(0, 0, len(text), text)
    short = Sentence(1, len(text) + 1, len(text) + 4, "why")
    first, second = cut_windows(tokenise([long, short], tokenizer), tokenizer, budget=32, context=8)
    assert len(first.input_ids) == 32
    assert first.input_ids[-1] == tokenizer.token_to_id("[SEP]")
    assert second.targets == range(1)


def test_tokens_know_their_place_in_the_article(tiny_encoder: Path) -> None:
    tokenizer = load_tokenizer(tiny_encoder)
    article = Article("a", "o", "Why? “The gang” – naïve – will attack 🙂 the border.")
    for sentence in tokenise(split_sentences(article), tokenizer):
        for token, (start, end) in zip(sentence.ids, sentence.spans, strict=True):
            piece = tokenizer.id_to_token(token)
            assert piece == "[UNK]" or len(piece.removeprefix("##")) == end - start


def test_a_folder_without_tokenizer_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"no file tokenizer\.json there"):
        load_tokenizer(tmp_path)
