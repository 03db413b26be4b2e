"""The exact distribution of a fund's yearly claims, by fast Fourier transform; needs no library code.

Aggregate claims S = X_1 + ... + X_N have the characteristic function P_N(phi_X) (Klugman, Panjer and Willmot,
*Loss Models*, 4th ed. 2012, section 9.6). Severities are put on a lattice by rounding, so that cell k holds
F(k h + h/2) - F(k h - h/2).
"""

import numpy as np


def poisson(mean):
    return lambda z: np.exp(mean * (z - 1.0))


def negative_binomial(mean, k):
    return lambda z: (1.0 + mean / k * (1.0 - z)) ** -k


def binomial(trials, p):
    return lambda z: (1.0 + p * (z - 1.0)) ** trials


class Compound:
    """Lattice law of the total: `values` (currency) and `cdf` at each."""

    def __init__(self, generating, severity_cdf, step, size=1 << 17):
        edges = (np.arange(size + 1) - 0.5) * step
        cells = np.diff(np.concatenate([[0.0], severity_cdf(edges[1:])]))
        self.lost = 1.0 - cells.sum()  # severity beyond the lattice
        mass = np.fft.irfft(generating(np.fft.rfft(cells)), size)
        self.values, self.mass = np.arange(size) * step, np.maximum(mass, 0.0)
        self.step = step

    @property
    def mean(self):
        return float(self.values @ self.mass)

    @property
    def variance(self):
        return float((self.values - self.mean) ** 2 @ self.mass)

    @property
    def fourth_central_moment(self):
        return float((self.values - self.mean) ** 4 @ self.mass)

    def cdf(self, x):
        """P(S <= x), linear within a cell."""
        ends = (np.arange(self.mass.size) + 0.5) * self.step
        return float(np.interp(x, ends, np.cumsum(self.mass)))
