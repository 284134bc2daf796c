#!/bin/sh
# Makes .venv from the hashed requirements and installs the project into it. Called by `make setup`; safe to repeat.
set -eu
cd "$(dirname "$0")/.."

fits() {  # a shim may be on the path and still not run
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null
}

python=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if fits "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "setup: no Python 3.11 to 3.14 found (tried: ${PYTHON:-python3, python3.11 … python3.14};" \
         "python3 is $(python3 --version 2>&1 || echo missing))." >&2
    echo "setup: install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
    exit 1
fi

echo "setup: $("$python" --version) in .venv"
if ! "$python" -m venv --clear .venv; then
    echo "setup: this Python cannot make virtual environments (Debian: apt-get install python3-venv)" >&2
    exit 1
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
echo "setup: installing $(grep -c '^[a-z]' requirements/dev.txt) pinned packages, each checked against its hash"
pip install --quiet --require-hashes -r requirements/dev.txt
pip install --quiet --no-deps --no-build-isolation --editable .
echo "setup: done; .venv/bin/bashgah --help"
