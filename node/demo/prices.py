"""The price sources of the replay: signed reports made from the data's index prices.

Five sources follow the index with the delays of their own feeds, so their prices differ by what
the index moved meanwhile. The settlement window of an expiry replays the index path of the
snapshot nearest to it (node/demo/data/README.md says why).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from node.demo.actions import Account, Observation, Post, address
from node.demo.contracts import ONE, Feed
from node.demo.dataset import CENTS_PER_DOLLAR, UNDERLYINGS, MarketData, Underlying

_WINDOW_S: Final = 1800
"""The market itself settles on the last half hour."""
_STEP_S: Final = 300
_SOURCES: Final = 5
_LAG_TICKS: Final = 3


@dataclass(frozen=True)
class Sources:
    """The price sources of one run.

    shift: seconds added to the data's times. poster: who relays the signed reports.
    """

    data: MarketData
    shift: int
    poster: Account
    run: int

    @cached_property
    def signers(self) -> tuple[Account, ...]:
        """Ascending by address, as the Oracle wants them."""
        return tuple(sorted((f"source {self.run}.{n}" for n in range(_SOURCES)), key=address))

    def feed(self, underlying: Underlying) -> Feed:
        """The feed of an underlying in US dollars."""
        return Feed(
            description=f"{underlying}/USD".encode(),
            sources=tuple((signer.encode(), address(signer)) for signer in self.signers),
            minimum=3,
            max_age=900,
            spacing=60,
            window=_WINDOW_S,
            fallback_delay=3600,
        )

    def posts(self, snapshot: int, progress: float, time: int) -> tuple[Post, ...]:
        """One post a feed: what the sources see at `progress` (0 to 1) of a snapshot's path."""
        posts = []
        for underlying in UNDERLYINGS:
            path = self.data.index[underlying][snapshot]
            position = int((len(path) - 1) * progress)
            observations = []
            for source, signer in enumerate(self.signers):
                cents = path[max(0, position - source * _LAG_TICKS)]
                price = cents * ONE // CENTS_PER_DOLLAR
                observations.append(Observation(source, signer, price, time - source))
            posts.append(Post(self.poster, self.feed(underlying).id, tuple(observations)))
        return tuple(posts)

    def window_posts(self, expiry: int) -> list[tuple[int, tuple[Post, ...]]]:
        """(time, posts) from the start of an expiry's window to the expiry. expiry: unshifted."""
        times = self.data.snapshots
        nearest = min(range(len(times)), key=lambda n: abs(times[n] - expiry))
        start = expiry + self.shift - _WINDOW_S
        steps = range(0, _WINDOW_S + 1, _STEP_S)
        return [(start + s, self.posts(nearest, s / _WINDOW_S, start + s)) for s in steps]
