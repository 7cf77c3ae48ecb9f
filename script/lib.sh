# shellcheck shell=bash
# lib.sh - what the scripts share; sourced, never run. Changes into the top of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

say() { printf '%s\n' "$*"; }
die() {
    printf '%s: %s\n' "script/$(basename "$0")" "$*" >&2
    exit 1
}

started=$SECONDS
step() { printf '%s== %s%s %s(%d:%02d)%s\n' "$bold" "$*" "$plain" "$dim" $(((SECONDS - started) / 60)) \
    $(((SECONDS - started) % 60)) "$plain"; }

# configure NAME COMPILER MESON-ARGUMENT...: build/NAME, set up once, and again when its arguments have changed.
configure() {
    local compiler=$2 dir=build/$1 how
    shift 2
    how="$compiler $*"
    if [ -f "$dir/build.ninja" ] && [ "$(cat "$dir/configured-as" 2>/dev/null)" = "$how" ]; then return; fi
    rm -rf "$dir"
    mkdir -p "$dir"
    CC=$compiler meson setup "$dir" "$@" >"$dir.log" 2>&1 || {
        cat "$dir.log" >&2
        die "meson could not set up $dir"
    }
    printf '%s\n' "$how" >"$dir/configured-as"
}

# compile NAME [TARGET...]: quiet when it works, all that the compiler said when it does not.
compile() {
    local dir=build/$1
    shift
    if [ -t 1 ]; then
        ninja -C "$dir" -k 0 "$@"
    elif ! ninja -C "$dir" -k 0 --quiet "$@" >"$dir.log" 2>&1; then
        cat "$dir.log"
        return 1
    fi
}

# Every test, or the targets named, under address and undefined-behaviour sanitizers.
build_sanitized() {
    configure test gcc -Dbuildtype=debug -Db_sanitize=address,undefined
    compile test "$@"
}

# What is shipped and measured, or the targets named: optimised across files, which takes too long for every test.
build_release() {
    configure release gcc -Db_lto=true -Dtests=disabled
    compile release "$@"
}

# Everything, by clang.
configure_clang() { configure clang clang -Dbuildtype=debug -Db_lundef=false; }

# Everything that has threads, under the thread sanitizer: the targets named.
build_threads() {
    configure tsan clang -Dbuildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false -Dbench=false
    compile tsan "$@"
}

# The programs with one protection switched off each. Not the release: optimising across files takes half a minute for each.
build_controls() {
    configure_clang
    compile clang controls
}

# dispatch PREFIX [NAME ARGUMENT...]: runs the one executable PREFIXNAME or PREFIXNAME.* on a release build, whose folder it
# finds in ROLLCALL_BUILD, beside a PostgreSQL server; without a name it lists what there is.
dispatch() {
    local prefix=$1 name=${2:-} file base
    local -a found=()
    if [ -z "$name" ]; then
        say "usage: script/$(basename "$0") NAME [ARGUMENT...]; there is:"
        for file in "$prefix"*; do
            if [ ! -f "$file" ] || [ ! -x "$file" ]; then continue; fi
            base=${file#"$prefix"}
            # the first line of what the file says about itself, behind its name
            say "  ${base%.*}  $(sed -n '2,4{s/^["#/*[:space:]]*[^ ]* *[-:] *//p;}' "$file" | head -n 1)"
        done
        exit 2
    fi
    shift 2
    for file in "$prefix$name" "$prefix$name".*; do
        if [ -f "$file" ] && [ -x "$file" ]; then found+=("$file"); fi
    done
    [ ${#found[@]} -eq 1 ] || die "no \"$name\" (or more than one); script/$(basename "$0") alone lists what there is"
    step "compiling the release"
    build_release
    step "$(basename "$0") $name"
    export ROLLCALL_BUILD=$PWD/build/release
    if [ -x script/with-postgres ]; then exec script/with-postgres "${found[0]}" "$@"; fi
    exec "${found[0]}" "$@"
}
