# SPDX-License-Identifier: Apache-2.0
"""What a release writes into npm's packages. Run: python -m unittest discover -s tests/python"""
import contextlib
import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models"))

from needle_models.cli import released  # noqa: E402
from needle_models.npm_package import npm_version, write_npm_package  # noqa: E402

MANIFEST = {"name": "needle-router-7m-1.3", "file": "needle-router-7m-1.3.safetensors", "bytes": 5, "sha256": "ab" * 32, "format": "x/1"}


class NpmPackage(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "models").mkdir()
        for name in ("package.json", "package-lock.json", "models/package.json"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "models/manifest.json").write_text(json.dumps(MANIFEST))

    def test_all_that_names_the_file_or_its_version_follows_the_manifest(self):
        with contextlib.chdir(self.root / "models"):      # as the release step runs, by default
            write_npm_package(Path("."), "1.3")
        read = lambda name: json.loads((self.root / name).read_text())  # noqa: E731
        self.assertEqual(read("models/package.json")["version"], "1.3.0")
        self.assertEqual(read("package.json")["dependencies"], {"needle-router-model": "1.3.0"})
        lock = read("package-lock.json")["packages"]
        self.assertEqual((lock[""]["dependencies"]["needle-router-model"], lock["models"]["version"]), ("1.3.0", "1.3.0"))
        index = (self.root / "models/index.js").read_text()
        for line in ("export const url = new URL('./needle-router-7m-1.3.safetensors', import.meta.url);",
                     "export const name = 'needle-router-7m-1.3';", "export const bytes = 5;", f"export const sha256 = '{'ab' * 32}';"):
            self.assertIn(line, index)

    def test_nothing_else_changes(self):
        before = (ROOT / "package.json").read_text()
        write_npm_package(self.root / "models", "1.3")
        version = json.loads(before)["dependencies"]["needle-router-model"]
        after = (self.root / "package.json").read_text()
        self.assertEqual(after.replace('"needle-router-model": "1.3.0"', f'"needle-router-model": "{version}"'), before)

    def test_a_package_that_does_not_depend_on_the_model_is_an_error(self):
        (self.root / "package.json").write_text("{}")
        with self.assertRaises(ValueError):
            write_npm_package(self.root / "models", "1.3")

    def test_steps_on_the_released_model_find_it_by_the_manifest(self):
        self.assertEqual(released(self.root / "models"), self.root / "models/needle-router-7m-1.3.safetensors")

    def test_versions_have_three_parts(self):
        self.assertEqual([npm_version(v) for v in ("0.2", "1", "1.2.3")], ["0.2.0", "1.0.0", "1.2.3"])


if __name__ == "__main__":
    unittest.main()
