# SPDX-License-Identifier: Apache-2.0
"""Language pretraining: rows made of text, embeddings from co-occurrence, and that training goes on from both."""
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from training_data import CONFIG, SENTENCES, TOKENIZER, data_folder

from needle_models import checks
from needle_models.cli import main
from needle_models.dataset import Pack
from needle_models.embeddings import cooccurrence, factor, ppmi, start_embedding
from needle_models.language_rows import LanguageRows, gloss_of
from needle_models.variants import network
from needle_models.weights import load_weights


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.rows = LanguageRows(data_folder(folder), seed=2)
            cls.copies = [r for r in (cls.rows.copy() for _ in range(300)) if r]

    def test_copied_values_stand_in_the_sentence_beside_their_keys(self):
        self.assertGreater(len(self.copies), 100)
        for row in self.copies:
            self.assertEqual(checks.problems(row), [])
        self.assertTrue(any(len(r["answers"]) == 2 for r in self.copies) and any(not r["answers"] for r in self.copies))

    def test_completion_goes_on_where_the_request_ends(self):
        made = [r for r in (self.rows.complete() for _ in range(50)) if r]
        self.assertTrue(made)
        for row in made:
            whole = f"{row['query']} {row['answers'][0]['arguments']['rest']}"
            self.assertTrue(any(s.startswith(whole) for s in SENTENCES), whole)

    def test_glosses_lead_to_their_word_and_descriptions_to_their_tool(self):
        for _ in range(30):
            row = self.rows.gloss()
            self.assertIn(row["answers"][0]["name"], row["query"])
        made = [r for r in (self.rows.describe() for _ in range(50)) if r]
        for row in made:
            self.assertEqual(row["query"].lower()[:3], row["answers"][0]["name"][:3])
            self.assertEqual([p for p in checks.problems(row) if "in the schema" in p], [])

    def test_a_gloss_without_definition_is_none(self):
        self.assertEqual(gloss_of('calm: free from disturbance. Also: still. Example: "a calm sea at night"'),
                         ("calm", "free from disturbance", "a calm sea at night"))
        self.assertIsNone(gloss_of("no colon here"))


class Words:
    """A tokenizer of whole words: 8192 pieces would make a matrix too large for a test."""

    def __init__(self, texts: list[str]):
        self.sp, self.ids = self, {w: i for i, w in enumerate(sorted({w for t in texts for w in t.split()}))}

    def encode(self, texts: list[str]) -> list[list[int]]:
        return [[self.ids[w] for w in t.split()] for t in texts]


class Embeddings(unittest.TestCase):
    def test_pieces_of_like_surroundings_lie_together(self):
        texts = [f"the {animal} eats {food} at noon" for animal in ("cat", "dog") for food in ("meat", "fish")] * 20
        texts += [f"we drive a {car} to town" for car in ("bus", "truck")] * 20
        words = Words(texts)
        counts, seen = cooccurrence(iter(texts), words, len(words.ids), chunk=16)
        self.assertEqual(int(seen[words.ids["cat"]]), 40)
        vector = torch.nn.functional.normalize(factor(ppmi(counts), 8), dim=1)
        cat, dog, bus = (vector[words.ids[w]] for w in ("cat", "dog", "bus"))
        self.assertGreater(float(cat @ dog), float(cat @ bus) + 0.3)

    def test_known_pieces_start_from_their_vectors_and_others_at_random(self):
        torch.manual_seed(0)
        vectors = np.random.default_rng(0).normal(size=(CONFIG.vocab, 96)).astype(np.float16)
        seen = np.where(np.arange(CONFIG.vocab) % 2, 100, 0)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "e.npz"
            np.savez(path, vectors=vectors, seen=seen)
            model = network(CONFIG)
            before = model.embed.detach().clone()
            start_embedding(model, path)
        after = model.embed.detach()
        self.assertTrue(torch.equal(after[0::2], before[0::2]))
        wanted = torch.nn.functional.normalize(torch.from_numpy(vectors[1::2, :64].astype(np.float32)), dim=1)
        torch.testing.assert_close(after[1::2] @ after[1::2][:50].t(), wanted @ wanted[:50].t(), atol=1e-4, rtol=1e-3)


class GoingOn(unittest.TestCase):
    def test_training_goes_on_from_pretrained_weights(self):
        with tempfile.TemporaryDirectory() as folder:
            data, run, pack = data_folder(folder), Path(folder) / "pretrained", Path(folder) / "text.npz"
            small = ["--examples", "8", "--max-tokens", "512"]
            main(["data", "--data", str(data), "--tokenizer", str(TOKENIZER.path), "--part", "text", "--count", "64", "--out", str(pack)])
            self.assertGreater(len(Pack.load(pack)), 50)
            main(["pretrain", "--run", str(run), "--pack", str(pack), "--geometry", "tiny", "--total", "64", *small])
            main(["train", "--run", folder + "/run", "--from", str(run), "--pack", str(pack), "--total", "8", "--lr", "0",
                  "--muon-lr", "0", *small])
            (config, before), (again, after) = load_weights(run), load_weights(Path(folder) / "run" / "checkpoint.pt")
        self.assertEqual(config, again)
        for name, w in before.items():
            torch.testing.assert_close(after[name], w)


if __name__ == "__main__":
    unittest.main()
