"""The model of text of cpc-train as a plain PyTorch module; its loss and its checkpoints are cpc_torch's.

    import cpc_text, cpc_torch
    model = cpc_torch.load("run/checkpoints/0000400.safetensors")
    z, c = model(tokens, lengths)                           # as in the records of a dataset: see cpc_data
    loss = torch.stack(model.info_nce(z, c, "mixed-speaker")).mean()
    model.embedding.sparse = True                           # or made so: TextCPC(..., sparse=True)
    optimizers = model.optimizers(lr=2e-4)                  # SparseAdam for the words' vectors, Adam for the rest
    cpc_torch.save(model, "mine.safetensors", update=1000, optimizer=optimizers)

Needs torch, safetensors and xxhash.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

import cpc_torch


class TextCPC(cpc_torch.Contrastive):
    """Of text: encoder of sentences, context over them, heads (van den Oord et al. 2018, section 3.3).

    words: ids that there are; vocabulary: their digest, for checkpoints. sparse: gradients of the words' vectors are of the
    batch's words alone, which `optimizers` expects.
    """

    kind = "text"

    def __init__(self, words=20000, vocabulary="", sentences=6, sentence_words=32, embedding=620, kernel=1, channels=2400,
                 context=2400, steps_ahead=3, normalisation="none", score="sum", temperature=None, sparse=False):
        super().__init__(channels, context, steps_ahead, score, temperature)
        if normalisation not in ("none", "channel"):
            raise ValueError(f"normalisation \"{normalisation}\" is neither none nor channel")
        if kernel % 2 == 0:
            raise ValueError(f"kernel {kernel} is even: a word is in the middle of what it sees")
        self.vocabulary, self.sentences, self.sentence_words = vocabulary, sentences, sentence_words
        self.embedding = nn.Embedding(words, embedding, sparse=sparse)
        self.encoder = nn.Conv1d(embedding, channels, kernel, padding=kernel // 2)
        self.norm = cpc_torch.ChannelNorm(channels) if normalisation == "channel" else None
        self.context = nn.GRU(channels, context, batch_first=True)
        self.make_heads()

    # A window has as many rows as it has sentences.
    lattice = (None, 1, 0)

    @property
    def settings(self):
        return dict(normalisation="channel" if self.norm else "none", **self.loss_settings, precision="fp32",
                    words=self.embedding.num_embeddings, vocabulary=self.vocabulary, sentences=self.sentences,
                    sentence_words=self.sentence_words, embedding=self.embedding.embedding_dim,
                    kernel=self.encoder.kernel_size[0], channels=self.channels, context=self.units,
                    steps_ahead=self.steps_ahead)

    @property
    def metadata(self):
        return {"cpc.sentences": str(self.sentences), "cpc.sentence_words": str(self.sentence_words),
                "cpc.words": str(self.embedding.num_embeddings)}

    @classmethod
    def build(cls, config, metadata):
        names = ("words", "vocabulary", "sentences", "sentence_words", "embedding", "kernel", "channels", "context",
                 "steps_ahead", "normalisation", "score", "temperature")
        return cls(**{name: config[name] for name in names})

    def encode(self, tokens, lengths):
        """Ids [sentences, words] and lengths [sentences] to latents [sentences, channels]; what stands after a sentence's
        length is not looked at."""
        lengths = lengths.long()
        tokens = tokens[:, : int(lengths.max())].long()
        there = torch.arange(tokens.shape[1], device=tokens.device)[None] < lengths[:, None]
        # Padding takes no word's vector: it would be one of the batch's words to SparseAdam.
        vectors = self.embedding(tokens[there])
        x = vectors.new_zeros(*tokens.shape, vectors.shape[1])
        x[there] = vectors
        x = self.encoder(x.transpose(1, 2))
        if self.norm:
            x = self.norm(x)
        x = F.relu(x) * there[:, None]
        return x.sum(dim=2) / lengths[:, None]

    def forward(self, tokens, lengths):
        """Ids [windows, sentences, words] and lengths [windows, sentences] to latents z [windows, sentences, channels] and
        contexts c [.., context]."""
        z = self.encode(tokens.flatten(0, 1), lengths.flatten()).unflatten(0, lengths.shape)
        return z, self.context(z)[0]

    def optimizers(self, lr, **settings):
        """What cpc-train's Adam does, as two optimisers: one for the words' vectors, Adam for the rest."""
        if not self.embedding.sparse:
            raise ValueError("torch.optim.Adam would also move words that are in no batch: embedding.sparse must be True")
        others = [parameter for name, parameter in self.named_parameters() if name != "embedding.weight"]
        return [SparseAdam([self.embedding.weight], lr=lr, **settings), torch.optim.Adam(others, lr=lr, **settings)]


class SparseAdam(torch.optim.SparseAdam):
    """PyTorch's, with epsilon where `torch.optim.Adam` and cpc-train have it: after the bias correction of the mean square,
    not before it. Gradients of words are so small that in the first updates the one is not the other."""

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters, lr=lr, betas=betas, eps=eps)
        self.epsilon = eps

    def step(self, closure=None):
        for group in self.param_groups:
            updates = 1 + max(int(self.state[one].get("step", 0)) for one in group["params"])
            group["eps"] = self.epsilon * (1 - group["betas"][1] ** updates) ** 0.5
        return super().step(closure)
