"""The price sources of the replay: signed reports made from the data's index prices.

Five sources follow the index with the delays of their own feeds, so their prices differ by what
the index moved meanwhile. The settlement window of an expiry replays the index path of the
snapshot nearest to it (node/demo/data/README.md says why).
"""

from __future__ import annotations

from typing import Final

from node.demo.actions import Account, Observation, Post, address
from node.demo.contracts import ONE, Feed
from node.demo.dataset import CENTS_PER_DOLLAR, UNDERLYINGS, MarketData, Underlying

WINDOW_S: Final = 1800
"""The market itself settles on the last half hour."""
_STEP_S: Final = 300
_SIGNERS: Final = tuple(sorted((f"source {number}" for number in range(5)), key=address))
"""Ascending by address, as the Oracle wants them."""
_LAG_TICKS: Final = 3


def feed_of(underlying: Underlying) -> Feed:
    """The feed of an underlying in US dollars."""
    return Feed(
        description=f"{underlying}/USD".encode(),
        sources=tuple((signer.encode(), address(signer)) for signer in _SIGNERS),
        minimum=3,
        max_age=900,
        spacing=60,
        window=WINDOW_S,
        fallback_delay=3600,
    )


def post(
    sender: Account, underlying: Underlying, path: tuple[int, ...], position: int, time: int
) -> Post:
    """Reports of all sources at `position` of an index path in cents."""
    observations = []
    for source, signer in enumerate(_SIGNERS):
        cents = path[max(0, position - source * _LAG_TICKS)]
        price = cents * ONE // CENTS_PER_DOLLAR
        observations.append(Observation(source, signer, price, time - source))
    return Post(sender, feed_of(underlying).id, tuple(observations))


def window_posts(
    data: MarketData, expiry: int, shift: int, sender: Account
) -> list[tuple[int, tuple[Post, ...]]]:
    """(time, posts of both feeds) from the start of an expiry's window to the expiry."""
    nearest = min(range(len(data.snapshots)), key=lambda n: abs(data.snapshots[n] - expiry))
    steps = WINDOW_S // _STEP_S
    posts = []
    for step in range(steps + 1):
        time = expiry + shift - WINDOW_S + step * _STEP_S
        reports = []
        for underlying in UNDERLYINGS:
            path = data.index[underlying][nearest]
            reports.append(post(sender, underlying, path, (len(path) - 1) * step // steps, time))
        posts.append((time, tuple(reports)))
    return posts
