"""What students get of an author's code: solutions are gone, what was to stay is there, and half a block is refused."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.markers import MarkerError, strip_code, strip_text


def stripped(text: str) -> str:
    return strip_code(textwrap.dedent(text).strip("\n")).text


def same(text: str, expected: str) -> None:
    assert stripped(text) == textwrap.dedent(expected).strip("\n")


def test_names_that_are_read_after_a_block_are_to_be_filled_in() -> None:
    same(
        """
        def f(x, theta):
            ### START CODE HERE ### (about 2 lines)
            scale = secret(x)
            J = scale * theta
            ### END CODE HERE ###

            return J
        """,
        """
        def f(x, theta):
            ### START CODE HERE ### (about 2 lines)
            J = None
            ### END CODE HERE ###

            return J
        """,
    )


def test_items_returns_functions_and_nothing() -> None:
    same(
        """
        for i in range(n):
            # START CODE HERE
            plus = secret(i)
            out[i] = plus / 2
            # END CODE HERE
        print(out)
        # START CODE HERE
        def helper(a, b=1):
            return secret(a)
        # END CODE HERE
        helper(1)
        def g(x):
            # START CODE HERE
            return secret(x)
            # END CODE HERE
        # START CODE HERE
        secret(5)
        # END CODE HERE
        """,
        """
        for i in range(n):
            # START CODE HERE
            out[i] = None
            # END CODE HERE
        print(out)
        # START CODE HERE
        def helper(a, b=1):
            pass
        # END CODE HERE
        helper(1)
        def g(x):
            # START CODE HERE
            return None
            # END CODE HERE
        # START CODE HERE
        pass
        # END CODE HERE
        """,
    )


def test_tags_say_what_stays() -> None:
    same(
        """
        def f(x):
            ### START CODE HERE ###
            client = make(
                secret, 5,
            )  # @REPLACE EQUALS make(None)
            total += secret(x)  # @REPLACE EQUALS None
            d[g(a=1)] = secret  # @REPLACE EQUALS None
            for i in range(3):  # loop  # @KEEP
                total = total + secret(i)
            total = secret(x) # @REPLACE total = None  # your formula
            check(total)  # @OMIT
            ### START OMIT BLOCK
            secret(1)
            ### END OMIT BLOCK
            return total  # @KEEP
            ### END CODE HERE ###
        print(f(1))  # @OMIT
        """,
        """
        def f(x):
            ### START CODE HERE ###
            client = make(None)
            total += None
            d[g(a=1)] = None
            for i in range(3):  # loop
                pass
            total = None  # your formula
            return total
            ### END CODE HERE ###
        """,
    )


def test_nbgrader_s_blocks_give_way_to_its_stub() -> None:
    same(
        """
        def f(x):
            ### BEGIN SOLUTION
            return secret(x)
            ### END SOLUTION
        ### BEGIN HIDDEN TESTS
        assert f(2) == secret
        ### END HIDDEN TESTS
        x = 1
        """,
        """
        def f(x):
            # YOUR CODE HERE
            raise NotImplementedError()
        x = 1
        """,
    )
    assert strip_text("Why?\n### BEGIN SOLUTION\nsecret\n### END SOLUTION\n").text == "Why?\nYOUR ANSWER HERE\n"
    assert strip_text("Write between `### START CODE HERE ###` and the end").removed == ()


def test_what_was_taken_out_is_told() -> None:
    assert strip_code("# START CODE HERE\na = 1\n\nb = 2\n# END CODE HERE\na").removed == ("a = 1", "b = 2")
    assert strip_code("a = 1  # @OMIT\nb = 2").removed == ("a = 1",)


def test_code_without_markers_stays_as_it_is() -> None:
    text = "%%time\n!ls\n@decorate\ndef f(x): return x  # see a@KEEPER\n'''\nfor a in b:\n'''\n"
    assert strip_code(text).text == text


@pytest.mark.parametrize("body", ["gradapprox[i] = None", "", "# your turn", "a = None\n\nb, c = None", "pass", "...", "return None"])
def test_a_block_that_is_empty_already_stays_as_it_is(body: str) -> None:
    text = f"# START CODE HERE\n{body}\n# END CODE HERE\n"
    assert strip_code(text).text == text
    assert strip_code(text).removed == ()


def test_magics_and_half_code_do_no_harm() -> None:
    same("%%time\n# START CODE HERE\n!secret\n# END CODE HERE", "%%time\n# START CODE HERE\npass\n# END CODE HERE")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# START CODE HERE\na = 1", 1),
        ("a = 1\n# END CODE HERE", 2),
        ("# START CODE HERE\n# START CODE HERE\n# END CODE HERE", 2),
        ("# START CODE HERE\n### BEGIN SOLUTION\n### END SOLUTION\n# END CODE HERE", 2),
        ("# START CODE HERE\n# END SOLUTION", 2),
        ("# START CODE HERE\n# START OMIT BLOCK\n# END CODE HERE", 3),
        ("# START CODE HERE\n# END OMIT BLOCK\n# END CODE HERE", 2),
        ("# BEGIN SOLUTION\n# end code here", 2),
        ("# START OMIT BLOCK\n", 1),
    ],
)
def test_markers_that_do_not_fit_are_refused(text: str, line: int) -> None:
    with pytest.raises(MarkerError) as caught:
        strip_code(text)
    assert caught.value.line == line


LINES = st.lists(
    st.sampled_from(
        ["secret(1)", "a = secret(2)", "if secret(3):", "    b[i] = secret(4)", "x = [secret,", "5]", "'''", "", "return secret(5)",
         "def secret_function(x):", "    total = secret", "@secret", "c = 1  # secret"]
    ),
    max_size=8,
)  # fmt: skip


@settings(deadline=None)
@given(before=st.sampled_from(["", "def f(x):\n", "y = 1\n"]), inside=LINES, indent=st.sampled_from(["", "    "]), pair=st.integers(0, 3))
def test_nothing_of_a_block_is_left_whatever_stands_in_it(before: str, inside: list[str], indent: str, pair: int) -> None:
    first, last = [
        ("### START CODE HERE ###", "### END CODE HERE ###"),
        ("### BEGIN SOLUTION", "### END SOLUTION"),
        ("# START OMIT BLOCK", "# END OMIT BLOCK"),
        ("# BEGIN HIDDEN TESTS", "# END HIDDEN TESTS"),
    ][pair]
    block = "\n".join(indent + line for line in [first, *inside, last])
    found = strip_code(f"{before}{block}\nprint(a, b, total)")
    assert "secret(" not in found.text
    assert "c = 1" not in found.text
    assert [line.strip() for line in found.removed] == [line.strip() for line in inside if line.strip()]


@settings(deadline=None)
@given(LINES)
def test_stripping_twice_is_stripping_once(inside: list[str]) -> None:
    once = strip_code("\n".join(["# START CODE HERE", *inside, "# END CODE HERE", "print(a, b[0], total)"])).text
    assert strip_code(once).text == once
