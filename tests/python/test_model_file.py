# SPDX-License-Identifier: Apache-2.0
"""The model file, quantisation and the integer reference. Run: python -m unittest discover -s tests/python"""
import json
import re
import sys
import tempfile
import unittest
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models"))

from needle_models import format as model_format, quantize, reference, vectors  # noqa: E402

CONFIG = asdict(vectors.TINY)
TOKENIZER = b"\x01\0\0\0\0\0\0\0"


def write(folder, state=None, **options):
    path = Path(folder) / "model.safetensors"
    state = vectors.random_state(vectors.TINY, 5) if state is None else state
    return path, model_format.write_model(path, state, CONFIG, TOKENIZER, **options)


class Quantisation(unittest.TestCase):
    def test_q4_keeps_what_it_can_represent(self):
        torch.manual_seed(1)
        codes = torch.randint(0, 16, (9, 128))
        codes[:, 0] = 0     # so that the row's largest number fixes its scale
        multipliers = torch.full((9, 4), 8)
        w = (codes - 8).float() * multipliers.repeat_interleave(32, 1) * 0.01
        self.assertLess((quantize.quantize_q4(w, 25).dequantize() - w).abs().max(), 0.02)

    def test_codes_stay_in_range(self):
        w = torch.randn(16, 128) * torch.logspace(-12, 12, 16)[:, None]
        w[3] = 0
        q4, q7 = quantize.quantize_q4(w), quantize.quantize_q7(w)
        self.assertTrue(bool((q4.codes <= 15).all() and (q4.multipliers >= 1).all() and (q4.multipliers <= 8).all()))
        self.assertTrue(bool((q7.u >= 1).all() and (q7.u <= 127).all()))
        for scale in (q4.scale, q7.scale):
            self.assertTrue(bool((scale >= 0).all() and torch.isfinite(scale).all()))
        self.assertEqual(q4.dequantize()[3].abs().max(), 0)

    def test_searching_scales_lowers_the_error(self):
        torch.manual_seed(2)
        w = torch.randn(64, 512)
        plain = (quantize.quantize_q4(w, 1).dequantize() - w).square().sum()
        searched = (quantize.quantize_q4(w).dequantize() - w).square().sum()
        self.assertLessEqual(searched, plain)
        self.assertLess((searched / w.square().sum()).sqrt(), 0.1)

    def test_constants_are_those_of_the_engine(self):
        header = (ROOT / "wasm/kernels/quant_layout.h").read_text()
        constants = dict(re.findall(r"constexpr int (k\w+) = (\d+);", header))
        self.assertEqual(int(constants["kQuantGroup"]), quantize.GROUP)
        self.assertEqual(int(constants["kQuantZero"]), quantize.ZERO)
        reader = (ROOT / "wasm/format/model_reader.h").read_text()
        self.assertIn(f'kModelFormat = "{model_format.FORMAT}"', reader)


class File(unittest.TestCase):
    def test_f32_comes_back_as_it_was(self):
        state = vectors.random_state(vectors.TINY, 5)
        with tempfile.TemporaryDirectory() as folder:
            path, report = write(folder, state, precision="f32")
            restored = model_format.to_state_dict(model_format.read_model(path)[0])
        self.assertEqual(report, [])
        self.assertEqual(restored.keys(), state.keys())
        for name, tensor in state.items():
            self.assertTrue(torch.equal(tensor, restored[name]), name)

    def test_the_report_is_the_error(self):
        state = vectors.random_state(vectors.TINY, 5)
        for embed in ("q4", "q7"):
            with tempfile.TemporaryDirectory() as folder:
                path, report = write(folder, state, embed=embed)
                restored = model_format.to_state_dict(model_format.read_model(path)[0])
            errors = {line["tensor"]: line["max"] for line in report}
            for name in ("embed", "enc.1.o.weight", "dec.0.cross.k.weight"):
                error = (state[name] - restored[name]).abs().max().item()
                self.assertAlmostEqual(error, errors[model_format.tensor_name(name)], places=6)

    def test_equal_input_gives_equal_bytes(self):
        with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
            self.assertEqual(write(a)[0].read_bytes(), write(b)[0].read_bytes())

    def test_what_does_not_fit_is_refused(self):
        for name, change in {"enc.0.q.weight": lambda w: w[:-1], "enc.0.gate": lambda w: w * float("nan")}.items():
            state = vectors.random_state(vectors.TINY, 5)
            state[name] = change(state[name])
            with tempfile.TemporaryDirectory() as folder, self.assertRaises(ValueError):
                write(folder, state)
        state = vectors.random_state(vectors.TINY, 5) | {"enc.0.ffn": torch.zeros(1)}
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(ValueError):
            write(folder, state)

    def test_it_is_safetensors(self):
        try:
            from safetensors import safe_open
        except ImportError:
            self.skipTest("safetensors is not installed")
        with tempfile.TemporaryDirectory() as folder:
            path, _ = write(folder)
            with safe_open(path, "np") as stream:
                self.assertEqual(json.loads(stream.metadata()["config"]), CONFIG)
                self.assertEqual(stream.get_tensor("enc.0.q.q4").shape, (128, 32))


class Reference(unittest.TestCase):
    def test_sums_go_from_first_to_last(self):
        rng = np.random.default_rng(1)
        for shape in ((1000, 1), (1000, 4), (257, 33), (64, 2, 5)):
            terms = (rng.standard_normal(shape) * 10 ** rng.uniform(-3, 3, shape)).astype(np.float32)
            total = np.zeros(shape[1:], np.float32)
            for term in terms:
                total = total + term
            np.testing.assert_array_equal(reference.ordered_sum(terms), total)

    def test_tokens_may_come_one_by_one_or_together(self):
        engine = reference.Engine(ROOT / "tests/golden/model_tiny.safetensors")
        tools = [engine.encode_tool([4, 70, 80]), engine.encode_tool([4, 90])]
        query = engine.encode_query([5, 100, 110], tools)
        tokens = [2, 6, 70, 80, 7]
        together = engine.decode(tools, query, engine.start(), tokens)
        state = engine.start()
        single = np.concatenate([engine.decode(tools, query, state, [t]) for t in tokens])
        np.testing.assert_array_equal(together, single)

    def test_golden_vectors_are_up_to_date(self):
        golden, _ = model_format.read_tensors(ROOT / "tests/golden/model_tiny_vectors.safetensors")
        tokens = {k: v.astype(int).tolist() for k, v in golden.items() if "." not in k or k.startswith("tool.")}
        tools = [tokens[f"tool.{i}"] for i in range(3)]
        path = ROOT / "tests/golden/model_tiny.safetensors"
        for name, value in vectors.reference_results(path, tools, tokens["query"], tokens["target"]).items():
            np.testing.assert_array_equal(value, golden[f"int.{name}"], name)
        state = model_format.read_model(path)[0]
        results = vectors.pytorch_results(vectors.TINY, state, tools, tokens["query"], tokens["target"])
        for name, value in results.items():
            np.testing.assert_allclose(value, golden[f"f32.{name}"], atol=1e-4, err_msg=name)


if __name__ == "__main__":
    unittest.main()
