"""The vector unit of this machine, and the functions of C that machine code can call."""

import platform
from functools import cache
from typing import NamedTuple

from llvmlite import binding


class Machine(NamedTuple):
    """The vector unit of this machine.

    lanes       doubles in a vector
    prefix      the prefix of names in its vector math library
    has_fma     whether it has fused multiply-add
    has_scale   whether it multiplies by powers of two, as AVX-512 does
    """

    lanes: int
    prefix: str
    has_fma: bool
    has_scale: bool = False


@cache
def machine() -> Machine:
    """Return the vector unit of this machine, with its math libraries loaded."""
    features = binding.get_host_cpu_features()
    for library in ("libm.so.6", "libmvec.so.1"):
        try:
            binding.load_library_permanently(library)
        except RuntimeError:  # other systems load the scalar functions anyway
            continue
    if platform.machine() in {"aarch64", "arm64"}:
        return Machine(2, "_ZGVnN2", has_fma=True)
    if features.get("avx512f") and features.get("avx512dq"):
        return Machine(8, "_ZGVeN8", has_fma=True, has_scale=True)
    if features.get("avx2") and features.get("fma"):
        return Machine(4, "_ZGVdN4", has_fma=True)
    return Machine(2, "_ZGVbN2", has_fma=False)


@cache
def is_linked(name: str) -> bool:
    """Return whether the process or a library it loaded has a function of this name."""
    machine()
    return binding.address_of_symbol(name) is not None
