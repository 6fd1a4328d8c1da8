"""What every room stands on: errors for people, quantities with units, safe YAML, files written whole."""

from milia.base.checks import (
    as_list,
    as_mapping,
    check_keys,
    nearest,
    parse_choice,
    parse_flag,
    parse_whole,
    require,
)
from milia.base.errors import InputError, MiliaError, one_line
from milia.base.files import write_atomically
from milia.base.quantities import (
    Interval,
    Measured,
    format_measured,
    format_quantity,
    format_range,
    parse_measured,
    parse_quantity,
)
from milia.base.yaml_file import parse_yaml_mapping, read_yaml_mapping

__all__ = [
    "InputError",
    "Interval",
    "Measured",
    "MiliaError",
    "as_list",
    "as_mapping",
    "check_keys",
    "format_measured",
    "format_quantity",
    "format_range",
    "nearest",
    "one_line",
    "parse_choice",
    "parse_flag",
    "parse_measured",
    "parse_quantity",
    "parse_whole",
    "parse_yaml_mapping",
    "read_yaml_mapping",
    "require",
    "write_atomically",
]
