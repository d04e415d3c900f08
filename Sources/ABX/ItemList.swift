public import FileIO

/// One phone in its context, by the places of its names in the tables of an ``ItemList``.
public struct Item: Hashable, Sendable {
  public var file: Int
  /// Of the whole triphone: where the phone before begins and the one after ends.
  public var onset: Seconds
  public var offset: Seconds
  public var phone: Int
  public var previous: Int
  public var next: Int
  public var speaker: Int
}

/// What ABX compares: pieces of files, each with its phone, the phones around it and its speaker.
public struct ItemList: Sendable {
  public private(set) var items: [Item] = []
  private var fileTable = NameTable()
  private var phoneTable = NameTable()
  private var speakerTable = NameTable()

  public init() {}

  /// Names as they came, in the order in which they came first.
  public var files: [Name] { fileTable.names }
  public var phones: [Name] { phoneTable.names }
  public var speakers: [Name] { speakerTable.names }
  public var count: Int { items.count }

  /// - Parameters:
  ///   - onset: Before `offset`.
  public mutating func append(
    file: Name, onset: Seconds, offset: Seconds, phone: Name, previous: Name, next: Name, speaker: Name
  ) {
    precondition(onset < offset)
    items.append(
      Item(
        file: fileTable.place(of: file), onset: onset, offset: offset, phone: phoneTable.place(of: phone),
        previous: phoneTable.place(of: previous), next: phoneTable.place(of: next),
        speaker: speakerTable.place(of: speaker)))
  }

  /// For messages: `84-121550-0001 0.26–0.55 (AH between B and T)`.
  public func description(of index: Int) -> String {
    let item = items[index]
    return "\(files[item.file]) \(item.onset)–\(item.offset) "
      + "(\(phones[item.phone]) between \(phones[item.previous]) and \(phones[item.next]))"
  }

  /// Items that are another one again, in all of their fields.
  public var duplicateCount: Int { items.count - Set(items).count }
}

/// Names by number, in the order in which they came first.
private struct NameTable: Sendable {
  private(set) var names: [Name] = []
  private var places: [Name: Int] = [:]

  mutating func place(of name: Name) -> Int {
    if let place = places[name] { return place }
    places[name] = names.count
    names.append(name)
    return names.count - 1
  }
}
