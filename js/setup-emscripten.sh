#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# setup-emscripten.sh: prints the folder that holds emcc, em++ and emcmake of a modern Emscripten.
#
#   PATH=$(js/setup-emscripten.sh):$PATH; emcmake cmake -B build/wasm -G Ninja
#
# 1. An emcc on PATH of version >= 3.1.60 is used as it is (emsdk, Homebrew, Debian 13, ...).
# 2. Otherwise, on a Debian host, a private tree is unpacked out of Debian 13's packages: Emscripten 3.1.69
#    with its prebuilt system libraries, clang, lld and llvm 19, binaryen 120, and the libc they were linked
#    with. Nothing is installed on the host and no root is needed; the host's own libc is not touched,
#    because every program of the tree is started through the tree's own ld.so. apt fetches the packages
#    by name from the archive the host already uses and checks the archive's signature.
#
# A second run only finds the tree and prints. Needs apt, dpkg, tar, python3 >= 3.8
# (whole, not python3-minimal) and node >= 18.
# Settings, by environment:
#   NEEDLE_EMSCRIPTEN_HOME    where the tree goes (default ${XDG_CACHE_HOME:-$HOME/.cache}/needle-emscripten)
#   NEEDLE_EMSCRIPTEN_SUITE   the Debian release to take it from (default trixie)
#   NEEDLE_EMSCRIPTEN_FORCE   1: use the private tree even where a fitting emcc is on PATH
#   NEEDLE_DEBIAN_MIRROR      the archive's root, where the host's apt sources name none
set -eu

MIN=3.1.60
RECIPE=1                      # raise it when what this script lays down changes
SUITE=${NEEDLE_EMSCRIPTEN_SUITE:-trixie}
TREES=${NEEDLE_EMSCRIPTEN_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/needle-emscripten}

say() { printf 'setup-emscripten: %s\n' "$*" >&2; }
die() {                                 # one sentence: what to install, and why nothing else will do
    say "install Emscripten >= $MIN (with emsdk, say) and put its emcc on PATH: ${*%.}."
    exit 1
}
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }   # at_least HAVE WANT
version_of() { "$1" --version 2>/dev/null | sed -n '1s/.*) \([0-9][0-9.]*\).*/\1/p'; }

# --- 1. the one on PATH ---------------------------------------------------------------------------------
if [ "${NEEDLE_EMSCRIPTEN_FORCE:-0}" != 1 ] && found=$(command -v emcc); then
    have=$(version_of "$found" || true)
    if [ -n "$have" ] && at_least "$have" "$MIN"; then
        dirname "$found"
        exit 0
    fi
    say "$found is ${have:-of no known version}; at least $MIN is needed, so it is left alone"
fi

# --- 2. the private tree --------------------------------------------------------------------------------
TREE=$TREES/$SUITE-r$RECIPE
BIN=$TREE/usr/share/emscripten          # as in emsdk, emcc's own folder is the one for PATH
ready() { [ -f "$TREE/.complete" ] && [ "$(cat "$TREE/.complete")" = "$TREE" ]; }   # not if moved: paths inside
if ready; then
    printf '%s\n' "$BIN"
    exit 0
fi

for tool in apt-get apt-cache apt-config dpkg dpkg-deb tar python3 node; do
    command -v "$tool" >/dev/null || die "no emcc >= $MIN on PATH, and no $tool here to unpack one with."
done
KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$KEYS" ] || die "no $KEYS (package debian-archive-keyring) to check Debian's packages with."

mkdir -p "$TREES"
if command -v flock >/dev/null; then     # two builds at once make it once
    exec 9>"$TREES/lock"
    flock 9
    if ready; then
        printf '%s\n' "$BIN"
        exit 0
    fi
fi
WORK=$TREES/work
rm -rf "$WORK" "$TREE"
mkdir -p "$WORK/etc/apt.conf.d" "$WORK/etc/preferences.d" "$WORK/state/lists/partial" "$WORK/cache/archives/partial" "$WORK/debs" "$TREE"
trap 'rm -rf "$WORK"' EXIT

# An apt of our own: its sources, lists and status are ours, only how to reach the network is the host's.
mirror=${NEEDLE_DEBIAN_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
    2>/dev/null | sed -n -e 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' \
    -e 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' |
    sed -n -e 's,/*$,,' -e '/\/debian\(\.list\)\{0,1\}$/p' | head -n 1)}
[ -n "$mirror" ] || die "the host's apt sources name no Debian archive; NEEDLE_DEBIAN_MIRROR may."
printf 'deb [signed-by=%s] %s %s main\n' "$KEYS" "$mirror" "$SUITE" >"$WORK/etc/sources.list"
: >"$WORK/status"
{
    apt-config dump | grep -iE '^Acquire::(http|https|Retries|ForceIPv[46]|Check-Valid-Until)\b' || true
    cat <<EOF
Dir::Etc "$WORK/etc";
Dir::State "$WORK/state";
Dir::State::Status "$WORK/status";
Dir::Cache "$WORK/cache";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
quiet "2";
EOF
} >"$WORK/apt.conf"
export APT_CONFIG="$WORK/apt.conf"
say "making $TREE (250 to 350 MB to fetch, 1.2 GB of disk, once)"
apt-get update >&2 || die "apt could not read $SUITE from $mirror."
llvm=$(apt-cache depends emscripten | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
[ -n "$llvm" ] || die "$SUITE has no emscripten that depends on a clang."
libraries=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "libllvm$llvm" "libclang-cpp$llvm" binaryen | sed -n 's/^\(lib[a-z0-9.+-]*\)$/\1/p')
# shellcheck disable=SC2086
(cd "$WORK/debs" && apt-get download emscripten binaryen node-acorn node-typescript "clang-$llvm" "lld-$llvm" \
    "llvm-$llvm" "llvm-$llvm-linker-tools" "libclang-common-$llvm-dev" $libraries >&2) ||
    die "apt could not fetch $SUITE's packages."
