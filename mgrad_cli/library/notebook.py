"""The notebook display of `Value`s, attached here because the engine knows no renderer."""

from mgrad_cli.value import Value


def picture(value: Value) -> str | None:
    """Return the graph behind a Value as SVG, or `None` if it is large or Graphviz is missing."""
    from mgrad_cli.library.display import value_svg

    return value_svg(value)


def tree(value: Value) -> str | None:
    """Return the graph behind a Value as an HTML tree, or `None` if there is a picture of it."""
    from mgrad_cli.library.display import value_html

    return value_html(value)


NOTEBOOK = {"_repr_svg_": picture, "_repr_html_": tree}
for name, method in NOTEBOOK.items():
    setattr(Value, name, method)
