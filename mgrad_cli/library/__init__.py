"""A formula as a Python object, with what the commands do as methods."""
