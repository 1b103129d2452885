"""Regions of the complex plane that hold spectra of stochastic matrices; one file each, gathered here.

Π_k ⊂ PM_n ⊂ (spectra of doubly stochastic n×n matrices) ⊂ Θ_n for k ≤ n, and H_n ⊂ Π_n.
"""

from geometry.regions.hypocycloids import hypocycloid, order3_gap, orthostochastic_order3
from geometry.regions.karpelevich import karpelevich
from geometry.regions.perfect_mirsky import perfect_mirsky, roots_of_unity_polygon
from geometry.regions.perfect_mirsky_exception import PerfectMirskyException, perfect_mirsky_exception
from geometry.regions.region import Region

__all__ = [
    "PerfectMirskyException",
    "Region",
    "hypocycloid",
    "karpelevich",
    "order3_gap",
    "orthostochastic_order3",
    "perfect_mirsky",
    "perfect_mirsky_exception",
    "roots_of_unity_polygon",
]
