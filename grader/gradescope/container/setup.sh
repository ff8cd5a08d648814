#!/usr/bin/env bash
# Prepares a Gradescope container, once, when its image is built: as root, with a network, from a copy of the zip.
# The system's Python, which Gradescope's own harness uses, is left alone; everything goes into one environment.
set -euo pipefail
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")"

ENVIRONMENT=/opt/deepgrader
# Where torch comes from; set it to nothing to take torch from pip's own index.
TORCH_INDEX="${TORCH_INDEX-@TORCH_INDEX@}"
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
export OMP_NUM_THREADS=1

apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates libseccomp2 python3-venv >/dev/null

python3 -m venv "$ENVIRONMENT"
mapfile -t torch < <(grep -E '^torch(vision)?([<>=!~ ;[]|$)' requirements.txt)
# By themselves and without what they depend on: that is pinned, and comes from pip's own index with the rest.
"$ENVIRONMENT/bin/python" -m pip install --quiet --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "${torch[@]}"
"$ENVIRONMENT/bin/python" -m pip install --quiet -r requirements.txt
"$ENVIRONMENT/bin/python" -m pip install --quiet --no-deps ./*.whl

# Students' programs run as another user: they read the environment, but neither the grader in it nor what lies here.
chmod -R a+rX "$ENVIRONMENT"
chmod -R go-rwx "$ENVIRONMENT"/lib/python3*/site-packages/grader "$ENVIRONMENT"/lib/python3*/site-packages/deepgrader-* "$PWD"

# Says what confines students' programs here, tries to get out, and stops the build if anything does.
"$ENVIRONMENT/bin/python" -I -m grader.cli doctor --course course
