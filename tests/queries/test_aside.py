"""What is read aside: the same, in its order, whoever takes it and however far they come."""

from threading import current_thread, main_thread
from time import monotonic, sleep

import pytest
from django.db import connection

from annotations.models import Label
from annotations.queries._aside import aside
from tests.factories import load_labels

pytestmark = pytest.mark.django_db


class Read:
    """Numbers, each as often as it says, read on the caller's connection; then an error."""

    def __init__(self, most, error=None):
        self.most, self.error = most, error
        self.given, self.closed, self.there = 0, False, 0

    def __call__(self):
        assert current_thread() is not main_thread()
        try:
            for number in range(self.most):
                self.there = Label.objects.count()
                self.given += 1
                yield parts(number)
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


def parts(number):
    return [b"%d" % number] * (number % 3) + [b"", b"x" * number]


def expected(most):
    return [parts(number) for number in range(most)]


def test_all_comes_in_its_order_read_on_the_same_connection():
    load_labels()  # within this test's transaction: nobody else's connection sees them
    read = Read(300)
    assert list(aside(read())) == expected(300)
    assert read.closed
    assert read.there == Label.objects.count() > 0


def test_nothing_is_nothing():
    assert list(aside(Read(0)())) == []


def test_what_goes_wrong_is_raised_after_what_came_before_it():
    read, got = Read(3, OSError(28, "No space left on device")), []
    with pytest.raises(OSError, match="No space"):
        got.extend(aside(read()))
    assert got == expected(3)
    assert read.closed


def test_reading_never_waits_for_who_takes_it():
    read = Read(200)
    taken = aside(read())
    first = next(taken)
    until = monotonic() + 10
    while not read.closed and monotonic() < until:
        sleep(0.01)
    assert read.given == 200
    assert [first, *taken] == expected(200)


def test_closing_it_midway_stops_the_reading_and_gives_the_connection_back():
    read = Read(10**9)
    taken = aside(read())
    assert [next(taken), next(taken)] == expected(2)
    taken.close()
    assert read.closed
    assert read.given < 10**6
    assert not connection.allow_thread_sharing
    assert list(taken) == []
