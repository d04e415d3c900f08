import Kernels

/// Which rows a convolution over the words of sentences computes, and which sentences have the mean of which rows.
///
/// A row is what the convolution gives at a word: `kernel` words, the word in the middle, and nothing where these lie
/// outside the sentence. Where the kernel is one word wide, a row is the same wherever the word stands, so that each word
/// of the batch has one row, however often it occurs; else each token has its own. Padding has none.
struct TokenPlan {
  let sentences: Int
  /// Of a sentence, at most.
  let words: Int
  let kernel: Int
  let vocabulary: Int
  /// Rows that the batch in hand has, and that it may have at most.
  private(set) var rows = 0
  var maximumRows: Int { Self.maximumRows(sentences, words, kernel, vocabulary) }
  /// [maximumRows, kernel]: words, negative where there is none.
  let taps: Buffer<Int32>
  /// Tokens one sentence after another: the row of each.
  let tokenRows: Buffer<Int32>
  /// Where the tokens of each sentence begin, and where the last ones end.
  let firsts: Buffer<Int32>
  /// The sentences of each row's tokens, one row after another, and where each row's begin.
  let occurrences: Buffer<Int32>
  let occurrenceFirsts: Buffer<Int32>
  /// Of each word its row and 1 while the rows of a batch are being found; else zeros.
  private let slots: Buffer<Int32>
  /// Ids and lengths of a window.
  private let numbers: Buffer<Int32>

  private static func maximumRows(_ sentences: Int, _ words: Int, _ kernel: Int, _ vocabulary: Int) -> Int {
    kernel == 1 ? min(sentences * words, vocabulary) : sentences * words
  }

  init(sentences: Int, words: Int, kernel: Int, vocabulary: Int) {
    precondition(sentences > 0 && words > 0 && vocabulary > 0 && kernel % 2 == 1)
    (self.sentences, self.words, self.kernel, self.vocabulary) = (sentences, words, kernel, vocabulary)
    let rows = Self.maximumRows(sentences, words, kernel, vocabulary)
    taps = Buffer(count: rows * kernel)
    tokenRows = Buffer(count: sentences * words)
    firsts = Buffer(count: sentences + 1)
    occurrences = Buffer(count: sentences * words)
    occurrenceFirsts = Buffer(count: rows + 1)
    slots = Buffer(count: kernel == 1 ? vocabulary : 0)
    numbers = Buffer(count: sentences * (words + 1))
  }

  var tokens: Int { Int(firsts[sentences]) }

  func tokens(of sentence: Int) -> Range<Int> { Int(firsts[sentence])..<Int(firsts[sentence + 1]) }

  func length(_ sentence: Int) -> Int { tokens(of: sentence).count }

  func occurrences(of row: Int) -> UnsafeBufferPointer<Int32> {
    let range = Int(occurrenceFirsts[row])..<Int(occurrenceFirsts[row + 1])
    return UnsafeBufferPointer(start: occurrences.pointer + range.lowerBound, count: range.count)
  }

  /// `input`: of each window the ids of its words, [sentences, words], then the lengths of its sentences.
  mutating func set<Scalar: KernelScalar>(_ input: UnsafePointer<Scalar>, sentencesOfWindow: Int) {
    integers(input, into: numbers.pointer, numbers.count)
    rows = 0
    var token = 0
    for sentence in 0..<sentences {
      let (window, place) = sentence.quotientAndRemainder(dividingBy: sentencesOfWindow)
      let start = numbers.pointer + window * sentencesOfWindow * (words + 1)
      let length = Int(start[sentencesOfWindow * words + place])
      precondition((1...words).contains(length), "a sentence of \(length) words, where there is room for \(words)")
      firsts[sentence] = Int32(token)
      let ids = UnsafeBufferPointer(start: start + place * words, count: length)
      for word in ids.indices {
        precondition(0 <= ids[word] && ids[word] < Int32(vocabulary), "word \(ids[word]) of \(vocabulary)")
        tokenRows[token] = Int32(row(of: word, in: ids))
        token += 1
      }
    }
    firsts[sentences] = Int32(token)
    if kernel == 1 { for row in 0..<rows { slots[Int(taps[row])] = 0 } }
    listOccurrences()
  }

  /// The row of a token, which it may have in common with others that came before.
  private mutating func row(of token: Int, in ids: UnsafeBufferPointer<Int32>) -> Int {
    if kernel == 1 {
      let slot = slots[Int(ids[token])]
      if slot > 0 { return Int(slot) - 1 }
      slots[Int(ids[token])] = Int32(rows + 1)
    }
    for tap in 0..<kernel {
      let place = token + tap - kernel / 2
      taps[rows * kernel + tap] = ids.indices.contains(place) ? ids[place] : -1
    }
    rows += 1
    return rows - 1
  }

  private func listOccurrences() {
    let ends = occurrenceFirsts.pointer
    ends.update(repeating: 0, count: rows + 1)
    for token in 0..<tokens { ends[Int(tokenRows[token]) + 1] += 1 }
    for row in 0..<rows { ends[row + 1] += ends[row] }
    // Filled from behind, each row's end moves to its beginning.
    for sentence in (0..<sentences).reversed() {
      for token in tokens(of: sentence).reversed() {
        let row = Int(tokenRows[token])
        ends[row + 1] -= 1
        occurrences[Int(ends[row + 1])] = Int32(sentence)
      }
    }
    for row in 0..<rows { ends[row] = ends[row + 1] }
    ends[rows] = Int32(tokens)
  }
}

@specialized(where Scalar == Float)
private func integers<Scalar: KernelScalar>(
  _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Int32>, _ count: Int
) {
  for i in 0..<count { y[i] = Int32(x[i]) }
}
