import numpy as np
import pytest

from framing.bootstrap import expanded_percentiles


def test_the_long_end_of_a_skewed_share_lies_further_out_and_the_other_stays() -> None:
    random = np.random.default_rng(6)
    shares = random.gamma(2, 0.01, (4000, 1))
    plain = expanded_percentiles(shares, 20)[0]
    skewed = expanded_percentiles(shares, 20, np.array([0.1]))[0]
    mirrored = expanded_percentiles(shares, 20, np.array([-0.1]))[0]
    assert skewed[0] == pytest.approx(plain[0])
    assert skewed[1] > plain[1]
    assert mirrored[1] == pytest.approx(plain[1])
    assert mirrored[0] < plain[0]
    np.testing.assert_allclose(expanded_percentiles(shares, 20, np.zeros(1))[0], plain)
