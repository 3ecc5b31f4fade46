#!/bin/sh
# Runs slither over contracts/src with the compiler of the project; docs/slither.md answers what it finds.
#
#     contracts/script/slither.sh SLITHER        (in the project's root; three minutes; SLITHER: path of slither 0.11.6)
#
# slither pulls in other versions of what the project uses: install it in an environment of its own.
set -eu
slither=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
PATH="$PWD/node_modules/.bin:$PATH"
FOUNDRY_CACHE_PATH="$out/cache" forge build --skip 'contracts/test/**' --skip 'contracts/script/**' \
    --build-info --ast --build-info-path "$out/build-info" -o "$out" >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
# one compilation for each setting of the optimizer; slither mixes them up if it gets them together
for info in "$out"/build-info/*.json; do
    one="$out/one/$(basename "$info" .json)"
    mkdir -p "$one/build-info"
    cp "$info" "$one/build-info/"
    # paths are relative to the project
    "$slither" . --foundry-ignore-compile --foundry-out-directory "$(realpath --relative-to=. "$one")" \
        --filter-paths node_modules || true
done
