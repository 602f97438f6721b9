from pathlib import Path

import pytest
import torch

from framing.adapters import add_adapter, save_adapter
from framing.weights import load_network, new_network
from tests.test_model import config_for, small_batch


@pytest.mark.parametrize("attribution", [False, True])
def test_an_adapter_comes_back_as_it_was_saved(tiny_base: Path, tmp_path: Path, attribution: bool) -> None:
    torch.manual_seed(0)
    wrapped = add_adapter(
        new_network(config_for(tiny_base, attribution=attribution), tiny_base), rank=4, alpha=8
    )
    with torch.no_grad():
        for parameter in wrapped.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    save_adapter(wrapped, tmp_path)
    expected = wrapped.eval()(**small_batch())
    found = load_network(tmp_path, tiny_base)(**small_batch())
    torch.testing.assert_close(
        found.label_logits, expected.label_logits, atol=5e-3, rtol=1e-2
    )  # float16 on disk
    torch.testing.assert_close(found.evidence_logits, expected.evidence_logits, atol=5e-3, rtol=1e-2)
    assert (found.tag_logits is not None) == attribution
    assert str(tiny_base) not in (tmp_path / "adapter_config.json").read_text("utf8")
