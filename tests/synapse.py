"""A real homeserver for the tests: Synapse, on a loopback port of its own."""

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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

SHARED_SECRET = "only for tests"  # noqa: S105 (nobody else can reach the server)
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Homeserver:
    """A running Synapse and the access token of its only user."""

    name: str
    url: str
    token: str

    def api(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 (JSON can be anything)
        """Call the client-server API and return its JSON."""
        response = httpx.request(
            method,
            f"{self.url}/_matrix/client/v3/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
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


@contextmanager
def running(server_name: str, folder: Path) -> Iterator[Homeserver]:
    """Start a Synapse for ``server_name`` with its files in ``folder``, and stop it at the end."""
    port = _free_port()
    configuration = folder / "homeserver.yaml"
    configuration.write_text(yaml.safe_dump(_configuration(server_name, port, folder)))
    command = [sys.executable, "-m", "synapse.app.homeserver", "--config-path", str(configuration)]
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, url, log)
        yield Homeserver(server_name, url, _register(url))
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


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
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(key),
        "registration_shared_secret": SHARED_SECRET,
        "macaroon_secret_key": SHARED_SECRET,
        "form_secret": SHARED_SECRET,
        "report_stats": False,
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        # Nobody else is asked about other servers' aliases: there is no way out from a test.
        "federation_domain_whitelist": [],
        "rc_message": no_limit,
        "rc_registration": no_limit,
        "rc_room_creation": no_limit,
        "rc_joins": {"local": no_limit, "remote": no_limit},
    }


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Synapse ended while it started:\n{log.read_text()[-2000:]}")
        try:
            if httpx.get(f"{url}/_matrix/client/versions", timeout=1).is_success:
                return
        except httpx.TransportError:
            # Nothing else can be waited for: Synapse says that it is up to systemd alone.
            time.sleep(0.05)
    raise RuntimeError(f"Synapse did not start within {START_SECONDS} s:\n{log.read_text()[-2000:]}")


def _register(url: str) -> str:
    """Make the only user, through Synapse's own API for a shared secret; return an access token."""
    path = f"{url}/_synapse/admin/v1/register"
    nonce = httpx.get(path).json()["nonce"]
    fields = (nonce, "tester", SHARED_SECRET, "notadmin")
    mac = hmac.new(SHARED_SECRET.encode(), "\0".join(fields).encode(), hashlib.sha1).hexdigest()
    body = {
        "nonce": nonce,
        "username": "tester",
        "password": SHARED_SECRET,
        "admin": False,
        "mac": mac,
    }
    token = httpx.post(path, json=body, timeout=30).raise_for_status().json()["access_token"]
    assert isinstance(token, str)
    return token
