"""In which order to eliminate the unknowns of a network, and what fills up on the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

Int = NDArray[np.int64]


def elimination(matrix: csr_array) -> tuple[Int, Int, Int, Int]:
    """Return an order of elimination with little fill, and the pattern of the factors in it.

    Parameters
    ----------
    matrix
        Node × node.

    Returns
    -------
    order : Int
        By place: node.
    lu_start, lu_node, lu_diagonal : Int
        Rows of the factors, both triangles in one, columns ascending; where each diagonal is.
    """
    nodes = matrix.shape[0]
    pattern = csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), matrix.shape)
    pattern = pattern + pattern.T
    # Any matrix of this pattern that needs no row exchange will do: dominated by its diagonal.
    weights = 1.0 + np.asarray(pattern.sum(axis=1)).ravel()
    pattern.setdiag(2.0 * weights)
    factors = splu(
        pattern.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )  # fmt: skip
    order = np.empty(nodes, dtype=np.int64)
    order[factors.perm_c] = np.arange(nodes)
    lower = factors.L.tocsr()
    both = (abs(lower) + abs(lower).T).tocsr()
    both.sort_indices()
    start, node = both.indptr.astype(np.int64), both.indices.astype(np.int64)
    row = np.repeat(np.arange(nodes), np.diff(start))
    return order, start, node, np.flatnonzero(node == row)
