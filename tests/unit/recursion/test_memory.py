"""Where the prover's large arrays live: in a region, or where there are no addresses for one."""

import subprocess
import sys
from textwrap import dedent

PROOF = """
    import resource
    from hashlib import sha256

    from node.recursion.prover import ProvingKey
    from node.recursion.security import FAST
    from tests.soundness.machines import fibonacci

    def prove():
        table, public = fibonacci.trace(100_000, 17)
        key = ProvingKey.generate(fibonacci.machine(), FAST, [17])
        print(sha256(key.prove([table], public).encode()).hexdigest())
"""


def proof_after(step):
    """The digest of a proof with arrays of mebibytes, in a process of its own."""
    script = dedent(PROOF) + f"{step}\nprove()"
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout


def test_without_addresses_for_a_region_memory_is_the_allocators():
    limit = "resource.setrlimit(resource.RLIMIT_AS, (2**35, 2**35))"
    assert proof_after(limit) == proof_after("") != ""
