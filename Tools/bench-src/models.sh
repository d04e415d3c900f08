# Updates of models of pictures and of texts, at the preset's size and at the paper's with the windows that memory has room
# for, each right before PyTorch's; and pictures cut out of records, against torchvision's loader. Sourced by Tools/bench.
pictures "$dir/model-pictures"
books "$dir/model-books"
"$bin/cpc-shard" "$dir/model-pictures" --layout class-folders --size 150 -o "$dir/small-pictures" --quiet >/dev/null
"$bin/cpc-shard" "$dir/model-pictures" --layout class-folders -o "$dir/large-pictures" --quiet >/dev/null
"$bin/cpc-shard" "$dir/model-books" --layout documents -o "$dir/books" --quiet >/dev/null
have_peers=true
has 'torch, numpy, safetensors, xxhash' || have_peers=false

# NAME DATASET BATCH UPDATES FLAG...: with one window, the usual step size diverges.
models=(
  "pictures-preset $dir/small-pictures 8 10 --preset small"
  "pictures-paper $dir/large-pictures 1 6 --preset paper --accumulate 1 --learning-rate 1e-6"
  "texts-preset $dir/books 64 20 --preset small"
  "texts-paper $dir/books 16 6 --preset paper --accumulate 1"
)
for round in $(seq "$rounds"); do
  for line in "${models[@]}"; do
    read -r name data batch updates flags <<<"$line"
    for precision in fp32 bf16; do
      # Without instructions for it, neither has anything to gain.
      [ $precision = fp32 ] || $has_bf16 || continue
      say "models, $name $precision, round $round of $rounds"
      # shellcheck disable=SC2086
      train "$name-$precision" "$data" $((updates + 2)) --precision $precision $flags --batch "$batch"
      mine=$(median 1 <"$dir/one.phases") peer=
      if $have_peers; then
        peer=$(PYTHONPATH=Tools/torch peers model_peer.py "$dir/run" --batch "$batch" --precision $precision \
          --threads "$cores" --updates "$updates" | field median_ms)
        echo "$mine $peer $(ratio "$peer" "$mine")" >>"$dir/$name-$precision.pairs"
      else
        echo "$mine" >>"$dir/$name-$precision.pairs"
      fi
    done
  done
  "$bin/cpc-inspect" throughput "$dir/large-pictures" --valid-fraction 0 --json --quiet | field windows_per_second >>"$dir/crops.times"
  picture=$(find "$dir/model-pictures" -mindepth 2 -name '*.jpg' -print -quit)
  ! has torch || [ -z "$picture" ] || {
    root=$(dirname "$(dirname "$picture")")
    peers crop_peer.py "$root" --record 300 --crop 256 --workers "$cores" | field pictures_per_second >>"$dir/torchvision.times"
  }
done
printf '%-36s %9s %9s %9s  %s\n' 'an update, medians' 'ms' 'peak MiB' 'PyTorch' "PyTorch / cpc-train, median of $rounds pairs"
for line in "${models[@]}"; do
  read -r name _ batch _ <<<"$line"
  for precision in fp32 bf16; do
    [ -e "$dir/$name-$precision.pairs" ] || continue
    [ $precision = fp32 ] && aim=1.3 || aim=1.5
    times='' peer=''
    if $have_peers; then
      times=$(median 3 <"$dir/$name-$precision.pairs") peer=$(median 2 <"$dir/$name-$precision.pairs")
      times="$times x (target $aim: $(verdict "$times" '>=' $aim))"
    fi
    printf '%-36s %9s %9s %9s  %s\n' "${name/-/, } size, batch $batch, $precision" \
      "$(median 1 <"$dir/$name-$precision.pairs")" "$(peak "$name-$precision")" "$peer" "$times"
  done
done
$have_peers || skipped 'the peer PyTorch'
$has_bf16 || echo 'skipped: bf16, for which this processor has no instructions'
if [ -e "$dir/torchvision.times" ]; then
  times=$(ratio "$(most crops)" "$(most torchvision)")
  echo "records to augmented crops of 256 x 256: $(most crops | cut -d. -f1) a second on one thread; torchvision's DataLoader over the JPEGs, $cores workers: $(most torchvision), $times x (target 5: $(verdict "$times" '>=' 5))"
else
  skipped "torchvision's loader"
fi
rm -rf "$dir/run" "$dir"/*-pictures "$dir/model-books" "$dir/books"
