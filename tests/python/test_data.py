# SPDX-License-Identifier: Apache-2.0
"""Families, splits, baselines and the report: what is made of the data, and what is said about a model."""
import contextlib
import io
import json
import math
import random
import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models"))

from training_data import LIGHT, TOKENIZER  # noqa: E402

from needle_models import baselines, embeddings, fit_odds, packing, report  # noqa: E402
from needle_models.bm25 import Bm25  # noqa: E402
from needle_models.families import FamilyGenerator, check_family, number_in_words  # noqa: E402
from needle_models.language_rows import LanguageRows  # noqa: E402
from needle_models.splits import UNSEEN_FAMILIES, Firewall, is_dev, service_is_held_out  # noqa: E402

FAMILY = {
    "family": "lamps", "values": {"room": ["hall", "blue room"]},
    "tools": [
        {"name": "dim", "description": "Dim a lamp", "parameters": {"type": "object", "required": ["room"], "properties": {
            "room": {"type": "string"}, "level": {"type": "integer", "minimum": 0, "maximum": 100},
            "colour": {"type": "string", "enum": ["warm", "cold"]}, "spots": {"type": "array", "items": {"type": "string"}},
            "fade": {"type": "object", "properties": {"seconds": {"type": "integer", "minimum": 1, "maximum": 9}}}}},
         "values": {"colour": [["warm", "cosy"]], "spots": [[["a", "b"], "a and b"]]},
         "say": ["dim the {room} to {level}%", "{spots} in the {room}", {"text": "make the {room} {colour}", "set": {"level": 40}},
                 "fade {room} over {fade.seconds} seconds", "dim to {level}"]},
        {"name": "stop", "description": "Stop the fading", "say": ["stop fading", "enough", "hold it there"]}],
    "none": ["buy new lamps"]}


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name: str, content) -> Path:
        path = Path(self.folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path


class Families(Folder):
    def rows(self, count=400):
        return list(FamilyGenerator(self.file("lamps.json", FAMILY), seed=3).rows(count))

    def test_the_call_holds_what_the_sentence_says(self):
        for row in self.rows():
            for call in row["answers"]:
                for key, value in call["arguments"].items():
                    if key == "room":
                        self.assertIn(value, row["query"])
                    if key == "colour":
                        self.assertEqual((value, "cosy" in row["query"], call["arguments"]["level"]), ("warm", True, 40))
                    if key == "spots":
                        self.assertEqual((value, "a and b" in row["query"]), (["a", "b"], True))

    def test_numbers_are_digits_where_they_touch_a_sign_and_words_now_and_then_elsewhere(self):
        queries = [r["query"] for r in self.rows()]
        self.assertTrue(all(re.search(r"\d%", q) for q in queries if "%" in q))
        self.assertTrue(any(re.search(r"over (two|three|four|five|six) seconds", q) for q in queries))
        self.assertEqual([number_in_words(n) for n in (0, 13, 40, 99)], ["zero", "thirteen", "forty", "ninety-nine"])

    def test_nested_missing_refused_and_several(self):
        rows = self.rows()
        self.assertTrue(any(isinstance(c["arguments"].get("fade"), dict) for r in rows for c in r["answers"]))
        self.assertTrue(any(r.get("missing") == ["room"] for r in rows))
        self.assertTrue(any(r["query"].startswith(("buy new", "Buy new")) and r["answers"] == [] for r in rows))
        self.assertTrue(any(len(r["answers"]) == 2 for r in rows))

    def test_every_shipped_family_is_sound(self):
        paths = sorted((ROOT / "models/families").glob("*.json"))
        self.assertGreater(len(paths), 50)
        self.assertEqual([p for path in paths for p in check_family(path)], [])
        self.assertLessEqual(UNSEEN_FAMILIES, {p.stem for p in paths})

    def test_problems_are_named(self):
        def changed(edit):
            family = json.loads(json.dumps(FAMILY))
            edit(family["tools"][0])
            return check_family(self.file("bad.json", family))
        self.assertIn("{nowhere}", changed(lambda t: t["say"].append("to {nowhere}"))[0])
        self.assertIn("'blue' is not in the enum", changed(lambda t: t["values"].update(colour=["blue"]))[0])
        self.assertIn("out of bounds", changed(lambda t: t["values"].update(level=[101]))[0])
        self.assertIn("the same sentence twice", changed(lambda t: t["say"].append(t["say"][0]))[0])
        self.assertIn("'level' is set and said", changed(lambda t: t["say"].append({"text": "dim down to {level}", "set": {"level": 3}}))[0])
        self.assertIn("JSONDecodeError", check_family(self.file("bad.json", "{"))[0])


def tool(name: str, description: str, **more) -> dict:
    return {"name": name, "description": description, "parameters": {}, **more}


def row(query: str, tools=(), name: str = "", **more) -> dict:
    return {"query": query, "tools": list(tools), "answers": [{"name": name, "arguments": {}}] if name else [], **more}


def service(held_out: bool) -> str:
    return next(s for s in map(str, range(1000)) if service_is_held_out(s) == held_out)


class Splits(Folder):
    def test_the_firewall_stops_eight_words_in_a_row_and_short_requests_whole(self):
        rows = [{"query": "please tell me what the weather is like in Oslo"}, {"query": "lights off"}]
        self.file("eval/x.jsonl", "".join(json.dumps({**r, "tools": [], "answers": []}) + "\n" for r in rows))
        firewall = Firewall(self.folder.name)
        self.assertTrue(firewall.stops("Hey! Please tell me what the weather is like in Bergen"))
        self.assertTrue(firewall.stops("Lights off!"))
        self.assertFalse(firewall.stops("what the weather is like in Oslo, please tell me"))
        self.assertEqual(firewall.stopped, 2)

    def rows_file(self, name: str, *rows: dict) -> None:
        self.file(name, "".join(json.dumps(r) + "\n" for r in rows))

    def packed(self, part: str) -> list[str]:
        """The requests that reach a pack of this part."""
        data, queries = Path(self.folder.name), []
        if not (data / "eval").exists():
            self.rows_file("eval/x.jsonl", row("no such request as this"))
        with mock.patch.object(packing.Packer, "add", lambda packer, row, *_, **__: queries.append(row["query"])), \
                mock.patch.object(packing.Packer, "finish"), contextlib.redirect_stderr(io.StringIO()):
            packing.pack(data, TOKENIZER, data / "pack.npz", part, families=ROOT / "models/families")
        return queries

    def test_no_training_row_asks_or_shows_what_the_unseen_source_holds(self):
        book, services = tool("book_room", "Book a meeting room"), (service(True), service(False))
        self.rows_file("train/botframework_lu.jsonl", row("I need a room", [book], "book_room", source="lu"))
        self.rows_file("train/multi_call.jsonl", row("I need a room and a song", [LIGHT], "set_light", source="multi:ha+lu"),
                       row("a lamp and a song", [LIGHT], "set_light", source="multi:ha+hwu"))
        self.rows_file("train/synthetic.jsonl", row("the room please", [tool("rooms", "book a Meeting room."), LIGHT], "set_light"),
                       row("tell the secret", [tool("tell", "TELL a secret."), LIGHT], "set_light"),
                       row("tell a joke", [tool("joke", "Tell a joke"), LIGHT], "set_light"))
        self.rows_file("schemas/x.jsonl", tool("a", "Tell a secret", source=services[0]), tool("b", "Tell a joke", source=services[0]),
                       tool("c", "tell a joke.", source=services[1]))
        self.assertEqual(self.packed("train"), ["a lamp and a song", "tell a joke"])

    def test_no_training_row_holds_a_dev_request(self):
        numbered = lambda text, dev: next(q for q in (f"{text} {n}" for n in range(2000)) if is_dev({"query": q}) == dev)
        long, short = numbered("please dim the lamp to", True), numbered("dim", True)
        part, more = " ".join(long.split()[:-1]) + " nought", [long.capitalize() + "! Thanks.", short.replace(" ", "  ") + "."]
        joined = numbered(f"Say hello and {long}, then", False)
        self.rows_file("train/lamps.jsonl", *(row(q) for q in [long, short, part, *more, f"{short} please or so", long + "0"]))
        self.rows_file("train/multi_call.jsonl", row(joined), row(numbered("say hello and dim a lamp", True)))
        self.rows_file("schemas/x.jsonl", tool("a", "Tell a secret", source="x"))
        self.assertEqual(self.packed("train"), [q for q in [part, f"{short} please or so", long + "0"] if not is_dev({"query": q})])
        self.assertEqual(len(self.packed("dev")), 3 + sum(is_dev({"query": q}) for q in [part, *more, f"{short} please or so", long + "0"]))

    def test_no_text_holds_a_dev_request_or_a_held_out_description(self):
        dev = next(q for q in (f"please dim lamp number {n}" for n in range(2000)) if is_dev({"query": q}))
        self.rows_file("train/lamps.jsonl", row(dev))
        self.rows_file("schemas/x.jsonl", tool("a", "Tells the darkest secret of all.", source=service(True)),
                       tool("b", "Tells the funniest joke of all.", source=service(False)))
        told = ["The command tells the funniest joke of all without delay.", "Nothing of this kind was ever heard before."]
        self.file("text/pages.txt", "\n".join([f"And then: {dev.title()}, he said.", "It tells the darkest secret of ALL, now.", *told]))
        self.file("text/dialogues_sgd.txt", "User: a sentence of five or more words.\n")
        self.assertEqual([sentence for _, sentence in LanguageRows(self.folder.name).pairs], told)
        self.assertEqual(list(embeddings.lines(Path(self.folder.name))), told)

    def test_the_split_is_by_the_request_alone(self):
        self.assertEqual(is_dev({"query": "Hello", "tools": 1}), is_dev({"query": "hello"}))


class Report(unittest.TestCase):
    TOOLS = [{"name": "set_level", "description": "Set the level of a lamp", "parameters": {"type": "object", "required": ["level"], "properties": {
                "level": {"type": "integer", "maximum": 100}, "mode": {"type": "string", "enum": ["night_light", "party"]}}}},
             {"name": "send_mail", "description": "Send an e-mail", "parameters": {"type": "object", "required": ["to"], "properties": {
                "to": {"type": "string", "description": "email address"}}}}]

    def test_bm25_ranks_the_text_that_shares_rare_words_first(self):
        scores = Bm25(["play a song", "play a film", "a a a"]).scores("play that film")
        self.assertEqual(max(range(3), key=scores.__getitem__), 1)
        self.assertEqual(scores[2], 0)

    def test_the_baseline_fills_what_patterns_find_and_refuses_otherwise(self):
        answer = lambda q: baselines.words_and_patterns({"query": q, "tools": self.TOOLS})
        self.assertEqual(answer("set the lamp level to 40, night light"), [{"name": "set_level", "arguments": {"level": 40, "mode": "night_light"}}])
        self.assertEqual(answer("send an e-mail to a@b.org"), [{"name": "send_mail", "arguments": {"to": "a@b.org"}}])
        self.assertEqual(answer("set the lamp level to 400"), [])       # out of bounds, hence no level
        self.assertEqual(answer("who won the war"), [])

    def test_failures_are_told_apart(self):
        def kind(wanted, got, kind="call"):
            calls = [{"name": n, "arguments": a} for n, a in got]
            return report.failure_kind({"answers": [{"name": n, "arguments": a} for n, a in wanted]},
                                       {"result": {"type": kind, "calls": calls}, "toolsRight": [n for n, _ in wanted] == [n for n, _ in got]})
        self.assertEqual(kind([("a", {})], []), "refused where a tool fits")
        self.assertEqual(kind([("a", {})], [], "incomplete"), "incomplete: a required value was not found")
        self.assertEqual(kind([], [("a", {})]), "called where nothing fits")
        self.assertEqual(kind([("a", {})], [("b", {})]), "another tool")
        self.assertEqual(kind([("a", {}), ("a", {})], [("a", {})]), "too few calls")
        self.assertEqual(kind([("a", {"x": "1"})], [("a", {})]), "an argument left out")
        self.assertEqual(kind([("a", {})], [("a", {"x": "1"})]), "an argument too many")
        self.assertEqual(kind([("a", {"x": "red car"})], [("a", {"x": "car"})]), "a phrase cut too short or too long")
        self.assertEqual(kind([("a", {"x": 1})], [("a", {"x": 2})]), "another value")

    def test_a_share_of_nothing_is_no_share(self):
        scores = {"refusalPrecision": 1, "refusalRecall": 1, "schemaValid": 0.5, "errors": 0}
        called = {"result": {"calls": [{"name": "a", "arguments": {}}]}, "toolsRight": True, "exact": True}
        cells = report.file_row("file", [{"answers": [{"name": "a", "arguments": {}}]}], scores, [called])
        self.assertEqual(cells[5:8], ["-", "-", "50.0"])
        cells = report.file_row("file", [{"answers": []}], scores, [{"result": {"calls": []}, "exact": True, "toolsRight": True}])
        self.assertEqual(cells[4:8], ["-", "100.0", "100.0", "-"])

    def test_strangers_share_no_word_of_their_descriptions_and_may_not_be_what_was_removed(self):
        tool = lambda name, text: {"name": name, "description": text, "parameters": {}}
        asks = [{"query": "is it raining in Oslo", "source": "weather", "file": "a", "answers": [], "tools": [tool("sky", "Tells the forecast")]},
                {"query": "who was the first king", "source": "clinc_oos", "file": "b", "answers": [], "tools": [tool("pay", "Pay a bill")]},
                {"query": "dim it", "file": "a", "answers": [{"name": "dim", "arguments": {}}], "tools": [
                    tool("dim", "Dim a lamp"), tool("crown", "Crowns somebody a king"), tool("ask", "Look up a fact on the web"), tool("glow", "How a lamp glows")]}]
        seen: list[dict] = []

        class Engine:
            def evaluate(self, rows):
                seen.extend(rows)
                return {}, [{"exact": True, "toolsRight": True}] * len(rows)

        report.by_catalogue(Engine(), asks, asks[1:2], 5)
        names = {r["query"]: set() for r in seen}
        for row in seen:
            names[row["query"]] |= {t["name"] for t in row["tools"]}
        # No king, and nothing that answers all.
        self.assertEqual(names, {"who was the first king": {"sky", "pay", "dim", "glow"}, "dim it": {"dim", "sky", "pay", "crown", "ask"}})
        seen.clear()
        report.by_catalogue(Engine(), asks, asks[:1], 5)      # where a tool was removed, none of the tools of that file
        self.assertTrue(all(t["name"] != "sky" for r in seen if not r["answers"] for t in r["tools"]))

    def test_whether_to_call_is_fitted_on_catalogues_with_and_without_the_right_tool(self):
        tool = lambda name: {"name": name, "description": name, "parameters": {}}
        names = ["dim", "sing", "pay", "sail", "cook", "ride"]
        rows = [{"query": f"{name} now", "place": name, "answers": [{"name": name, "arguments": {}}], "tools": [tool(name), tool(f"{name}Twice")]} for name in names]
        rows.append({"query": "one tool", "place": "x", "answers": [], "tools": [tool("alone")]})
        made = fit_odds.with_catalogues(rows)
        self.assertEqual(made[:6], rows[:6])                # one with a single tool says nothing
        self.assertEqual(len(made), 6 + 3 * 2)              # of every third
        for grown, taken, off in zip(made[6::3], made[7::3], made[8::3]):
            right = grown["answers"][0]["name"]
            of = [{t["name"] for t in row["tools"]} for row in (grown, taken, off)]
            self.assertEqual([right in of[0], taken["answers"], off["answers"]], [True, [], []])
            self.assertIn(f"{right}Twice", of[1])
            self.assertNotIn(right, of[1] | of[2])
            self.assertNotIn(f"{right}Twice", of[2])
            self.assertTrue(all(of))

    def test_refusals_weigh_as_much_as_the_prior_says_however_many_there_are(self):
        rows = [{"query": str(i), "tools": [], "answers": [{"name": "a", "arguments": {}}] if i % 2 else []} for i in range(400)]
        said = [{"explanation": {"odds": [0.0, 0.0, 0.0]}} for _ in rows]      # nothing to tell them by
        with mock.patch.object(fit_odds, "answers", lambda *_: said), contextlib.redirect_stderr(io.StringIO()):
            fitted = fit_odds.fit_odds(Path("engine"), Path("model"), rows)
            none = fit_odds.fit_odds(Path("engine"), Path("model"), rows[:1])
        self.assertAlmostEqual(1 / (1 + math.exp(fitted["b"])), fit_odds.REFUSALS, places=3)
        self.assertEqual(none, {"w": [1.0, 0.0, 0.0], "b": 0.0})

    def test_off_topic_is_what_a_set_calls_so_wherever_it_stands_in_its_file(self):
        row = lambda query, **more: {"query": query, "tools": [], "answers": [], **more}
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "eval").mkdir()
            write = lambda rows: (Path(folder) / "eval/x.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
            write([row("removed"), row("odd", source="clinc_oos")])
            self.assertEqual([r["query"] for r in report.off_topic(Path(folder))], ["odd"])
            write([row("removed")])
            self.assertEqual([(r["query"], r["file"]) for r in report.off_topic(Path(folder))], [("removed", "x")])

    def test_ties_in_retrieval_count_half_and_tools_as_right_as_the_right_one_are_left_out(self):
        self.assertEqual(report.rank_of_first([1.0, 2.0, 1.0, 1.0, 0.0]), 2)
        gold = {"name": "find_film", "description": "Find a film."}
        self.assertTrue(report.alike({"name": "films", "description": "find a film"}, gold))
        self.assertTrue(report.alike({"name": "find_film", "description": "Look for films"}, gold))
        self.assertFalse(report.alike({"name": "films", "description": ""}, {"name": "x", "description": ""}))

    def test_the_tool_to_retrieve_is_the_one_of_its_own_row(self):
        rows = [{"query": q, "tools": [{"name": "find", "description": d}], "answers": [{"name": "find", "arguments": {}}]} for q, d in
                (("a film", "Find a film"), ("a bus", "Find a bus"))]
        golds = [report.right_tool(r) for r in rows]
        self.assertEqual([t["description"] for t in golds], ["Find a film", "Find a bus"])
        pool = report.retrieval_pool(random.Random(0), rows, golds)
        self.assertEqual(sorted(map(report.tool_key, pool)), sorted(map(report.tool_key, golds)))
        self.assertIsNone(report.right_tool({**rows[0], "answers": rows[0]["answers"] * 2}))

    def test_calibration_error_is_the_gap_between_confidence_and_truth(self):
        details = [{"exact": i < 3, "result": {"confidence": 0.95}} for i in range(4)]
        text, svg = report.calibration([{"tools": [{}]}] * 4, details)
        self.assertIn("0.200", text)       # 0.95 said, 0.75 true
        self.assertIn("<circle", svg)


if __name__ == "__main__":
    unittest.main()
