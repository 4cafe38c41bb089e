"""How `Value`s show themselves in a notebook: the engine knows no renderer, so the methods are given to it here."""

from mgrad_cli.value import Value


def picture(value: Value) -> str | None:
    """Return the graph behind a Value as SVG, or `None` where it is large or Graphviz is not there."""
    from mgrad_cli.library.display import value_svg

    return value_svg(value)


def tree(value: Value) -> str | None:
    """Return the graph behind a Value as a tree in HTML, where there is no picture of it."""
    from mgrad_cli.library.display import value_html

    return value_html(value)


NOTEBOOK = {"_repr_svg_": picture, "_repr_html_": tree}
for name, method in NOTEBOOK.items():
    setattr(Value, name, method)
