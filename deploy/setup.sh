#!/bin/sh
# Make .venv from a lock file:  deploy/setup.sh requirements.lock | requirements-dev.lock
#
# 1. A stamp in .venv says which lock it was made from; if nothing has changed there is nothing to do.
# 2. Find a Python (PYTHON=… names one) and make the environment.
# 3. Install exactly what the lock names, each file checked against its hash, then the project itself.
set -eu
cd "$(dirname "$0")/.."
lock=$1
say() { printf '%s\n' "$*"; }
fail() { say "✗ $1" >&2; say "  $2" >&2; exit 2; }

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# ── 1 ──
stamp_of() { printf '%s\n%s\n' "$PWD" "$(cat "$1" pyproject.toml | sha256sum)"; }
stamp() { printf '.venv/stamp-%s' "$1"; }
current() { [ -x .venv/bin/antin ] && [ -f "$(stamp "$1")" ] && [ "$(cat "$(stamp "$1")")" = "$(stamp_of "$1")" ]; }
if current "$lock"; then exit 0; fi

# ── 2 ──
if [ -d .venv ] && ! { [ -f .venv/stamp-place ] && [ "$(cat .venv/stamp-place)" = "$PWD" ] && suits .venv/bin/python; }; then
    say "→ .venv không dùng lại được, tạo mới · .venv cannot be reused, making a new one"
    rm -rf .venv
fi
if [ ! -d .venv ]; then
    python="" lacking=""
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        suits "$candidate" || continue
        if can_make_venv "$candidate"; then python=$candidate; break; fi
        lacking=${lacking:-$candidate}
    done
    if [ -z "$python" ] && [ -n "$lacking" ]; then
        version=$("$lacking" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "Thiếu mô-đun venv của Python $version: hãy cài gói python$version-venv (apt install python$version-venv)." \
            "Python $version lacks its venv module: install the package python$version-venv (apt install python$version-venv)."
    fi
    if [ -z "$python" ]; then
        found=$(python3 --version 2>&1 || true)
        fail "Cần Python 3.11 trở lên (hiện có: ${found:-không có})." "Python 3.11 or newer is needed (found: ${found:-none})."
    fi
    say "→ Tạo .venv bằng $("$python" --version) · making .venv"
    "$python" -m venv .venv || fail "Không tạo được .venv trong $PWD." "Cannot make .venv in $PWD."
    printf '%s' "$PWD" >.venv/stamp-place
fi

# ── 3 ──
say "→ Cài đặt từ $lock (lần đầu một hai phút) · installing from $lock (a minute or two the first time)"
.venv/bin/python -m pip install --disable-pip-version-check --no-input --no-cache-dir --require-hashes -r "$lock" ||
    fail "Không cài đặt được: hãy kiểm tra kết nối tới kho gói Python rồi chạy lại." \
        "Installing failed: check the connection to your Python package index and run again."
.venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps --no-build-isolation \
    --config-settings editable_mode=compat -e .
stamp_of "$lock" >"$(stamp "$lock")"
if [ "$lock" = requirements-dev.lock ]; then stamp_of requirements.lock >"$(stamp requirements.lock)"; fi
say "✓ Đã cài đặt xong · installed"
