# SPDX-License-Identifier: Apache-2.0
"""What the tests of training share: a tokenizer, a tiny geometry, rows and packs of them, a data folder."""
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models"))

from needle_models.config import Config  # noqa: E402
from needle_models.packing import Packer  # noqa: E402
from needle_models.tokenizer import Tokenizer  # noqa: E402

TOKENIZER = Tokenizer(ROOT / "models" / "tokenizer.model")
CONFIG = Config(d_model=64, heads=2, kv_heads=2, head_dim=32, enc_layers=2, dec_layers=2)
LIGHT = {"name": "set_light", "description": "Set a lamp", "parameters": {"type": "object", "properties": {
    "room": {"type": "string"}, "level": {"type": "integer", "minimum": 0, "maximum": 100}}, "required": ["room"]}}
TIMER = {"name": "startTimer", "description": "Start a timer", "parameters": {"type": "object", "properties": {
    "duration": {"type": "string"}}, "required": ["duration"]}}
SENTENCES = ["The old lighthouse keeper lit the lamp before the storm came in.", "She sent three letters to her brother in Vienna.",
             "Every morning the baker puts fresh bread in the window.", "The report lists all servers that answered too late.",
             "A small river runs behind the houses of the village."]


def rows(count: int) -> list[dict]:
    rooms, out = ["kitchen", "hall", "attic", "garage", "bedroom"], []
    for i in range(count):
        room, level = rooms[i % 5], i * 7 % 101
        out.append({"query": f"set the {room} to {level}", "tools": [LIGHT, TIMER],
                    "answers": [{"name": "set_light", "arguments": {"room": room, "level": level}}]})
    return out


def packed(folder: str, count: int = 64, form: str = "compact", max_bytes: int = 0, spelled: bool = False) -> Path:
    """`spelled`: each request begins with its own sixteen letters, which do not compress."""
    packer = Packer(TOKENIZER, 0, form)
    packer.sources.append("test")
    rng = random.Random(0)
    for row in rows(count):
        if spelled:
            row["query"] = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=16)) + " " + row["query"]
        packer.add(row, 0, augment=False)
    path = Path(folder) / "pack.npz"
    packer.save(path, max_bytes)
    return path


def data_folder(folder: str) -> Path:
    """train/, schemas/, text/ and eval/ of a few lines each."""
    data = Path(folder) / "data"
    tools = [{"name": f"{verb}_{thing}", "description": f"{verb.title()}s the {thing} of a shop", "source": f"shop{i}", "parameters": {
        "type": "object", "properties": {"id": {"type": "string", "description": "The number of the order."}, "limit": {"type": "integer"}},
        "required": ["id"]}} for i in range(9) for verb in ("get", "list", "delete") for thing in ("order", "invoice")]
    glosses = [f'{word}: something that is {word} beyond all doubt. Example: "nobody had seen the {word} one"' for word in
               ("bright", "hollow", "brittle", "mellow", "sturdy", "narrow", "gentle", "crooked")]
    files = {"train/lamps.jsonl": [json.dumps(r) for r in rows(120)], "eval/held.jsonl": [json.dumps({**rows(1)[0], "query": "no such lamp"})],
             "schemas/shop.jsonl": [json.dumps(t) for t in tools], "text/open_english_wordnet.txt": glosses,
             "text/stories.txt": [" ".join(SENTENCES), "", *SENTENCES]}
    for name, lines in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data
