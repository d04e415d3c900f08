"""Datasets, checkpoints, batch plan and loss of cpc-tools for PyTorch, without Swift.

    training, held_out = cpc_tools.divide("ls100", seed=1)
    sampler = cpc_tools.PlanSampler(training, "same-speaker", batch=8, seed=1, updates=1000)
    for batch in torch.utils.data.DataLoader(training, batch_sampler=sampler, num_workers=2):
        batch["samples"]                                    # int16 [8, 20480]

    model = cpc_tools.load("run")                           # its best checkpoint
    z, c = cpc_tools.features(model, "hello.flac")          # a row for each 10 ms

Same seed and flags, same windows in the same batches as cpc-train and `cpc-inspect plan`, for any number of workers.
"""
from cpc_tools.audio import AudioCPC
from cpc_tools.checkpoints import check, find, load, load_optimizer, read_metadata, save
from cpc_tools.contrastive import Contrastive
from cpc_tools.dataset import Dataset, Utterance
from cpc_tools.division import divide
from cpc_tools.errors import CheckpointError, DatasetError
from cpc_tools.features import Features, features
from cpc_tools.images import ImageCPC
from cpc_tools.negatives import POOLS, draw_negatives
from cpc_tools.plan import BatchPlan
from cpc_tools.sampler import ONE_SPEAKER, PlanSampler
from cpc_tools.shards import Plane, Schema
from cpc_tools.texts import TextCPC
from cpc_tools.version import CHECKPOINTS, SCHEMA
from cpc_tools.version import VERSION as __version__
from cpc_tools.windows import Batch, Item, Windows

__all__ = [
    "CHECKPOINTS", "ONE_SPEAKER", "POOLS", "SCHEMA", "AudioCPC", "Batch", "BatchPlan", "CheckpointError", "Contrastive",
    "Dataset", "DatasetError", "Features", "ImageCPC", "Item", "Plane", "PlanSampler", "Schema", "TextCPC", "Utterance",
    "Windows", "__version__", "check", "divide", "draw_negatives", "features", "find", "load", "load_optimizer",
    "read_metadata", "save",
]
