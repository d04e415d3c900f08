import FileIO

/// TIMIT's phones and the classes that people score them by.
enum TIMITSets {
  /// The 61 symbols of the transcriptions, in the order of the corpus's PHONCODE.DOC by kind.
  static let all = words(
    """
    b d g p t k dx q bcl dcl gcl pcl tcl kcl jh ch s sh z zh f th v dh m n ng em en eng nx l r w y hh hv el \
    iy ih eh ey ae aa aw ay ah ao oy ow uh uw ux er ax ix axr ax-h pau epi h#
    """)

  /// What becomes another phone in the 39 classes of Lee and Hon (1989), as Kaldi's phones.60-48-39.map has it; `q`, the
  /// glottal stop, is left out there, and all others stay.
  private static let folded = [
    "ao": "aa", "ax": "ah", "ax-h": "ah", "axr": "er", "hv": "hh", "ix": "ih", "el": "l", "em": "m", "en": "n",
    "nx": "n", "eng": "ng", "zh": "sh", "ux": "uw", "bcl": "sil", "dcl": "sil", "gcl": "sil", "pcl": "sil",
    "tcl": "sil", "kcl": "sil", "h#": "sil", "pau": "sil", "epi": "sil",
  ]

  /// The 39 classes, in the order of their names.
  static let classes = words(
    """
    aa ae ah aw ay b ch d dh dx eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh sil t th uh uw v w y z
    """)

  /// Each of the 61 and what it becomes.
  static let folding = all.map { phone in
    (from: phone, to: isSame(phone, "q") ? [] : [folded[phone] ?? phone])
  }

  /// The 61 as the phones of ``PhoneSet/cmu41``: as in the 39, but that `ao` and `zh` stay, and that the flap `dx` is T,
  /// as dictionaries have it most often.
  static let toCMU = folding.map { phone in
    let kept = ["ao": "AO", "zh": "ZH", "dx": "T"][phone.from].map { [$0] }
    return (from: phone.from, to: kept ?? phone.to.map { upper($0) })
  }

  private static func words(_ text: String) -> [String] {
    text.pieces(at: " ", "\n", omittingEmpty: true).map { String($0) }
  }

  static func upper(_ text: String) -> String {
    String(decoding: text.utf8.map { 0x61...0x7a ~= $0 ? $0 - 0x20 : $0 }, as: UTF8.self)
  }
}

extension PhoneSet {
  /// TIMIT's 61 phones, and the 39 classes that they are folded into.
  public static let timit61 = PhoneSet(name: "timit61", names: TIMITSets.all)
  public static let timit39 = PhoneSet(name: "timit39", names: TIMITSets.classes)

  /// The sets that need no file.
  public static let builtIn = [cmu41, timit61, timit39]

  /// A set by its name, or from a file.
  public init(named name: String) throws {
    guard let set = Self.builtIn.first(where: { isSame($0.name, name) }) else {
      try self.init(contentsOf: name)
      return
    }
    self = set
  }
}

extension PhoneMap {
  /// A map by its name, `timit39` or `timit-cmu41`, both from TIMIT's 61 phones; or from a file.
  public init(named name: String) throws {
    switch name {
    case "timit39": self.init(TIMITSets.folding)
    case "timit-cmu41": self.init(TIMITSets.toCMU)
    default: try self.init(contentsOf: name)
    }
  }
}
