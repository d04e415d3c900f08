import FileIO
import Shards

/// A record or an utterance on its way out.
struct Item {
  /// Number of the record; nil for a whole utterance.
  var record: Int?
  var id: String
  var group: String
  /// Offset in the utterance, in samples.
  var start: Int
  /// Samples without padding.
  var samples: [Int16]
  /// Labels of the cells that hold samples.
  var phones: [UInt8]
  /// What was added to the dataset: the values of the same cells, or of the first row.
  var planes: [(overlay: Overlay, values: [Int])]
  var session: String?
  var text: String?
}

/// What the user wants to see.
struct Selection {
  var records: [RecordRange]
  var ids: [String]
  var wholeUtterances: Bool
  /// Records come with the transcripts of their utterances.
  var withTexts: Bool

  private var takesUtterances: Bool { wholeUtterances || !ids.isEmpty }

  func forEach(in dataset: Dataset, _ body: (Item) throws -> Void) throws {
    if !takesUtterances {
      let utterances = try Utterances(dataset, withTexts: withTexts)
      let ranges = records.isEmpty && dataset.recordCount > 0 ? [0...(dataset.recordCount - 1)] : records.map(\.range)
      for range in ranges {
        guard range.upperBound < dataset.recordCount else {
          throw Failure(
            .badInput, path: dataset.folder, "no record \(range.upperBound): there are \(dataset.recordCount), from 0")
        }
        for record in range {
          let (shard, row) = dataset.locate(record)
          let group = dataset.groups[try dataset.group(record)]
          let utterance = dataset.utterance(record)
          var item = item(
            shard, rows: row...row, record: record, id: utterances.ids[utterance], group: group,
            overlays: dataset.overlays)
          if withTexts { (item.session, item.text) = utterances.texts[utterance] }
          try body(item)
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
      let (shard, row) = dataset.locate(first)
      var item = item(
        shard, rows: row...(row + records.count - 1), record: nil, id: line.id, group: line.group,
        overlays: dataset.overlays)
      item.text = line.text
      try body(item)
    }
    try checkAllFound(wanted, path: dataset.folder)
  }

  func forEach(in stream: RecordStreamReader, _ body: (Item) throws -> Void) throws {
    var wanted = Set(ids.map { XXH3.key128($0) })
    var next = 0
    let last = records.map(\.range.upperBound).max()
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
          : records.isEmpty || records.contains { $0.range.contains(next) }
        if chosen {
          let record = takesUtterances ? nil : next
          try body(
            item(batch, rows: row...(end - 1), record: record, id: id, group: piece.groups[batch.group(row)] ?? ""))
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

  private func item(
    _ batch: RecordBatch, rows: ClosedRange<Int>, record: Int?, id: String, group: String, overlays: [Overlay] = []
  ) -> Item {
    var samples: [Int16] = []
    var phones: [UInt8] = []
    var planes = overlays.map { (overlay: $0, values: [Int]()) }
    for row in rows where row < batch.count {
      let valid = min(RecordSchema.window, max(0, batch.valid(row)))
      let cells = (valid + RecordSchema.cell - 1) / RecordSchema.cell
      batch.withSamples(row) { samples += $0[..<valid] }
      phones += batch.phones(row)[..<cells]
      for (i, plane) in batch.overlays.enumerated() where plane.width > 1 || row == rows.lowerBound {
        planes[i].values += plane.integers(row).prefix(plane.width > 1 ? cells : 1)
      }
    }
    return Item(
      record: record, id: id, group: group, start: batch.start(rows.lowerBound), samples: samples, phones: phones,
      planes: planes, session: nil, text: nil)
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
