"""Whole pages in the manner of communities, and the rooms that a reader counts on them."""

import pytest

from stashmatrix.page.marks import MARKS
from stashmatrix.page.reading import read_page


def link(alias: str) -> str:
    return f"[{alias}](https://matrix.to/#/{alias})"


PAGES = {
    "steps, then a list": (
        f"""\
# Chat

Ask for an invitation in the [lobby](https://matrix.to/#/#lobby:hut.example).

- A thread is a list of messages.
- Be kind.

## The space of the hut

All rooms of {link("#hut:hut.example")}:

- {link("#lobby:hut.example")} - To be let in.
- {link("#wood:hut.example")} - Questions (planks, nails, glue, etc).
- {link("#random:hut.example")} - Off-topic.
""",
        ["#lobby:hut.example", "#wood:hut.example", "#random:hut.example"],
    ),
    "steps that mention rooms, then tables": (
        """\
## Joining
1. To start, join our ["General" channel](https://matrix.to/#/#mill:mill.example).
    - When asked to choose an app, take one.
2. To use another app, see [the list](https://matrix.org/clients/).
3. Look through the rooms below.

> **Note:** Students go to [the "Study" channel](https://matrix.to/#/#study:mill.example).

### General
These are for everybody.

| Name | Address | Purpose |
|-|-|-|
| Mill - General | [`#mill:mill.example`](https://matrix.to/#/#mill:mill.example) | News. |
| Mill - Review | [`#review:mill.example`](https://matrix.to/#/#review:mill.example) | [Rules](/rules) |

### Study
| Name | Address | Purpose |
|-|-|-|
| Mill - Study | [`#study.mill.example`](https://matrix.to/#/#study:mill.example) | For students |
""",
        [
            "#mill:mill.example = Mill - General",
            "#review:mill.example = Mill - Review",
            "#study:mill.example = Mill - Study",
        ],
    ),
    "a table in a shortcode, with two addresses of one room": (
        """\
## Our public rooms

{{< table class="striped" >}}

| Room name | Purpose | Room address(es) |
| :------ | :---------- | :--------------- |
| News & Dates | News about the ferry | #news:ferry.org, #dates:ferry.org |
| Crew | How to help | #crew:ferry.org |

{{< /table >}}
""",
        ["#news:ferry.org = News & Dates, #dates:ferry.org", "#crew:ferry.org = Crew"],
    ),
    "definitions without blank lines": (
        """\
## The space and the rooms

They are in one space: https://matrix.to/#/#berg:berg.example

[berg-all](https://matrix.to/#/#berg-general:berg.example)
: For all that has no other place.
[berg-jobs](https://matrix.to/#/#berg-jobs:berg.example)
: For jobs.
[berg-dates](https://matrix.to/#/#berg-events:berg.example)
: For dates.

### More

All may open rooms.
""",
        [
            "#berg-general:berg.example = berg-all",
            "#berg-jobs:berg.example",
            "#berg-events:berg.example = berg-dates",
        ],
    ),
    "paragraphs": (
        """\
## Our space and rooms

They are in one space: [#berg:berg.example](https://matrix.to/#/#berg:berg.example) (join that, too)

[general](https://matrix.to/#/#berg-general:berg.example): For all that fits nowhere else.

[jobs](https://matrix.to/#/#berg-jobs:berg.example): For jobs.

Please introduce yourself.
""",
        ["#berg-general:berg.example = general", "#berg-jobs:berg.example = jobs"],
    ),
    "names beside addresses": (
        """\
### Technology

#### Privacy

* Lock pickers [`#locks:safe.example`](https://matrix.to/#/#locks:safe.example)
* [Vault](https://vault.example) [`#vault:safe.example`](https://matrix.to/#/!x:safe.example?via=safe.example)
* Front ends [`#front:safe.example`](https://matrix.to/#/%23front:safe.example): rooms of front ends.

### Places

* [The Cellar](https://cellar.example/) [`#vault:cellar.example`](https://matrix.to/#/#vault:cellar.example)
* There is a [guide](https://guide.example) to more of them.
""",
        [
            "#locks:safe.example = Lock pickers",
            "#vault:safe.example = Vault",
            "#front:safe.example = Front ends",
            "#vault:cellar.example = The Cellar",
        ],
    ),
    "rooms beside other networks, in nested lists": (
        """\
## All channels

* **ship:** The main channel
  * Matrix: [#Ship:sea.example](https://app.element.io/#/room/#Ship:sea.example), OR
  * Telegram: [ShipPublic](https://t.me/ship), OR
  * IRC: `#ship` on [Libera.chat](https://libera.chat)

* **ship-dev:** For development
  * Matrix: [#ship-dev:sea.example](https://app.element.io/#/room/#ship-dev:sea.example), OR
  * Telegram: [ShipDev](https://t.me/shipdev)

### Space

We have a [space](https://app.element.io/#/room/!x:sea.example).
""",
        ["#Ship:sea.example = ship", "#ship-dev:sea.example"],
    ),
    "rooms beside other networks, under headings": (
        """\
#### Entraide
Le salon d'entraide.
- IRC : **#pain** sur irc.example.net
- Matrix : **#irc_#pain:four.org**
- XMPP : **[pain@four.org](xmpp:pain@four.org?join)**

#### D\u00e9veloppement
- IRC : **#pain-dev** sur irc.example.net
- Matrix : **#irc_#pain-dev:four.org**
""",
        ["#irc_#pain:four.org", "#irc_#pain-dev:four.org"],
    ),
    "rooms beside other networks, in a table": (
        """\
| Channel | Matrix | Telegram | IRC |
| --- | --- | --- | --- |
| General | [#oak:tree.example](https://matrix.to/#/#oak:tree.example) | [@oak](https://t.me/oak) | #oak |
| Podcast | Unavailable | Unavailable | Unavailable |
| Oak 64 / Oak 32 | [#oak64:tree.example](https://matrix.to/#/#oak64:tree.example) | Unavailable | #oak64 |

There is also a space at [#trees:tree.example](https://matrix.to/#/#trees:tree.example) for all of these.
""",
        ["#oak:tree.example = General", "#oak64:tree.example = Oak 64 / Oak 32"],
    ),
    "short labels, a note, and instructions": (
        """\
# Guide

1. Choose a client

    See the [list](https://matrix.org/clients/).

1. Join the rooms

    > **Note:**
    > **The best way is to join the space: [#club-space]**

    - [#club-general] - open to all
    - [#club-members] - read by all, written by members

1. Check that you may write in [#club-members].

## A new room

1. Create it.
1. Name it.
1. Ask a chair to add it to the [#club-space].

[#club-space]: https://matrix.to/#/#club-space:club.example
[#club-general]: https://matrix.to/#/#club-general:club.example
[#club-members]: https://matrix.to/#/#club-members:club.example
""",
        ["#club-general:club.example", "#club-members:club.example"],
    ),
    "a web client of one's own": (
        """\
## [[Matrix]]

_Our space_ has a list of its own.

- [\\#team](https://element.firm.example/#/room/#team:firm.example) - The full team.
- [\\#dev](https://element.firm.example/#/room/#dev:firm.example) - Development.

## [Slack](https://firm.slack.example])

- `#firm-dev` - main channel
""",
        ["#team:firm.example", "#dev:firm.example"],
    ),
    "a list of resources with mentions below": (
        f"""\
## Rooms

| Room | Focus |
|------|-------|
| {link("#well:well.example")} | General discussion |
| {link("#rope:well.example")} | Ropes |

## Contributing

1. **Read** what is [proposed](https://well.example/proposals)
2. **Join discussion** in #rope:well.example
3. **Write** a proposal

### News

1. **The weekly**
2. **#well:well.example** - Discussion
""",
        ["#well:well.example", "#rope:well.example"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), PAGES.values(), ids=PAGES.keys())
def test_a_page_has_the_rooms_that_a_reader_counts(text: str, expected: list[str]) -> None:
    catalogue = read_page("page.md", text, MARKS).catalogue
    assert [
        ", ".join(
            (
                f"{room.alias} = {room.own_name}" if room.own_name else room.alias,
                *(address.alias for address in room.alternatives),
            )
        )
        for room in catalogue.rooms
    ] == expected
    assert {room.category for room in catalogue.rooms} == set(catalogue.categories)
