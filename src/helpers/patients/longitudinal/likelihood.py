"""The (restricted) likelihood of repeated measures under any covariance, from sums over patients measured alike.

Patients measured at the same visits share a covariance; with a design that is a product of person and visit, three sums
of squares and products a pattern of visits hold all their data. An evaluation so costs the number of patterns, whatever
the number of patients. Gradient and Hessian are exact. Lindstrom and Bates 1988, doi:10.1080/01621459.1988.10478693;
Jennrich and Schluchter 1986, doi:10.2307/2530695.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log, pi

import numpy as np

from helpers.patients.longitudinal.design import Design
from helpers.patients.longitudinal.measures import FloatArray


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the patients of each of G patterns of visits."""

    seen: FloatArray  # (G, T): 1 where the pattern has a measurement
    n: FloatArray  # (G,) patients
    zz: FloatArray  # (G, q, q)
    yz: FloatArray  # (G, T, q), 0 where not measured
    yy: FloatArray  # (G, T, T)


def moments(y: FloatArray, person: FloatArray) -> Moments:
    """y: (n, T), nan where not measured. person: (n, q)."""
    observed = ~np.isnan(y)
    patterns, member = np.unique(observed, axis=0, return_inverse=True)
    order = np.argsort(member, kind="stable")
    n = np.bincount(member, minlength=len(patterns))
    filled, z = np.where(observed, y, 0.0)[order], person[order]
    cuts = np.concatenate([[0], np.cumsum(n)])
    blocks = [(filled[a:b], z[a:b]) for a, b in pairwise(cuts)]
    return Moments(
        seen=patterns.astype(float),
        n=n.astype(float),
        zz=np.array([b.T @ b for _, b in blocks]),
        yz=np.array([a.T @ b for a, b in blocks]),
        yy=np.array([a.T @ a for a, _ in blocks]),
    )


@dataclass(frozen=True, eq=False)
class Likelihood:
    """design: of the fixed effects. n_observations: N. restricted: REML, else ML."""

    moments: Moments
    design: Design
    n_observations: int
    restricted: bool

    def at(self, covariance: FloatArray) -> Point:
        """The likelihood at a (T, T) covariance. Raises LinAlgError where that is not positive definite."""
        return Point(self, covariance)


