from __future__ import annotations

import asyncio
import gzip
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stdlib_tools import web
from stdlib_tools.errors import ToolError
from stdlib_tools.web import http_get
from tests.stdlib.loopback import Answer, Request, serving

Allow = Callable[..., None]


def _get(url: str) -> str:
    return asyncio.run(http_get(url))


@pytest.fixture
def allow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Allow:
    """Sets the hosts that may be asked."""
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    def write(*hosts: str, max_bytes: int = 1_000) -> None:
        (tmp_path / "settings.toml").write_text(
            f"[http]\nallow = {json.dumps(hosts)}\nmax_bytes = {max_bytes}\n"
        )

    return write


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The addresses of made-up hosts; nothing but loopback is ever connected to."""
    table: dict[str, list[str]] = {}

    async def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        if host not in table:
            raise socket.gaierror("unknown")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in table[host]
        ]

    monkeypatch.setattr(web.anyio, "getaddrinfo", getaddrinfo)
    return table


def _page(request: Request) -> Answer:
    return Answer(body="Grüße".encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def test_a_page_is_read_from_a_host_on_the_list(allow: Allow) -> None:
    allow("127.0.0.1")
    with serving(_page) as server:
        assert _get(f"{server.url}/a/b?c=d#e") == "Grüße"
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/a/b?c=d")
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert "cookie" not in request.headers and "authorization" not in request.headers


def test_without_a_list_no_host_is_asked(allow: Allow) -> None:
    allow()
    with serving(_page) as server, pytest.raises(ToolError, match="not a host that the settings"):
        _get(server.url)
    assert server.requests == []


@pytest.mark.parametrize(
    ("entry", "host", "allowed"),
    [
        ("example.org", "example.org", True),
        ("Example.ORG", "eXample.org.", True),
        ("example.org.", "example.org", True),
        ("example.org", "www.example.org", False),
        ("example.org", "badexample.org", False),
        ("example.org", "example.org.evil.example", False),
        ("*.example.org", "www.example.org", True),
        ("*.Example.org", "A.b.EXAMPLE.org", True),
        ("*.example.org", "example.org", False),
        ("*.example.org", "badexample.org", False),
        ("*.example.org", "*.example.org", False),
        ("*", "example.org", False),
        ("*.", "example.org", False),
        ("", "example.org", False),
        ("www.*.org", "www.example.org", False),
        ("exa*", "example.org", False),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("xn--bcher-kva.example", "BÜCHER.example", True),
        ("::1", "[::1]", True),
        ("[::1]", "[0:0:0:0:0:0:0:1]", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("*.0.0.1", "127.0.0.1", False),
    ],
)
def test_hosts_are_compared_by_their_labels(entry: str, host: str, allowed: bool) -> None:
    asked = web._labels(web._parsed(f"http://{host}/").host) if "*" not in host else ["*"]
    listed = web._labels(entry)
    assert ("*" not in asked and web._covers(listed, asked)) is allowed


@pytest.mark.parametrize(
    ("host", "address", "private"),
    [
        ("public.example", "93.184.216.34", False),
        ("loop.example", "127.0.0.1", True),
        ("lan.example", "192.168.1.1", True),
        ("lan.example", "10.0.0.1", True),
        ("cloud.example", "169.254.169.254", True),
        ("zero.example", "0.0.0.0", True),
        ("carrier.example", "100.64.0.1", True),
        ("many.example", "224.0.0.1", True),
        ("six.example", "::1", True),
        ("six.example", "fe80::1%1", True),
        ("six.example", "fd00::1", True),
        ("mapped.example", "::ffff:127.0.0.1", True),
        ("mapped.example", "2002:7f00:1::", True),
        ("six.example", "2606:2800:220:1:248:1893:25c8:1946", False),
    ],
)
def test_private_addresses_are_known(host: str, address: str, private: bool) -> None:
    assert web._is_public(address) is not private


def test_a_private_address_needs_the_very_host_on_the_list(
    allow: Allow, names: dict[str, list[str]]
) -> None:
    names["intra.corp.example"] = ["127.0.0.1"]
    names["mixed.corp.example"] = ["93.184.216.34", "127.0.0.1"]
    with serving(_page) as server:
        allow("*.corp.example")
        for host in names:
            with pytest.raises(ToolError, match=rf"'{host}' is in a private network"):
                _get(f"http://{host}:{server.port}/")
        assert server.requests == []
        allow("*.corp.example", "Intra.corp.example")
        assert _get(f"http://intra.corp.example:{server.port}/") == "Grüße"
    assert server.requests[0].headers["host"] == f"intra.corp.example:{server.port}"


def test_the_next_address_is_tried_when_one_does_not_answer(
    allow: Allow, names: dict[str, list[str]]
) -> None:
    allow("two.example")
    names["two.example"] = ["127.0.0.9", "127.0.0.1"]
    with serving(_page) as server:
        assert _get(f"http://two.example:{server.port}/") == "Grüße"
    names["two.example"] = ["127.0.0.9"]
    with pytest.raises(ToolError, match="cannot be read"):
        _get(f"http://two.example:{server.port}/")


def test_redirects_are_checked_host_by_host(allow: Allow, names: dict[str, list[str]]) -> None:
    names |= {"a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"]}
    targets: dict[str, str] = {}

    def answer(request: Request) -> Answer:
        if request.path in targets:
            cookie = {"Location": targets[request.path], "Set-Cookie": "who=me; Path=/"}
            return Answer(302, headers=cookie)
        return _page(request)

    with serving(answer) as server:
        targets |= {
            "/to-b": f"http://b.example:{server.port}/page",
            "/relative": "page?x=1",
            "/loop": "/loop",
            "/file": "file:///etc/passwd",
            "/user": f"http://me:pw@a.example:{server.port}/page",
            "/junk": "http://[",
            "/local": f"http://127.0.0.1:{server.port}/page",
        }
        base = f"http://a.example:{server.port}"
        allow("a.example")
        assert _get(f"{base}/relative") == "Grüße"
        for path, reason in {
            "/to-b": "'b.example' is not a host that the settings allow",
            "/loop": "redirected more than 5 times",
            "/file": "no address of the web",
            "/user": "has a user name in it",
            "/junk": "is no web address|is not a host",
            "/local": "'127.0.0.1' is not a host",
        }.items():
            with pytest.raises(ToolError, match=reason):
                _get(base + path)
        allow("a.example", "b.example")
        assert _get(f"{base}/to-b") == "Grüße"
    assert server.requests[-1].headers["host"] == f"b.example:{server.port}"
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example/", "no address of the web"),
        ("file:///etc/passwd", "no address of the web"),
        ("http:///x", "no address of the web"),
        ("a.example", "no address of the web"),
        ("", "no address of the web"),
        ("http://a.example@evil.example/", "has a user name"),
        ("http://evil.example#@a.example/", "'evil.example' is not a host"),
        ("http://evil.example\\@a.example/", "is no|user name|not a host"),
        ("http://a.example:99999/", "is no web address|cannot be read|no host"),
        ("http://a.example:port/", "is no web address"),
        ("http://a.example/\n", "is no web address"),
        ("http://a.exa\0mple/", "is no web address"),
        ("http://" + "a" * 10**6, "is no web address"),
        ("http://" + "a." * 300 + "example", "there is no host"),
        ("http://\ud800.example/", "is no web address|not a host"),
        ("http://*.a.example/", "is no web address|not a host"),
        ("http://missing.a.example/", "there is no host 'missing.a.example'"),
    ],
)
def test_strange_addresses_are_refused(
    allow: Allow, names: dict[str, list[str]], url: str, reason: str
) -> None:
    allow("a.example", "*.a.example")
    with pytest.raises(ToolError, match=reason) as caught:
        _get(url)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(body=b'{"a": 1}', headers={"Content-Type": "application/json"}), '{"a": 1}'),
        (Answer(body=b"<a/>", headers={"Content-Type": "application/rss+xml"}), "<a/>"),
        (Answer(body=b"plain"), "plain"),
        (
            Answer(
                body=b"<meta charset='iso-8859-1'><script>var x</script><p>Caf\xe9 &amp; co</p>",
                headers={"Content-Type": "text/html"},
            ),
            "Café & co",
        ),
        (
            Answer(body=b"Gr\xfc\xdfe", headers={"Content-Type": "TEXT/Plain; Charset=ISO-8859-1"}),
            "Grüße",
        ),
        (Answer(body=b"a\xffb", headers={"Content-Type": "text/plain"}), "a\ufffdb"),
        (Answer(body=b"x" * 1_000, headers={"Content-Type": "text/plain"}), "x" * 1_000),
    ],
)
def test_texts_are_read(allow: Allow, answer: Answer, text: str) -> None:
    allow("127.0.0.1")
    with serving(lambda request: answer) as server:
        assert _get(server.url) == text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(404, b"gone"), "answered 404"),
        (Answer(500), "answered 500"),
        (Answer(304), "answered 304"),
        (Answer(headers={"Content-Type": "image/png"}), "is not text but 'image/png'"),
        (Answer(headers={"Content-Type": "text"}), "is not text"),
        (Answer(body=b"x" * 1_001), "is larger than 1,000 bytes"),
        (Answer(headers={"Content-Type": "text/plain; charset=punycode"}), "'punycode', which"),
        (
            Answer(body=b"x", headers={"Content-Type": "text/plain; charset=windows-1259"}),
            "not known",
        ),
        (
            Answer(body=gzip.compress(b"x" * 10**6), headers={"Content-Encoding": "gzip"}),
            "is compressed",
        ),
        (Answer(body=b"short", headers={"Content-Length": "50"}), "cannot be read"),
        (Answer(headers={"Content-Length": "many"}), "cannot be read"),
        (Answer(headers={"X": "y" * 200_000}), "cannot be read"),
    ],
)
def test_other_answers_are_refused(allow: Allow, answer: Answer, reason: str) -> None:
    allow("127.0.0.1")
    with serving(lambda request: answer) as server, pytest.raises(ToolError, match=reason):
        _get(server.url)


def test_a_host_that_does_not_answer_is_given_up(
    allow: Allow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow("127.0.0.1")
    monkeypatch.setattr(web, "_SECONDS", 0.1)
    with (
        serving(lambda request: Answer(hold=True)) as server,
        pytest.raises(ToolError, match=r"did not arrive in 0.1 seconds"),
    ):
        _get(server.url)


def test_a_port_where_nobody_listens_is_a_plain_error(allow: Allow) -> None:
    allow("127.0.0.1")
    with pytest.raises(ToolError, match="cannot be read"):
        _get("http://127.0.0.1:1/")
