"""What an article is about, as a vector: its title and lead through the base encoder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from framing.encoder import find_encoder
from framing.errors import FramingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

TOKENS = 256  # what all-MiniLM-L6-v2 was tuned to read at most


class Embedder:
    """The base encoder as a reader of whole texts: mean of the token states, scaled to length 1.

    The vectors are those of sentence-transformers for the same folder (Reimers & Gurevych 2019,
    arXiv 1908.10084). Every text is a pass of its own on one thread: a vector can depend neither on the texts
    beside it nor on the number of threads.

    Args:
        encoder: Folder of the base encoder, if not where `framing.encoder.find_encoder` looks.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        threads: Texts at a time on a CPU; torch's own number if not given.

    Raises:
        FramingError: The encoder is nowhere to be found, is broken or is another, or the device is not there.
    """

    def __init__(
        self, encoder: Path | str | None = None, *, device: str = "cpu", threads: int | None = None
    ) -> None:
        import torch
        from transformers import AutoModel

        from framing.torch_engine import choose_device
        from framing.windows import load_tokenizer

        self.device = choose_device(device)
        folder = find_encoder(encoder)
        self._tokenizer = load_tokenizer(folder)
        self._tokenizer.enable_truncation(TOKENS)
        self._threads = 1 if self.device.type != "cpu" else threads or torch.get_num_threads()
        try:
            network = AutoModel.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        except (OSError, ValueError) as error:
            raise FramingError(f"{folder}: cannot be loaded ({error}), expected the base encoder") from error
        self._network: Any = cast(Any, network).to(self.device).eval()

    def embed(self, texts: Iterable[str]) -> Vectors:
        """Turns n texts into (n, width) vectors of length 1; of each text the first 256 tokens are read."""
        import numpy as np

        from framing.torch_engine import map_on_threads

        vectors = list(map_on_threads(self._embed, texts, self._threads))
        width = self._network.config.hidden_size
        return np.stack(vectors) if vectors else np.zeros((0, width), dtype=np.float32)

    def _embed(self, text: str) -> Vectors:
        import torch

        from framing.torch_engine import to_numpy

        ids = torch.tensor([self._tokenizer.encode(text).ids], device=self.device)
        with torch.inference_mode():
            states = self._network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        return to_numpy(torch.nn.functional.normalize(states[0].mean(0), dim=0))
