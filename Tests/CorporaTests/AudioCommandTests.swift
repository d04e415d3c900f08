import FileIO
import Layouts
import Testing

/// Commands of Kaldi's wav.scp: which file they read and what of it, told without running them.
struct AudioCommandTests {
  @Test(
    arguments: [
      ("cat a.wav |", "a.wav", nil, nil),
      ("flac -c -d -s dir/a.flac |", "dir/a.flac", nil, nil),
      ("flac -cds /c/a.flac|", "/c/a.flac", nil, nil),
      ("/usr/bin/flac --decode --stdout --silent 'a b.flac' 2>/dev/null |", "a b.flac", nil, nil),
      ("sph2pipe -f wav -p -c 1 foo.sph |", "foo.sph", .one(1), nil),
      ("/opt/tools/sph2pipe_v2.5/sph2pipe -f wav -c2 \"/d/x y.sph\" |", "/d/x y.sph", .one(2), nil),
      ("sph2pipe -p foo.sph /dev/stdout |", "foo.sph", nil, nil),
      ("sox a.wav -t wav - |", "a.wav", nil, nil),
      ("sox a\\ b.wav -t wav - remix 2|", "a b.wav", .one(2), nil),
      ("sox -t sph a.sph -b 16 -t wav - remix 1 |", "a.sph", .one(1), nil),
      ("sox -c 1 -t wavpcm -e signed-integer a.wav -t wavpcm - |", "a.wav", nil, nil),
      ("sox a.wav -r 16k -c 1 -t wav - |", "a.wav", .mean, 16_000),
      ("sox a.wav -r 16000 -t wav - |", "a.wav", nil, 16_000),
      ("sox a.wav -t wav - remix - rate -v 8000 |", "a.wav", .mean, 8_000),
      ("ffmpeg -i a.mp3 -f wav - |", "a.mp3", nil, nil),
      (
        "ffmpeg -nostdin -loglevel quiet -i a.mp3 -ac 1 -ar 16000 -acodec pcm_s16le -f wav pipe:1 |", "a.mp3", .mean,
        16_000
      ),
      ("ffmpeg -i a.wav -map_channel 0.0.1 -f wav - </dev/null |", "a.wav", .one(2), nil),
      ("ffmpeg -i a.wav -af 'pan=mono|c0=c1' -f wav - |", "a.wav", .one(2), nil),
      ("cat a.flac | flac -d -c - | sox - -t wav - remix 2 |", "a.flac", .one(2), nil),
      ("sph2pipe -f wav a.sph - |", "a.sph", nil, nil),
      ("sox a.wav -t wav - remix 2 remix 1 |", "a.wav", .one(2), nil),
      ("sox a.wav -t wav - remix 2 remix - |", "a.wav", .one(2), nil),
      ("sox a.wav -t wav - channels 1 remix 1 |", "a.wav", .mean, nil),
      ("sox a.wav -c 1 -t wav - remix 2 |", "a.wav", .one(2), nil),
      ("ffmpeg -i a.wav -ac 1 -map_channel 0.0.1 -f wav - |", "a.wav", .one(2), nil),
      ("sph2pipe -f wav -c 2 a.sph | sox -t wav - -t wav - remix 1 |", "a.sph", .one(2), nil),
    ] as [(String, String, AudioCommand.Selection?, Int?)])
  func isRead(_ command: String, _ file: String, _ selection: AudioCommand.Selection?, _ rate: Int?) throws {
    let found = try AudioCommand(parsing: command)
    #expect(found.file == file && found.selection == selection && found.rate == rate)
  }

  @Test(arguments: [
    ("sox a.wav -t wav - trim 0 5 |", "'trim' of sox"), ("sox a.wav -t wav - speed 0.9 |", "'speed' of sox"),
    ("sox -v 0.8 a.wav -t wav - |", "'-v' of sox"), ("sox a.wav -t wav - gain -n |", "'gain' of sox"),
    ("sox a.wav b.wav -t wav - |", "a second file"), ("sox a.wav -t wav b.wav |", "a second file"),
    ("sox -t raw -r 8k a.raw -t wav - |", "raw"), ("sox a.wav -t wav - remix 1,2 |", "1,2"),
    ("sox a.wav -b 8 -t wav - |", "'-b' of sox"),
    ("flac -c -d -s --skip=16000 a.flac |", "--skip=16000"), ("flac -c a.wav |", "encodes"),
    ("sph2pipe -f wav -t 1:2 a.sph |", "'-t' of sph2pipe"), ("sph2pipe -f raw a.sph |", "-f raw"),
    ("ffmpeg -ss 5 -i a.mp3 -f wav - |", "'-ss' of ffmpeg"), ("ffmpeg -i a.mp3 -af atempo=2 -f wav - |", "atempo=2"),
    ("ffmpeg -i a.mp3 b.wav |", "writes the file 'b.wav'"),
    ("wav-reverberate a.wav - |", "'wav-reverberate'"), ("gunzip -c a.wav.gz |", "'gunzip'"),
    ("cat a.wav b.wav |", "a second file"), ("cat $DIR/a.wav |", "for a shell"), ("cat a.wav; rm b |", "for a shell"),
    ("cat `ls` |", "for a shell"), ("cat *.wav |", "for a shell"), ("cat 'a.wav |", "a quote without its end"),
    ("cat a.wav > b.wav |", "for a shell"), ("| cat", "it writes"), ("|", "it writes"),
    ("sph2pipe -f wav -c 1 a.sph | sox - -t wav - remix 2 |", "channel 2 of one channel"),
    ("sox a.wav -t wav - remix - remix 2 |", "channel 2 of one channel"),
    ("sox a.wav -t wav - rate 8k rate 16k |", "the rate twice"),
    ("sox a.wav -t mp3 - |", "'-t mp3' of sox"), ("sox a.wav -t ogg - |", "'-t ogg' of sox"),
    ("sox a.wav -t ul - |", "'-t ul' of sox"),
    ("ffmpeg -i a.wav -map_channel 0.0.0 -map_channel 0.0.1 -f wav - |", "'-map_channel' of ffmpeg"),
    ("ffmpeg -i a.wav -bitexact -f wav - |", "'-bitexact' of ffmpeg is not known"),
    ("cat a.wav | cat b.wav |", "does not read"), ("flac -cd |", "names no file"),
  ])
  func isRefusedByName(_ command: String, _ reason: String) {
    do {
      let found = try AudioCommand(parsing: command)
      Issue.record("\(command): \(found)")
    } catch {
      #expect("\(error)".contains(reason), "\(command): \(error)")
    }
  }
}
