# Making shards: cpc-shard against bare decoding, gunzip and what MDS and WebDataset take. Sourced by Tools/bench.
have_peers=true
has 'numpy, soundfile, streaming, webdataset' || have_peers=false
for round in $(seq "$rounds"); do
  say "shards, round $round of $rounds"
  "$dir/decode" "$dir/list" "$cores" >>"$dir/decode.times"
  "$dir/decode" "$dir/list" 1 >>"$dir/decode1.times"
  measured gunzip gzip -dc "$dir/corpus.tar.gz" >/dev/null
  measured folder "$bin/cpc-shard" "$dir/corpus" -o "$dir/out" --quiet >/dev/null
  rm -rf "$dir/out"
  measured archive "$bin/cpc-shard" "$dir/corpus.tar.gz" -o "$dir/out" --quiet >/dev/null
  rm -rf "$dir/out"
  if $have_peers; then
    peers shard_peers.py --corpus "$dir/corpus" --out "$dir/peers" >"$dir/peers.json"
    for peer in mosaicml-streaming webdataset; do
      grep "\"peer\": \"$peer" "$dir/peers.json" | field seconds >>"$dir/$peer.times"
    done
    rm -rf "$dir/peers"
  fi
done

decode=$(best decode) decode1=$(best decode1) gunzip=$(best gunzip) folder=$(best folder) archive=$(best archive)
bound=$(awk "BEGIN { both = ($decode1 + $gunzip) / $cores; print (both > $gunzip) ? both : $gunzip }")
row 'making shards' seconds 'peak MiB' ratio
row "bare libFLAC, $cores threads" "$decode" '' ''
row 'bare libFLAC, 1 thread' "$decode1" '' ''
row gunzip "$gunzip" '' ''
of_decode=$(ratio "$folder" "$decode") of_bound=$(ratio "$archive" "$bound")
row 'cpc-shard, folder' "$folder" "$(peak folder)" "$of_decode x bare decoding (target 1.25: $(verdict "$of_decode" '<=' 1.25))"
row 'cpc-shard, .tar.gz' "$archive" "$(peak archive)" \
  "$of_bound x max(gunzip, (decode + gunzip) / cores) = $bound s (target 1.35: $(verdict "$of_bound" '<=' 1.35))"
if $have_peers; then
  for peer in mosaicml-streaming webdataset; do
    times=$(ratio "$(best "$peer")" "$folder")
    row "$peer, folder" "$(best "$peer")" '' "$times x cpc-shard's time (target 2: $(verdict "$times" '>=' 2))"
  done
else
  skipped 'the peers MDS and WebDataset'
fi
printf 'cpc-shard from a folder: %.2f hours of audio a second\n' "$(ratio "$hours" "$folder")"
