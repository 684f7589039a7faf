"""Real homeservers for the tests: Synapse, on loopback ports of their own."""

import base64
import hashlib
import hmac
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml

SHARED_SECRET = "only for tests"  # noqa: S105 (nobody else can reach the server)
START_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Homeserver:
    """A running Synapse, and an HTTP client that speaks for its only user."""

    name: str
    url: str
    client: httpx.Client

    def api(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 (JSON can be anything)
        """Call the client-server API and return its JSON."""
        response = self.client.request(method, f"/_matrix/client/v3/{path}", json=body)
        response.raise_for_status()
        return response.json()

    def create_rooms(self, names: Iterable[str], **options: object) -> None:
        """Create a room for each alias localpart."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: self.create_room(name, **options), names))

    def create_room(self, name: str, /, **options: object) -> str:
        """Create a room with this alias localpart and return its ID."""
        body = {"room_alias_name": name, "preset": "public_chat", **options}
        room_id = self.api("POST", "createRoom", body)["room_id"]
        assert isinstance(room_id, str)
        return room_id


def at(homeserver: Homeserver) -> tuple[str, ...]:
    """Return the options of check-links for ``homeserver``, each of whose rooms has one member."""
    return "--homeserver", f"{homeserver.name}={homeserver.url}", "--disable", "nearly-empty"


@contextmanager
def running(folder: Path, *server_names: str) -> Iterator[list[Homeserver]]:
    """Start a Synapse for each name, all at the same time, with files in ``folder``; stop them at the end."""
    with ExitStack() as stack:
        starts = [stack.enter_context(_start(name, folder / name)) for name in server_names]
        yield [stack.enter_context(_ready(start)) for start in starts]


class _Start(NamedTuple):
    """A Synapse that has been started and need not answer yet."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def _start(name: str, folder: Path) -> Iterator[_Start]:
    folder.mkdir()
    port = _free_port()
    configuration = folder / "homeserver.yaml"
    configuration.write_text(yaml.safe_dump(_configuration(name, port, folder)))
    command = [sys.executable, "-m", "synapse.app.homeserver", "--config-path", str(configuration)]
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        yield _Start(name, f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


@contextmanager
def _ready(start: _Start) -> Iterator[Homeserver]:
    """Wait until it answers, and make its user."""
    # One client for all requests: each new one would read the machine's certificates.
    with httpx.Client(base_url=start.url, timeout=30) as client:
        _wait(start, client)
        client.headers["Authorization"] = f"Bearer {_register(client)}"
        yield Homeserver(start.name, start.url, client)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


def _configuration(server_name: str, port: int, folder: Path) -> dict[str, object]:
    no_limit = {"per_second": 10_000, "burst_count": 10_000}
    key = folder / "signing.key"
    key.write_text(f"ed25519 a_test {base64.b64encode(os.urandom(32)).decode().rstrip('=')}\n")
    return {
        "server_name": server_name,
        "listeners": [
            {
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                "type": "http",
                "resources": [{"names": ["client"]}],
            }
        ],
        # On a disk, creating rooms takes three times as long.
        "database": {"name": "sqlite3", "args": {"database": ":memory:"}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(key),
        "registration_shared_secret": SHARED_SECRET,
        "macaroon_secret_key": SHARED_SECRET,
        "form_secret": SHARED_SECRET,
        "password_config": {"bcrypt_rounds": 4},  # the fewest
        "report_stats": False,
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        # Without what no test asks for, a room takes a fifth less time. A summary has its members and its
        # canonical alias from the stats, so that those stay.
        "enable_search": False,
        "presence": {"enabled": False},
        "push": {"enabled": False},
        "user_directory": {"enabled": False},
        # Nobody else is asked about other servers' aliases: there is no way out from a test.
        "federation_domain_whitelist": [],
        "rc_message": no_limit,
        "rc_registration": no_limit,
        "rc_room_creation": no_limit,
        "rc_joins": {"local": no_limit, "remote": no_limit},
    }


def _wait(start: _Start, client: httpx.Client) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if start.process.poll() is not None:
            raise RuntimeError(f"Synapse ended while it started:\n{start.log.read_text()[-2000:]}")
        try:
            if client.get("/_matrix/client/versions", timeout=1).is_success:
                return
        except httpx.TransportError:
            # Nothing else can be waited for: Synapse says that it is up to systemd alone.
            time.sleep(0.05)
    raise RuntimeError(f"Synapse did not start within {START_SECONDS} s:\n{start.log.read_text()[-2000:]}")


def _register(client: httpx.Client) -> str:
    """Make the only user, through Synapse's own API for a shared secret; return an access token."""
    path = "/_synapse/admin/v1/register"
    nonce = client.get(path).json()["nonce"]
    fields = (nonce, "tester", SHARED_SECRET, "notadmin")
    mac = hmac.new(SHARED_SECRET.encode(), "\0".join(fields).encode(), hashlib.sha1).hexdigest()
    body = {
        "nonce": nonce,
        "username": "tester",
        "password": SHARED_SECRET,
        "admin": False,
        "mac": mac,
    }
    token = client.post(path, json=body).raise_for_status().json()["access_token"]
    assert isinstance(token, str)
    return token
