/// Which state a phone's place has beside which neighbours: a binary tree of questions for each state without context,
/// "is the phone before (after) one of these?".
package struct ContextTree: Sendable, Equatable {
  struct Node: Sendable, Equatable {
    /// Asks for the phone before, otherwise for the one after.
    var asksLeft: Bool
    /// For each phone, whether it is one of the set.
    var set: [Bool]
    /// Further nodes; a negative number is the complement of a state.
    var yes: Int
    var no: Int
  }

  /// Where the questions about each state begin, as ``Node/yes``.
  var roots: [Int]
  var nodes: [Node]

  /// The state without context that each state comes from.
  package func origins(states: Int) -> [Int] {
    var origins = [Int](repeating: 0, count: states)
    func visit(_ place: Int, _ root: Int) {
      if place < 0 {
        origins[~place] = root
      } else {
        visit(nodes[place].yes, root)
        visit(nodes[place].no, root)
      }
    }
    for (root, place) in roots.enumerated() { visit(place, root) }
    return origins
  }

  package func state(_ state: Int, left: Int, right: Int) -> Int {
    var place = roots[state]
    while place >= 0 {
      let node = nodes[place]
      place = node.set[node.asksLeft ? left : right] ? node.yes : node.no
    }
    return ~place
  }
}
