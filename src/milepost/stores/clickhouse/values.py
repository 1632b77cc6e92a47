"""JSON values as keys: what `analytics.datapoint.typed` says, in SQL and back.

Owns the text form of a key: a letter for the type, then the value. Must not know tables or questions.
"""

from __future__ import annotations

from milepost.analytics.datapoint import Scalar
from milepost.stores.clickhouse.sql import path


def key(column: str, name: str) -> str:
    """An expression for the key of the value at a dotted name; empty for what is no text, number or boolean."""
    value = path(column, name)
    number = f"{value}.:Float64"
    whole = f"{number} = trunc({number}) AND {number} >= -9223372036854775808. AND {number} < 9223372036854775808."
    return (
        "multiIf("
        f"isNotNull({value}.:String), concat('s', assumeNotNull({value}.:String)), "
        f"isNotNull({value}.:Bool), if(assumeNotNull({value}.:Bool), 'b1', 'b0'), "
        f"isNotNull({value}.:Int64), concat('n', toString(assumeNotNull({value}.:Int64))), "
        f"isNotNull({value}.:UInt64), concat('n', toString(assumeNotNull({value}.:UInt64))), "
        f"ifNull({whole}, 0), concat('n', toString(toInt64(assumeNotNull({number})))), "
        f"isNotNull({number}), concat('n', toString(assumeNotNull({number}))), "
        "'')"
    )


def value(text: str) -> Scalar:
    """The value of a key."""
    kind, rest = text[0], text[1:]
    if kind == "s":
        return rest
    if kind == "b":
        return rest == "1"
    try:
        whole = int(rest)
    except ValueError:
        return float(rest)
    return whole if -(2**63) <= whole < 2**64 else float(whole)
