#!/bin/sh
# Instructions per exchange, counted by callgrind: the difference between two runs of different length, so that what
# is done once cancels out. Building the request is part of every variant alike. The thread that serves and the
# log's worker are counted apart; with a dead sink the worker does nothing.
#
#     benches/instructions.sh [PROFILE_FOLDER]
#
# With a folder, the profiles stay there, for callgrind_annotate.
set -eu
cd "$(dirname "$0")/.."

few=2560
many=12800

out=${1:-$(mktemp -d)}
mkdir -p "$out"
[ $# -gt 0 ] || trap 'rm -rf "$out"' EXIT

# lines for callgrind_annotate; they change no instruction
export CARGO_PROFILE_BENCH_DEBUG=line-tables-only
program=$(cargo bench --quiet -p tiltmeter-benches --bench instructions --no-run --message-format=json |
    sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p')

# run VARIANT EXCHANGES [OPTION]: leaves one profile for each thread
run() {
    valgrind --quiet --tool=callgrind --separate-threads=yes --callgrind-out-file="$out/$1$3-$2" \
        "$program" --variant "$1" --exchanges "$2" $3
}

# counted VARIANT EXCHANGES OPTION THREAD: the instructions of that thread, 0 if there is none
counted() {
    sed -n 's/^totals: \([0-9]*\).*/\1/p' "$out/$1$3-$2-$4" 2>/dev/null | grep . || echo 0
}

per_exchange() {
    echo $((($(counted "$1" $many "$2" "$3") - $(counted "$1" $few "$2" "$3")) / (many - few)))
}

printf '| variant | request id | serving thread | worker |\n| --- | --- | --- | --- |\n'
for option in "" --without-id; do
    for variant in bare pass-through log dead-sink; do
        run $variant $few "$option"
        run $variant $many "$option"
        printf '| %s | %s | %s | %s |\n' "$variant" "$([ -z "$option" ] && echo "the client's" || echo "made by the layer")" \
            "$(per_exchange $variant "$option" 01)" "$(per_exchange $variant "$option" 02)"
    done
done
