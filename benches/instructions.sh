#!/bin/sh
# Instructions per exchange, counted by callgrind: the difference between two runs of different length, so that what
# is done once cancels out. Of the thread that serves, only the exchange itself counts: what it takes is built beforehand,
# and what it leaves is dropped afterwards. The log's threads are counted in runs of their own.
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

exchange='tiltmeter_benches::in_process::Subject::exchange'

# run VARIANT EXCHANGES OPTION: leaves a profile of the serving thread, and in `all` one for each thread
run() {
    valgrind --quiet --fair-sched=yes --tool=callgrind --toggle-collect="$exchange*" --callgrind-out-file="$out/$1$3-$2" \
        "$program" --variant "$1" --exchanges "$2" $3
    valgrind --quiet --fair-sched=yes --tool=callgrind --separate-threads=yes --callgrind-out-file="$out/all-$1$3-$2" \
        "$program" --variant "$1" --exchanges "$2" $3
}

# counted PROFILE: the instructions in it, 0 if there is none
counted() {
    sed -n 's/^totals: \([0-9]*\).*/\1/p; s/^summary: \([0-9]*\).*/\1/p' "$1" 2>/dev/null | head -n 1 | grep . || echo 0
}

# per_exchange PROFILE [THREAD]
per_exchange() {
    echo $((($(counted "$out/$1-$many$2") - $(counted "$out/$1-$few$2")) / (many - few)))
}

# row VARIANT OPTION NAMED_BY
row() {
    run "$1" $few "$2"
    run "$1" $many "$2"
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$3" "$(per_exchange "$1$2" "")" \
        "$(per_exchange "all-$1$2" -03)" "$(per_exchange "all-$1$2" -02)"
}

printf '| variant | request id | serving thread | worker | sink |\n| --- | --- | --- | --- | --- |\n'
for variant in bare pass-through log full-queue handler-keeps handler; do
    row $variant "" "the client's"
    row $variant --without-id "made by the layer"
done
for variant in service-keeps typed keep direct; do
    row $variant "" "none"
done

printf '\n| variant | serving thread | shadow |\n| --- | --- | --- |\n'
for variant in shadow shadow-no-permit shadow-resting; do
    run $variant $few ""
    run $variant $many ""
    printf '| %s | %s | %s |\n' $variant "$(per_exchange $variant "")" "$(per_exchange all-$variant -02)"
done
