# Records of pictures: cpc-shard against bare decoding and resizing, and what Pillow with WebDataset and MDS takes; and
# records read in shuffled order, against NumPy's memory map. Sourced by Tools/bench.
# The kernels are for clang, which comes with Swift.
"$(dirname "$(readlink -f "$(command -v swift)")")/clang" -O3 -march=native -ISources/CImageKernels/include -o "$dir/pictures" Tools/bench-src/pictures.c Sources/CImageKernels/*.c \
  $(pkg-config --cflags --libs libjpeg) -lm -pthread
pictures "$dir/pictures-in"
find "$dir/pictures-in" -name '*.jpg' | sort >"$dir/pictures.list"
picture_peers=()
for peer in webdataset:webdataset streaming:mosaicml-streaming; do
  if has "numpy, PIL, ${peer%:*}"; then picture_peers+=("${peer#*:}"); else skipped "the peer Pillow with ${peer#*:}"; fi
done
for round in $(seq "$rounds"); do
  say "images, round $round of $rounds"
  "$dir/pictures" "$dir/pictures.list" "$cores" "$dir/pictures.out" >>"$dir/bare-pictures.times"
  rm -f "$dir/pictures.out"
  measured pictures "$bin/cpc-shard" "$dir/pictures-in" --layout class-folders -o "$dir/out" --quiet >/dev/null
  # Four epochs, as NumPy's, so that pages are mapped.
  epoch=$("$bin/cpc-inspect" throughput "$dir/out" --valid-fraction 0 --json --quiet | field batches)
  "$bin/cpc-inspect" throughput "$dir/out" --valid-fraction 0 --updates "1-$((4 * epoch))" --json --quiet |
    field windows_per_second >>"$dir/image-batches.times"
  ! has numpy || peers map_peer.py "$dir/out" pixels 8 | field windows_per_s >>"$dir/image-numpy.times"
  rm -rf "$dir/out"
  if [ ${#picture_peers[@]} -gt 0 ]; then
    peers picture_peers.py --corpus "$dir/pictures-in" --out "$dir/peers" "${picture_peers[@]}" >"$dir/peers.json"
    for peer in "${picture_peers[@]}"; do
      grep "\"peer\": \"$peer" "$dir/peers.json" | field seconds >>"$dir/pictures-$peer.times"
    done
    rm -rf "$dir/peers"
  fi
done
bare=$(best bare-pictures) ours=$(best pictures)
row "making records of $(wc -l <"$dir/pictures.list") pictures" seconds 'peak MiB' ratio
row "bare libjpeg-turbo, resized, $cores threads" "$bare" '' ''
of=$(ratio "$bare" "$ours")
row 'cpc-shard, folder' "$ours" "$(peak pictures)" "$of of the bare speed (target 0.8: $(verdict "$of" '>=' 0.8))"
for peer in "${picture_peers[@]}"; do
  times=$(ratio "$(best "pictures-$peer")" "$ours")
  row "Pillow, $peer, $cores processes" "$(best "pictures-$peer")" '' "$times x cpc-shard's time (target 3: $(verdict "$times" '>=' 3))"
done
if [ -e "$dir/image-numpy.times" ]; then
  of=$(ratio "$(most image-batches)" "$(most image-numpy)")
  echo "records of images, shuffled batches of 8: $(most image-batches | cut -d. -f1) a second, NumPy's memory map $(most image-numpy): $of (target 0.7: $(verdict "$of" '>=' 0.7))"
else
  skipped "NumPy's memory map"
fi
