# SPDX-License-Identifier: Apache-2.0
"""The teacher: a local server in place of an endpoint, and what is believed of what it says."""
import json
import re
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from training_data import LIGHT, TOKENIZER, data_folder

from needle_models.checks import problems
from needle_models.cli import main
from needle_models.dataset import Pack
from needle_models.teacher import Teacher, TeacherError


def good_and_bad(tools: list[dict]) -> str:
    """One sound call, one refusal, and four rows that must not pass."""
    name = tools[0]["name"]
    rows = [("look up A-17 for me", [{"name": name, "arguments": {"id": "A-17"}}]), ("sing me a song", []),
            ("look it up", [{"name": name, "arguments": {"id": "A-17"}}]), ("look up A-18", [{"name": name, "arguments": {}}]),
            ("look up A-19", [{"name": name, "arguments": {"id": "A-19", "colour": "red"}}]), ("A-20", [{"name": "other", "arguments": {}}])]
    return "Here you are:\n" + json.dumps([{"query": q, "calls": c} for q, c in rows])


class Server:
    """An endpoint that answers with `reply(tools)`; a number is a status."""

    def __init__(self, reply):
        outer = self
        self.asked: list[dict] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append({"path": self.path, **body})
                tools = json.loads(re.search(r"Tools:\n(.*)", body["messages"][0]["content"], re.S)[1])
                answer = reply(tools)
                self.send_response(answer if isinstance(answer, int) else 200)
                self.end_headers()
                self.wfile.write(json.dumps({"choices": [{"message": {"content": answer}}]}).encode())

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Taught(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.data = Path(folder.name), data_folder(folder.name)

    def test_rows_without_evidence_or_off_the_schema_are_refused(self):
        with Server(good_and_bad) as server:
            teacher = Teacher(server.url, "m", self.data)
            rows = list(teacher.rows(6, self.folder / "kept.jsonl"))
        self.assertEqual({r["query"] for r in rows}, {"look up A-17 for me", "sing me a song"})
        self.assertEqual((server.asked[0]["path"], server.asked[0]["model"]), ("/v1/chat/completions", "m"))
        self.assertEqual(sum(teacher.refused.values()), 12)

    def test_a_stopped_run_goes_on_from_the_rows_it_has(self):
        with Server(good_and_bad) as server:
            list(Teacher(server.url, "m", self.data).rows(4, self.folder / "kept.jsonl"))
            asked = len(server.asked)
            self.assertEqual(len(list(Teacher(server.url, "m", self.data).rows(4, self.folder / "kept.jsonl"))), 4)
            self.assertEqual(len(server.asked), asked)

    def test_an_endpoint_that_refuses_or_babbles_is_an_error(self):
        for reply, said in ((lambda _: 401, "401"), (lambda _: "I cannot do that.", "without one usable row")):
            with Server(reply) as server, self.assertRaisesRegex(TeacherError, said):
                list(Teacher(server.url, "m", self.data).rows(4, self.folder / "kept.jsonl"))

    def test_the_command_packs_them_behind_the_firewall(self):
        def reply(tools):
            return json.dumps([{"query": q, "calls": []} for q in ("no such lamp", "tell me a joke")])     # the first is of eval/
        with Server(reply) as server:
            main(["data", "--data", str(self.data), "--tokenizer", str(TOKENIZER.path), "--part", "generated", "--teacher", server.url,
                  "--count", "4", "--out", str(self.folder / "t.npz")])
        self.assertEqual(len(Pack.load(self.folder / "t.npz")), 2)


class Evidence(unittest.TestCase):
    def wrong(self, query: str, **arguments) -> list[str]:
        return problems({"query": query, "tools": [LIGHT], "answers": [{"name": "set_light", "arguments": arguments}]})

    def test_values_are_looked_for_in_the_request(self):
        self.assertEqual(self.wrong("Kitchen to forty-two, please", room="kitchen", level=42), [])
        self.assertEqual(self.wrong("kitchen to 40", room="hall", level=40), ["answers[0].room: 'hall' does not stand in the request"])
        self.assertEqual(self.wrong("kitchen to 40", room="kitchen", level=4), ["answers[0].level: 4 does not stand in the request"])
        self.assertEqual(self.wrong("kitchen to 400", room="kitchen", level=400), ["answers[0].level: 400 is out of bounds"])
        self.assertEqual(self.wrong("level 4", level=4), ["answers[0]: room is required"])


if __name__ == "__main__":
    unittest.main()
