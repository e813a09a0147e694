#!/bin/sh
# Installs the grader into /opt/grader, as root, when the image is made. Without wheels beside it, from the package index.
set -eu
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
python=python%%{python}

lacks=
"$python" -c 'import ensurepip, venv' 2>/dev/null || lacks="$lacks $python $python-venv"
command -v bwrap >/dev/null || lacks="$lacks bubblewrap"
command -v setpriv >/dev/null || lacks="$lacks util-linux"
/sbin/ldconfig -p | grep -q 'libseccomp\.so\.2' || lacks="$lacks libseccomp2"
if [ -n "$lacks" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  # shellcheck disable=SC2086
  apt-get install -y --no-install-recommends $lacks
  rm -rf /var/lib/apt/lists/*
fi

"$python" -m venv --clear /opt/grader
set -- --find-links "$here/grader/wheels"
[ ! -e "$here/grader/offline" ] || set -- "$@" --no-index
/opt/grader/bin/python -I -m pip --isolated --no-cache-dir --disable-pip-version-check install --quiet \
  "$@" --only-binary :all: --require-hashes --requirement "$here/grader/requirements.txt"
