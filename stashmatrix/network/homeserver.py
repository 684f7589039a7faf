"""The API of one homeserver, asked about rooms without an account: facts only, no judgement.

Matrix specification, Client-Server API, "Room aliases" and "Room previews".
"""

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network import api
from stashmatrix.network.outcomes import NoAnswer, Response
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary, Unknown

# No server has this path: whoever answers M_NOT_FOUND to it tells an alias from nothing.
_NO_PATH = "v3/directory/no_such_path"
_CONTROL_BODY = 64 * 1024
# A directory answer lists every server in the room: large rooms have tens of thousands. Little of it is kept.
_DIRECTORY_BODY = 32 * 1024 * 1024
_SUMMARY_BODY = 256 * 1024
# A topic may be as long as an event; this much of it tells what the room is for.
_LONGEST_TEXT = 1000

_SUMMARY_PATHS = (
    "v1/room_summary/{}",
    "unstable/im.nheko.summary/summary/{}",
    "unstable/im.nheko.summary/rooms/{}/summary",
)
"""The standard's since v1.15, that of MSC3266 before, and that of an early draft; servers have all three."""

# Synapse answers the first, the descendants of Conduit the second.
_HIDDEN = (
    (HTTPStatus.NOT_FOUND, "M_NOT_FOUND"),
    (HTTPStatus.FORBIDDEN, "M_FORBIDDEN"),
)

Room = RoomAlias | RoomId


