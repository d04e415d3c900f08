# Training an acoustic model on the corpus and aligning it, by phase, beside the matrix products alone that the scores of
# the last pass need. Sourced by Tools/bench.
say "alignment"
"$bin/cpc-scan" "$dir/corpus" -o "$dir/corpus.jsonl" --quiet
for round in $(seq "$rounds"); do
  say "alignment, round $round of $rounds"
  measured align "$bin/cpc-align" "$dir/corpus.jsonl" -o "$dir/aligned.jsonl" --force --quiet --json >>"$dir/align.json"
done
phase() { field "$1" <"$dir/align.json" | sort -n | head -n 1; }
real_time() { awk "BEGIN { printf \"%.0f x real time\", $hours * 3600 / $1 }"; }
row 'alignment from audio and text' seconds 'peak MiB' ''
for phase in reading training alignment; do
  row "$phase" "$(phase $phase)" '' "$(real_time "$(phase $phase)")"
done
whole=$(best align)
# The target is 3 minutes for 2.2 hours on two cores.
row 'whole process' "$whole" "$(peak align)" \
  "$(real_time "$whole") (target $(awk "BEGIN { printf \"%.0f s: %s\", 180 / 2.2 * $hours, $whole <= 180 / 2.2 * $hours ? \"met\" : \"MISSED\" }"))"
pass=$(awk "BEGIN { printf \"%.0f\", $hours * 3600 / $(phase alignment) }")
echo "alignment alone: $pass x real time (target 1000: $(verdict "$pass" '>=' 1000))"
