# SPDX-License-Identifier: Apache-2.0
"""The way of a GPU, on the CPU: batches of fixed shapes, the fused attention, compiled layers, the count of FLOPs."""
import random
import tempfile
import unittest

import torch
from torch._dynamo.testing import CompileCounterWithBackend

from training_data import CONFIG, packed

from needle_models import throughput
from needle_models.architecture import Attention, San1
from needle_models.config import Config
from needle_models.dataset import BatchMaker, Pack
from needle_models.fixed_shapes import FixedBatchMaker, batches_from


class FixedShapes(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            self.pack = Pack.load(packed(folder, 64))
        self.maker = FixedBatchMaker(self.pack, 6)

    def both_ways(self):
        """The same examples and tools, laid out tightly and in slots."""
        chosen = [(i, self.maker.own_tools(i, random.Random(i))[0], False) for i in range(5)]      # one row stays empty
        tools = sorted({t for _, own, _ in chosen for t in own})
        tight = BatchMaker(self.pack, 6, 4096).assemble(chosen, tools, random.Random(1))
        return tight, self.maker.assemble(chosen, tools, random.Random(1))

    def test_losses_and_gradients_are_those_of_the_tight_layout(self):
        model = San1(CONFIG)
        gradients = []
        for batch in self.both_ways():
            loss, contrast = model(batch)
            model.zero_grad()
            (loss + contrast).backward()
            gradients.append([loss.detach(), contrast.detach(), *(p.grad.clone() for p in model.parameters())])
        for a, b in zip(*gradients):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)

    def test_every_batch_has_the_same_shapes(self):
        shapes = set()
        for step in range(6):
            batch, start = self.maker.batch(step, step * 6)
            self.assertEqual(start, step * 6 + 6)
            self.assertGreaterEqual(batch.examples, 5)
            shapes.add((batch.flat.shape, batch.context.shape, batch.query.shape, batch.target.shape, batch.positive.shape,
                        tuple(g[1].shape for g in batch.groups)))
        self.assertEqual(len(shapes), 1)

    def test_workers_make_the_same_batches_in_the_same_order(self):
        for workers in (0, 2):
            ahead = batches_from(self.maker, 3, workers)
            for step in (3, 4):
                self.assertTrue(torch.equal(next(ahead).flat, self.maker.batch(step, step * 6)[0].flat))

    def test_the_fused_attention_gives_what_the_plain_one_gives(self):
        config = Config(d_model=64, heads=4, kv_heads=2, head_dim=16)
        layer = Attention(config)
        q, k, v = torch.randn(3, 5, 4, 16), torch.randn(3, 7, 2, 16), torch.randn(3, 7, 2, 16)
        mask = torch.rand(3, 1, 1, 7) > 0.3
        mask[..., 0] = True
        torch.testing.assert_close(layer.attend_fused(q, k, v, mask), layer.attend(q, k, v, mask))

    def test_one_compiled_layer_serves_all(self):
        torch._dynamo.reset()
        counter = CompileCounterWithBackend("aot_eager")
        plain, compiled = San1(CONFIG), San1(CONFIG)
        compiled.load_state_dict(plain.state_dict())
        compiled.encoder_layer = torch.compile(compiled.encoder_layer, dynamic=False, backend=counter, fullgraph=True)
        compiled.decoder_layer = torch.compile(compiled.decoder_layer, dynamic=False, backend=counter, fullgraph=True)
        for step in range(2):
            batch, _ = self.maker.batch(step, step * 6)
            torch.testing.assert_close(compiled(batch)[0], plain(batch)[0])
        self.assertEqual(counter.frame_count, 2)

    def test_flops_are_six_for_each_weight_and_token_and_the_attention_over_them(self):
        batch, _ = BatchMaker(self.pack, 6, 4096).batch(0, 0)
        layer = 4 * 64 * 64
        blocks, own = torch.bincount(batch.block).double(), batch.query_mask.sum(1)
        answers, seen = (batch.target != 0).sum(1), batch.query_mask.sum(1) + batch.context_mask.sum(1)
        encoded = int(blocks.sum() + own.sum())
        weights = 2 * encoded * layer + 2 * (int(answers.sum()) * (layer + 2 * 64 * 64) + encoded * 2 * 64 * 64) + int(answers.sum()) * 64 * 8192
        pairs = 2 * (int((blocks ** 2).sum()) + int((own * seen).sum())) + 2 * (float((answers ** 2).sum()) / 2 + int((answers * seen).sum()))
        self.assertAlmostEqual(throughput.flops_of(CONFIG, batch) / (6 * (weights + 2 * 64 * pairs)), 1, places=6)
        self.assertEqual(throughput.tokens_of(batch), len(batch.flat) + int(own.sum()) + int(answers.sum()))


if __name__ == "__main__":
    unittest.main()
