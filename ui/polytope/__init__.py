"""Inside the polytope: planes and spaces through it, what fills them, and the nearest matrices."""
