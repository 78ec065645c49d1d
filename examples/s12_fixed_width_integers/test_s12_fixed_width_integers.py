"""S12: the bytes are struct.pack's, at every width, and what does not fit is said to."""

import struct

import pytest

from support.lesson import run

PROGRAM = "s12_fixed_width_integers"
FORMATS = "bhiIq"


def shown(number: int) -> dict[str, str]:
    lines = run(PROGRAM, "--", str(number)).stdout.splitlines()[1:]
    return {line[0]: line.split(")  ", 1)[1] for line in lines}


@pytest.mark.parametrize("number", [0, 1, -1, 127, 128, -128, -129, 183346, -183346, 2**31 - 1, 2**31, -2**31,
                                    2**32 - 1, 2**32, 4323241232132324, 2**63 - 1, -2**63])
def test_it_is_what_python_packs(number):
    found = shown(number)
    assert "".join(found) == FORMATS
    for code in FORMATS:
        try:
            little, big = struct.pack("<" + code, number), struct.pack(">" + code, number)
        except struct.error:
            assert "does not fit" in found[code]
        else:
            text = f"{little.hex(' ')}  back: {number}  highest first: {big.hex(' ')}"
            assert found[code] == text, code


def test_the_tutorials_number():
    assert "32 cc 02 00" in run(PROGRAM).stdout


@pytest.mark.parametrize("text", ["ten", "1.5", "9223372036854775808", "1x", ""])
def test_what_is_no_number(text):
    if text:
        assert "whole number" in run(PROGRAM, text, code=2).stderr
    else:
        run(PROGRAM, text)
