import TestSupport
import Testing

/// What people type who come from elsewhere, or in a hurry.
@Suite struct SlipTests {
  @Test(
    arguments: [
      ("cpc-inspect", "verfy x", "did you mean verify?"), ("cpc-inspect", "stat x", nil),
      ("cpc-inspect", "grops", "did you mean groups?"), ("cpc-shard", "slect d -o e", "did you mean select?"),
      ("cpc-shard", "mrege", "did you mean merge?"), ("cpc-probe", "abz x", "did you mean abx?"),
      ("cpc-align", "compere a b", "did you mean compare?"), ("cpc-align", "corpus", nil),
    ] as [(String, String, String?)])
  func aSubcommandIsNearlyRight(tool: String, words: String, hint: String?) throws {
    let result = try runTool(tool, words.split(separator: " ").map { String($0) })
    #expect(result.status != 0)
    guard let hint else {
      #expect(!result.messages.contains("did you mean"), "\(result.messages)")
      return
    }
    #expect(result.status == 64 && result.messages.contains(hint), "\(result.messages)")
  }

  @Test(arguments: [
    ("cpc-train", "d -o r --lr 1", "unknown option --lr: here it is --learning-rate"),
    ("cpc-train", "d -o r --batch-size=8", "unknown option --batch-size: here it is --batch"),
    ("cpc-train", "d -o r --batch_size 8", "unknown option --batch_size: here it is --batch"),
    ("cpc-train", "d -o r --epochs 3", "here it is --updates; how many batches an epoch has"),
    ("cpc-train", "d -o r --num-workers 3", "here it is --threads"),
    ("cpc-train", "d -o r --gpu 0", "the tools compute on the processor"),
    ("cpc-train", "d -o r --output-dir r", "here it is --output"),
    ("cpc-shard", "d -o r --jobs 3", "here it is --threads"),
    ("cpc-inspect", "plan d --batch-size 3", "here it is --batch"),
    ("cpc-scan", "d --lr 3", "Unknown option '--lr'"),
  ]) func aFlagOfOthersIsKnown(tool: String, words: String, message: String) throws {
    let result = try runTool(tool, words.split(separator: " ").map { String($0) })
    #expect(result.status == 64 && result.messages.contains(message), "\(result.messages)")
  }

  @Test(arguments: ["1.5", "ten", "10%", "1e4k", ""]) func noCount(text: String) throws {
    let result = try runTool("cpc-train", ["d", "-o", "r", "--updates", text])
    #expect(result.status == 64 && result.messages.contains("is invalid for '--updates <updates>'"))
  }

  /// Shells know what may stand after a flag.
  @Test func choicesAreCompleted() throws {
    let script = try runTool("cpc-train", ["--generate-completion-script", "bash"]).text
    for words in ["constant", "cosine", "row-gru", "mixed-speaker", "encoder,context", "bf16"] {
      #expect(script.contains(words), "\(words)")
    }
  }
}
