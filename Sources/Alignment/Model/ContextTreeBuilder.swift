import RealModule

/// One Gaussian's worth of frames.
package struct GaussianSums: Sendable {
  package private(set) var count = 0.0
  private(set) var sums = [Double](repeating: 0, count: FeatureRows.dimension)
  private(set) var squares = [Double](repeating: 0, count: FeatureRows.dimension)

  package init() {}

  /// - Parameter row: of ``FeatureRows``.
  package mutating func add(_ row: UnsafePointer<Float>) {
    count += 1
    for d in 0..<FeatureRows.dimension {
      sums[d] += Double(row[d])
      squares[d] += Double(row[FeatureRows.dimension + d])
    }
  }

  mutating func add(_ other: GaussianSums) {
    count += other.count
    for d in 0..<FeatureRows.dimension {
      sums[d] += other.sums[d]
      squares[d] += other.squares[d]
    }
  }

  func without(_ other: GaussianSums) -> GaussianSums {
    var rest = self
    rest.count -= other.count
    for d in 0..<FeatureRows.dimension {
      rest.sums[d] -= other.sums[d]
      rest.squares[d] -= other.squares[d]
    }
    return rest
  }

  func variance(_ d: Int) -> Double { squares[d] / count - (sums[d] / count) * (sums[d] / count) }

  /// Log-likelihood of the frames under their own Gaussian, without what is the same for any division of them.
  var likelihood: Double {
    guard count > 0 else { return 0 }
    var product = 1.0
    var sum = 0.0
    for d in 0..<FeatureRows.dimension {
      product *= max(variance(d), 0.01)
      // Few logarithms, and no overflow: 39 variances of up to 10⁴.
      if d % 13 == 12 {
        sum += Double.log(product)
        product = 1
      }
    }
    return -0.5 * count * sum
  }
}

/// Frames of one state without context between two neighbours.
package struct ContextItem: Sendable {
  package var left: Int
  package var right: Int
  package var frames: GaussianSums

  package init(left: Int, right: Int, frames: GaussianSums) {
    self.left = left
    self.right = right
    self.frames = frames
  }
}

/// Grows the trees that explain the frames best (Young, Odell and Woodland 1994): of all leaves and questions, the split
/// that gains most comes first. Questions are the clusters that arise when phones are merged by likeness.
package struct ContextTreeBuilder {
  let phones: Int
  let questions: [[Bool]]
  /// No leaf has fewer frames.
  var leastFrames = 150.0
  /// No split gains less log-likelihood.
  var leastGain = 250.0

  /// - Parameter likeness: frames of each phone.
  package init(likeness: [GaussianSums]) {
    phones = likeness.count
    questions = Self.clusters(likeness)
  }

  private static func clusters(_ likeness: [GaussianSums]) -> [[Bool]] {
    var clusters = likeness.indices.filter { likeness[$0].count > 0 }.map { phone in
      (set: likeness.indices.map { $0 == phone }, frames: likeness[phone])
    }
    var sets = clusters.map(\.set)
    while clusters.count > 2 {
      var best = (loss: Double.infinity, a: 0, b: 0)
      for a in clusters.indices {
        for b in clusters.indices where b > a {
          var both = clusters[a].frames
          both.add(clusters[b].frames)
          let loss = clusters[a].frames.likelihood + clusters[b].frames.likelihood - both.likelihood
          if loss < best.loss { best = (loss, a, b) }
        }
      }
      let gone = clusters.remove(at: best.b)
      clusters[best.a].frames.add(gone.frames)
      clusters[best.a].set = zip(clusters[best.a].set, gone.set).map { $0 || $1 }
      sets.append(clusters[best.a].set)
    }
    return sets
  }

  private struct Leaf {
    var state: Int
    var items: [ContextItem]
    var split: (gain: Double, asksLeft: Bool, question: Int)?
    /// What points to it: a root, or a branch of a node.
    var parent: (node: Int, isYes: Bool)?
    var root: Int
  }

  /// - Parameters:
  ///   - items: of each state without context; states without items keep one density.
  ///   - most: no more states.
  /// - Returns: the tree and the frames of each of its states; those of `items` keep their numbers.
  package func build(_ items: [[ContextItem]], most: Int) -> (tree: ContextTree, frames: [GaussianSums]) {
    var tree = ContextTree(roots: items.indices.map { ~$0 }, nodes: [])
    var leaves = items.indices.map { state in
      Leaf(state: state, items: items[state], split: bestSplit(items[state]), parent: nil, root: state)
    }
    while leaves.count < most {
      var best: Int?
      for i in leaves.indices {
        if let gain = leaves[i].split?.gain, gain > (best.map { leaves[$0].split!.gain } ?? leastGain) { best = i }
      }
      guard let best, let split = leaves[best].split else { break }
      let leaf = leaves[best]
      let set = questions[split.question]
      let node = tree.nodes.count
      let new = leaves.count
      tree.nodes.append(.init(asksLeft: split.asksLeft, set: set, yes: ~leaf.state, no: ~new))
      if let parent = leaf.parent {
        if parent.isYes { tree.nodes[parent.node].yes = node } else { tree.nodes[parent.node].no = node }
      } else {
        tree.roots[leaf.root] = node
      }
      let yes = leaf.items.filter { set[split.asksLeft ? $0.left : $0.right] }
      let no = leaf.items.filter { !set[split.asksLeft ? $0.left : $0.right] }
      leaves[best] = Leaf(
        state: leaf.state, items: yes, split: bestSplit(yes), parent: (node, true), root: leaf.root)
      leaves.append(Leaf(state: new, items: no, split: bestSplit(no), parent: (node, false), root: leaf.root))
    }
    return (tree, leaves.map { total($0.items) })
  }

  private func total(_ items: [ContextItem]) -> GaussianSums {
    items.reduce(into: GaussianSums()) { $0.add($1.frames) }
  }

  private func bestSplit(_ items: [ContextItem]) -> (gain: Double, asksLeft: Bool, question: Int)? {
    let all = total(items)
    guard all.count >= 2 * leastFrames else { return nil }
    let whole = all.likelihood
    var best: (gain: Double, asksLeft: Bool, question: Int)?
    for asksLeft in [true, false] {
      // The items by neighbour first: questions are about sets of them.
      var parts = [GaussianSums?](repeating: nil, count: phones)
      for item in items {
        let neighbour = asksLeft ? item.left : item.right
        if parts[neighbour] == nil { parts[neighbour] = item.frames } else { parts[neighbour]!.add(item.frames) }
      }
      for (q, set) in questions.enumerated() {
        var yes = GaussianSums()
        for (isMember, part) in zip(set, parts) where isMember { if let part { yes.add(part) } }
        guard yes.count >= leastFrames, all.count - yes.count >= leastFrames else { continue }
        let gain = yes.likelihood + all.without(yes).likelihood - whole
        if gain > (best?.gain ?? 0) { best = (gain, asksLeft, q) }
      }
    }
    return best
  }
}
