"""A chain of two ordered classes seen through a classifier that errs: first and last tone of the same case.

With C[t, c] the probability that a message of true class t is classified c, and J the true joint shares of first and
last class, what the classifier shows has the joint shares C' J C: the errors of the two messages are taken to be
independent of each other given the true classes, and the same in every period and channel. J is the maximum of the
likelihood over shares that are not negative and add up to one; the bare inverse C'^-1 N C^-1 is that maximum only
where it has no negative cell, and can leave [0, 1] elsewhere.

Maximum likelihood of a Markov chain: Anderson and Goodman 1957, Annals of Mathematical Statistics 28. Correction for
misclassification: Tenenbein 1972, Technometrics 14; EM with the certificate of Lindsay 1983, Annals of Statistics 11;
its steps extrapolated as in Varadhan and Roland 2008, Scandinavian Journal of Statistics 35. Symmetry: Bowker 1948,
JASA 43; marginal change: Stuart 1955, Biometrika 42, and Maxwell 1970, British Journal of Psychiatry 116.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from analysis.core.errors import DesignError

SMALLEST_SINGULAR = 0.05  # of the error matrix: below it, sampling noise is blown up twentyfold and more
GAP = 1e-13  # most that the log-likelihood of one case can still rise at the end: far below the digits that are written
NO_SHARE = 1e-9  # EM comes as near to a share of zero as one likes and never there: less than this is zero
ITERATIONS = 3000


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A test statistic with its chi-square reference. Cases count as independent."""

    statistic: float
    degrees_of_freedom: int

    @property
    def p_value(self) -> float:
        return float(chi2.sf(self.statistic, self.degrees_of_freedom)) if self.degrees_of_freedom else 1.0


def conditional(joint: np.ndarray) -> np.ndarray:
    """Shares of the last class given the first, (..., K, D), from joint counts or shares; NaN for an empty row.

    The maximum-likelihood transition matrix of the chain where every count is of a case.
    """
    joint = np.asarray(joint, dtype=float)
    total = joint.sum(axis=-1, keepdims=True)
    return np.divide(joint, total, out=np.full(joint.shape, np.nan), where=total > 0)


def stationary(matrix: np.ndarray) -> np.ndarray:
    """The shares (K,) that the transition matrix (K, K) leaves as they are.

    Raises DesignError for rows that are not shares and for a chain with several such distributions.
    """
    matrix = np.asarray(matrix, dtype=float)
    if not (np.all(matrix >= 0) and np.allclose(matrix.sum(axis=1), 1)):
        raise DesignError(
            "the rows of the transition matrix are not shares",
            where="tone chain",
            cure="a class with no first message has no row: leave the class out",
        )
    size = len(matrix)
    system = np.vstack([matrix.T - np.eye(size), np.ones(size)])
    if np.linalg.matrix_rank(system, tol=1e-10) < size:
        raise DesignError(
            "the chain has several stationary distributions",
            where="tone chain",
            cure="some classes never lead to the others: merge classes, or widen the window",
        )
    return np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]


def classifier_errors(labelled: np.ndarray) -> np.ndarray:
    """P(classified | true), (K, K), from counts of labelled messages (rows: what people said).

    The sample may be drawn by what people said, or of all messages; not by what the classifier said. Raises
    DesignError for a class without labelled messages and for a classifier that does not tell the classes apart.
    """
    labelled = np.asarray(labelled, dtype=float)
    if labelled.ndim != 2 or labelled.shape[0] != labelled.shape[1] or (labelled < 0).any():
        raise DesignError(
            f"the labelled counts have the shape {labelled.shape} or negative cells",
            where="tone: labelled",
            cure="give one row and one column a class, in the order of the classes",
        )
    if (labelled.sum(axis=1) == 0).any():
        raise DesignError(
            "a class has no labelled message, so its errors cannot be known",
            where="tone: labelled",
            cure="have people label some messages of every class",
        )
    errors = conditional(labelled)
    if np.linalg.svd(errors, compute_uv=False)[-1] < SMALLEST_SINGULAR:
        raise DesignError(
            "the classifier does not tell the tone classes apart, so what it shows cannot be corrected",
            where="tone: labelled",
            cure="merge the classes it mixes up, or use another classifier",
        )
    return errors


def _extended(errors: np.ndarray, columns: int) -> np.ndarray:
    """The errors of the last message: as many columns as classes, and one without error where a last is missing."""
    size = errors.shape[-1]
    if columns == size:
        return errors
    wider = np.zeros((*errors.shape[:-2], columns, columns))
    wider[..., :size, :size] = errors
    wider[..., size, size] = 1.0
    return wider


