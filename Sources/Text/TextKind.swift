/// How a document is laid out.
public enum TextKind: String, CaseIterable, Sendable {
  /// Paragraphs between blank lines; a line end within one is a space.
  case plain
  /// Markdown, as far as prose has it: see ``MarkdownLine``. Headings, items and quotations are paragraphs.
  case markdown
  /// As ``plain``, between the START and END lines of Project Gutenberg.
  case gutenberg
  /// One sentence a line, however many ICU would make of it; blank lines are passed over and counted.
  case lines
}
