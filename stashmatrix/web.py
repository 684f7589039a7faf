"""HTTP as the checker speaks it: GET only, with bounds on everything, and to public addresses only."""

import asyncio
import ipaddress
import json
import socket
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from stashmatrix import __version__
from stashmatrix.answers import Reason
from stashmatrix.errors import StashmatrixError

USER_AGENT = f"stashmatrix/{__version__} (Matrix room link checker)"
REQUESTS_PER_HOST = 4
TIMEOUT = 15.0
"""Seconds for one request, from connecting to the last byte; a homeserver gives itself 10."""

_HIGHEST_PORT = 65_535
# IPv6 addresses that hold an IPv4 address in their last 32 bits, which a gateway connects to (RFC 6052,
# RFC 8215).
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))

_LIMITS = httpx.Limits(max_connections=REQUESTS_PER_HOST)

Transport = httpx.AsyncBaseTransport
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Return the IP addresses of a host; raises ``OSError`` if there are none."""


class NoAnswerError(Exception):
    """A request, or what came back, was of no use."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Say in ``detail`` what happened, as the end of a sentence; it may quote the server."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _PrivateAddressError(httpx.ConnectError):
    """A name leads to an address that is not a public one."""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, read whole; ``body`` is its JSON, or ``None`` where it is none."""

    url: str
    status: int
    body: Any
    is_html: bool
    location: str | None

    @property
    def errcode(self) -> str | None:
        """The error code of the Matrix API, if the response holds one."""
        code = self.body.get("errcode") if isinstance(self.body, dict) else None
        return code if isinstance(code, str) else None

    def refusal(self) -> NoAnswerError:
        """Say why this response is not the one that was hoped for."""
        said = f"{self.url} answered HTTP {self.status}" + (f" {self.errcode}" if self.errcode else "")
        if self.status == httpx.codes.TOO_MANY_REQUESTS or self.errcode == "M_LIMIT_EXCEEDED":
            return NoAnswerError(Reason.RATE_LIMITED, said)
        if self.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return NoAnswerError(Reason.SERVER_ERROR, said)
        if self.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return NoAnswerError(Reason.REFUSED, said)
        if self.location is not None:
            return NoAnswerError(Reason.BAD_RESPONSE, f"{said}, a redirect to {self.location}")
        if self.status < httpx.codes.BAD_REQUEST and not self.is_html:
            return NoAnswerError(Reason.BAD_RESPONSE, f"{said} without the JSON that the API promises")
        # By M_NOT_FOUND the directory means an alias; anything else that is not found is not the API.
        absent = self.status == httpx.codes.NOT_FOUND and self.errcode == "M_NOT_FOUND"
        if absent or self.errcode in (None, "M_UNRECOGNIZED"):
            return NoAnswerError(Reason.NOT_A_HOMESERVER, f"{said}, which is not the Matrix API")
        return NoAnswerError(Reason.REFUSED, said)


def base_url(text: str, *, schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as the base URL of an API, without a slash at its end.

    ``None`` if it is none to ask: not absolute or of another scheme, with credentials, a query or a
    fragment, or of a host or port that cannot be.
    """
    url = None if "?" in text or "#" in text else absolute_url(text, schemes=schemes)
    return None if url is None else url.rstrip("/")


