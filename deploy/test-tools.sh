#!/bin/sh
# Programs the tests use beside Python: PostgreSQL, a browser, three PDF tools, xmlsec1, npm, nginx, Apache,
# SoftHSM. As root on Debian they
# are installed; otherwise nothing is changed, and the suites that need them say that they are skipped.
set -eu
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="$missing chromium"
command -v pdfsig >/dev/null || missing="$missing poppler-utils"
command -v qpdf >/dev/null || missing="$missing qpdf"
command -v mutool >/dev/null || missing="$missing mupdf-tools"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v xmlsec1 >/dev/null || missing="$missing xmlsec1"  # a second opinion on trust lists
command -v certtool >/dev/null || missing="$missing gnutls-bin"
command -v npm >/dev/null || missing="$missing npm"
command -v apache2 >/dev/null || missing="$missing apache2-bin"  # the program without a service that would start
[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || missing="$missing libapache2-mod-auth-openidc"
command -v softhsm2-util >/dev/null || missing="$missing softhsm2"  # a signing device without the device
[ -n "$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null)" ] || missing="$missing faketime"  # moves the clock under a city
command -v javac >/dev/null || missing="$missing openjdk-17-jdk-headless"  # for EU DSS, the judge of our signatures
command -v mvn >/dev/null || missing="$missing maven"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "! Thiếu · missing:$missing. Các bài kiểm thử cần đến sẽ được bỏ qua · the suites that need them are skipped."
    exit 0
fi
echo "→ Cài · installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of package names
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; } ||
    echo "! Không cài được · cannot be installed:$missing. Những bài kiểm thử cần đến sẽ được bỏ qua · their suites are skipped."
