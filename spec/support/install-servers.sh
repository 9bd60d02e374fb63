#!/bin/bash
# Fetches the FTP servers that the tests start: vsftpd, ProFTPD and Pure-FTPd into .servers/, pyftpdlib from apt.
#
# Debian's FTP servers conflict with one another, so their packages are only unpacked, each into a folder of its
# own: no maintainer script runs, and no service is set up or started. Needs apt-get and root, and changes
# nothing when everything is there already.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
servers=$repository/.servers
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# name of the server : the file that must run : Debian packages
wanted=(
  'vsftpd:usr/sbin/vsftpd:vsftpd'
  'proftpd:usr/sbin/proftpd:proftpd-core proftpd-mod-crypto'
  'pure-ftpd:usr/sbin/pure-ftpd:pure-ftpd'
)

runs() { # the program is there and finds its shared libraries
  [ -x "$1" ] && ! ldd "$1" 2>&1 | grep -q 'not found'
}

has_pyftpdlib() { # with TLS, which its package does not ask for
  /usr/bin/python3 -c 'import pyftpdlib, OpenSSL' 2>/dev/null
}

fail() {
  echo "install-servers: $*" >&2
  exit 1
}

missing=()
for entry in "${wanted[@]}"; do
  IFS=: read -r name program _ <<<"$entry"
  runs "$servers/$name/$program" || missing+=("$entry")
done
if [ ${#missing[@]} = 0 ] && has_pyftpdlib; then
  echo "FTP servers are complete in $servers"
  exit 0
fi

command -v apt-get >/dev/null || fail 'needs apt-get (Debian or Ubuntu)'
[ "$(id -u)" = 0 ] || fail 'needs root: the packages are installed with apt-get'

work=$(mktemp -d)
trap 'rm -rf "$work" "$servers"/.unpacking-*' EXIT
chmod 755 "$work" # apt drops to the user _apt for downloads

quietly() { # shows what a command said only when it failed
  "$@" >"$work/output" 2>&1 || {
    cat "$work/output" >&2
    fail "'$*' failed"
  }
}

quietly apt-get update
echo 'apt-get update: done'

libraries=()
for entry in "${missing[@]}"; do
  IFS=: read -r name program packages <<<"$entry"
  mkdir -p "$work/$name" "$servers"
  chmod 755 "$work/$name"
  cd "$work/$name"
  # shellcheck disable=SC2086 # several package names
  quietly apt-get download $packages
  unpacked=$servers/.unpacking-$name
  rm -rf "$unpacked"
  for deb in ./*.deb; do
    quietly dpkg -x "$deb" "$unpacked"
    # netbase brings /etc/protocols; the other packages a server depends on only set up its service.
    mapfile -t -O ${#libraries[@]} libraries < <(
      dpkg-deb -f "$deb" Pre-Depends Depends | sed 's/^[A-Za-z-]*: //' | tr ',' '\n' |
        sed -E 's/^ *([^ |:(]+).*/\1/' | grep -E '^lib|^netbase$'
    )
  done
  rm -rf "${servers:?}/$name"
  mv "$unpacked" "$servers/$name"
  echo "$packages: unpacked into $servers/$name"
done
cd /

mapfile -t libraries < <(printf '%s\n' "${libraries[@]}" | sort -u | sed '/^$/d')
quietly apt-get install -y --no-install-recommends python3-pyftpdlib python3-openssl "${libraries[@]}"
echo "python3-pyftpdlib, python3-openssl and ${#libraries[@]} libraries: installed"

for entry in "${wanted[@]}"; do
  IFS=: read -r name program _ <<<"$entry"
  runs "$servers/$name/$program" || fail "$servers/$name/$program does not find its libraries: $(ldd "$servers/$name/$program" 2>&1 | grep 'not found')"
done
has_pyftpdlib || fail '/usr/bin/python3 does not find pyftpdlib and OpenSSL'
