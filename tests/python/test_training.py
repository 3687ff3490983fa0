# SPDX-License-Identifier: Apache-2.0
"""Call language, generated data, packs and the trainer, on data small enough to train in seconds."""
import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from training_data import CONFIG, LIGHT, ROOT, TIMER, TOKENIZER, packed

from needle_models import call_language as language
from needle_models.call_language import BOS
from needle_models.config import Config
from needle_models.dataset import Pack
from needle_models.evaluate import evaluate_pack, evaluate_weights, pack_batches
from needle_models.format import read_model, to_state_dict, write_model
from needle_models.generate import Generator
from needle_models.muon import Muon
from needle_models.qat import FakeQuantizer
from needle_models.release import export
from needle_models.train import Trainer, TrainOptions
from needle_models.variants import network, with_changes
from needle_models.weights import as_stored, load_checkpoint, load_weights, slim


def written(query: str, calls: list[dict], tools=(LIGHT, TIMER), missing=None) -> str:
    names = language.display_names([t["name"] for t in tools])
    request = language.QueryTokens(query, TOKENIZER)
    writer = language.AnswerWriter(request, TOKENIZER.encode)
    writer.write(calls, {t["name"]: (t, n) for t, n in zip(tools, names)}, missing)
    return " ".join(TOKENIZER.sp.id_to_piece(i) for i in writer.ids)


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
            losses = [float(trainer.update(0.3)[0]) for _ in range(40)]
            self.assertLess(losses[-1], losses[0] / 2)
            trainer.save()
            again = Trainer(self.options(folder), CONFIG)
            self.assertTrue(again.resume())
            self.assertEqual((again.step, again.start), (trainer.step, trainer.start))
            self.assertAlmostEqual(float(again.update(0.3)[0]), float(trainer.update(0.3)[0]), places=3)

    def test_batches_of_a_step_are_averaged(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder, accumulate=2), CONFIG)
            parts = [trainer.gradients(0.3, part)[0] for part in range(2)]
            twice = [p.grad.clone() for p in trainer.model.parameters()]
            start = trainer.start
            trainer.model.zero_grad()
            trainer.start = 0
            one, other = (trainer.batches.batch(step, at)[0] for step, at in ((0, 0), (1, start // 2)))
            sum(loss + 0.1 * contrast for batch in (one, other) for loss, contrast in [trainer.model(batch)]).div(2).backward()
            for p, q in zip(trainer.model.parameters(), twice):
                torch.testing.assert_close(p.grad, q, atol=1e-5, rtol=1e-3)
            trainer.model.zero_grad()
            loss, _, examples = trainer.update(0.3)
            self.assertEqual((trainer.step, trainer.start, examples), (1, start, start))
            torch.testing.assert_close(loss, sum(parts) / 2)

    def test_a_restart_from_a_release_loses_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder), CONFIG)
            for i in range(150):
                loss = float(trainer.update(i / 150)[0])
            released = Path(folder) / "model.safetensors"
            write_model(released, trainer.average, vars(CONFIG), ROOT / "models/tokenizer.model", None, {})
            state, config, *_ = read_model(released)
            restarted = Trainer(self.options(folder), Config.from_dict(config), to_state_dict(state))
            losses = [float(restarted.update(i / 200)[0]) for i in range(200)]
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

    def test_a_budget_of_examples_ends_the_run_and_the_last_phase_draws_from_its_own_packs(self):
        with tempfile.TemporaryDirectory() as folder:
            hard = packed(folder + "/hard", 16)
            trainer = Trainer(self.options(folder, minutes=None, total=96, anneal=(hard,), anneal_share=0.5), CONFIG)
            trainer.run()
            self.assertEqual((trainer.start, trainer.hard_start), (48, 48))
            again = Trainer(self.options(folder, minutes=None, total=96, anneal=(hard,), anneal_share=0.5), CONFIG)
            self.assertTrue(again.resume())
            self.assertEqual((again.start, again.hard_start, again.progress()), (48, 48, 1))

    def test_quantisation_aware_training_leaves_less_to_lose(self):
        def loss_as_stored(aware: bool, seed: int) -> float:
            torch.manual_seed(seed)
            layer, x, y = torch.nn.Linear(64, 8, bias=False), torch.randn(32, 64), torch.randn(32, 8)
            fake, optimizer = FakeQuantizer(layer), torch.optim.Adam(layer.parameters(), lr=3e-3)
            for i in range(400):
                optimizer.param_groups[0]["lr"] = 3e-3 * (1 - i / 400)
                weights = fake.parameters() if aware and i >= 200 else dict(layer.named_parameters())
                (torch.func.functional_call(layer, weights, (x,)) - y).square().mean().backward()
                optimizer.step()
                optimizer.zero_grad()
            kept = {n: w.detach() for n, w in fake.snap(layer.state_dict()).items()}
            stored = as_stored(kept, "q4", "q4")
            if aware:      # the file's fit finds the grid again, but for a few codes
                self.assertLess(float((stored["weight"] - kept["weight"]).norm() / kept["weight"].norm()), 0.02)
            layer.load_state_dict(stored)
            return float((layer(x) - y).square().mean().detach())

        for seed in (0, 1):
            self.assertLess(loss_as_stored(True, seed), 0.95 * loss_as_stored(False, seed))

    def test_only_the_last_phase_is_quantisation_aware(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder, qat_share=0.25), CONFIG)
            trainer.update(0.7)
            self.assertEqual(trainer.fake.grid, {})
            batch, _ = trainer.batches.batch(0, 0)
            as_trained, as_kept = trainer.losses(batch, 0.7)[0], trainer.losses(batch, 0.8)[0]
            trainer.save()
            again = Trainer(self.options(folder, qat_share=0.25), CONFIG)
            again.resume()
        self.assertEqual(again.fake.grid.keys(), trainer.fake.grid.keys())
        torch.testing.assert_close(again.average, trainer.fake.snap(trainer.average))
        self.assertNotEqual(float(as_trained), float(as_kept))
        as_kept.backward()
        self.assertGreater(float(trainer.model.get_parameter("enc.0.q.weight").grad.norm()), 0)

    def test_training_sees_the_weights_that_the_file_will_hold(self):
        torch.manual_seed(0)
        model = network(CONFIG)
        seen, stored = FakeQuantizer(model).parameters(), as_stored(model.state_dict(), "q4", "q7")
        for name, w in stored.items():
            self.assertLess((seen[name] - w).norm(), 0.1 * w.norm() + 1e-6, name)
            self.assertEqual(w.dim() == 2, not torch.equal(seen[name], model.get_parameter(name)), name)

    def test_a_slim_checkpoint_is_released_from_and_gone_on_from(self):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(self.options(folder), CONFIG)
            trainer.save()
            home = Path(folder) / "home"
            home.mkdir()
            slim(trainer.o.run / "checkpoint.pt", home / "checkpoint.pt")
            self.assertLess((home / "checkpoint.pt").stat().st_size, (trainer.o.run / "checkpoint.pt").stat().st_size / 3)
            config, weights = load_weights(home)
            self.assertEqual(config, CONFIG)
            for name, w in trainer.average.items():
                torch.testing.assert_close(weights[name], w, atol=1e-3, rtol=1e-3)
            self.assertEqual(export(load_checkpoint(home / "checkpoint.pt"), TOKENIZER.path, Path(folder) / "m.safetensors", "q4",
                                    "q7", "m", "0")[0]["tensor"], "embed")

    def test_evaluation_counts_what_greedy_decoding_would_write(self):
        torch.manual_seed(0)
        model = network(CONFIG).eval()
        with tempfile.TemporaryDirectory() as folder:
            pack = Pack.load(packed(folder, 1))
        batch, _ = next(pack_batches(pack, 1))
        written = torch.tensor([[BOS]])
        with torch.no_grad():
            for _ in range(5):
                h = model.decode(replace(batch, target_in=written), *model.encode(batch))[:, -1]
                written = torch.cat((written, (h @ model.embed.t()).argmax(1, keepdim=True)), 1)
        answer = written[0, 1:].numpy()
        pack.arrays.update({"answer": answer, "class": np.zeros(5, np.uint8), "answer_at": np.array([0, 5]), "class_at": np.array([0, 5])})
        self.assertEqual(evaluate_pack(model, pack, 1)["exact"], 1)
        pack.arrays["answer"] = np.append(answer[:4], answer[4] + 1)
        after = evaluate_pack(model, pack, 1)
        self.assertEqual((after["exact"], after["token_accuracy"]), (0, 0.8))
        self.assertAlmostEqual(after["nats"], 5 * after["loss"], places=2)

    def test_the_variants_learn_and_have_the_same_parameters(self):
        with tempfile.TemporaryDirectory() as folder:
            names = network(CONFIG).state_dict().keys()
            for change in ("attention=unrotated", "attention=joint", "smear=false", "smear=half"):
                trainer = Trainer(self.options(folder), with_changes(CONFIG, [change]))
                losses = [float(trainer.update(0.3)[0]) for _ in range(8)]
                self.assertLess(losses[-1], losses[0], change)
                self.assertEqual(trainer.model.state_dict().keys(), names)
            smears = [p for n, p in trainer.model.named_parameters() if n.endswith("smear")]
            self.assertTrue(all(p[0] != 0 and p[1] == 0 for p in smears))
            trainer = Trainer(self.options(folder, packs=[packed(folder, form="json")]), with_changes(CONFIG, ["format=json"]))
            self.assertGreater(float(trainer.update(0.3)[0]), 0)
        with self.assertRaises(ValueError):
            with_changes(CONFIG, ["smears=half"])

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

    def test_a_pack_over_its_limit_becomes_several_that_hold_the_same_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            whole = packed(folder, 600, spelled=True)
            limit = whole.stat().st_size * 2 // 3
            packed(folder + "/split", 600, max_bytes=limit, spelled=True)
            files = sorted((Path(folder) / "split").iterdir())
            self.assertGreater(len(files), 1)
            self.assertTrue(all(f.stat().st_size <= limit for f in files))
            def content(*paths):
                pack = Pack.load(*paths)
                tool = lambda t: tuple(pack.arrays["tool"][pack.arrays["tool_at"][t]:pack.arrays["tool_at"][t + 1]].tolist())
                return sorted((pack.get("query", i).tolist(), pack.get("answer", i).tolist(), [tool(t) for t in pack.get("gold", i)],
                               [tool(t) for t in pack.get("other", i)]) for i in range(len(pack)))
            self.assertEqual(content(*files), content(whole))

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