class Homeserver:
    """The client-server API of one homeserver."""

    def __init__(
        self, web: Web, base_url: str, *, doubt: NoAnswer | None = None, is_resolver: bool = False
    ) -> None:
        """Ask the API at ``base_url``.

        With a ``doubt`` it may be the wrong API, which cannot prove an alias absent. One that
        ``is_resolver`` asks the aliases' own servers.
        """
        self._web = web
        self._base_url = base_url.rstrip("/")
        self._doubt = doubt
        self._is_resolver = is_resolver
        self._summary_paths: tuple[str, ...] = _SUMMARY_PATHS
        self._without_summaries = NoAnswer(Reason.REFUSED, f"{self._base_url} has no summaries of rooms")
        """Why the server gets no more requests for summaries, once it does not."""
        self._trial = asyncio.Lock()
        self._is_tried = False

    async def look_up(self, alias: RoomAlias) -> Answer:
        """Ask where ``alias`` leads, and what room that is.

        A summary tells both. A resolver is not asked for it first: it has to ask the alias's own server
        for either, and could fail at both.
        """
        about = None if self._is_resolver else await self._summary(alias)
        room_id: RoomId | NoAnswer | None = None if about is None else _summarized_room(about)
        if room_id is None:
            room_id = await self._room_id(alias)
        if isinstance(room_id, NoAnswer):
            return Unknown(reason=room_id.reason, detail=room_id.detail, homeserver=self._base_url)
        if room_id is None:
            return self._absence()
        return self._resolved(room_id, await self._summary(alias) if self._is_resolver else about)

    async def find(self, alias: RoomAlias) -> Resolved | NoAnswer | None:
        """Ask where ``alias`` leads, and what room that is only if it leads anywhere.

        ``None`` if the server says that there is no such alias: it is not asked to confirm that.
        """
        room_id = await self._room_id(alias)
        if not isinstance(room_id, RoomId):
            return room_id
        return self._resolved(room_id, await self._summary(alias))

    def _resolved(self, room_id: RoomId, about: Response | None) -> Resolved:
        """Put together where an alias leads and what ``_summary`` returned."""
        room = Resolved(room_id=room_id, homeserver=self._base_url, by_resolver=self._is_resolver)
        if about is None:
            return room
        if about.status == HTTPStatus.OK:
            return replace(room, summary=_read_summary(about.body, room_id))
        return replace(room, hidden=not self._is_resolver)

    async def look_at(self, room_id: RoomId) -> Resolved | Unknown:
        """Ask what room ``room_id`` is."""
        about = await self._summary(room_id)
        if about is None:
            reason = self._without_summaries
        elif about.status != HTTPStatus.OK:
            reason = NoAnswer(
                Reason.REFUSED, f"{self._base_url} shows it to members only, or does not know it"
            )
        elif _summarized_room(about) == room_id:
            summary = _read_summary(about.body, room_id)
            return Resolved(room_id=room_id, homeserver=self._base_url, summary=summary)
        else:
            reason = NoAnswer(Reason.BAD_RESPONSE, f"{self._base_url} answers with another room")
        return Unknown(reason=reason.reason, detail=reason.detail, homeserver=self._base_url)

    async def indifference(self) -> NoAnswer | None:
        """Return why this API may say ``M_NOT_FOUND`` whatever it is asked; ``None`` if it does not."""
        response = await self._get(_NO_PATH, limit=_CONTROL_BODY, fresh=True)
        if isinstance(response, Response) and api.errcode(response) == "M_NOT_FOUND":
            detail = f"{self._base_url} answers M_NOT_FOUND for a path that no server has, too"
            return NoAnswer(Reason.BAD_RESPONSE, detail)
        return _trouble(response)

    async def other_owner(self, delegated_by: ServerName) -> NoAnswer | None:
        """Return why this API may be of another server than ``delegated_by``, which named it, or ``None``.

        That one would say that a room is absent or hidden of all that it fails to look up.
        """
        keys = f"{self._base_url}/_matrix/key/v2/server"
        response = await api.get(self._web, keys, limit=_CONTROL_BODY, fresh=True)
        # Many servers do not serve their keys beside the client API, which says nothing of them.
        if isinstance(response, NoAnswer) or response.status != HTTPStatus.OK:
            return _trouble(response)
        owner = response.body.get("server_name") if isinstance(response.body, dict) else None
        if not isinstance(owner, str) or owner == delegated_by:
            return None
        detail = f"{self._base_url} is the homeserver of {_text(owner)}, not of {delegated_by}"
        return NoAnswer(Reason.NOT_ITS_SERVER, detail)

    async def confirmed(
        self, alias: RoomAlias, answer: Absent | Resolved, flaw: NoAnswer | None
    ) -> Absent | Resolved | Unknown:
        """Return what is left of ``answer`` with this ``flaw``, and once an absent alias is asked again."""
        if isinstance(answer, Resolved):
            return answer if flaw is None else replace(answer, hidden=False)
        if flaw is None:
            again = await self._room_id(alias, fresh=True)
            if again is None:
                return answer
            if isinstance(again, RoomId):
                return Resolved(room_id=again, homeserver=self._base_url)
            flaw = replace(again, detail=f"asked again, {again.detail}")
        detail = f"{self._base_url} does not know the alias, which is no proof: {flaw.detail}"
        return Unknown(reason=flaw.reason, detail=detail, homeserver=self._base_url)

    async def _room_id(self, alias: RoomAlias, *, fresh: bool = False) -> RoomId | NoAnswer | None:
        """Ask the directory by API ``v3``, or by ``r0`` if the server is too old for that.

        ``None`` if the server says that there is no such alias.
        """
        path = f"directory/room/{quote(alias, safe='')}"
        response = await self._get(f"v3/{path}", limit=_DIRECTORY_BODY, fresh=fresh)
        if isinstance(response, Response) and api.errcode(response) == "M_UNRECOGNIZED":
            response = await self._get(f"r0/{path}", limit=_DIRECTORY_BODY, fresh=fresh)
        return response if isinstance(response, NoAnswer) else _read_room_id(response)

    def _absence(self) -> Absent | Unknown:
        """Downgrade an absence to Unknown if discovery may have found the wrong API."""
        if self._doubt is None:
            return Absent(homeserver=self._base_url)
        who = f"{self._base_url}, which does not know the alias, may not speak for it"
        detail = f"{self._doubt.detail}, so {who}"
        return Unknown(reason=self._doubt.reason, detail=detail, homeserver=self._base_url)

    async def _summary(self, room: Room) -> Response | None:
        """Ask for a room's summary; the response has it, or refuses it to strangers.

        ``None`` if the server has no summaries, or failed once: it gets no more such requests. The first
        one decides alone which path to ask for, and parallel ones wait for that.
        """
        async with self._trial:
            if not self._is_tried:
                self._is_tried = True
                return await self._ask_for_summary(room)
        return await self._ask_for_summary(room)

    async def _ask_for_summary(self, room: Room) -> Response | None:
        while self._summary_paths:
            paths = self._summary_paths
            response = await self._get(paths[0].format(quote(room, safe="")), limit=_SUMMARY_BODY)
            if isinstance(response, NoAnswer):
                self._summary_paths, self._without_summaries = (), response
                break
            if _summarized_room(response) is not None or _is_hidden(response, room):
                return response
            is_unrecognized = api.errcode(response) == "M_UNRECOGNIZED"
            # A parallel request may have moved on meanwhile.
            if self._summary_paths == paths:
                self._summary_paths = paths[1:] if is_unrecognized else ()
                if not is_unrecognized:
                    self._without_summaries = api.refusal(response)
        return None

    async def _get(self, path: str, *, limit: int, fresh: bool = False) -> Response | NoAnswer:
        url = f"{self._base_url}/_matrix/client/{path}"
        return await api.get(self._web, url, limit=limit, by_resolver=self._is_resolver, fresh=fresh)


