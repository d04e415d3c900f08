# Training: updates, batch 8, in each precision, at the paper's size and at the demo's, with all negatives and with 128
# drawn, each right before PyTorch's; against the machine's own matrix products. Sourced by Tools/bench.
say "training"
"$bin/cpc-shard" "$dir/corpus" -o "$dir/dataset" --quiet >/dev/null
have_peers=true
has torch || have_peers=false
# Multiplications and additions of an update at the paper's size with all negatives, in 10^9: 149 in the encoder, 4 in the
# GRU, 9 in the predictions and 35 in the scores, forward and backward.
work=197

# rate PRECISION: GFLOP/s of the machine's own products with all threads, by the probe of cpc-inspect machine.
rate() { "$bin/cpc-inspect" machine --json | python3 -c 'import json, sys
print(*(round(row["gigaflops_all_threads"]) for row in json.load(sys.stdin)["precisions"] if row["name"] == sys.argv[1]))' "$1"; }

# pair SIZE PRECISION NEGATIVES: one run of ours and one of the peer; a line "ours peer ratio" in a file of the three.
pair() {
  local name=$1-$2-$3 flags=() shape=() updates=8 mine peer=
  if [ "$1" = demo ]; then flags=(--channels 64 --context 64) shape=(--channels 64 --context 64) updates=40; fi
  [ "$3" = all ] || flags+=(--num-negatives "$3")
  train "$name" "$dir/dataset" "$updates" --precision "$2" "${flags[@]}"
  mine=$(median 1 <"$dir/one.phases")
  if $have_peers && { [ "$2" = fp32 ] || $has_bf16; }; then
    peer=$(peers train_peer.py --precision "$2" --negatives "$3" --threads "$cores" --updates $((updates - 3)) "${shape[@]}" |
      field median_ms)
    echo "$mine $peer $(ratio "$peer" "$mine")" >>"$dir/$name.pairs"
  else
    echo "$mine" >>"$dir/$name.pairs"
  fi
}

for round in $(seq "$rounds"); do
  say "training, round $round of $rounds"
  for precision in fp32 bf16; do
    for size in paper demo; do
      for negatives in all 128; do pair $size $precision $negatives; done
    done
    rate $precision >>"$dir/$precision.rates"
  done
done

printf '%-36s %9s %9s %9s  %s\n' 'an update, batch 8, medians' 'ms' 'peak MiB' 'PyTorch' "PyTorch / cpc-train, median of $rounds pairs"
for size in paper demo; do
  for precision in fp32 bf16; do
    for negatives in all 128; do
      name=$size-$precision-$negatives aim=
      case $name in
        paper-fp32-all) aim=1.5 ;;
        paper-fp32-128) aim=4 ;;
      esac
      times=0 peer=''
      if $have_peers && { [ "$precision" = fp32 ] || $has_bf16; }; then
        times=$(median 3 <"$dir/$name.pairs") peer=$(median 2 <"$dir/$name.pairs")
        [ -z "$aim" ] || aim="(target $aim: $(verdict "$times" '>=' "$aim"))"
        times="$times x $aim"
      else
        times=''
      fi
      printf '%-36s %9s %9s %9s  %s\n' "$size size, $precision, $negatives negatives" "$(median 1 <"$dir/$name.pairs")" \
        "$(peak "$name")" "$peer" "$times"
    done
  done
done
$have_peers || skipped 'the peer PyTorch'
$has_bf16 || echo 'skipped: the peer PyTorch in bf16, which takes 50 s and more for an update on a processor without instructions for it'
echo
for precision in fp32 bf16; do
  best=$(sort -rn "$dir/$precision.rates" | head -n 1) ms=$(median 1 <"$dir/paper-$precision-all.pairs")
  awk "BEGIN { printf \"$precision: %.0f GFLOP/s of the machine's $best, %.0f %%: its products alone would take %.0f ms of the $ms\n\", \
    $work / $ms * 1000, $work / $ms * 100000 / $best, $work / $best * 1000 }"
done
echo
row 'where an update spends its time' 'fp32, ms' 'share' 'bf16, ms'
column=2
for phase in 'waiting for data' 'encoder' 'context' 'loss and its gradients' 'gradients of the context' \
  'gradients of the encoder' 'gradient norm and Adam'; do
  of_all=$(median "$column" <"$dir/paper-fp32-all.phases")
  row "$phase" "$of_all" "$(awk "BEGIN { printf \"%.0f %%\", 100 * $of_all / $(median 1 <"$dir/paper-fp32-all.phases") }")" \
    "$(median "$column" <"$dir/paper-bf16-all.phases")"
  column=$((column + 1))
done
rm -rf "$dir/dataset" "$dir/run"
