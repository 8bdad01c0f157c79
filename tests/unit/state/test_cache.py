"""The cache of the newest state: versions and bounds. Its use by views is tested in test_db."""

from __future__ import annotations

from node.state.cache import StateCache


def test_values_of_another_version_are_not_taken() -> None:
    cache = StateCache()
    first = cache.version
    cache.add(first, b"key", b"1")
    assert cache.get(b"key") == b"1"
    cache.begin()
    assert cache.version is None
    cache.add(first, b"late", b"1")
    cache.end({b"key": b"2", b"gone": b""})
    assert cache.version not in (first, None)
    cache.add(first, b"key", b"1")
    assert (cache.get(b"key"), cache.get(b"gone"), cache.get(b"late")) == (b"2", b"", None)


def test_an_unknown_change_empties_it() -> None:
    cache = StateCache()
    cache.add(cache.version, b"key", b"1")
    cache.begin()
    cache.end(None)
    assert cache.get(b"key") is None


def test_it_forgets_what_was_not_used_for_long() -> None:
    cache = StateCache(max_bytes=20_000)
    cache.add(cache.version, b"first", b"old")
    cache.begin()
    cache.end({b"first": b"new"})
    for number in range(1000):
        cache.add(cache.version, b"%d" % number, bytes(100))
        kept = sum(cache.get(b"%d" % n) is not None for n in range(number + 1))
        assert min(number + 1, 20) <= kept <= 70
        assert cache.get(b"first") in (b"new", None)  # the value before never comes back
    assert cache.get(b"first") is None
