/// A file's place in a corpus.
package struct CorpusPath {
  /// Inside the input, split at `/`.
  package var components: [Substring]
  /// What stands above the input on disk.
  package var context: [Substring]
  /// What the input is called, without the endings of archives.
  package var input: String
  /// What the input is called if it is one recording, which need not end like one.
  package var file: String?

  package init(
    components: [Substring], context: [Substring] = [], input: String = "", file: String? = nil
  ) {
    self.components = components
    self.context = context
    self.input = input
    self.file = file
  }
}

/// Tells from a path alone what a file is for. A new layout is a new type with these rules.
package protocol LayoutRules {
  /// What a corpus of this layout must contain, for messages.
  var expectation: String { get }
  func role(of path: CorpusPath) -> FileRole
}

package enum FileRole: Equatable {
  /// A file that is an utterance, a picture or a document.
  ///
  /// - label: the class that it is of, where its place says it.
  /// - split: the part of the corpus's own division that it is in.
  case utterance(id: String, group: String, session: String?, label: String? = nil, split: String? = nil)
  /// Many texts, one a line.
  case transcripts(TranscriptForm = .spaced)
  /// One text, of all of these that exist; `isTimed` if two numbers of samples stand before it.
  case text(ids: [String], isTimed: Bool = false)
  /// JSON beside the audio `id`, with the intervals in which somebody speaks.
  case activity(id: String)
  case speakers
  /// A table of clips, and the part of the corpus's own division that they are in.
  case clips(split: String?)
  /// A file of a sample: those with the same key that follow one another are one.
  case sample(key: String, SamplePart)
  /// An archive in the input that holds a part of the corpus.
  case archive
  /// One that is not where or named as the layout says.
  case stray
  /// The layout cannot be told from this path: why, and what the user can do.
  case unclear(String, hint: String)
  case other
}

extension CorpusPath {
  /// The last so many names, of what stands above the input too; nil if there are fewer.
  func last(_ count: Int) -> [String]? {
    let all = (context + components).suffix(count)
    return all.count == count ? all.map(String.init) : nil
  }
}

/// Whether these are digits, at least one.
func isNumber(_ text: some StringProtocol) -> Bool { !text.isEmpty && text.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
