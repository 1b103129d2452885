"""A server on this machine that answers as the Hugging Face Hub does, with ranges, and counts the bytes it sends."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

REPO, REVISION = "org/name", "v1"


@dataclass
class Sent:
    """What was asked for: bytes of each file that were sent."""

    address: str
    count: dict[str, int] = field(default_factory=dict)


@contextmanager
def served(folder: Path) -> Iterator[Sent]:
    """Folder -> the server's address and its count, while it serves the folder as one model."""
    sent = Sent("")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.answer(json.dumps([self.told(path) for path in sorted(folder.iterdir())]).encode())

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path == f"/api/models/{REPO}/revision/{REVISION}":
                self.answer(json.dumps({"id": REPO, "sha": "0" * 40, "siblings": []}).encode())
            elif path.startswith(f"/api/models/{REPO}/tree/{REVISION}"):
                self.answer(json.dumps([self.told(file) for file in sorted(folder.iterdir())]).encode())
            elif path.startswith(f"/{REPO}/resolve/{REVISION}/"):
                self.file(folder / path.rpartition("/")[2])
            else:
                self.answer(b"{}", 404)

        def told(self, path: Path) -> dict[str, object]:
            return {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": "0" * 40}

        def file(self, path: Path) -> None:
            if not path.is_file():
                return self.answer(b"", 404)
            data = path.read_bytes()
            wanted = self.headers.get("range")
            if wanted is None:
                body, code, extra = data, 200, {}
            else:
                first, last = wanted.removeprefix("bytes=").split("-")
                body = data[int(first) : int(last) + 1]
                code, extra = 206, {"content-range": f"bytes {first}-{int(first) + len(body) - 1}/{len(data)}"}
            if self.command == "GET":
                sent.count[path.name] = sent.count.get(path.name, 0) + len(body)
            return self.answer(body, code, {**extra, "etag": '"0"', "x-repo-commit": "0" * 40})

        def answer(self, body: bytes, code: int = 200, extra: dict[str, str] | None = None) -> None:
            self.send_response(code)
            for name, value in {"content-length": str(len(body)), "accept-ranges": "bytes", **(extra or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    sent.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
