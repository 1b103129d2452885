"""Pictures of the polytope: planes through it, and views in space."""
