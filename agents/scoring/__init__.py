"""Records become rows and outputs: for lanes, `verify`, `score` and the simulation alike."""