class Point:
    """The profile log-likelihood at one covariance, the coefficients there, and derivatives.

    W below is the inverse of a pattern's covariance, 0 at visits it lacks. Derivatives are by the entries of the
    covariance: `slope` (T, T), and `curvature` for directions given as (K, T, T).
    """

    def __init__(self, likelihood: Likelihood, covariance: FloatArray) -> None:
        self.likelihood, self.covariance = likelihood, covariance
        data, design = likelihood.moments, likelihood.design
        both = data.seen[:, :, None] * data.seen[:, None, :]
        factor = np.linalg.cholesky(covariance * both + np.eye(len(covariance)) * (1 - data.seen)[:, :, None])
        inverse = np.linalg.inv(factor)
        self.w = np.swapaxes(inverse, 1, 2) @ inverse * both
        log_determinant = 2 * float(data.n @ np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1))
        self.wd = self.w @ design.visit  # (G, T, d)
        q, d = design.person.shape[1], design.visit.shape[1]
        per_pattern = np.swapaxes(self.wd, 1, 2) @ design.visit  # (G, d, d)
        crossed = data.zz.reshape(-1, q * q).T @ per_pattern.reshape(-1, d * d)
        self.information = self._pick(crossed.reshape(q, q, d, d))
        weighted = np.einsum("gtd,gtz->zd", self.wd, data.yz)[design.who, design.when]
        scale = 1 / np.sqrt(np.diag(self.information))
        standard = np.linalg.cholesky(self.information * np.outer(scale, scale))
        root = np.linalg.inv(standard) * scale
        self.vcov = root.T @ root
        self.b = self.vcov @ weighted
        in_information = 2 * float(np.log(np.diag(standard)).sum() - np.log(scale).sum())
        coefficient = np.zeros((d, q))
        np.add.at(coefficient, (design.when, design.who), self.b)
        mean = design.visit @ coefficient  # (T, q)
        self.rz = data.yz - mean @ data.zz
        self.rr = data.yy - mean @ np.swapaxes(data.yz, 1, 2) - self.rz @ mean.T
        squares = float((self.w * self.rr).sum())
        n, p = likelihood.n_observations, len(self.b)
        twice = -log_determinant - squares - n * log(2 * pi)
        if likelihood.restricted:
            twice += p * log(2 * pi) - in_information
        self.value = twice / 2

    def _pick(self, crossed: FloatArray) -> FloatArray:
        """(..., p, p) of the design's columns, from (..., q, q, d, d) of persons and visits."""
        who, when = self.likelihood.design.who, self.likelihood.design.when
        return crossed[..., who[:, None], who, when[:, None], when]

    @cached_property
    def _spread(self) -> FloatArray:
        """(G, T, T): sum over patients of X vcov X', the part of the residuals that the coefficients took away."""
        data, design = self.likelihood.moments, self.likelihood.design
        q, d = design.person.shape[1], design.visit.shape[1]
        full = np.zeros((q, q, d, d))
        who, when = design.who, design.when
        np.add.at(full, (who[:, None], who, when[:, None], when), self.vcov)
        over_time = design.visit @ full @ design.visit.T
        t = len(self.covariance)
        return (data.zz.reshape(-1, q * q) @ over_time.reshape(q * q, t * t)).reshape(-1, t, t)

    @cached_property
    def _wrw(self) -> FloatArray:
        return self.w @ self.rr @ self.w

    @cached_property
    def _wsw(self) -> FloatArray:
        return self.w @ self._spread @ self.w

    @cached_property
    def slope(self) -> FloatArray:
        """(T, T): change of the log-likelihood per change of the covariance."""
        total = self._wrw - self.likelihood.moments.n[:, None, None] * self.w
        if self.likelihood.restricted:
            total = total + self._wsw
        result = total.sum(axis=0) / 2
        return (result + result.T) / 2

    def curvature(self, first: FloatArray) -> FloatArray:
        """(K, K) second derivatives along `first` (K, T, T), for a covariance that is linear in its parameters."""
        outer = self.likelihood.moments.n[:, None, None] / 2 * self.w - self._wrw
        score = self._cross(first)
        if not self.likelihood.restricted:
            return self._pairs(outer, first) + score @ self.vcov @ score.T
        k, p = len(first), len(self.b)
        seen = self.vcov @ self.design_derivatives(first)
        traces = seen.reshape(k, p * p) @ np.swapaxes(seen, 1, 2).reshape(k, p * p).T
        return self._pairs(outer - self._wsw, first) + traces / 2 + score @ self.vcov @ score.T

    def expected_information(self, first: FloatArray) -> FloatArray:
        """(K, K): tr(P dV P dV)/2, the expected information of the restricted likelihood."""
        k, p = len(first), len(self.b)
        seen = self.vcov @ self.design_derivatives(first)
        traces = seen.reshape(k, p * p) @ np.swapaxes(seen, 1, 2).reshape(k, p * p).T
        outer = self.likelihood.moments.n[:, None, None] / 2 * self.w - self._wsw
        return self._pairs(outer, first) + traces / 2

    def design_derivatives(self, first: FloatArray) -> FloatArray:
        """(K, p, p): X' W dV W X for each direction; minus this is the derivative of the information X' W X."""
        data = self.likelihood.moments
        g, t, d = self.wd.shape
        q = data.zz.shape[1]
        rows = (data.zz.reshape(g, q * q, 1) * self.wd.reshape(g, 1, t * d)).reshape(g, -1)
        tensor = (rows.T @ self.wd.reshape(g, -1)).reshape(q, q, t, d, t, d)
        tensor = tensor.transpose(0, 1, 3, 5, 2, 4).reshape(-1, t * t)
        return self._pick((first.reshape(-1, t * t) @ tensor.T).reshape(-1, q, q, d, d))

    def design_products(self, weights: FloatArray, first: FloatArray) -> FloatArray:
        """(p, p): sum over k, l of weights[k, l] X' W dV_k W dV_l W X."""
        data = self.likelihood.moments
        k, t = len(first), len(self.covariance)
        pairs = first.reshape(k, -1).T @ weights @ first.reshape(k, -1)  # (ab, cd)
        by_inner = pairs.reshape(t, t, t, t).transpose(1, 2, 0, 3).reshape(t * t, t * t)  # (bc, ad)
        middle = (self.w.reshape(-1, t * t) @ by_inner).reshape(-1, t, t)
        return self._sandwich(data.zz, middle)

    def design_sandwich(self, matrix: FloatArray) -> FloatArray:
        """(p, p): X' W matrix W X."""
        return self._sandwich(self.likelihood.moments.zz, np.broadcast_to(matrix, self.w.shape))

    def _sandwich(self, zz: FloatArray, middle: FloatArray) -> FloatArray:
        q, d = zz.shape[1], self.wd.shape[2]
        inner = np.swapaxes(self.wd, 1, 2) @ middle @ self.wd
        return self._pick((zz.reshape(-1, q * q).T @ inner.reshape(-1, d * d)).reshape(q, q, d, d))

    def _pairs(self, outer: FloatArray, first: FloatArray) -> FloatArray:
        """(K, K): sum over patterns of tr(outer dV_k W dV_l)."""
        g, t, _ = outer.shape
        tensor = (outer.reshape(g, -1).T @ self.w.reshape(g, -1)).reshape(t, t, t, t)  # outer[a, b] W[c, d]
        by_direction = tensor.transpose(1, 2, 3, 0).reshape(t * t, t * t)  # (bc), (da)
        flat = first.reshape(-1, t * t)
        result = flat @ by_direction @ flat.T
        return (result + result.T) / 2

    def _cross(self, first: FloatArray) -> FloatArray:
        """(K, p): X' W dV W r."""
        design = self.likelihood.design
        g, t, d = self.wd.shape
        wrz = self.w @ self.rz
        q = wrz.shape[2]
        tensor = (self.wd.reshape(g, -1).T @ wrz.reshape(g, -1)).reshape(t, d, t, q)
        by_direction = tensor.transpose(0, 2, 3, 1).reshape(t * t, q * d)
        crossed = (first.reshape(-1, t * t) @ by_direction).reshape(-1, q, d)
        return crossed[:, design.who, design.when]
