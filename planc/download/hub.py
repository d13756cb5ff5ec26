"""Files from the Hugging Face hub, or a server that speaks its protocol.

A broken download is continued with an HTTP Range request from the end of its part.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx

from planc.download.part import (
    Progress,
    Published,
    SourceFailed,
    append,
    beside,
    check_room,
    install,
    report_bytes,
    size_of,
    wrong_bytes,
)

HUB_TIMEOUT = httpx.Timeout(10, connect=3)  # seconds without a byte, and to connect
_HUB_TRIES = 5  # requests for one file, each going on where the connection was lost
_SHA256 = re.compile(r'(?:W/)?"?([0-9a-f]{64})"?')


def fetch(
    hub: str,
    file: str,
    wanted: Published,
    path: Path,
    progress: Progress,
    timeout: httpx.Timeout,
) -> None:
    """Puts a file at `path` from a hub; `file` is its path there, without the hub's address.

    Raises SourceFailed or WrongBytes, OSError.

    https://huggingface.co/docs/hub/models-downloading; ranges as in RFC 9110, section 14.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise SourceFailed("not asked, since HF_HUB_OFFLINE is set")
    url = f"{hub}/{file}"
    _refuse_unless_reachable(hub, timeout)
    with _hub_client(timeout) as client:
        if wanted.sha256 is None:
            wanted = _as_published(client, url)
        part = beside(path, f".{wanted.sha256 or 'unknown'}.part")
        for _ in range(_HUB_TRIES):
            if wanted.sha256 is None:
                part.unlink(missing_ok=True)  # nothing could tell whether it is the same file
            before = size_of(part)
            if before == wanted.bytes:
                break
            try:
                if _continue(client, url, wanted, part, progress):
                    break
            except httpx.HTTPError as error:
                if size_of(part) <= before:
                    raise _hub_failure(error) from error
        else:
            raise SourceFailed(f"the connection broke {_HUB_TRIES} times")
    progress(size_of(part), wanted.bytes, "checking")
    install(wanted, part, path)


def _refuse_unless_reachable(hub: str, timeout: httpx.Timeout) -> None:
    """Raises SourceFailed if the hub lets the time to connect pass in silence.

    A client tries the addresses of a name one after the other, and waits for the name itself as
    long as the system does: most of a minute where packets are dropped. Here all addresses are
    tried at once, and threads that nobody waits for bound the search for the name. A plain
    refusal passes, for the client to report.
    """
    try:
        url = httpx.URL(hub)
    except httpx.InvalidURL as error:
        raise _hub_failure(error) from error
    proxied = {url.scheme, "all"} & urllib.request.getproxies().keys()
    if proxied and not urllib.request.proxy_bypass(url.host):
        return
    port = url.port or {"http": 80}.get(url.scheme, 443)
    done = threading.Event()
    threading.Thread(
        target=_dial, args=(url.host, port, timeout.connect, done), daemon=True
    ).start()
    if not done.wait(timeout.connect):
        raise SourceFailed(f"no connection within {timeout.connect:g} seconds")


def _dial(host: str, port: int, seconds: float | None, done: threading.Event) -> None:
    """Sets the event once an address of the host accepts a connection or all have refused."""

    def connect(family: socket.AddressFamily, address: tuple[str | int, ...]) -> None:
        with suppress(OSError), socket.socket(family) as connection:
            connection.settimeout(seconds)
            connection.connect(address)
            done.set()

    with suppress(OSError, UnicodeError):
        dials = [
            threading.Thread(target=connect, args=(family, address), daemon=True)
            for family, *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        ]
        for dial in dials:
            dial.start()
        for dial in dials:
            dial.join()
    done.set()


def _hub_client(timeout: httpx.Timeout) -> httpx.Client:
    """A client for the hub; httpx drops the token when a redirect leads to another host."""
    headers = {"Accept-Encoding": "identity"}
    if token := os.environ.get("HF_TOKEN", "").strip():
        headers["Authorization"] = f"Bearer {token}"
    try:
        return httpx.Client(headers=headers, timeout=timeout, follow_redirects=True)
    except (OSError, ImportError, ValueError, httpx.InvalidURL) as error:
        # Settings of the environment: certificates, proxies, a token that is not ASCII.
        raise SourceFailed(f"the connection cannot be set up: {error}") from error


def _as_published(client: httpx.Client, url: str) -> Published:
    """The checksum and the size that the hub states, as far as it does."""
    try:
        with client.stream("GET", url) as response:
            _refuse_unless_found(response)
            hops = [*response.history, response]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _hub_failure(error) from error
    for hop in hops:
        if match := _SHA256.fullmatch(hop.headers.get("X-Linked-ETag", "")):
            size = hop.headers.get("X-Linked-Size", "")
            return Published(match[1], int(size) if size.isdecimal() else None)
    return Published(None, None)


def _continue(
    client: httpx.Client, url: str, wanted: Published, part: Path, progress: Progress
) -> bool:
    """Makes one request for what the part still lacks; whether the part is complete then.

    Raises httpx.HTTPError if the connection breaks (what came is kept), SourceFailed, OSError.
    """
    start = size_of(part)
    headers = {"Range": f"bytes={start}-"} if start else {}
    with client.stream("GET", url, headers=headers) as response:
        if start and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()  # it is no beginning of the file that the server has
            return False
        _refuse_unless_found(response)
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            start = 0  # the server sends the whole file
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise SourceFailed("it sent another range than asked for")
        total = wanted.bytes
        if "Content-Length" in response.headers:
            stated = start + int(response.headers["Content-Length"])
            if total not in (None, stated):
                raise wrong_bytes(part, f"its file has {stated} bytes instead of {total}")
            total = stated
        if total is None and wanted.sha256 is None:
            raise SourceFailed("it states neither the size nor the checksum of the file")
        check_room(part, (total or start) - start)
        report = partial(report_bytes, progress, start, total, "downloading")
        end = append(_counted(response.iter_raw(), report), part, start, total)
    return total in (None, end)


def _counted(chunks: Iterable[bytes], report: Callable[[int], None]) -> Iterator[bytes]:
    """The chunks; once one has been used, reports the bytes of all so far."""
    arrived = 0
    for chunk in chunks:
        yield chunk
        arrived += len(chunk)
        report(arrived)


def _refuse_unless_found(response: httpx.Response) -> None:
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        reason = "no such repository, or one that HF_TOKEN must open"
        raise SourceFailed(f"it answered {response.status_code} ({reason})")
    if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        raise SourceFailed(f"it answered {response.status_code} {response.reason_phrase}")


def _hub_failure(error: Exception) -> SourceFailed:
    if isinstance(error, httpx.TimeoutException):
        return SourceFailed("it does not answer in time")
    return SourceFailed(str(error) or type(error).__name__)
