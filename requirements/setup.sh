#!/bin/sh
# Makes .venv from hashed requirements and installs the project into it; safe to repeat.
#   setup.sh              what working on it needs, the project as it stands here   (`make setup`)
#   setup.sh production   what running it needs and no more, the project copied in  (`make install`)
set -eu
cd "$(dirname "$0")/.."
what=${1:-development}
case $what in
development | production) ;;
*) echo "setup: $what is neither development nor production; nothing was changed" >&2; exit 64 ;;
esac

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

echo "setup: making .venv with $("$python" --version)"
if ! "$python" -m venv --clear .venv; then
    echo "setup: this Python cannot make virtual environments (Debian: apt-get install python3-venv)" >&2
    exit 1
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
pinned() {  # install hashed requirements, saying how far it is: a slow network must not look like a standstill
    total=$(grep -c '^[a-z]' "$1")
    echo "setup: fetching $total pinned packages, each checked against its hash; a minute or two, once"
    : >.venv/setup.log
    { pip install --progress-bar off --require-hashes -r "$1" 2>&1 || echo failed >.venv/setup.failed; } |
        tee .venv/setup.log | awk -v total="$total" '
            /^Collecting /   { if (++count % 10 == 0) { print "setup: " count " of " total; fflush() } }
            /^Installing /   { print "setup: unpacking them"; fflush() }'
    [ ! -e .venv/setup.failed ] || { cat .venv/setup.log >&2; echo "setup: pip could not install them, see above" >&2; exit 1; }
}

case $what in
development)
    pinned requirements/dev.txt
    echo "setup: installing bashgah as it stands here"
    pip install --quiet --no-deps --no-build-isolation --editable .
    ;;
production)
    pinned requirements/runtime.txt
    pip install --quiet --require-hashes -r requirements/build.txt
    echo "setup: building bashgah and installing it"
    rm -rf build  # files of an earlier release would be packed with it
    pip install --quiet --no-deps --no-build-isolation .
    pip uninstall --quiet --yes setuptools
    ;;
esac
echo "setup: done; .venv/bin/bashgah --help, or once \`. .venv/bin/activate\` and then just bashgah"
