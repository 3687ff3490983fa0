# SPDX-License-Identifier: Apache-2.0
"""Call language, generated data, packs and the trainer, on data small enough to train in seconds."""
import json
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models"))

from needle_models import call_language as language  # noqa: E402
from needle_models.config import Config  # noqa: E402
from needle_models.dataset import Pack, Packer  # noqa: E402
from needle_models.format import read_model, to_state_dict, write_model  # noqa: E402
from needle_models.generate import Generator  # noqa: E402
from needle_models.muon import Muon  # noqa: E402
from needle_models.tokenizer import Tokenizer  # noqa: E402
from needle_models.train import Trainer, TrainOptions  # noqa: E402

TOKENIZER = Tokenizer(ROOT / "models" / "tokenizer.model")
CONFIG = Config(d_model=64, heads=2, kv_heads=2, head_dim=32, enc_layers=2, dec_layers=2)
LIGHT = {"name": "set_light", "description": "Set a lamp", "parameters": {"type": "object", "properties": {
    "room": {"type": "string"}, "level": {"type": "integer", "minimum": 0, "maximum": 100}}, "required": ["room"]}}
TIMER = {"name": "startTimer", "description": "Start a timer", "parameters": {"type": "object", "properties": {
    "duration": {"type": "string"}}, "required": ["duration"]}}


def written(query: str, calls: list[dict], tools=(LIGHT, TIMER), missing=None) -> str:
    names = language.display_names([t["name"] for t in tools])
    request = language.QueryTokens(query, TOKENIZER)
    writer = language.AnswerWriter(request, TOKENIZER.encode)
    writer.write(calls, {t["name"]: (t, n) for t, n in zip(tools, names)}, missing)
    return " ".join(TOKENIZER.sp.id_to_piece(i) for i in writer.ids)


def rows(count: int) -> list[dict]:
    rooms, out = ["kitchen", "hall", "attic", "garage", "bedroom"], []
    for i in range(count):
        room, level = rooms[i % 5], i * 7 % 101
        out.append({"query": f"set the {room} to {level}", "tools": [LIGHT, TIMER],
                    "answers": [{"name": "set_light", "arguments": {"room": room, "level": level}}]})
    return out


def packed(folder: str, count: int = 64) -> Path:
    packer = Packer(TOKENIZER, 0)
    packer.sources.append("test")
    for row in rows(count):
        packer.add(row, 0, augment=False)
    path = Path(folder) / "pack.npz"
    packer.save(path)
    return path


