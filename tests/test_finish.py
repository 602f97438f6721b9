"""A run with attributions, from settings to a whole model with its figures."""

from pathlib import Path

import numpy as np
import pytest

from framing.errors import FramingError
from training.config import Data, Network, RunConfig, Training
from training.development import add_development
from training.evaluation import evaluate_model
from training.finish import finish
from training.fit import fit

SPOKEN = RunConfig(
    "spoken",
    data=Data(("ptc", "polnear"), attribution_dev="polnear", families=("techniques", "devices")),
    network=Network(adapter=False, attribution=True),
    training=Training(
        epochs=6,
        batch_tokens=192,
        shortest_window=16,
        learning_rate=3e-3,
        monitor=("techniques_micro_f1", "devices_micro_f1", "content_f1"),
    ),
)


@pytest.mark.usefixtures("read_for_devices")
def test_a_run_with_attributions_says_how_well_it_tells_who_speaks(
    tiny_base: Path, ptc_folder: Path, polnear_folder: Path, tmp_path: Path
) -> None:
    run = fit(SPOKEN, ptc_folder.parent, tmp_path, encoder=tiny_base)
    assert run["train_articles"] == 60
    assert run["history"][-1]["content_f1"] > 0.9
    dev = finish(SPOKEN, ptc_folder.parent, tmp_path, encoder=tiny_base)["dev"]
    assert dev["attributions"]["all"]["source"]["f1"] > 0.9
    assert dev["families"]["devices"]["per_label"]
    found = dev["voices"]["found"]
    assert found > 0
    assert {one["annotated"] for one in dev["voices"]["confusions"]} == {
        "outlet"
    }  # as `read_for_devices` says

    again = add_development(SPOKEN, ptc_folder.parent, tmp_path / "model", encoder=tiny_base)
    assert again.voices.shape == (6, 2, 2)
    assert again.voices[:, 0].sum() == found
    assert again.voices[:, 1].sum() == 0
    right = dev["voices"]["right"]["value"]
    assert again.voices[:, 0, 0].sum() == pytest.approx(found * right)

    scored = evaluate_model(tmp_path / "model", "polnear", polnear_folder, "dev", encoder=tiny_base)
    assert scored["part"] == "dev"
    np.testing.assert_allclose(
        scored["attributions"]["all"]["content"]["f1"], dev["attributions"]["all"]["content"]["f1"]
    )
    with pytest.raises(FramingError, match="PolNeAR's part 'test' is not here, expected train or dev"):
        evaluate_model(tmp_path / "model", "polnear", polnear_folder, "test", encoder=tiny_base)
