# SPDX-License-Identifier: Apache-2.0
"""The whole recipe, from rows to a model file that an engine is given, on three families and a few seconds of training."""
import stat
import sys
import tempfile
import unittest
from pathlib import Path

from training_data import ROOT, TOKENIZER

from needle_models.cli import main
from needle_models.format import read_model

# Stands in for the native engine, which these tests must not need: says which file it was given.
ENGINE = f"""#!{sys.executable}
import json, sys
for line in sys.stdin:
    print(json.dumps({{"result": {{"model": sys.argv[1], "query": json.loads(line)["query"]}}}}))
"""


class Rehearsal(unittest.TestCase):
    def test_every_step_runs_and_the_engine_is_given_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            out, families, engine = Path(folder) / "out", Path(folder) / "families", Path(folder) / "engine"
            families.mkdir()
            for path in sorted((ROOT / "models/families").glob("work_*.json"))[:3]:
                (families / path.name).write_bytes(path.read_bytes())
            engine.write_text(ENGINE)
            engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
            main(["rehearse", "--out", str(out), "--families", str(families), "--tokenizer", str(TOKENIZER.path), "--engine", str(engine),
                  "--minutes", "0.1", "--fixed"])
            _, config, _, meta, _ = read_model(out / "rehearsed.safetensors")
            self.assertEqual((config["d_model"], meta["name"]), (64, "rehearsed"))


if __name__ == "__main__":
    unittest.main()
