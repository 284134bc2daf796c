"""The table of rights in docs/RUNBOOK.md, and a broker's user who has exactly what it lists."""

import re
from typing import NamedTuple

from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from tests.architecture.sources import ROOT

_ROW = re.compile(r"^\| (worker|operator|web) \| ([a-z-]+) \| (.+) \| (.+) \|$", re.MULTILINE)


class Right(NamedTuple):
    """One right: `name` may end with `*`. `kind` and `operation` as `kafka-acls.sh` calls them."""

    user: str
    kind: str
    name: str
    operation: str


def listed() -> list[Right]:
    """What the runbook lists."""
    text = (ROOT / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
    return [
        Right(user, kind, name.strip("`"), operation)
        for user, kind, names, operations in _ROW.findall(text)
        for name in names.split()
        for operation in operations.split(", ")
    ]


def give(internal: str, rights: list[Right], app_id: str = "bashgah") -> None:
    """Give these rights, with another app id in the place of the runbook's."""
    admin = KafkaAdminClient(bootstrap_servers=internal)
    try:
        done = admin.create_acls([_acl(each._replace(name=each.name.replace("bashgah", app_id))) for each in rights])
        assert not done["failed"], done
    finally:
        admin.close()


def _acl(right: Right) -> ACL:
    prefixed = right.name.endswith("*")
    kind = ACLResourcePatternType.PREFIXED if prefixed else ACLResourcePatternType.LITERAL
    operation = re.sub("(?<=[a-z])(?=[A-Z])", "_", right.operation).upper()
    return ACL(
        principal=f"User:{right.user}",
        host="*",
        operation=ACLOperation[operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(
            ResourceType[right.kind.replace("-", "_").upper()], right.name.rstrip("*"), kind
        ),
    )