def absolute_url(text: str, *, relative_to: str = "", schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as an absolute URL, or ``None``: as ``base_url``, but with path and query as given."""
    try:
        url = httpx.URL(relative_to).join(text)
        usable = url.scheme in schemes and url.host and (url.port or 443) <= _HIGHEST_PORT
    except (httpx.InvalidURL, UnicodeError):  # the latter for a name that IDNA does not allow
        return None
    if not usable or url.userinfo or not url.host.isprintable() or " " in url.host or "%" in url.host:
        return None
    return str(url)


class Web:
    """HTTP with bounds on bodies, time and requests to a host; to be closed with ``aclose``."""

    def __init__(
        self,
        *,
        transport: Transport | None = None,
        resolver: Resolver | None = None,
        trusted: Iterable[str] = (),
        allow_private: bool = False,
    ) -> None:
        """Set HTTP up; raise ``StashmatrixError`` if the environment makes that impossible.

        ``trusted`` are URLs whose hosts may be at any address, since the user named them;
        ``allow_private`` says so of all. ``transport`` is used in place of the network, and
        ``resolver`` in place of the system's.
        """
        self._transport = transport
        self._resolver = resolver or _system_resolver
        self._trusted = {httpx.URL(url).netloc.decode() for url in trusted}
        self._allow_private = allow_private
        try:
            self._tls = httpx.create_ssl_context()
            httpx.AsyncClient(verify=self._tls)  # as a trial: it reads the proxies
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise StashmatrixError(
                f"HTTP cannot be used as the environment says: {error}",
                hint="look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from error
        # One small pool a host: httpx's pool takes time in proportion to its connections.
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(REQUESTS_PER_HOST))

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    async def get(self, url: str, *, limit: int) -> Response:
        """Fetch ``url``, up to ``limit`` bytes of body; raise ``NoAnswerError`` on any fault."""
        try:
            parsed = httpx.URL(url)
            host = parsed.netloc.decode()
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: {error}") from None
        if (parsed.port or 0) > _HIGHEST_PORT:
            raise NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: there is no such port")
        async with self._gates[host]:
            try:
                async with asyncio.timeout(TIMEOUT):
                    return await self._get(self._client(parsed), url, limit)
            # UnicodeError: httpx looks at where a redirect leads, and so at its host name.
            except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, UnicodeError) as error:
                raise _no_answer(error, host) from error

    def _client(self, url: httpx.URL) -> httpx.AsyncClient:
        host = url.netloc.decode()
        if host not in self._clients:
            proxy = _proxy(url)
            self._clients[host] = httpx.AsyncClient(
                verify=self._tls,
                timeout=TIMEOUT,
                limits=_LIMITS,
                proxy=proxy,
                transport=self._transport or (self._direct(host) if proxy is None else None),
                # The proxy is chosen once, here: were httpx to choose anew and find none, it would
                # connect past the check of addresses.
                trust_env=False,
                headers={
                    "User-Agent": USER_AGENT,
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                },
            )
        return self._clients[host]

    def _direct(self, host: str) -> Transport:
        inner = httpx.AsyncHTTPTransport(verify=self._tls, limits=_LIMITS)
        public_only = not self._allow_private and host not in self._trusted
        return _PinnedTransport(inner, self._resolver, public_only=public_only)

    async def _get(self, client: httpx.AsyncClient, url: str, limit: int) -> Response:
        async with client.stream("GET", url) as response:
            encoding = response.headers.get("content-encoding", "identity")
            if encoding != "identity":
                # Unasked for, and a few bytes of it can be gigabytes.
                raise NoAnswerError(Reason.BAD_RESPONSE, f"{url} answered in the encoding '{encoding}'")
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > limit:
                    raise NoAnswerError(Reason.BAD_RESPONSE, f"{url} answered more than {limit} bytes")
        return Response(
            url=url,
            status=response.status_code,
            body=_json(bytes(data)),
            is_html=data.lstrip()[:1] == b"<",
            location=response.headers.get("location") if response.has_redirect_location else None,
        )


def _proxy(url: httpx.URL) -> str | None:
    """Return the proxy that the environment sets before ``url``.

    It resolves names itself, so what it may connect to is for the proxy to say.
    """
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy is None or proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class _PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to just the addresses that it has checked.

    A name is resolved here, each of its addresses is checked, and the connection goes to one of those:
    a name that leads elsewhere a moment later changes nothing. TLS still checks the name.
    """

    def __init__(self, inner: Transport, resolver: Resolver, *, public_only: bool) -> None:
        self._inner = inner
        self._resolver = resolver
        self._public_only = public_only

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` to the first address that takes the connection."""
        host = request.url.host
        addresses = await self._resolver(host, request.url.port or 443)
        for address in addresses:
            if self._public_only and not is_public(address):
                raise _PrivateAddressError(f"{host} leads to {address}, which is not a public address")
        failure: httpx.TransportError = httpx.ConnectError(f"{host} has no address")
        for address in addresses:
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def is_public(text: str) -> bool:
    """Say whether an IP address is one that anybody on the internet may have.

    Loopback, private, link-local, carrier-grade NAT, multicast and reserved ones are not, nor are IPv6
    forms that stand for such an IPv4 address (mapped, 6to4, NAT64).
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in _NAT64):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def _system_resolver(host: str, port: int) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _json(data: bytes) -> Any:  # noqa: ANN401 (JSON can be anything)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _no_answer(error: Exception, host: str) -> NoAnswerError:
    """Put a network error in our words; the cause that tells most is often deep in its chain."""
    link: BaseException | None = error
    words = str(error)
    while link is not None:
        if isinstance(link, socket.gaierror):
            return NoAnswerError(Reason.SERVER_NOT_FOUND, f"the name {host} does not resolve")
        if isinstance(link, ssl.SSLError):
            words = getattr(link, "verify_message", "") or link.reason or str(link)
            return NoAnswerError(Reason.TLS_ERROR, f"no secure connection to {host}: {words}")
        if isinstance(link, OSError) and link.strerror:
            words = link.strerror
        link = link.__cause__ or link.__context__
    if isinstance(error, _PrivateAddressError):
        return NoAnswerError(Reason.PRIVATE_ADDRESS, words)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return NoAnswerError(Reason.UNREACHABLE, f"{host} did not answer within {TIMEOUT:g} seconds")
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.RemoteProtocolError):
        return NoAnswerError(Reason.UNREACHABLE, f"the connection to {host} failed: {words}")
    return NoAnswerError(Reason.BAD_RESPONSE, f"{host} broke off or did not speak HTTP: {words}")
