"""What `framing bench` measures itself against: transformers' own pipeline over the same encoder.

`python -m framing.baseline ENCODER ARTICLES OUTPUT CODES BATCH THREADS` is that as a process of its own.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.articles import read_articles
from framing.encoder import TOKENIZER
from framing.sentences import require_sentences


class Baseline:
    """`pipeline("text-classification")` over the base encoder.

    Its head is a random one: what it costs does not depend on its weights.

    Args:
        encoder: Folder of the base encoder, as `framing.encoder.find_encoder` gives it.
        codes: How many logits it gives: 1 or more.
        device: As torch names it.
        threads: CPU threads: 1 or more.
    """

    def __init__(self, encoder: Path, codes: int, device: str, threads: int) -> None:
        from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast, pipeline

        from framing.torch_engine import quieten

        quieten()
        self._threads = threads
        network: Any = AutoModelForSequenceClassification.from_pretrained(
            encoder, num_labels=codes, use_safetensors=True
        )
        tokenizer: Any = PreTrainedTokenizerFast(
            tokenizer_file=str(encoder / TOKENIZER),
            **{f"{name}_token": f"[{name.upper()}]" for name in ("cls", "sep", "pad", "unk", "mask")},
            model_max_length=network.config.max_position_embeddings,
        )
        make: Any = pipeline  # its stubs know each task by a type of its own
        self._pipeline = make(
            "text-classification",
            model=network.eval(),
            tokenizer=tokenizer,
            device=device,
            top_k=None,
            function_to_apply="sigmoid",
        )

    def score(self, sentences: Sequence[str], batch_size: int) -> list[dict[str, float]]:
        """Score sentences: one mapping a sentence, label → score in [0, 1].

        Args:
            sentences: In the order in which they stand in their articles.
            batch_size: How many go together, padded to the longest: 1 or more.
        """
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            answers = self._pipeline(list(sentences), batch_size=batch_size, truncation=True)
        finally:
            torch.set_num_threads(before)
        return [{one["label"]: one["score"] for one in answer} for answer in answers]


def score_file(
    encoder: Path, articles: Path, output: Path, *, codes: int, batch_size: int, threads: int
) -> None:
    """Score every sentence of articles into a JSONL file."""
    sentences = [s for article in read_articles([articles]) for s in require_sentences(article)]
    found = Baseline(encoder, codes, "cpu", threads).score([s.text for s in sentences], batch_size)
    rows = (
        {"start": s.start, "end": s.end, "scores": scores} for s, scores in zip(sentences, found, strict=True)
    )
    output.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")


if __name__ == "__main__":
    encoder, articles, output = map(Path, sys.argv[1:4])
    codes, batch_size, threads = map(int, sys.argv[4:])
    score_file(encoder, articles, output, codes=codes, batch_size=batch_size, threads=threads)
