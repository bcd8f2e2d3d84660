"""A module per family: its docstring is the formula on the family's page, `draw` fills the picture under it."""
