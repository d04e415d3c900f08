# Reading shards: shuffled batches as 32-bit floats, on one thread, against NumPy on one bare plane (the ceiling), MDS and
# WebDataset; and how long it takes to the first batch; then PyTorch's DataLoader. Sourced by Tools/bench.
say "batches"
"$bin/cpc-shard" "$dir/corpus" -o "$dir/dataset" --quiet >/dev/null
have_peers=true
has 'numpy, soundfile, streaming, webdataset' || have_peers=false
$have_peers && peers shard_peers.py --corpus "$dir/corpus" --out "$dir/peers" >/dev/null
batches() { "$bin/cpc-inspect" throughput "$dir/dataset" --valid-fraction 0 --json --quiet "$@"; }
epoch=$(batches | field batches)
# Warm, as for NumPy: the first epoch also maps the pages.
epochs=$((4 * epoch))
for round in $(seq "$rounds"); do
  say "batches, round $round of $rounds"
  batches | field windows_per_second >>"$dir/cold.speeds"
  batches --updates "1-$epochs" | field windows_per_second >>"$dir/batches.speeds"
  batches --updates "100001-$((100000 + epochs))" | field windows_per_second >>"$dir/later.speeds"
  measured first "$bin/cpc-inspect" throughput "$dir/dataset" --update 1 --quiet >/dev/null
  measured resumed "$bin/cpc-inspect" throughput "$dir/dataset" --update 100001 --quiet >/dev/null
  ! $have_peers || peers read_peers.py --corpus "$dir/corpus" --shards "$dir/peers" >>"$dir/readers.json"
done

fastest() { sort -rn | head -n 1; }
reader() { grep "\"peer\": \"$1" "$dir/readers.json" | field windows_per_s | fastest; }
ours=$(fastest <"$dir/batches.speeds") later=$(fastest <"$dir/later.speeds")
cold=$(fastest <"$dir/cold.speeds")
row 'shuffled batches of 8' windows/s '' ratio
if $have_peers; then
  ceiling=$(reader numpy) of_ceiling=$(ratio "$ours" "$(reader numpy)")
  row 'numpy, memory map of one plane' "$ceiling" '' ''
  row 'cpc-tools, four epochs' "${ours%.*}" '' "$of_ceiling x numpy (target 0.7: $(verdict "$of_ceiling" '>=' 0.7))"
  for peer in 'mosaicml-streaming' webdataset soundfile; do
    times=$(ratio "$ours" "$(reader "$peer")")
    goal=''
    [ "$peer" = soundfile ] || goal=" (target 10: $(verdict "$times" '>=' 10))"
    row "$peer" "$(reader "$peer")" '' "cpc-tools are $times x as fast$goal"
  done
else
  row 'cpc-tools, four epochs' "${ours%.*}" '' ''
  skipped 'the peers NumPy, MDS and WebDataset'
fi
row 'cpc-tools, one epoch' "${cold%.*}" '' 'pages mapped on the way'
row 'cpc-tools, from update 100,000' "${later%.*}" '' "$(ratio "$later" "$ours") x from update 0"
first=$(awk "BEGIN { print 1000 * $(best first) }") resumed=$(awk "BEGIN { print 1000 * $(best resumed) }")
echo "from the start of the process to the end after its first batch: $first ms (target 100: $(verdict "$first" '<' 100))," \
  "after batch 100,000: $resumed ms"
if has 'torch, xxhash, safetensors' && $have_peers; then
  "$bin/cpc-shard" add "$dir/dataset" total=key:samples --quiet
  peers loader_peers.py "$dir/dataset" --tars "$dir/peers/webdataset" --rounds "$rounds" >"$dir/loaders.json"
  loader() { grep "\"peer\": \"$1" "$dir/loaders.json" | field windows_per_cpu_s; }
  ours=$(loader cpc_tools)
  row 'DataLoader, batches of 8, a process' 'windows/CPU s' '' ratio
  row 'numpy, memory map of the samples' "$(loader numpy)" '' ''
  row 'cpc_tools, all planes' "$ours" '' "$(ratio "$ours" "$(loader numpy)") x numpy"
  row 'webdataset' "$(loader webdataset)" '' "cpc_tools are $(ratio "$ours" "$(loader webdataset)") x as fast"
else
  skipped 'DataLoader with cpc_tools and webdataset'
fi
rm -rf "$dir/dataset" "$dir/peers"