def _trouble(response: Response | NoAnswer) -> NoAnswer | None:
    """Return why a question is open, and might be answered at another time; ``None`` if it is not."""
    if isinstance(response, NoAnswer):
        return response
    return api.refusal(response) if api.may_pass(response) else None


def _read_room_id(response: Response) -> RoomId | NoAnswer | None:
    """Return the room in a directory's answer; ``None`` if the answer is that there is no such alias."""
    if response.status == HTTPStatus.NOT_FOUND and api.errcode(response) == "M_NOT_FOUND":
        return None
    room_id = response.body.get("room_id") if isinstance(response.body, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(room_id, str):
        return api.refusal(response)
    try:
        return RoomId(room_id)
    except IdentifierError as error:
        return NoAnswer(Reason.BAD_RESPONSE, f"{response.url}: {error.message}")


def _summarized_room(response: Response) -> RoomId | None:
    """Return the room that a summary is of; ``None`` if there is no summary, or its room ID is not valid."""
    room_id = response.body.get("room_id") if isinstance(response.body, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(room_id, str):
        return None
    try:
        return RoomId(room_id)
    except IdentifierError:
        return None


def _is_hidden(response: Response, room: Room) -> bool:
    """Say whether the server refuses strangers a summary of this room; of others it may have some."""
    code = api.errcode(response)
    if (response.status, code) in _HIDDEN:
        return True
    # Synapse says so of a room that it is not in: it would have to be told whom to ask.
    by_id = isinstance(room, RoomId) and response.status == HTTPStatus.BAD_REQUEST
    return by_id and code not in (None, "M_UNRECOGNIZED")


def _read_summary(body: Any, room_id: RoomId) -> Summary | None:  # noqa: ANN401 (JSON can be anything)
    """Return a room's summary; ``None`` if it is of another room, or not what the API promises."""
    if not isinstance(body, dict) or body.get("room_id") != room_id:
        return None
    members, join_rule = body.get("num_joined_members"), body.get("join_rule")
    if type(members) is not int or not isinstance(join_rule, str | None):
        return None
    # Servers older than v1.15 prefix the keys that are new in it.
    version = body.get("room_version", body.get("im.nheko.summary.room_version"))
    encryption = body.get("encryption", body.get("im.nheko.summary.encryption"))
    return Summary(
        name=_text(body.get("name")),
        topic=_text(body.get("topic")),
        members=members,
        join_rule=_text(join_rule),
        room_type=_text(body.get("room_type")),
        room_version=_text(version),
        canonical_alias=_alias(body.get("canonical_alias")),
        encryption=_text(encryption),
    )


def _alias(value: Any) -> RoomAlias | None:  # noqa: ANN401 (JSON can be anything)
    try:
        return RoomAlias(value) if isinstance(value, str) else None
    except IdentifierError:
        return None


def _text(value: Any) -> str | None:  # noqa: ANN401 (JSON can be anything)
    return value[:_LONGEST_TEXT] if isinstance(value, str) else None
