"""A judge over real HTTP, with moods: it speaks OpenAI's chat protocol, and may be busy, broken, slow or confused."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Mood = Callable[[str, int], "dict[str, int] | int | str | None"]
"""A story's text and how often it was asked about, from 1 -> grades, a status, text instead of grades, or silence."""


class Endpoint(ThreadingHTTPServer):
    """Answers by its mood; keeps all that it was asked, and what it graded."""

    daemon_threads = True

    def __init__(self, mood: Mood) -> None:
        self.mood, self.asked, self.answered = mood, [], []
        self.bodies: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    asked: list[str]
    answered: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][-1]["content"]
        with self.server.lock:
            self.server.asked.append(text)
            self.server.bodies.append(body)
            times = self.server.asked.count(text)
        answer = self.server.mood(text, times)
        if answer is None:
            time.sleep(1.5)
            answer = 500
        if isinstance(answer, int):
            self.reply(answer, {"error": {"message": "not now"}})
            return
        with self.server.lock:
            self.server.answered.append(text)
        content = answer if isinstance(answer, str) else json.dumps(answer)
        message = {"role": "assistant", "content": content}
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        told = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "choices": choices}
        self.reply(200, told)

    def reply(self, status: int, told: dict[str, Any]) -> None:
        data = json.dumps(told).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 429:
                self.send_header("retry-after-ms", "20")
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # who asked did not wait

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(mood: Mood) -> Iterator[Endpoint]:
    endpoint = Endpoint(mood)
    thread = threading.Thread(target=endpoint.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()
