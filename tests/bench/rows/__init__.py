"""The rows of the side-by-side table. A module per family has a list ROWS; its targets are ratios to the fastest peer at the
same number of threads, (with one thread, with more)."""
FAMILIES = ("arithmetic", "copy", "convolve", "neighborhood", "depth", "distance", "mds", "search", "primes")
