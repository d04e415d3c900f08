# Training: updates at the paper's size, batch 8, against OpenBLAS's own matrix products and against PyTorch. Sourced by
# Tools/bench.
say "training"
"$bin/cpc-shard" "$dir/corpus" -o "$dir/dataset" --quiet >/dev/null
have_peers=true
has torch || have_peers=false
# Multiplications and additions of an update with all negatives, in 10^9: 149 in the encoder, 4 in the GRU, 9 in the
# predictions and 35 in the scores, forward and backward.
work=197
updates=10

# train NAME FLAG...: the third and later updates of a run give a line of NAME.phases each: milliseconds, then by phase.
train() {
  local name=$1
  shift
  measured "$name" "$bin/cpc-train" "$dir/dataset" -o "$dir/run" --force --quiet --updates "$updates" --log-every 1 \
    --checkpoint-every 0 --valid-fraction 0 "$@" >/dev/null
  sed -n 's/.*"milliseconds_per_update":\([0-9.]*\),"milliseconds_by_phase":{\([^}]*\)}.*/\1,\2/p' "$dir/run/timing.jsonl" |
    tail -n +3 | sed 's/"[a-z_]*"://g; s/,/ /g' >>"$dir/$name.phases"
}
# median FILE COLUMN
median() { cut -d' ' -f"$2" "$dir/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
gigaflops() { sed -n 's/^sgemm[^:]*: \([0-9]*\) .*/\1/p' "$dir/machine.txt" | sort -rn | head -n 1; }

for round in $(seq "$rounds"); do
  say "training, round $round of $rounds"
  train all
  train sampled --num-negatives 128
  "$dir/machine" >>"$dir/machine.txt"
  $have_peers || continue
  for peer in 'fp32 all' 'bf16 all' 'fp32 128'; do
    set -- $peer
    peers train_peer.py --precision "$1" --negatives "$2" --threads "$cores" | field median_ms >>"$dir/torch-$1-$2.times"
  done
done

all=$(median all.phases 1) sampled=$(median sampled.phases 1) sgemm=$(gigaflops)
speed=$(awk "BEGIN { printf \"%.0f\", $work / $all * 1000 }") share=$(awk "BEGIN { printf \"%.0f\", $work / $all * 100000 / $sgemm }")
row 'an update, batch 8' ms 'peak MiB' ratio
row 'cpc-train, all negatives' "$all" "$(peak all)" \
  "$speed GFLOP/s, $share % of sgemm's $sgemm (target 72: $(verdict "$share" '>=' 72))"
row 'cpc-train, 128 sampled negatives' "$sampled" "$(peak sampled)" ''
if $have_peers; then
  fp32=$(best torch-fp32-all) bf16=$(best torch-bf16-all) drawn=$(best torch-fp32-128)
  row 'PyTorch fp32, all negatives' "$fp32" '' \
    "$(ratio "$fp32" "$all") x cpc-train's time (target 1.5: $(verdict "$fp32 / $all" '>=' 1.5))"
  row 'PyTorch bf16, all negatives' "$bf16" '' "$(ratio "$bf16" "$all") x cpc-train's time"
  row 'PyTorch fp32, 128 sampled' "$drawn" '' \
    "$(ratio "$drawn" "$sampled") x cpc-train's time (target 4: $(verdict "$drawn / $sampled" '>=' 4))"
else
  skipped 'the peer PyTorch'
fi
echo
row 'where an update spends its time' 'all, ms' 'share' '128 sampled, ms'
column=2
for phase in 'waiting for data' 'encoder' 'context' 'loss and its gradients' 'gradients of the context' \
  'gradients of the encoder' 'gradient norm and Adam'; do
  of_all=$(median all.phases "$column")
  row "$phase" "$of_all" "$(awk "BEGIN { printf \"%.0f %%\", 100 * $of_all / $all }")" "$(median sampled.phases "$column")"
  column=$((column + 1))
done
rm -rf "$dir/dataset" "$dir/run"
