public import ArgumentParser
import FileIO
public import Labels

/// Of every `--phone-map`.
public let phoneMapHelp = ArgumentHelp(
  """
  Rename phones first: lines of FROM TO…, \"\" is the blank label. Without TO a phone is left out; several are for a \
  lexicon only. timit39 is the folding of TIMIT's 61 phones into 39 classes (q is left out), timit-cmu41 that into the \
  phones of CMUdict.
  """, valueName: "file")

/// How alignments, of any tool, are read.
public struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The format. Default: told from the content. jsonl is \
      JSON Lines with "id" and "phones" ([["SIL",0.0,0.21],…], seconds) or "cells" (one label a cell, or null); cpc the \
      labels of the CPC authors, kaldi those of ali-to-phones --per-frame; textgrid, mfa-json and timit (.PHN) have one utterance a \
      file, named by its id, with folders where ids are paths (SPEAKER/FILE).
      """, valueName: "format"))
  public var labelFormat: LabelFormat?

  @Option(
    help: ArgumentHelp(
      """
      Where the labels of cpc and kaldi lie: snip-edges (the default: label i is centred at sample 160 i + 200, so cell t \
      takes label t - 1), no-snip-edges (160 i + 80), cells (the same, also for a last cell cut short), as-published \
      (counted like snip-edges, but cell t takes label t). A ctm is read by its times unless a grid is given: then they \
      count frames.
      """, valueName: "grid"))
  public var labelGrid: FrameGrid?

  @Option(
    help: ArgumentHelp("Kaldi's phones.txt, for labels that are its numbers.", valueName: "file"), completion: .file())
  public var kaldiPhones: String?

  @Option(help: phoneMapHelp, completion: .file())
  public var phoneMap: String?

  @Option(
    help: ArgumentHelp(
      "The tier that a textgrid or mfa-json has the labels in; words is a key of jsonl, too. Default: phones.",
      valueName: "name"))
  public var tier: String?

  public init() {}

  /// The first of these options that was given.
  public var given: String? {
    [
      ("--label-format", labelFormat != nil), ("--label-grid", labelGrid != nil),
      ("--kaldi-phones", kaldiPhones != nil), ("--phone-map", phoneMap != nil), ("--tier", tier != nil),
    ].first { $0.1 }?.0
  }

  /// - Parameter phones: the classes of the labels.
  public func reading(_ phones: PhoneSet = .cmu41) throws -> LabelReading {
    var reading = LabelReading()
    reading.format = labelFormat
    reading.grid = labelGrid
    reading.symbols = try kaldiPhones.map { try SymbolTable(reading: File.reading($0)) }
    reading.phoneSet = phones
    reading.map = try phoneMap.map { try PhoneMap(named: $0) } ?? PhoneMap()
    if let tier { reading.tiers = LabelTiers(only: tier) }
    return reading
  }
}

/// Which classes labels have.
public struct PhoneSetOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The classes of the labels, one a line, numbered from 0; or timit61 or timit39. Default: the 41 of cmu41.",
      valueName: "file"), completion: .file())
  public var phoneSet: String?

  public init() {}

  public func phones() throws -> PhoneSet { try phoneSet.map { try PhoneSet(named: $0) } ?? .cmu41 }
}

extension LabelFormat: ExpressibleByArgument {}
extension FrameGrid: ExpressibleByArgument {}
