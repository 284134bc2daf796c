#!/bin/sh
# Writes the hashed requirements anew from pyproject.toml, for every supported Python and platform at once.
# Called by `make requirements`; needs uv on the path (or UV=/path/to/uv). build.txt is what an image builds with.
set -eu
cd "$(dirname "$0")/.."
compile() {
    ${UV:-uv} pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@"
}
compile --upgrade --extra dev --output-file requirements/dev.txt pyproject.toml
compile --constraint requirements/dev.txt --output-file requirements/runtime.txt pyproject.toml
echo setuptools | compile --constraint requirements/dev.txt --output-file requirements/build.txt -
compile --output-file requirements/peers.txt requirements/peers.in  # engines to compare with, in an environment of their own
