"""What people type by mistake, and the way on that they are shown."""

import pytest

from tests.support.process import Run, lines


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("romos",), "did you mean rooms?"),
        (("ROOMS",), "did you mean rooms?"),
        (("page", "exprt"), "did you mean export?"),
        (("search", "docker", "a b"), "did you mean: stashmatrix rooms docker 'a b'"),
        (("list",), "did you mean: stashmatrix rooms"),
        (("check", "docs"), "did you mean: stashmatrix check-links docs"),
        (("stash-help",), "did you mean: stashmatrix open stash-help"),
        (("#stash-help:unredacted.org",), "did you mean: stashmatrix open '#stash-help:unredacted.org'"),
        (("--catalogue", "nosuch.yaml", "stash-help"), "see 'stashmatrix --help'"),
        (("xyzzy",), "see 'stashmatrix --help'"),
        (("page", "xyzzy"), "see 'stashmatrix page --help'"),
    ],
)
def test_a_command_that_does_not_exist(run: Run, args: tuple[str, ...], hint: str) -> None:
    result = run(*args)
    name = next(arg for arg in args if arg not in ("page", "--catalogue", "nosuch.yaml"))
    assert lines(result.stderr) == [f"error: no command named '{name}'", f"hint: {hint}"]
    assert (result.status, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("rooms", "--NSFW"), "did you mean --nsfw?"),
        (("rooms", "--nsfx"), "did you mean --nsfw or --no-nsfw?"),
        (("rooms", "--catalog", "x"), "did you mean --catalogue?"),
        (("--catalog", "x", "rooms"), "did you mean --catalogue?"),
        (("check-links", "--verbos"), "did you mean --verbose?"),
        (("--nsfw", "rooms"), "did you mean: stashmatrix rooms --nsfw"),
        (("rooms", "-x"), "see 'stashmatrix rooms --help'"),
        (("--install-completion",), "did you mean: stashmatrix completion --help"),
        (("--xyzzy",), "see 'stashmatrix --help'"),
    ],
)
def test_an_option_that_does_not_exist(run: Run, args: tuple[str, ...], hint: str) -> None:
    result = run(*args)
    assert lines(result.stderr)[1:] == [f"hint: {hint}"]
    assert (result.status, result.stdout) == (2, "")


def test_an_option_without_its_value_leads_to_the_help_of_its_command(run: Run) -> None:
    assert lines(run("rooms", "--format").stderr)[1] == "hint: see 'stashmatrix rooms --help'"
