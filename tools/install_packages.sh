#!/usr/bin/env bash
# Installs what building and testing Sampan needs on Debian 12: only what is missing, with sudo only where it is needed.
#   tools/install_packages.sh [build|test|coverage|bench]   build: what building and the demo need; test (default): what the
#                                                  tests need too; coverage: what building needs, and what counts lines;
#                                                  bench: what building needs, and the servers that are measured beside
set -euo pipefail
cd "$(dirname "$0")/.."

build=(g++ cmake ninja-build ccache pkg-config
  libboost1.81-dev libboost-json1.81-dev libssl-dev libgsasl-dev libargon2-dev libsqlite3-dev
  libfmt-dev libspdlog-dev libcli11-dev libtomlplusplus-dev libedit-dev libgtest-dev libgmock-dev
  python3 b3sum)
test=(python3-pytest python3-pexpect python3-pyte ntpsec-ntpdig iproute2 zsh)
coverage=(gcovr)
bench=(openssh-server openssh-client rsync nginx-light curl openssl iproute2 util-linux eatmydata
  python3-pexpect python3-pyte)
# A library of Intel's, for ipsec_mb/: on other processors there is neither.
if [ "$(dpkg --print-architecture)" = amd64 ]; then
  test+=(libipsec-mb-dev)
  bench+=(libipsec-mb-dev)
fi

wanted=("${build[@]}")
case "${1:-test}" in
  build) ;;
  test) wanted+=("${test[@]}") ;;
  coverage) wanted+=("${coverage[@]}") ;;
  bench) wanted+=("${bench[@]}") ;;
  *) echo "install_packages: build, test, coverage or bench, not $1" >&2; exit 2 ;;
esac

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "install_packages: needs root or sudo for: $*" >&2; exit 1
  fi
}

clean_up=()
trap 'for step in "${clean_up[@]}"; do eval "$step"; done' EXIT

# Some of the packages are servers: none of them is to be started on this machine for our sake.
start_no_services() {
  local policy=/usr/sbin/policy-rc.d
  [ -e "$policy" ] && return
  clean_up+=("as_root rm -f $policy")
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
}

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "install_packages: installing ${missing[*]}"
  as_root apt-get update -qq
  start_no_services
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# The official BLAKE3 C sources are inside the Rust crate's package. Installing that would pull in hundreds of crates, so it
# is only unpacked, into a folder of this checkout.
if ! ls .deps/blake3/usr/share/cargo/registry/blake3-*/c/blake3.c >/dev/null 2>&1 \
   && ! pkg-config --exists libblake3 2>/dev/null; then
  echo "install_packages: unpacking the BLAKE3 sources of librust-blake3-dev"
  work=$(mktemp -d)
  clean_up+=('rm -rf "$work"')
  fetch() { (cd "$work" && apt-get download -qq librust-blake3-dev 2>/dev/null); }
  fetch || { as_root apt-get update -qq; fetch; }  # the package lists may be missing, or older than the archive
  rm -rf .deps/blake3 && mkdir -p .deps
  dpkg-deb -x "$work"/librust-blake3-dev_*.deb "$work/blake3" && mv "$work/blake3" .deps/blake3
fi