unset APT_CONFIG

# Unpack, leaving out manuals, tests and the libraries for position-independent code (half of emscripten).
for deb in "$WORK"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$TREE" --no-same-owner \
        --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/lintian' \
        --exclude='./usr/share/emscripten/test' --exclude='./usr/share/emscripten/media' \
        --exclude='*/wasm32-emscripten/pic' --exclude='*/wasm32-emscripten/lto-pic' \
        --exclude='./usr/share/nodejs/@types' --exclude='*/typescript/lib/tsserver*' --exclude='*/typescript/lib/typescript*' \
        --exclude='*/typescript/lib/typingsInstaller*' || die "could not unpack ${deb##*/}."
done

# Each program starts through the tree's ld.so. clang would then take that ld.so, which is what /proc/self/exe
# names, for itself: with -no-canonical-prefixes it goes by argv[0], so it calls itself (-cc1, for several
# inputs) through the wrapper again, and finds its headers in lib/ beside the wrapper's bin/.
TOOLS=$TREE/tools
LLVM=$TREE/usr/lib/llvm-$llvm
loader=$(find "$TREE/usr" -name 'ld-linux-*.so.*' | head -n 1)
libc=$(dirname "$(find "$TREE/usr/lib" -name 'libc.so.6' | head -n 1)")
[ -n "$loader" ] && [ -d "$libc" ] || die "the unpacked libc6 holds no ld.so."
mkdir -p "$TOOLS/bin"
ln -s "$LLVM/lib" "$TOOLS/lib"
for program in "$TREE"/usr/bin/wasm-[a-z]* "$TREE/usr/bin/wasm2js" "$LLVM/bin/wasm-ld" "$LLVM/bin/clang" \
    "$LLVM/bin/clang++" "$LLVM"/bin/llvm-*; do
    name=${program##*/}
    case $name in
        wasm-ld-*) continue ;;
        clang*) adjust='case ${1-} in -cc1*) ;; *) set -- -no-canonical-prefixes "$@" ;; esac' ;;
        *) adjust= ;;
    esac
    cat >"$TOOLS/bin/$name" <<EOF
#!/bin/sh
$adjust
exec "$loader" --inhibit-cache --library-path "$libc:$LLVM/lib" --argv0 "$TOOLS/bin/$name" "$program" "\$@"
EOF
    chmod +x "$TOOLS/bin/$name"
done

# node looks for what an ES module imports in the node_modules above it only, not in Debian's /usr/share/nodejs.
ln -s nodejs "$TREE/usr/share/node_modules"

# --emit-tsd calls the first tsc on PATH with --outFile, which TypeScript 7 no longer has: give it its own.
printf '#!/bin/sh\nexec node "%s" "$@"\n' "$TREE/usr/share/nodejs/typescript/lib/tsc.js" >"$TOOLS/bin/tsc"
chmod +x "$TOOLS/bin/tsc"
sed -i "s,shutil\\.which('tsc'),'$TOOLS/bin/tsc'," "$BIN/tools/emscripten.py"
# --emit-tsd runs the linked module, too, and Node 20 loads relaxed SIMD only by a flag (for that alone: its
# relaxed dot product is wrong).
flag=
relaxed=0,97,115,109,1,0,0,0,1,5,1,96,0,1,123,3,2,1,0,10,15,1,13,0,65,0,253,15,65,0,253,15,253,128,2,11
if ! node -e "process.exit(+!WebAssembly.validate(new Uint8Array([$relaxed])))" &&
    node --experimental-wasm-relaxed-simd -e 0 2>/dev/null; then
    flag=", '--experimental-wasm-relaxed-simd'"
fi
frozen=False                            # True where the package brings its libraries prebuilt, as trixie's does
[ ! -f "$BIN/cache/sysroot/lib/wasm32-emscripten/libc.a" ] || frozen=True
cat >"$BIN/.emscripten" <<EOF
LLVM_ROOT = '$TOOLS/bin'
BINARYEN_ROOT = '$TOOLS'
NODE_JS = ['$(command -v node)'$flag]
FROZEN_CACHE = $frozen
EOF

have=$(version_of "$BIN/emcc" || true)
[ -n "$have" ] || "$BIN/emcc" --version >&2 || true            # let it say why
[ -n "$have" ] && at_least "$have" "$MIN" || die "the unpacked emcc says '${have:-nothing}'."
# One build through every program that matters: two inputs, LTO, a binding, its declarations; and a run.
cat >"$WORK/a.cpp" <<'EOF'
#include <emscripten/bind.h>
#include <string>
std::string greet(std::string name);
EMSCRIPTEN_BINDINGS(setup) { emscripten::function("greet", &greet); }
EOF
printf '#include <string>\nstd::string greet(std::string name) { return "hello, " + name; }\n' >"$WORK/b.cpp"
"$BIN/em++" -O2 -flto -msimd128 -lembind -sMODULARIZE -sEXPORT_ES6 -sEXPORTED_RUNTIME_METHODS=HEAPU8 \
    "$WORK/a.cpp" "$WORK/b.cpp" -o "$WORK/a.mjs" --emit-tsd "$WORK/a.d.ts" >&2 &&
    grep -q 'greet(' "$WORK/a.d.ts" && [ "$(node --input-type=module -e \
    'import make from "'"file://$WORK"'/a.mjs"; console.log((await make()).greet("needle"))')" = "hello, needle" ] ||
    die "the unpacked em++ built no running module."
printf '%s' "$TREE" >"$TREE/.complete"
say "Emscripten $have with LLVM $llvm is ready"
printf '%s\n' "$BIN"
