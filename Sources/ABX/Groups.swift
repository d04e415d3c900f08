import FileIO
import Kernels

/// Items by context, then speaker, then phone: groups are what A, B and X of a cell are.
struct Groups {
  struct Group {
    let phone: Int
    /// Places in ``Groups/order``.
    let items: Range<Int>
  }

  struct Speaker {
    let speaker: Int
    let groups: Range<Int>
    /// The speakers of the same context.
    let context: Range<Int>
  }

  /// Items of the list, those of a group one after the other, in the list's order.
  private(set) var order: [Int] = []
  private(set) var groups: [Group] = []
  /// A context's speakers stand together.
  private(set) var speakers: [Speaker] = []
  /// Items that were not drawn from groups that are too large.
  private(set) var undrawn = 0
  /// For each group as A, the speakers of X if not all others: places in ``speakers``.
  private var drawnSpeakers: [[Int]]?

  /// - Parameters:
  ///   - isUsable: Whether an item has frames.
  init(_ list: ItemList, _ settings: ABXSettings, isUsable: (Int) -> Bool) {
    let phones = Self.ranks(list.phones)
    let speakers = Self.ranks(list.speakers)
    func key(_ i: Int) -> [Int] {
      let item = list.items[i]
      return [phones[item.previous], phones[item.next], speakers[item.speaker], phones[item.phone], i]
    }
    let sorted = list.items.indices.filter(isUsable).map { (key: key($0), item: $0) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var start = 0
    var contextStart = 0
    var speakerStart = 0
    while start < sorted.count {
      let key = sorted[start].key
      var end = start
      while end < sorted.count, sorted[end].key[..<4] == key[..<4] { end += 1 }
      addGroup(sorted[start..<end].map(\.item), list, settings)
      let isLastOfSpeaker = end == sorted.count || sorted[end].key[..<3] != key[..<3]
      let isLastOfContext = end == sorted.count || sorted[end].key[..<2] != key[..<2]
      if isLastOfSpeaker {
        let speaker = list.items[sorted[start].item].speaker
        self.speakers.append(Speaker(speaker: speaker, groups: speakerStart..<groups.count, context: 0..<0))
        speakerStart = groups.count
      }
      if isLastOfContext {
        let context = contextStart..<self.speakers.count
        for i in context {
          let speaker = self.speakers[i]
          self.speakers[i] = Speaker(speaker: speaker.speaker, groups: speaker.groups, context: context)
        }
        contextStart = context.upperBound
      }
      start = end
    }
    drawSpeakers(settings)
  }

  /// The place of each name among all, by bytes.
  private static func ranks(_ names: [Name]) -> [Int] {
    var ranks = [Int](repeating: 0, count: names.count)
    for (rank, i) in names.indices.sorted(by: { names[$0] < names[$1] }).enumerated() { ranks[i] = rank }
    return ranks
  }

  private mutating func addGroup(_ items: [Int], _ list: ItemList, _ settings: ABXSettings) {
    var items = items
    if let limit = settings.maximumGroupSize, items.count > limit {
      undrawn += items.count - limit
      items = Self.draw(limit, of: items, settings, stream: groups.count).sorted()
    }
    groups.append(Group(phone: list.items[items[0]].phone, items: order.count..<order.count + items.count))
    order += items
  }

  private mutating func drawSpeakers(_ settings: ABXSettings) {
    guard let limit = settings.maximumSpeakersOfX else { return }
    var speakersOfGroup = [Int](repeating: 0, count: groups.count)
    for (i, speaker) in speakers.enumerated() {
      for group in speaker.groups { speakersOfGroup[group] = i }
    }
    drawnSpeakers = groups.indices.map { group in
      let own = speakersOfGroup[group]
      let others = speakers[own].context.filter { $0 != own && self.group(of: groups[group].phone, $0) != nil }
      return others.count > limit ? Self.draw(limit, of: others, settings, stream: groups.count + group) : others
    }
  }

  /// The first of a permutation by Fisher and Yates.
  private static func draw(_ count: Int, of values: [Int], _ settings: ABXSettings, stream: Int) -> [Int] {
    let random = RandomStream(seed: settings.seed, purpose: .evaluation, index: stream)
    var values = values
    for i in 0..<count { values.swapAt(i, i + random.integer(UInt64(i), below: values.count - i)) }
    return Array(values[..<count])
  }

  /// The group of a phone among a speaker's, if there is one.
  func group(of phone: Int, _ speaker: Int) -> Int? { speakers[speaker].groups.first { groups[$0].phone == phone } }

  /// Whether the X of a group of A come from this speaker of the context, too.
  func areX(from speaker: Int, for group: Int) -> Bool { drawnSpeakers?[group].contains(speaker) ?? true }
}
