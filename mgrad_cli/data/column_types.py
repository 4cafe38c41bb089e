"""Find one type for a column of several files: the narrowest that holds the values of each file exactly."""

from typing import Any

import pyarrow
from pyarrow import types

from mgrad_cli.errors import InputError
from mgrad_cli.storage.stores import sentence


def merged_schema(schema: Any, other: Any, file: str) -> Any:
    """Return a schema that holds the values of two schemas with the same columns in the same order.

    Raises: InputError for a column of `other`, the schema of `file`, that has no common type.
    """
    fields = []
    for field, more in zip(schema, other, strict=True):
        kind = common_type(field.type, more.type)
        if kind is None:
            raise InputError(
                f"{file}: column '{field.name}' is of type {more.type}, and of type {field.type} in the files before "
                "it; no type holds both exactly"
            )
        fields.append(pyarrow.field(field.name, kind, field.nullable or more.nullable, field.metadata))
    return pyarrow.schema(fields, schema.metadata)


def common_type(one: Any, other: Any) -> Any:
    """Return the narrowest type that both types convert to without a change of kind, or `None`.

    Numbers stay numbers and text stays text. Integers join floats, and times join times of a finer unit, though some
    values may not fit: `widened` checks that.
    """
    if one == other:
        return one
    for kind, more in ((one, other), (other, one)):
        if types.is_decimal(kind) and types.is_integer(more):
            return decimal_with(kind, more)
    pair = [pyarrow.schema([("", plain(kind))]) for kind in (one, other)]
    try:
        common = pyarrow.unify_schemas(pair, promote_options="permissive").field(0).type
    except pyarrow.ArrowException:
        return None
    kinds = [leaf for kind in (one, other) for leaf in leaves(plain(kind))]
    is_rounded = any(map(types.is_decimal, kinds)) and any(map(types.is_floating, kinds))
    is_relabelled = any(map(is_text, kinds)) and any(map(is_bytes, kinds))
    return None if is_rounded or is_relabelled else common


def decimal_with(kind: Any, integers: Any) -> Any:
    """Return the decimal type that also holds all integers of a type, or `None`."""
    digits = len(str(2**integers.bit_width))
    precision = max(kind.precision - kind.scale, digits) + kind.scale
    if precision <= 38:
        return pyarrow.decimal128(precision, kind.scale)
    return pyarrow.decimal256(precision, kind.scale) if precision <= 76 else None


def plain(kind: Any) -> Any:
    """Return a type without details of storage: the value type of a dictionary, and plain text for text views."""
    kind = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_string_view(kind):
        return pyarrow.large_string()
    return pyarrow.large_binary() if types.is_binary_view(kind) else kind


def leaves(kind: Any) -> list[Any]:
    """Return the types that a type is composed of, down to those that are not composed."""
    found, stack = [], [kind]
    while stack:
        kind = stack.pop()
        if types.is_nested(kind):
            stack += [kind.field(index).type for index in range(kind.num_fields)]
        else:
            found.append(kind)
    return found


def is_text(kind: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind))


def is_bytes(kind: Any) -> bool:
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def widened(table: Any, schema: Any, file: str) -> Any:
    """Convert the table of a file to the types of a schema with the same columns.

    Raises: InputError for a column of another kind, or a value that its new type does not hold exactly.
    """
    for index, field in enumerate(schema):
        column = table.column(index)
        if column.type == field.type:
            continue
        if common_type(field.type, column.type) != field.type:
            raise InputError(
                f"{file}: column '{field.name}' is of type {column.type}, and of type {field.type} in the files "
                "before it"
            )
        try:
            column = column.cast(field.type)
        except pyarrow.ArrowException as error:
            raise InputError(
                f"{file}: column '{field.name}', of type {column.type}, has a value that {field.type}, which the other "
                f"files need, does not hold exactly: {sentence(error)}"
            ) from None
        table = table.set_column(index, field, column)
    return table.cast(schema)
