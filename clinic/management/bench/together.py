"""Pages while others work: the day beside a review, and four people at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event, Thread
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from clinic.management.bench.measure import WARM, Browser, Times
from clinic.management.bench.operations import (
    CHART,
    DAY,
    PROGRESS,
    REVIEW,
    SEARCH,
    Clinic,
    Operation,
)

FORK = get_context("fork")
WORKERS, THREADS = 2, 2  # as `run` has them, a user at each thread
WALK = (CHART, DAY, SEARCH, CHART, PROGRESS) * 4
WITH_REVIEW = (*WALK[:-1], REVIEW)  # one request of twenty


def day_alone_and_beside(clinic: Clinic, rounds: int) -> Iterator[tuple[str, Times]]:
    """The page of a day while nobody, another worker, or this one holds a review."""
    reviewing = _asking(clinic, REVIEW)
    yield "alone", _timed(_asking(clinic, DAY), rounds)
    for name, beside in (
        ("a review in another worker", _other_process),
        ("a review in the same worker", _other_thread),
    ):
        with beside(reviewing):
            yield name, _timed(_asking(clinic, DAY), rounds)


def chart_alone_and_among_others(
    clinic: Clinic, rounds: int
) -> Iterator[tuple[str, Times]]:
    """A patient’s page asked by one, and by each of four who do other things too."""
    yield "alone", _timed(_asking(clinic, CHART), rounds)
    yield "four at once, no review", _walked(clinic, WALK, rounds)
    yield "four at once, a review in 20 requests", _walked(clinic, WITH_REVIEW, rounds)


def _asking(clinic: Clinic, operation: Operation) -> Callable[[int], None]:
    browser = Browser(WSGIHandler(), clinic.readers[operation.reader])

    def ask(turn: int) -> None:
        browser.send(browser.request(operation.asked(clinic, turn)))

    return ask


def _timed(ask: Callable[[int], None], rounds: int) -> Times:
    for turn in range(WARM):
        ask(turn)
    times = Times()
    for turn in range(rounds):
        with times.taken():
            ask(turn)
    return times


@contextmanager
def _other_process(work: Callable[[int], None]) -> Iterator[None]:
    connections.close_all()  # a connection is nobody's but its process's
    over = FORK.Event()
    process = FORK.Process(target=_over_and_over, args=(work, over))
    process.start()
    try:
        yield
    finally:
        over.set()
        process.join()


@contextmanager
def _other_thread(work: Callable[[int], None]) -> Iterator[None]:
    over = Event()
    thread = Thread(target=_over_and_over, args=(work, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _over_and_over(work: Callable[[int], None], over: Any) -> None:
    while not over.is_set():
        work(0)
    connections.close_all()


def _walked(clinic: Clinic, walk: Sequence[Operation], rounds: int) -> Times:
    """What the charts took, of all users together."""
    connections.close_all()
    workers = []
    for number in range(WORKERS):
        told, tell = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_serve, args=(clinic, walk, rounds, number, tell))
        process.start()
        tell.close()  # so that a worker that fails ends the reading
        workers.append((process, told))
    times = Times()
    for process, told in workers:
        times.wall += told.recv()
        process.join()
    return times


def _serve(
    clinic: Clinic,
    walk: Sequence[Operation],
    rounds: int,
    worker: int,
    tell: Connection,
) -> None:
    users = range(worker, WORKERS * THREADS, WORKERS)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(partial(_use, clinic, walk, rounds), users))
    tell.send([each for times in found for each in times.wall])


def _use(clinic: Clinic, walk: Sequence[Operation], rounds: int, user: int) -> Times:
    """Each begins elsewhere on the way, so that the reviews are spread."""
    times = Times()
    asking = {operation: _asking(clinic, operation) for operation in set(walk)}
    first = user * len(walk) // (WORKERS * THREADS)
    for turn in range(first, first + rounds):
        operation = walk[turn % len(walk)]
        with times.taken() if operation is CHART else nullcontext():
            asking[operation](turn)
    connections.close_all()
    return times
