"""Who can go where: a sparse table of walks, seen from the sites and from the homes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True)
class Arcs:
    """Pairs of a site and a home within reach, sorted both ways.

    Parameters
    ----------
    site_ptr, site_home, site_m
        CSR over sites: homes ascending, and metres.
    home_ptr, home_site, home_m
        CSR over homes: sites ascending, and metres.
    """

    site_ptr: NDArray[np.int64]
    site_home: NDArray[np.int32]
    site_m: NDArray[np.float64]
    home_ptr: NDArray[np.int64]
    home_site: NDArray[np.int32]
    home_m: NDArray[np.float64]

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.site_ptr.size - 1

    @property
    def homes(self) -> int:
        """Number of homes."""
        return self.home_ptr.size - 1


def arcs_of(metres: Any) -> Arcs:
    """Sort a sparse site × home matrix both ways; stored zeros are walks of 0 m.

    Parameters
    ----------
    metres
        Any scipy sparse array or matrix: stored entries are the pairs within reach.
    """
    by_site = sp.csr_array(metres)
    by_site.sort_indices()
    by_home = sp.csr_array(sp.csc_array(by_site).T)
    by_home.sort_indices()
    return Arcs(
        by_site.indptr.astype(np.int64),
        by_site.indices.astype(np.int32),
        by_site.data.astype(np.float64),
        by_home.indptr.astype(np.int64),
        by_home.indices.astype(np.int32),
        by_home.data.astype(np.float64),
    )
