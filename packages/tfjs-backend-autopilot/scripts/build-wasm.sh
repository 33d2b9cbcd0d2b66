#!/bin/sh
# Builds src/embedded/wasm-binaries.ts from c/ with Debian 12's clang-16 and lld-16 (1:16.0.6-15~deb12u1).
# With another compiler the result works but is not byte-identical. `build-wasm.sh OUT` writes elsewhere.
set -eu
cd "$(dirname "$0")/.."
out=${1:-src/embedded/wasm-binaries.ts}
clang=${CLANG:-clang-16}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for variant in 'simd:' 'relaxed:-mrelaxed-simd -DRELAXED'; do
  name=${variant%%:*}
  "$clang" --target=wasm32 -O3 -ffreestanding -nostdlib -Wall -Wextra -DVL=4 -DMRB=4 -msimd128 -mbulk-memory -matomics \
    -fvisibility=hidden -ffile-prefix-map="$PWD"=. ${variant#*:} \
    -Wl,--no-entry,--import-memory,--shared-memory,--max-memory=4294967296,--export=work,--export=work_alone,--export=kernel_count,--export=__stack_pointer,--strip-all,-z,stack-size=65536,--global-base=1024 \
    c/wasm.c -o "$build/$name.wasm"
done
{
  echo "/** The kernels of c/ as WebAssembly: plain and relaxed SIMD. Written by scripts/build-wasm.sh; do not edit. */"
  echo "export const wasmBinaries: Record<'simd' | 'relaxed', string> = {"
  for name in simd relaxed; do
    echo "  $name:"
    echo "    '$(base64 -w0 "$build/$name.wasm")',"
  done
  echo "} as const;"
} >"$out"
wc -c "$build"/*.wasm