def misread(joint: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """What the classifier shows of true joint shares (..., K, D), given ``errors`` (..., K, K)."""
    return np.swapaxes(errors, -1, -2) @ joint @ _extended(errors, joint.shape[-1])


def corrected_joint(counts: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """True joint shares (..., K, D) by constrained maximum likelihood, from classified counts of the same shape.

    D is K, or K + 1 where the last column counts cases without a last message, which nobody can misread. ``errors``
    (..., K, K) broadcasts against the leading axes. Several tables are solved at once.
    """
    counts = np.asarray(counts, dtype=float)
    size, columns = counts.shape[-2:]
    leading = np.broadcast_shapes(counts.shape[:-2], errors.shape[:-2])
    flat_counts = np.broadcast_to(counts, (*leading, size, columns)).reshape(-1, size, columns)
    flat_errors = np.broadcast_to(errors, (*leading, size, size)).reshape(-1, size, size)
    shares = flat_counts / flat_counts.sum(axis=(1, 2), keepdims=True)
    regular = np.linalg.svd(flat_errors, compute_uv=False)[:, -1] > 1e-9
    invertible = np.where(regular[:, None, None], flat_errors, np.eye(size))
    first, last = np.linalg.inv(invertible), np.linalg.inv(_extended(invertible, columns))
    joint = np.swapaxes(first, 1, 2) @ shares @ last
    open_ones = np.flatnonzero((joint.min(axis=(1, 2)) < 0) | ~regular)
    if len(open_ones):
        joint[open_ones] = _maximise(shares[open_ones], flat_errors[open_ones])
    return joint.reshape(*leading, size, columns)


def _maximise(shares: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """EM on the simplex for many tables (n, K, D), extrapolated; a table stops once its certificate is below GAP."""
    last = _extended(errors, shares.shape[-1])
    joint = np.full(shares.shape, 1.0 / (shares.shape[-1] * shares.shape[-2]))
    running = np.arange(len(shares))
    for _ in range(ITERATIONS):
        slope = _slope(joint[running], shares[running], errors[running], last[running])
        # The likelihood is concave in the shares: no direction gains more than the largest slope promises.
        unsure = slope.max(axis=(1, 2)) - 1 > GAP
        running, slope = running[unsure], slope[unsure]
        if not len(running):
            break
        share, read_first, read_last = shares[running], errors[running], last[running]
        start = joint[running]
        once = start * slope
        twice = once * _slope(once, share, read_first, read_last)
        joint[running] = _better(_leap(start, once, twice), twice, share, read_first, read_last)
    joint[joint < NO_SHARE] = 0.0
    return joint / joint.sum(axis=(1, 2), keepdims=True)


def _slope(joint: np.ndarray, shares: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Derivative of the log-likelihood of one case in each joint share; at the optimum at most one everywhere."""
    expected = np.swapaxes(first, 1, 2) @ joint @ last
    ratio = np.divide(shares, expected, out=np.zeros_like(shares), where=expected > 0)
    return first @ ratio @ np.swapaxes(last, 1, 2)


def _leap(start: np.ndarray, once: np.ndarray, twice: np.ndarray) -> np.ndarray:
    step = once - start
    bend = twice - once - step
    squares, bends = ((part**2).sum(axis=(1, 2), keepdims=True) for part in (step, bend))
    length = np.maximum(np.sqrt(squares / np.maximum(bends, 1e-300)), 1.0)
    far = start + 2 * length * step + length**2 * bend
    far = np.maximum(far, 0.1 * twice)  # never exactly zero: EM could not come back from there
    return far / far.sum(axis=(1, 2), keepdims=True)


def _better(far: np.ndarray, near: np.ndarray, shares: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    def likelihood(joint: np.ndarray) -> np.ndarray:
        expected = np.swapaxes(first, 1, 2) @ joint @ last
        return (shares * np.log(np.maximum(expected, 1e-300))).sum(axis=(1, 2))

    return np.where((likelihood(far) >= likelihood(near))[:, None, None], far, near)


def symmetry_test(counts: np.ndarray) -> ChiSquare:
    """Bowker's test: do as many cases go from class i to class j as back? ``counts`` (K, K) of first by last.

    Errors that are alike for both messages keep symmetry, so the test needs no correction for them.
    """
    counts = np.asarray(counts, dtype=float)
    upper, lower = counts[np.triu_indices(len(counts), 1)], counts.T[np.triu_indices(len(counts), 1)]
    used = upper + lower > 0
    return ChiSquare(float(((upper - lower)[used] ** 2 / (upper + lower)[used]).sum()), int(used.sum()))


def marginal_homogeneity_test(counts: np.ndarray) -> ChiSquare:
    """Stuart-Maxwell: are the classes of last messages as frequent as those of first ones? ``counts`` (K, K).

    Like Bowker's, it needs no correction for errors that are alike for both messages.
    """
    counts = np.asarray(counts, dtype=float)
    first, last = counts.sum(axis=1), counts.sum(axis=0)
    difference = first - last
    covariance = np.diag(first + last) - counts - counts.T
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-9 * max(covariance.max(), 1.0)))
    return ChiSquare(float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference), rank)


def chain_homogeneity_test(counts: np.ndarray) -> ChiSquare:
    """Likelihood ratio of Anderson and Goodman: is the chain the same in every stratum? ``counts`` (S, K, K).

    Degrees of freedom (S - 1) K (K - 1), less those of rows and columns that nothing was counted in. Classified
    counts of one true chain differ where its first classes are mixed otherwise: this one does need the correction.
    """
    counts = np.asarray(counts, dtype=float)
    own, pooled = conditional(counts), conditional(counts.sum(axis=0))
    used = counts > 0
    ratio = np.log(own[used] / np.broadcast_to(pooled, counts.shape)[used])
    strata = (counts.sum(axis=2) > 0).sum(axis=0)
    columns = (counts.sum(axis=0) > 0).sum(axis=1)
    degrees = int((np.maximum(strata - 1, 0) * np.maximum(columns - 1, 0)).sum())
    return ChiSquare(float(2 * (counts[used] * ratio).sum()), degrees)
