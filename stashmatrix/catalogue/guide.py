"""The guide to Matrix that ships with the catalogue: topics to read, homeservers to register on."""

from dataclasses import dataclass
from pathlib import Path

from stashmatrix.catalogue import yamlfile
from stashmatrix.catalogue.yamlfile import Document, Node
from stashmatrix.errors import unknown
from stashmatrix.matrix.identifiers import ServerName


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """A page to read on."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One page of the guide: paragraphs, then points, then links; each may be empty."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]
    links: tuple[WebPage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHomeserver:
    """A homeserver that takes new members."""

    name: ServerName
    sign_up: str
    """URL of the page to register on."""
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """All of the guide."""

    homeservers: tuple[PublicHomeserver, ...]
    more_homeservers: str
    """URL of a list of others."""
    topics: tuple[Topic, ...]

    def topic(self, topic_id: str) -> Topic:
        """Return the topic of that ID; raise ``UnknownNameError`` if there is none."""
        ids = {topic.id: topic for topic in self.topics}
        if topic_id not in ids:
            raise unknown("topic", topic_id, {name: name for name in ids}, otherwise=", ".join(ids))
        return ids[topic_id]


def load(path: Path) -> Guide:
    """Load the guide at ``path``; raise ``InvalidFileError`` with all that is wrong with it."""
    document = yamlfile.load(path)
    keys = ("homeservers", "more_homeservers", "topics")
    top = document.mapping(document.root, "the guide", required=keys)
    servers = [
        _homeserver(document, item) for item in document.entries(top.get("homeservers"), "homeservers")
    ]
    guide = Guide(
        homeservers=tuple(server for server in servers if server is not None),
        more_homeservers=document.text(top.get("more_homeservers"), "more_homeservers") or "",
        topics=tuple(_topic(document, item) for item in document.entries(top.get("topics"), "topics")),
    )
    document.finish()
    return guide


def _homeserver(document: Document, node: Node) -> PublicHomeserver | None:
    entry = document.mapping(node, "a homeserver", required=("name", "sign_up"), optional=("note",))
    name = document.parsed(entry.get("name"), "a homeserver's name", ServerName)
    sign_up = document.text(entry.get("sign_up"), "sign_up")
    note = document.text(entry.get("note"), "a note")
    return PublicHomeserver(name=name, sign_up=sign_up or "", note=note) if name is not None else None


def _topic(document: Document, node: Node) -> Topic:
    entry = document.mapping(node, "a topic", required=("id", "title"), optional=("text", "points", "links"))
    return Topic(
        id=document.text(entry.get("id"), "a topic's id") or "",
        title=document.text(entry.get("title"), "a topic's title") or "",
        paragraphs=_texts(document, entry.get("text"), "text"),
        points=_texts(document, entry.get("points"), "points"),
        links=tuple(_page(document, item) for item in document.entries(entry.get("links"), "links")),
    )


def _texts(document: Document, node: Node | None, what: str) -> tuple[str, ...]:
    return tuple(document.text(item, what) or "" for item in document.entries(node, what))


def _page(document: Document, node: Node) -> WebPage:
    entry = document.mapping(node, "a link", required=("title", "url"))
    return WebPage(
        title=document.text(entry.get("title"), "a link's title") or "",
        url=document.text(entry.get("url"), "a link's url") or "",
    )
