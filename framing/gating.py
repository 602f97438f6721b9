"""The gate of fast precisions: none labels anything before it was compared with fp32."""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from framing.agreement import Agreement, compare_labels
from framing.articles import read_articles
from framing.encoder import hash_file
from framing.errors import FramingError
from framing.graph_cache import cached
from framing.labels import Tally
from framing.samples import sample_articles_path

if TYPE_CHECKING:
    from framing.labelling import Model

AGREEMENT = "agreement.json"
MOST_LABELS = 0.1  # that may flip, for each that fp32 gives
MOST_DECISIONS = 0.005  # share of all decisions that may differ


def check_precision(model: "Model", reference: "Callable[[], Model]", key: str) -> Agreement:
    """Say on stderr how far a model in a fast precision agrees with itself in fp32.

    The sample articles are compared that `framing.quantised` did not read; once, then the cache has it.

    Args:
        model: In the fast precision.
        reference: Loads it in fp32.
        key: Names its weights and what computes with them.

    Raises:
        FramingError: If they differ too much.
    """
    made = model.provenance(Tally())
    samples = sample_articles_path()
    whole = [key, made.engine, made.device, made.precision, dict(made.files), hash_file(samples)]
    name = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]

    def write(part: Path) -> None:
        articles = list(read_articles([samples]))[1::2]
        found = compare_labels(reference().label(articles), model.label(articles))
        (part / AGREEMENT).write_text(json.dumps(asdict(found)) + "\n", "utf8")

    folder = cached(f"{name}-agreement", write, f"comparing {made.precision} with fp32")
    found = Agreement(**json.loads((folder / AGREEMENT).read_text("utf8")))
    said = (
        f"{made.precision} beside fp32, on {found.sentences} sample sentences: {found.flipped} of "
        f"{found.given} labels flip, a score moves by at most {found.largest}"
    )
    if found.labels_differ > MOST_LABELS or found.decisions_differ > MOST_DECISIONS:
        raise FramingError(
            f"{said}; at most {MOST_LABELS:.0%} of labels and {MOST_DECISIONS:.1%} of decisions may; "
            "take --precision fp32"
        )
    print(said, file=sys.stderr)
    return found
