#!/bin/sh
# Builds the WebAssembly kernels again and compares: fails when src/embedded/wasm-binaries.ts is not what c/ gives with the pinned compiler.
set -eu
cd "$(dirname "$0")/.."
wanted='Debian clang version 16.0.6 (15~deb12u1)'
found=$("${CLANG:-clang-16}" --version | head -n 1)
if [ "$found" != "$wanted" ]; then
  echo "check-wasm: the bytes are reproducible with \"$wanted\"; this is \"$found\"." >&2
  exit 2
fi
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
sh scripts/build-wasm.sh "$fresh" >/dev/null
grep -o "'[A-Za-z0-9+/=]*'" "$fresh" >"$fresh.new"
grep -o "'[A-Za-z0-9+/=]*'" src/embedded/wasm-binaries.ts >"$fresh.old"
if cmp -s "$fresh.new" "$fresh.old"; then
  rm -f "$fresh.new" "$fresh.old"
  echo 'check-wasm: identical'
else
  rm -f "$fresh.new" "$fresh.old"
  echo 'check-wasm: wasm-binaries.ts differs from what c/ gives. Run scripts/build-wasm.sh and commit it.' >&2
  exit 1
fi
