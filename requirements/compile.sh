#!/bin/sh
# Writes the hashed requirements anew from pyproject.toml, for every supported Python and platform at once.
# Called by `make requirements`; needs uv on the path (or UV=/path/to/uv).
set -eu
cd "$(dirname "$0")/.."
compile() {
    ${UV:-uv} pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@" pyproject.toml
}
compile --upgrade --extra dev --output-file requirements/dev.txt
compile --constraint requirements/dev.txt --output-file requirements/runtime.txt
