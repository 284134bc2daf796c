"""Every message about a programme file, in English and Persian: what is wrong, and what would do.

The {placeholders} are filled by the check that finds the problem. Errors refuse the file; warnings are things that are
allowed and probably not meant; notes tell what a new version changes.
"""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, MessageTexts, Parameter, Severity
from schemas.programme_file.messages.of_festivals import FESTIVALS, NOTIFICATIONS
from schemas.programme_file.messages.of_files import FILES, SHAPES
from schemas.programme_file.messages.of_rules import RULES
from schemas.programme_file.messages.of_values import NAMES, VALUES, WHOLE
from schemas.programme_file.messages.of_versions import VERSIONS

MESSAGES: Mapping[Code, MessageTexts] = {
    **FILES,
    **SHAPES,
    **VALUES,
    **NAMES,
    **WHOLE,
    **RULES,
    **FESTIVALS,
    **NOTIFICATIONS,
    **VERSIONS,
}

__all__ = ["MESSAGES", "Code", "MessageTexts", "Parameter", "Severity"]
