"""What a worker says when it ends."""

from agents.broker.errors import Fenced, OutcomeUnknown
from agents.process.exit_codes import ExitCode
from agents.worker import with_hint


def test_a_fenced_worker_with_a_static_name_is_told_what_it_means_if_it_repeats() -> None:
    fenced = Fenced("bashgah-3")
    said = with_hint(fenced, "worker-1")
    assert str(said).startswith(str(fenced))
    assert "BASHGAH_STATIC_MEMBER_ID=worker-1" in str(said)
    assert getattr(said, "code", None) is ExitCode.FENCED
    assert with_hint(fenced, None) is fenced, "a worker without one has no namesake"
    unknown = OutcomeUnknown("bashgah-3", "no answer")
    assert with_hint(unknown, "worker-1") is unknown
