import FileIO

/// Which records, or which whole utterances, of a dataset or a record stream are wanted.
public struct ExcerptSelection {
  /// Numbers of records, from 0; none is all.
  public var records: [ClosedRange<Int>]
  /// Whole utterances by id.
  public var ids: [String]
  /// All utterances, whole.
  public var wholeUtterances: Bool
  /// Records come with the transcripts of their utterances.
  public var withTexts: Bool

  public init(
    records: [ClosedRange<Int>] = [], ids: [String] = [], wholeUtterances: Bool = false, withTexts: Bool = false
  ) {
    self.records = records
    self.ids = ids
    self.wholeUtterances = wholeUtterances
    self.withTexts = withTexts
  }

  private var takesUtterances: Bool { wholeUtterances || !ids.isEmpty }

  /// Hands out what is wanted, in order; a `Failure` names what is not there.
  public func forEach(in dataset: Dataset, _ body: (Excerpt) throws -> Void) throws {
    let hash = XXH3.Stream()
    if !takesUtterances {
      let utterances = try Utterances(dataset, withTexts: withTexts)
      let ranges = records.isEmpty && dataset.recordCount > 0 ? [0...(dataset.recordCount - 1)] : records
      for range in ranges {
        guard range.upperBound < dataset.recordCount else {
          throw Failure(
            .badInput, path: dataset.folder, "no record \(range.upperBound): there are \(dataset.recordCount), from 0")
        }
        for record in range {
          try dataset.requireIntact(record..<record + 1, hash: hash)
          let (shard, row) = dataset.locate(record)
          let group = dataset.groups[try dataset.group(record)]
          let utterance = dataset.utterance(record)
          var excerpt = excerpt(
            shard, rows: row...row, record: record, id: utterances.ids[utterance], group: group,
            overlays: dataset.overlays)
          if withTexts { (excerpt.session, excerpt.text) = utterances.texts[utterance] }
          try body(excerpt)
        }
      }
      return
    }
    var wanted = Set(ids.map { XXH3.key128($0) })
    let list = try dataset.utterances()
    var index = 0
    while let line = try list.next(), index < dataset.utteranceCount {
      defer { index += 1 }
      guard ids.isEmpty || wanted.remove(XXH3.key128(line.id)) != nil else { continue }
      let records = dataset.records(ofUtterance: index)
      guard let first = records.first else {
        if ids.isEmpty { continue }
        throw Failure(
          .badInput, path: dataset.folder, "utterance \(line.id) has no records", hint: "cpc-inspect says why")
      }
      try dataset.requireIntact(records, hash: hash)
      let (shard, row) = dataset.locate(first)
      var excerpt = excerpt(
        shard, rows: row...(row + records.count - 1), record: nil, id: line.id, group: line.group,
        overlays: dataset.overlays)
      (excerpt.session, excerpt.text, excerpt.facts) = (line.session, line.text, line.carried)
      try body(excerpt)
    }
    try checkAllFound(wanted, path: dataset.folder)
  }

  /// The same of a stream, which is read no further than needed.
  public func forEach(in stream: RecordStreamReader, _ body: (Excerpt) throws -> Void) throws {
    var wanted = Set(ids.map { XXH3.key128($0) })
    var next = 0
    let last = records.map(\.upperBound).max()
    while let piece = try stream.next() {
      let batch = piece.records
      var row = 0
      while row < batch.count {
        let utterance = batch.utterance(row)
        var end = row + 1
        if takesUtterances { while end < batch.count, batch.utterance(end) == utterance { end += 1 } }
        let id = piece.utterances[utterance] ?? ""
        let chosen =
          takesUtterances
          ? ids.isEmpty || wanted.remove(XXH3.key128(id)) != nil
          : records.isEmpty || records.contains { $0.contains(next) }
        if chosen {
          let record = takesUtterances ? nil : next
          try body(
            excerpt(batch, rows: row...(end - 1), record: record, id: id, group: piece.groups[batch.group(row)] ?? ""))
        }
        next += end - row
        row = end
      }
      // The rest need not be read: the writer sees a closed pipe and ends.
      if let last, next > last { return }
      if !ids.isEmpty, wanted.isEmpty { return }
    }
    if let last, next <= last {
      throw Failure(.badInput, path: "standard input", "no record \(last): the stream has \(next), from 0")
    }
    try checkAllFound(wanted, path: "standard input")
  }

  private func checkAllFound(_ missing: Set<SIMD2<UInt64>>, path: String) throws {
    guard let first = ids.first(where: { missing.contains(XXH3.key128($0)) }) else { return }
    let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
    throw Failure(.badInput, path: path, "no utterance \(first)\(more)")
  }

  private func excerpt(
    _ batch: RecordBatch, rows: ClosedRange<Int>, record: Int?, id: String, group: String, overlays: [Overlay] = []
  ) -> Excerpt {
    let schema = batch.schema
    var count = 0
    var payload = schema.payload.map { _ in [UInt8]() }
    var labels: [Int] = []
    var planes = overlays.map { (overlay: $0, values: [Int]()) }
    for row in rows where row < batch.count {
      let valid = min(schema.length, max(0, batch.valid(row)))
      count += valid
      for i in payload.indices { batch.withPayload(row, plane: i, count: valid) { payload[i] += $0 } }
      // Elements of the cells that hold units.
      func known(_ plane: RecordPlane) -> ArraySlice<Int> {
        plane.integers(row).prefix(plane.width / schema.cells * ((valid + schema.cell - 1) / schema.cell))
      }
      if let plane = batch.labels { labels += known(plane) }
      for (i, plane) in batch.overlays.enumerated() {
        if !planes[i].overlay.row.isEmpty {
          planes[i].values += known(plane)
        } else if row == rows.lowerBound {
          planes[i].values += plane.integers(row)
        }
      }
    }
    return Excerpt(
      schema: schema, record: record, id: id, group: group, start: batch.start(rows.lowerBound), count: count,
      payload: payload, labels: labels, planes: planes)
  }
}

/// What records do not know of their utterances.
private struct Utterances {
  var ids: [String]
  var texts: [(session: String?, text: String?)] = []

  init(_ dataset: Dataset, withTexts: Bool) throws {
    ids = try dataset.utteranceIDs()
    guard withTexts else { return }
    let list = try dataset.utterances()
    while let line = try list.next() { texts.append((line.session, line.text)) }
  }
}
