"""A hub to download from: a real HTTP server on this machine, with faults on demand."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    """What a client asked for, and how many bytes of the body it was sent."""

    path: str
    range: str | None
    token: str | None
    sent: int = 0


@dataclass
class FakeHub:
    """The files of a server by path, its faults, and the requests it got so far."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    states_length: bool = True
    drops: list[int] = field(default_factory=list)
    """After how many bytes to cut the next bodies off."""
    silent: bool = False
    """Takes requests and answers none."""
    gate: threading.Event | None = None
    """Holds back the second half of each body until it is set."""
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        request = Request(handler.path, asked, handler.headers.get("Authorization"))
        self.requests.append(request)
        handler.close_connection = True
        if self.silent:
            self.closing.wait()
        elif handler.path in self.redirects:
            handler.send_response(302)
            handler.send_header("Location", self.redirects[handler.path])
            self._end_headers(handler, 0)
        elif handler.path not in self.files:
            handler.send_response(404)
            self._end_headers(handler, 0)
        else:
            self._send_file(handler, request)

    def _send_file(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        body = self.files[handler.path]
        match = re.fullmatch(r"bytes=(\d+)-", request.range or "")
        start = int(match[1]) if match and self.ranges else 0
        if start and start >= len(body):
            handler.send_response(416)
            self._end_headers(handler, 0)
            return
        if match and self.ranges:
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            handler.send_response(200)
        self._end_headers(handler, len(body) - start)
        end = min(len(body), start + self.drops.pop(0)) if self.drops else len(body)
        middle = (start + end) // 2
        for piece in (body[start:middle], body[middle:end]):
            if request.sent and self.gate is not None:
                self.gate.wait()
            handler.wfile.write(piece)
            request.sent += len(piece)

    def _end_headers(self, handler: BaseHTTPRequestHandler, length: int) -> None:
        if self.states_length:
            handler.send_header("Content-Length", str(length))
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.end_headers()


@contextmanager
def serve() -> Iterator[FakeHub]:
    """Runs a fake hub on a free port of this machine."""
    hub = FakeHub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                hub.respond(self)
            except ConnectionError:
                self.close_connection = True  # the client has gone

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
