"""The model of text of cpc-train as a plain PyTorch module.

    model = cpc_tools.load("run")
    z, c = model(tokens, lengths)                           # as in the records of a dataset
    loss = torch.stack(model.info_nce(z, c, "mixed-speaker")).mean()
    model.embedding.sparse = True                           # or made so: TextCPC(..., sparse=True)
    optimizers = model.optimizers(lr=2e-4)                  # SparseAdam for the words' vectors, Adam for the rest
    cpc_tools.save(model, "mine.safetensors", update=1000, optimizer=optimizers)
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from cpc_tools.contrastive import ChannelNorm, Contrastive


class TextCPC(Contrastive):
    """Of text: encoder of sentences, context over them, heads (van den Oord et al. 2018, section 3.3).

    words: ids that there are; vocabulary: their digest, for checkpoints. sparse: gradients of the words' vectors are of the
    batch's words alone, which `optimizers` expects.
    """

    kind = "text"

    # A window has as many rows as it has sentences.
    lattice = (None, 1, 0)

    def __init__(self, words: int = 20000, vocabulary: str = "", sentences: int = 6, sentence_words: int = 32,
                 embedding: int = 620, kernel: int = 1, channels: int = 2400, context: int = 2400, steps_ahead: int = 3,
                 normalisation: str = "none", score: str = "sum", temperature: Optional[float] = None,
                 sparse: bool = False) -> None:
        super().__init__(channels, context, steps_ahead, score, temperature)
        if normalisation not in ("none", "channel"):
            raise ValueError(f"normalisation \"{normalisation}\" is neither none nor channel")
        if kernel % 2 == 0:
            raise ValueError(f"kernel {kernel} is even: a word is in the middle of what it sees")
        self.vocabulary, self.sentences, self.sentence_words = vocabulary, sentences, sentence_words
        self.embedding = nn.Embedding(words, embedding, sparse=sparse)
        nn.init.normal_(self.embedding.weight, std=0.1)  # as cpc-train begins
        self.encoder = nn.Conv1d(embedding, channels, kernel, padding=kernel // 2)
        self.norm = ChannelNorm(channels) if normalisation == "channel" else None
        self.context = nn.GRU(channels, context, batch_first=True)
        self.make_heads()

    @property
    def settings(self) -> dict[str, Any]:
        return dict(normalisation="channel" if self.norm else "none", **self.loss_settings, precision="fp32",
                    words=self.embedding.num_embeddings, vocabulary=self.vocabulary, sentences=self.sentences,
                    sentence_words=self.sentence_words, embedding=self.embedding.embedding_dim,
                    kernel=self.encoder.kernel_size[0], channels=self.channels, context=self.units,
                    steps_ahead=self.steps_ahead)

    @property
    def metadata(self) -> dict[str, str]:
        return {"cpc.sentences": str(self.sentences), "cpc.sentence_words": str(self.sentence_words),
                "cpc.words": str(self.embedding.num_embeddings)}

    @classmethod
    def build(cls, config: dict[str, Any], metadata: dict[str, str]) -> TextCPC:
        names = ("words", "vocabulary", "sentences", "sentence_words", "embedding", "kernel", "channels", "context",
                 "steps_ahead", "normalisation", "score", "temperature")
        return cls(**{name: config[name] for name in names})

    def encode(self, tokens: Tensor, lengths: Tensor) -> Tensor:
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

    def forward(self, tokens: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Ids [windows, sentences, words] and lengths [windows, sentences] to latents z [windows, sentences, channels] and
        contexts c [.., context]."""
        z = self.encode(tokens.flatten(0, 1), lengths.flatten()).view(*lengths.shape, -1)
        return z, self.context(z)[0]

    def optimizers(self, lr: float, **settings: Any) -> list[torch.optim.Optimizer]:
        """What cpc-train's Adam does, as two optimisers: one for the words' vectors, Adam for the rest."""
        if not self.embedding.sparse:
            raise ValueError("torch.optim.Adam would also move words that are in no batch: embedding.sparse must be True")
        words = self.embedding.get_parameter("weight")
        others: list[nn.Parameter] = [parameter for name, parameter in self.named_parameters() if name != "embedding.weight"]
        return [SparseAdam([words], lr=lr, **settings), torch.optim.Adam(others, lr=lr, **settings)]


class SparseAdam(torch.optim.SparseAdam):
    """PyTorch's, with epsilon where `torch.optim.Adam` and cpc-train have it: after the bias correction of the mean square,
    not before it. Gradients of words are so small that in the first updates the one is not the other."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8) -> None:
        super().__init__(parameters, lr=lr, betas=betas, eps=eps)
        self.epsilon = eps

    def step(self, closure: Optional[Callable[[], float]] = None) -> Any:
        for group in self.param_groups:
            updates = 1 + max(int(self.state[one].get("step", 0)) for one in group["params"])
            group["eps"] = self.epsilon * (1 - group["betas"][1] ** updates) ** 0.5
        return super().step(closure)  # type: ignore[no-untyped-call]
