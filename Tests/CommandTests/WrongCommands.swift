/// What is typed wrong, of all tools, and what is said of it: a command, then its exit status and its message.
///
/// The words are files of the suite's place: `corpus`, its manifest `m.jsonl`, its dataset `d`, a run `run`, `notes.txt`
/// and the folder `empty`; `nowhere` is not there.
let wrongCommands = WrongCommand.table(
  #"""
  cpc-inspect verfy d
    64 verfy is neither a subcommand nor a file here: did you mean verify?
  cpc-inspect nowhere
    1 nowhere: no such file or folder
  cpc-inspect verify m.jsonl
    64 m.jsonl: nothing that carries a digest of itself (verify takes datasets, runs, checkpoints and acoustic models)
  cpc-inspect sheet d -o s.png
    64 d: a sheet is of images, and its records are of the kind audio
  cpc-inspect plan d --negatives same-speakr
    64 --negatives same-speakr is not known (mixed-speaker, same-speaker, mixed-speaker-excl, same-speaker-excl, current-sequence)
  cpc-shard mrege m.jsonl
    64 mrege is neither a subcommand nor a file here: did you mean merge?
  cpc-shard nowhere -o e
    1 nowhere: cannot open: No such file or directory
  cpc-shard d -o e
    1 d: empty corpus: no audio file where the layout expects one: SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac (librispeech) (it is a dataset: cpc-shard select makes another of a part of it)
  cpc-shard run -o e
    1 run: empty corpus: no audio file where the layout expects one: SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac (librispeech) (it is a run of cpc-train: cpc-inspect tells which dataset it was trained on)
  cpc-shard empty -o e
    1 empty: empty corpus: no audio file where the layout expects one: SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac (librispeech)
  cpc-shard notes.txt -o e
    1 notes.txt: empty corpus: no audio file where the layout expects one: SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac (librispeech)
  cpc-shard corpus -o d
    1 d: it already holds a dataset (--force replaces it)
  cpc-shard corpus -o run
    1 run: the folder is not empty and holds no dataset: best (choose another name)
  cpc-shard corpus
    64 -o must name a folder
  cpc-shard corpus -o e --layout librispech
    64 The value 'librispech' is invalid for '--layout <name>'. Did you mean librispeech? It is one of librispeech, speaker-folders, libri-light, kaldi, class-folders, image-table, webdataset, documents, sentences, flat, ljspeech, libritts, timit, mls, common-voice, aishell, lhotse.
  cpc-shard corpus -o e --layout kaldi
    1 corpus: no wav.scp: not a Kaldi data folder (a folder of audio: --layout speaker-folders, or without --layout for LibriSpeech)
  cpc-shard corpus -o e --resample 8000
    64 --resample 8000: records have 16000 Hz: --resample 16000
  cpc-shard corpus -o e --part 3/2
    64 --part 3/2: a part is i/n with i from 0 to n - 1, for example 0/3, or auto
  cpc-shard corpus -o e --part 0/2
    64 corpus: parts are planned from a manifest, which is a file (cpc-scan CORPUS -o corpus.jsonl writes it)
  cpc-shard corpus -o e --strickt
    64 Unknown option '--strickt'. Did you mean '--strict'?
  cpc-shard select d -o e
    64 which utterances? --split, --group or --ids says it
  cpc-shard select d -o e --group nobody
    1 d: no group "nobody" (cpc-inspect groups d lists them)
  cpc-shard select d -o e --split nosuch
    1 d: no split "nosuch" (cpc-split makes one)
  cpc-shard select run -o e --group 84
    1 run: not a dataset: it holds no dataset.json (it is a run of cpc-train: cpc-inspect tells which dataset it was trained on)
  cpc-shard add d x
    64 x: not NAME=FILE, NAME=FOLDER or NAME=key:KEY
  cpc-shard add d valid=key:age
    64 "valid" is a name that records have already (choose another)
  cpc-shard remove d nosuch
    1 d: no added plane "nosuch" (nothing was added)
  cpc-scan d
    1 d: empty corpus: no audio file where the layout expects one: SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac (librispeech) (it is a dataset: cpc-shard select makes another of a part of it)
  cpc-scan m.jsonl
    64 m.jsonl: a manifest already (cpc-scan makes one from a corpus)
  cpc-scan corpus -o m.jsonl
    1 m.jsonl: the file exists (--force replaces it)
  cpc-scan corpus --threads 0
    64 --threads must be from 1 to 1024
  cpc-scan corpus --epochs 3
    64 Unknown option '--epochs'
  cpc-split m.jsonl
    64 say how to split: --list, or --by and --fraction
  cpc-split m.jsonl --by speakers --fraction valid=0.1
    64 'speakers' in --by is none of utterance, session, group, speaker (did you mean speaker?)
  cpc-split m.jsonl --by group --fraction valid=1.5
    64 the fraction of 'valid' is 1.5: above 0 and at most 1 is needed
  cpc-split m.jsonl --by group --fraction valid
    64 'valid' in --fraction is not PART=SHARE, as valid=0.1
  cpc-split m.jsonl --by group
    64 --by needs --fraction, for example --fraction valid=0.1
  cpc-split m.jsonl --list notes.txt --by group
    64 --list goes with neither --by nor --fraction
  cpc-split run --by group --fraction valid=0.1
    1 run: not a dataset: it holds no dataset.json (it is a run of cpc-train: cpc-inspect tells which dataset it was trained on)
  cpc-align d
    1 d: empty corpus: no audio file where the layout expects one: SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac (librispeech) (it is a dataset: cpc-shard select makes another of a part of it)
  cpc-align m.jsonl --lexicon nowhere
    1 nowhere: cannot open: No such file or directory
  cpc-align m.jsonl --model notes.txt
    1 notes.txt: not a safetensors file: only 6 bytes (what cpc-shard, cpc-train and --save-model write is one)
  cpc-align compare m.jsonl
    64 Missing expected argument '<b>'
  cpc-align convert m.jsonl --to textgird -o tg
    64 The value 'textgird' is invalid for '--to <format>'. Did you mean textgrid? It is one of jsonl, cpc, kaldi, ctm, textgrid, mfa-json, timit.
  cpc-align convert m.jsonl --to textgrid
    64 --to textgrid writes a file for each utterance: -o names a folder
  cpc-cat d --record 100000
    1 d: no record 100000: there are 32, from 0
  cpc-cat d --record 5-2
    64 The value '5-2' is invalid for '--record <n>'
  cpc-cat d --utterance nobody
    1 d: no utterance nobody (cpc-cat d --utterances lists them)
  cpc-cat d --wav
    64 standard output takes one WAV, the selection has more (-o FOLDER writes them all)
  cpc-cat d --png -o p
    64 --png is for images, and these records are of the kind audio
  cpc-cat run
    1 run: not a dataset: it holds no dataset.json (it is a run of cpc-train: cpc-inspect tells which dataset it was trained on)
  cpc-cat d --record 1 --utterances
    64 --record selects records, --utterance and --utterances whole utterances: not both
  cpc-train d
    64 -o must name the run's folder; with --resume it is enough to name that of a run
  cpc-train d --updtes 4
    64 Unknown option '--updtes'. Did you mean '--updates'?
  cpc-shard corpus --ouput e
    64 Unknown option '--ouput'. Did you mean '--output'?
  cpc-shard select d --splt a -o e
    64 Unknown option '--splt'. Did you mean '--split'?
  cpc-probe run d --taget phones
    64 Unknown option '--taget'. Did you mean '--target'?
  cpc-train d -o r --updtes 4
    64 Unknown option '--updtes'. Did you mean '--updates'?
  cpc-train d -o r --lr 1e-3
    64 unknown option --lr: here it is --learning-rate
  cpc-train d -o r --batch-size 8
    64 unknown option --batch-size: here it is --batch
  cpc-train d -o r --epochs 3
    64 unknown option --epochs: here it is --updates; how many batches an epoch has is printed when a run starts
  cpc-train d -o r --gpu 0
    64 unknown option --gpu: the tools compute on the processor; Tools/torch has the same models and data for PyTorch
  cpc-train d -o r --updates 1.5
    64 The value '1.5' is invalid for '--updates <updates>': it is not whole
  cpc-train d -o r --updates -1
    64 '-1' after --updates reads as a flag; as a value it is --updates=-1
  cpc-report run -o page.png
    64 page.png: the page is HTML, not png (--plot NAME -o FILE.svg writes one plot, of which rsvg-convert or a browser makes other formats)
  cpc-report run -o page.svg
    64 page.svg: the page is HTML, not svg (--plot NAME writes one plot as SVG)
  cpc-train d -o r --batch 0
    64 --batch must be from 1 to 4096
  cpc-train d -o r --batch 4 --num-negatives 100000
    64 --num-negatives must be all, or from 1 to 511: what --negatives mixed-speaker has for each anchor in 4 windows of 128 latents
  cpc-train d -o r --negatives same-speakr
    64 --negatives same-speakr is not known (mixed-speaker, same-speaker, mixed-speaker-excl, same-speaker-excl, current-sequence)
  cpc-train d -o r --preset huge
    64 --preset huge is not known (paper, small)
  cpc-train d -o r --valid-split nosuch
    64 --valid-split nosuch needs a split, and d has no split "default" (cpc-split makes one)
  cpc-train d -o run
    1 run: holds a run already (--resume goes on with it, --force replaces it)
  cpc-train nowhere -o r
    1 nowhere: no such dataset folder
  cpc-train m.jsonl -o r
    1 m.jsonl: not a dataset: it holds no dataset.json (it is a file: of a manifest or a corpus, cpc-shard m.jsonl -o DATASET makes one)
  cpc-train run -o r
    1 run: not a dataset: it holds no dataset.json (it is a run of cpc-train: cpc-inspect tells which dataset it was trained on)
  cpc-train corpus -o r
    1 corpus: not a dataset: it holds no dataset.json (of a corpus, cpc-shard corpus -o DATASET makes one)
  cpc-train empty --resume
    64 empty: there is no config.json in it, which names data and flags (cpc-train DATASET -o RUN begins a run)
  cpc-embed run d
    64 Missing expected argument '--output <folder>'
  cpc-embed d d -o f
    1 d: no checkpoint in this folder (it is a dataset; the run stands before it: RUN DATASET)
  cpc-embed run nowhere -o f
    1 nowhere: cannot open: No such file or directory
  cpc-embed run d -o f --layer x
    64 --layer x is not known: z, c, both
  cpc-embed run d -o d
    64 d: a dataset cannot be its own subset (-o NEW names another folder)
  cpc-probe run d --target phone
    64 d: it has no target "phone" (there is phones, speaker, a key of the utterance list)
  cpc-probe d run --target phones
    1 run: not a dataset: it holds no dataset.json (it is a run of cpc-train: cpc-inspect tells which dataset it was trained on)
  cpc-probe m.jsonl --target phones
    1 m.jsonl: not a dataset: it holds no dataset.json (it is a file: of a manifest or a corpus, cpc-shard m.jsonl -o DATASET makes one)
  cpc-report d
    1 d: no run: there is no log.jsonl (name a run's folder or files of results)
  cpc-report nowhere
    1 nowhere: cannot open: No such file or directory
  cpc-report run --plot nosuch
    64 the inputs make no plot 'nosuch' (they make training-loss, training-accuracy, held-out-loss, held-out-accuracy, common-loss, common-accuracy, steps-top1, steps-pairwise)
  cpc-report run --list --plot loss
    64 --plot and --list exclude each other
  """#)
