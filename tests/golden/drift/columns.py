"""The input columns of the drift goldens, by formulas whose every step is exact in IEEE arithmetic.

No random generator of a library, no log, no cos: SplitMix64 and + - * / alone, so that drift_golden_test.cpp makes the
same bits. A change here must be made there too.
"""
import numpy as np
import pandas as pd

# name: (seed, rows of the reference, rows of the current side)
SETS = {"tiny": (44, 15, 15), "uneven": (55, 7, 30), "small": (11, 800, 720), "edge": (33, 1000, 900),
        "large": (22, 3000, 2700), "wide": (66, 12000, 9000)}
LETTERS = ["alpha", "beta", "gamma", "delta", "eps"]
MASK = 0xFFFFFFFFFFFFFFFF


def uniform(seed, count):
    """`count` doubles in [0, 1): SplitMix64 from the seed, the upper 53 bits each."""
    out = np.empty(count)
    state = seed & MASK
    for i in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out[i] = ((z ^ (z >> 31)) >> 11) * 2.0**-53
    return out


def bell(seed, count):
    """The sum of four uniforms, minus two: bell-shaped around zero."""
    u = uniform(seed, 4 * count).reshape(count, 4)
    return u[:, 0] + u[:, 1] + u[:, 2] + u[:, 3] - 2.0


def pick(shares, names, u):
    """The first name whose cumulated share is above u."""
    out = np.empty(len(u), dtype=object)
    for i, value in enumerate(u):
        total, chosen = 0.0, names[len(shares) - 1]
        for share, name in zip(shares, names):
            total += share
            if value < total:
                chosen = name
                break
        out[i] = chosen
    return out


def columns(name, current):
    """Column name -> values of one side of one set; None, NaN and infinities included."""
    set_seed, reference_rows, current_rows = SETS[name]
    n = current_rows if current else reference_rows

    def seed(k):
        return (set_seed * 2 + (1 if current else 0)) * 1000 + k

    def u(k):
        return uniform(seed(k), n)

    out = {}
    out["num_bell"] = bell(seed(1), n)
    out["num_shift"] = bell(seed(2), n) * 1.2 + 0.3 if current else bell(seed(2), n)
    skew = bell(seed(3), n) + 2.0
    out["num_skew"] = skew * skew * skew * (1.1 if current else 1.0)
    out["num_round"] = np.floor(bell(seed(4), n) * 10.0 + 0.5) / 10.0
    out["int_few"] = np.floor(u(5) * 4.0).astype("int64")
    out["int_bin"] = (u(6) < (0.35 if current else 0.3)).astype("int64")
    out["int_20"] = np.floor(u(7) * 20.0).astype("int64")
    out["int_21"] = np.floor(u(8) * 21.0).astype("int64")
    out["int_100"] = np.floor(u(9) * (u(10) if current else 1.0) * 100.0).astype("int64")
    out["num_missing"] = np.where(u(12) < (0.2 if current else 0.1), np.nan, bell(seed(11), n))
    infinite = np.where(u(14) < 0.01, np.inf, bell(seed(13), n) + 0.1)
    out["num_infinite"] = np.where(u(15) < 0.01, -np.inf, infinite)
    out["num_constant"] = np.full(n, 3.5)
    out["num_far"] = bell(seed(16), n) + (50.0 if current else 0.0)
    out["num_minute"] = bell(seed(17), n) * 1e-5 + (1e-5 if current else 0.0)
    out["cat_low"] = pick([.35, .3, .2, .1, .05] if current else [.4, .3, .15, .1, .05], LETTERS, u(18))
    out["cat_new"] = pick([.5, .3, .15, .05] if current else [.5, .3, .2], ["a", "b", "c", "new"], u(19))
    out["cat_binary"] = pick([.45, .55] if current else [.5, .5], ["no", "yes"], u(20))
    high = u(21)
    out["cat_high"] = np.array([f"k{int(v)}" for v in np.floor(high * high * 300.0)], dtype=object)
    present = pick([.5, .3, .2], LETTERS[:3], u(22))
    out["cat_missing"] = np.array([None if gone < 0.15 else v for v, gone in zip(present, u(23))], dtype=object)
    out["cat_constant"] = np.full(n, "same", dtype=object)
    out["cat_strange"] = pick([.3, .4, .3], ["", "x", "\u00e9\u4e2d"], u(24))
    out["flag"] = u(25) < (0.6 if current else 0.5)
    return out


def frame(name, current):
    return pd.DataFrame(columns(name, current))