class CallLanguage(unittest.TestCase):
    def test_values_are_copied_with_the_tokens_of_the_request(self):
        text = written("dim the kitchen lights to 30%", [{"name": "set_light", "arguments": {"room": "kitchen", "level": 30}}])
        self.assertEqual(text, "<call> ▁set ▁light <arg> ▁room <val> ▁kitchen <arg> ▁level <val> ▁ 3 0 </s>")

    def test_a_missing_value_is_written_as_none(self):
        text = written("dim it", [{"name": "set_light", "arguments": {}}], missing=[{"room"}])
        self.assertEqual(text, "<call> ▁set ▁light <arg> ▁room <val> <none> </s>")

    def test_no_calls_are_none(self):
        self.assertEqual(written("hello", []), "<none> </s>")

    def test_an_argument_that_the_schema_lacks_is_an_error(self):
        with self.assertRaises(ValueError):
            written("x", [{"name": "set_light", "arguments": {"colour": "red"}}])

    def test_golden_blocks_are_what_this_code_gives(self):
        checked = 0
        for line in (ROOT / "tests" / "golden" / "call_language.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for tool, block in zip(row.get("tools", ()), row.get("blocks", ())):
                self.assertEqual(language.tool_tokens(tool, block["shown"], TOKENIZER.encode), block["tokens"], line)
            if "query" not in row:
                continue
            prefix = []
            for part in language.query_prefix_parts(dict(row.get("facts", [])), row.get("context", ())):
                prefix += [part] if isinstance(part, int) else TOKENIZER.encode(part)
            self.assertEqual(prefix + [language.QUERY] + TOKENIZER.encode(row["query"]), row["tokens"], line)
            checked += 1
        self.assertGreater(checked, 5)


class Generated(unittest.TestCase):
    def test_every_value_stands_in_the_request_or_is_inferred_by_rule(self):
        with tempfile.TemporaryDirectory() as folder:
            schemas = Path(folder) / "schemas"
            schemas.mkdir()
            tools = [{"name": f"tool{i}", "description": "Get the status of an order", "source": "shop", "parameters": {
                "type": "object", "properties": {"order_id": {"type": "string"}, "limit": {"type": "integer"}},
                "required": ["order_id"]}} for i in range(4)]
            (schemas / "a.jsonl").write_text("\n".join(map(json.dumps, tools)))
            made = list(Generator(folder, 3).rows(200))
            again = list(Generator(folder, 3).rows(200))
        self.assertEqual(made, again)
        self.assertTrue(any(r["missing"] for r in made) and any(not r["answers"] for r in made))
        for row in made:
            for call in row["answers"]:
                self.assertNotIn("order_id" if row["missing"] else None, call["arguments"])
                if "order_id" in call["arguments"]:
                    self.assertIn(call["arguments"]["order_id"], row["query"])


class Training(unittest.TestCase):
    def options(self, folder: str, **changes) -> TrainOptions:
        return replace(TrainOptions(Path(folder) / "run", [packed(folder)], None, 1.0, examples=8, max_tokens=1024,
                                    lr=1e-2, threads=2), **changes)

    def test_the_loss_falls_and_a_resumed_run_goes_on_where_it_stopped(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder), CONFIG)
            losses = [trainer.update(0.3)[0] for _ in range(40)]
            self.assertLess(losses[-1], losses[0] / 2)
            trainer.save()
            again = Trainer(self.options(folder), CONFIG)
            self.assertTrue(again.resume())
            self.assertEqual((again.step, again.start), (trainer.step, trainer.start))
            self.assertAlmostEqual(again.update(0.3)[0], trainer.update(0.3)[0], places=3)

    def test_a_restart_from_a_release_loses_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder), CONFIG)
            for i in range(150):
                loss = trainer.update(i / 150)[0]
            released = Path(folder) / "model.safetensors"
            write_model(released, trainer.average, vars(CONFIG), ROOT / "models/tokenizer.model", None, {})
            state, config, *_ = read_model(released)
            restarted = Trainer(self.options(folder), Config.from_dict(config), to_state_dict(state))
            losses = [restarted.update(i / 200)[0] for i in range(200)]
        self.assertLess(losses[0], loss + 0.5)       # it starts from what was released, not from noise (about 9)
        self.assertLess(sum(losses[-10:]) / 10, loss + 0.05)

    def test_muon_is_torchs_muon(self):
        torch.manual_seed(0)
        shapes = [(64, 64), (96, 32), (32, 96), (64, 64)]
        ours = [torch.nn.Parameter(torch.randn(s)) for s in shapes]
        theirs = [torch.nn.Parameter(p.detach().clone()) for p in ours]
        both = [Muon(ours, lr=0.02, weight_decay=0.01), torch.optim.Muon(theirs, lr=0.02, weight_decay=0.01)]
        for _ in range(3):
            for p, q in zip(ours, theirs):
                p.grad = torch.randn_like(p)
                q.grad = p.grad.clone()
            for optimizer in both:
                optimizer.step()
        for p, q in zip(ours, theirs):
            self.assertLess((p - q).norm().item(), 0.02 * 0.06 * p.shape[0] ** 0.5)      # torch's works in bf16

    def test_another_geometry_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder), CONFIG)
            trainer.save()
            with self.assertRaises(ValueError):
                Trainer(self.options(folder), replace(CONFIG, enc_layers=1)).resume()

    def test_joined_packs_keep_their_tools_apart(self):
        with tempfile.TemporaryDirectory() as folder:
            path = packed(folder, 8)
            one, two = Pack.load(path), Pack.load(path, path)
            self.assertEqual(len(two), 16)
            for i in range(8):
                self.assertEqual(one.get("query", i).tolist(), two.get("query", 8 + i).tolist())
                self.assertEqual((one.get("gold", i) + len(one.arrays["tool_at"]) - 1).tolist(), two.get("gold", 8 + i).tolist())

    def test_a_tool_is_encoded_alike_whatever_stands_beside_it(self):
        torch.manual_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder), CONFIG)
            one, _ = trainer.batches.batch(0, 0)
            model = trainer.model.eval()
            with torch.no_grad():
                x, _ = model.encode(one)
                first = [int(one.tool_block[0])]
                alone = x[torch.isin(one.block, torch.tensor(first))]
            trainer.batches.lend = 0
            two, _ = trainer.batches.batch(0, 0)
            with torch.no_grad():
                y, _ = model.encode(two)
            other = y[two.block == int(two.tool_block[0])]
            torch.testing.assert_close(alone, other)


if __name__ == "__main__":
    unittest.main()
