# Reading texts: sentences, words and a vocabulary, against ICU's iterators alone and against Python with PyICU. Sourced by
# Tools/bench.
cc -O2 -o "$dir/segments" Tools/bench-src/segments.c $(pkg-config --cflags --libs icu-uc icu-i18n) -pthread
books "$dir/texts"
find "$dir/texts" -type f | sort >"$dir/texts.list"
megabytes=$("$dir/segments" "$dir/texts.list" "$cores" | cut -d' ' -f2)
have_peers=true
has icu || have_peers=false
for round in $(seq "$rounds"); do
  say "texts, round $round of $rounds"
  "$dir/segments" "$dir/texts.list" "$cores" >>"$dir/bare-texts.times"
  measured scan "$bin/cpc-scan" "$dir/texts" --layout documents --vocabulary 20000 -o "$dir/texts.jsonl" --quiet
  measured records "$bin/cpc-shard" "$dir/texts" --layout documents -o "$dir/out" --quiet >/dev/null
  rm -rf "$dir/out" "$dir/texts.jsonl" "$dir/texts.vocabulary"
  ! $have_peers || peers text_peers.py "$dir/texts.list" | field seconds >>"$dir/pyicu.times"
done
bare=$(best bare-texts) scan=$(best scan)
row "texts, $megabytes MB" seconds 'peak MiB' ratio
row "ICU's iterators alone, $cores threads" "$bare" '' "$(ratio "$megabytes" "$bare") MB/s"
row 'cpc-scan --vocabulary 20000' "$scan" "$(peak scan)" "$(ratio "$bare" "$scan") of ICU's speed, $(ratio "$megabytes" "$scan") MB/s"
row 'cpc-shard, counting and records' "$(best records)" "$(peak records)" ''
if $have_peers; then
  times=$(ratio "$(best pyicu)" "$scan")
  row "PyICU, $cores processes" "$(best pyicu)" '' "$times x cpc-scan's time (target 5: $(verdict "$times" '>=' 5))"
else
  skipped 'the peer PyICU'
fi
