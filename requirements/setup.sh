#!/bin/sh
# Makes .venv from hashed requirements and installs the project into it; safe to repeat, and to break off: what was there
# stays until the new one is whole. Each is a folder of its own in .venvs, since programs in it name it; .venv is a link.
#   setup.sh              what working on it needs, the project as it stands here   (`make setup`)
#   setup.sh production   what running it needs and no more, the project copied in  (`make install`)
set -eu
umask 022  # of root's own umask the service's user would have nothing to read
cd "$(dirname "$0")/.."
what=${1:-development}
case $what in
development | production) ;;
*) echo "setup: $what is neither development nor production; nothing was changed" >&2; exit 64 ;;
esac
if [ "$what" = development ] && [ -e .venv/bin/bashgah ] && [ ! -e .venv/bin/pytest ]; then
    echo "setup: .venv is what \`make install\` made, and services may run out of it; nothing was changed." >&2
    echo "setup: demo, test and work in a clone of their own; or, if this is one: rm -r .venv" >&2
    exit 64
fi

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
new=.venvs/$(date +%Y%m%d-%H%M%S)-$$
trap 'rm -rf "$new"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
if ! "$python" -m venv "$new"; then
    echo "setup: this Python cannot make virtual environments (Debian: apt-get install python3-venv)" >&2
    exit 1
fi
pip() { "$new/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }
pinned() {  # install hashed requirements, saying how far it is: a slow network must not look like a standstill
    total=$(grep -c '^[a-z]' "$1")
    echo "setup: fetching $total pinned packages, each checked against its hash; a minute or two, once"
    { pip install --progress-bar off --require-hashes -r "$1" 2>&1 || echo failed >"$new/setup.failed"; } |
        tee "$new/setup.log" | awk -v total="$total" '
            /^Collecting /   { if (++count % 10 == 0) { print "setup: " count " of " total; fflush() } }
            /^Installing /   { print "setup: unpacking them"; fflush() }'
    [ ! -e "$new/setup.failed" ] || { cat "$new/setup.log" >&2; echo "setup: pip could not install them, see above" >&2; exit 1; }
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

old=
if [ -L .venv ]; then
    old=$(readlink .venv)
elif [ -e .venv ]; then  # a folder in place, as releases before made it
    old=.venvs/before-$$
    mv .venv "$old"
fi
ln -s "$new" ".venvs/link-$$"
trap - EXIT
"$python" -c 'import os, sys; os.replace(*sys.argv[1:])' ".venvs/link-$$" .venv
[ -z "$old" ] || rm -rf "$old"
folder=$(pwd -P)
while [ "$what" = production ] && [ "$folder" != / ]; do
    if [ -z "$(find "$folder" -prune -perm -001)" ]; then
        echo "setup: other users cannot enter $folder, nor can the service's: chmod a+rx $folder" >&2
    fi
    folder=$(dirname "$folder")
done
echo "setup: done; .venv/bin/bashgah --help, or once \`. .venv/bin/activate\` and then just bashgah"
