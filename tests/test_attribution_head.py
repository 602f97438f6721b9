import torch

from framing.attribution_head import AttributionHead


def test_the_memory_is_the_same_in_training_as_in_use() -> None:
    torch.manual_seed(0)
    head = AttributionHead(8, memory=6)
    states, mask = torch.randn(3, 7, 8), torch.ones(3, 7, dtype=torch.long)
    mask[1, 4:] = mask[2, 1:] = 0
    used, trained = head.eval()(states, mask), head.train()(states, mask)
    torch.testing.assert_close(trained[mask > 0], used[mask > 0], atol=1e-6, rtol=1e-5)
