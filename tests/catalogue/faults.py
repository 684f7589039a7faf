"""What a faulty file is to be refused with."""

from stashmatrix.errors import Fault

OTHERS_WORDS = ""
"""The message, or its rest, is another module's or a library's: only the place counts."""

Expected = list[tuple[int, int, str]]
"""Line, column and beginning of the message of each fault."""


def assert_faults(faults: tuple[Fault, ...], expected: Expected) -> None:
    assert [fault[:2] for fault in faults] == [place[:2] for place in expected], faults
    for fault, (_, _, message) in zip(faults, expected, strict=True):
        assert fault.message.startswith(message)
