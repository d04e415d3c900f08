/// The classes of a phone plane: a class's number is its place in ``names``.
public struct PhoneSet: Sendable, Equatable {
  public var name: String
  public var names: [String]

  public init(name: String, names: [String]) {
    self.name = name
    self.names = names
  }

  /// Silence, spoken noise and the 39 CMU phones, in the numbering of the labels that the authors of CPC published. It was
  /// recovered from those labels; they do not settle classes 1, 17 and 20, whose order is a convention of ours.
  public static let cmu41 = PhoneSet(
    name: "cmu41",
    names: [
      "SIL", "SPN", "S", "UW", "T", "N", "K", "Y", "Z", "AO", "AY", "SH", "W", "NG", "EY", "B", "CH", "OY", "JH", "D",
      "ZH", "G", "UH", "F", "V", "ER", "AA", "IH", "M", "DH", "L", "AH", "P", "OW", "AW", "HH", "AE", "R", "TH", "IY",
      "EH",
    ])

  /// The class of a phone; stress digits (`AH0`) are dropped.
  public func index(of phone: String) -> UInt8? {
    let plain = phone.last?.isNumber == true ? String(phone.dropLast()) : phone
    return names.firstIndex(of: plain).map { UInt8($0) }
  }
}
