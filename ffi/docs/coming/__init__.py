"""A module per package that users come from; see `comparison.py`."""
