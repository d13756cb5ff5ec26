"""Reading web pages from the hosts that the settings list, and from no others.

Numbered are the rules that every address must pass, the first one and each that a redirect leads
to:
1. it is `http` or `https`, without a user name;
2. its host is on the list: an entry is a host, or `*.` and the name above its subdomains;
3. its host's addresses are public, unless the list has that very host;
4. the connection goes to an address that was checked, not to what a second look-up says.
"""

from __future__ import annotations

import ipaddress
import re
import socket

import anyio
import httpx

from planc.tools import tool
from planc.types import Url
from stdlib_tools import settings
from stdlib_tools.errors import ToolError
from stdlib_tools.markup import text_of_html
from stdlib_tools.matching import shown

_SECONDS = 20
_TIMEOUT = httpx.Timeout(_SECONDS, connect=5)
_MAX_REDIRECTS = 5
_TEXT_TYPE = re.compile(
    r"text/.+|application/(?:.+\+)?(?:json|xml)|application/(?:java|ecma)script"
)
_BEGINNING = 1024  # bytes of a page in which it may state its charset (HTML, section 4.2.5.4)
_STATED = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d|koi8-[ru]|shift_jis|euc-(?:jp|kr)"
    r"|gb2312|gbk|gb18030|big5|utf-16(?:le|be)?"
)


@tool(effect="read", resource="web", timeout=30, cost=1)
async def http_get(url: Url) -> str:
    """Read the text of a web page."""
    http = settings.load().http
    try:
        with anyio.fail_after(_SECONDS):
            return await _read(url, http)
    except TimeoutError as error:
        raise ToolError(f"{shown(url)} did not arrive in {_SECONDS} seconds") from error
    except (httpx.HTTPError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise ToolError(f"{shown(url)} cannot be read: {reason}") from error


async def _read(start: str, http: settings.Http) -> str:
    url = _parsed(start)
    trust = httpx.create_ssl_context(trust_env=False)
    for _ in range(_MAX_REDIRECTS + 1):
        addresses = await _addresses(url, http)
        # A client for each, so that no cookie goes along. No proxy of the environment: rule 4
        # needs the connection to be our own.
        async with httpx.AsyncClient(timeout=_TIMEOUT, verify=trust, trust_env=False) as client:
            response = await _send(client, url, addresses)
            try:
                if not response.has_redirect_location:
                    return await _text(response, url, http.max_bytes)
                url = _parsed(response.headers["location"], url)
            finally:
                await response.aclose()
    raise ToolError(f"{shown(start)} was redirected more than {_MAX_REDIRECTS} times")


def _parsed(text: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        url = base.join(text) if base else httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise ToolError(f"{shown(text)} is no web address") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ToolError(f"{shown(text)} is no address of the web (http or https)")
    if url.userinfo:
        raise ToolError(f"the address of {shown(url.host)} has a user name in it")
    return url


async def _addresses(url: httpx.URL, http: settings.Http) -> list[str]:
    """The checked addresses of the URL's host: rules 2 and 3."""
    host = _labels(url.host)
    listed = [_labels(entry) for entry in http.allow]
    if "*" in host or not any(_covers(entry, host) for entry in listed):
        raise ToolError(f"{shown(url.host)} is not a host that the settings allow (http.allow)")
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        found = await anyio.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"there is no host {shown(url.host)}") from error
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    if host not in listed and not all(_is_public(address) for address in addresses):
        raise ToolError(f"{shown(url.host)} is in a private network")
    return addresses


async def _send(client: httpx.AsyncClient, url: httpx.URL, addresses: list[str]) -> httpx.Response:
    """The beginning of the answer from the first address that can be connected to: rule 4."""
    name = url.raw_host.decode("ascii").strip("[]").rstrip(".")
    for number, address in enumerate(addresses, 1):
        request = client.build_request(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": name},
        )
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if number == len(addresses):
                raise
    raise ToolError(f"there is no host {shown(url.host)}")


def _labels(host: str) -> list[str]:
    """The parts of a host's name, or an IP address in its normal form as the only one."""
    bare = host.strip().strip("[]").rstrip(".").lower()
    try:
        return [str(ipaddress.ip_address(bare))]
    except ValueError:
        pass
    try:
        ascii_host = httpx.URL(scheme="http", host=bare.removeprefix("*.")).raw_host.decode("ascii")
    except httpx.InvalidURL:
        return []
    return [*(["*"] if bare.startswith("*.") else []), *ascii_host.split(".")]


def _covers(entry: list[str], host: list[str]) -> bool:
    if entry[:1] == ["*"]:
        above = entry[1:]
        return len(host) > len(above) and host[-len(above) :] == above
    return entry == host


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return inner.is_global and not inner.is_multicast


async def _text(response: httpx.Response, url: httpx.URL, max_bytes: int) -> str:
    if not response.is_success:
        raise ToolError(f"{shown(str(url))} answered {response.status_code}")
    kind, _, _ = response.headers.get("content-type", "text/plain").partition(";")
    if not _TEXT_TYPE.fullmatch(kind.strip().lower()):
        raise ToolError(f"{shown(str(url))} is not text but {shown(kind)}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ToolError(f"{shown(str(url))} is compressed, though that was not asked for")
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > max_bytes:
            raise ToolError(f"{shown(str(url))} is larger than {max_bytes:,} bytes")
    is_html = kind.strip().lower() in ("text/html", "application/xhtml+xml")
    stated = _STATED.search(data[:_BEGINNING]) if is_html else None
    charset = response.charset_encoding or (stated[1].decode("ascii") if stated else "utf-8")
    charset = charset.lower()
    try:
        if _CHARSET.fullmatch(charset):  # Python knows others, some of them slow or no text
            text = data.decode(charset, errors="replace")
            return text_of_html(text) if is_html else text
    except LookupError:
        pass
    raise ToolError(f"{shown(str(url))} is written in {shown(charset)}, which is not known")
