# SPDX-License-Identifier: Apache-2.0
"""Training: on a CPU or on a GPU unchanged; resumable; checkpoints by time; always ends with usable weights.

The learning rate warms up over 2% and decays linearly to zero at the end of the budget (minutes, or examples), so a run
of any length ends annealed. The last phase may have packs of its own (`anneal`) and see the weights as the 4-bit file
will hold them (`qat_share`). Progress goes to stderr, one line every few seconds; every evaluation is a JSON line in
`<run>/log.jsonl`.
"""
from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import torch
from torch import Tensor
from torch.func import functional_call

from .architecture import Batch, San1, autocast
from .config import Config
from .dataset import BatchMaker, Pack
from .embeddings import start_embedding
from .fixed_shapes import FixedBatchMaker, batches_from
from .muon import Muon
from .qat import FakeQuantizer
from .throughput import flops_of, peak_flops, tokens_of
from .variants import network

CONTRASTIVE_WEIGHT = 0.1
LONGEST_STEP = 30.0      # seconds; a step that took longer was stopped from outside, which costs the budget nothing


@dataclass
class TrainOptions:
    run: Path
    packs: list[Path]
    dev: Path | None
    minutes: float | None
    examples: int = 24
    max_tokens: int = 4096
    accumulate: int = 1             # batches a step; their gradients are averaged
    lr: float = 3e-3
    muon_lr: float = 0.02
    optimizer: str = "muon"
    seed: int = 0
    checkpoint_minutes: float = 10.0
    threads: int = 0
    max_rss_gb: float = 8.0         # where batches have any shape
    average: float = 0.998          # decay of the weight average that is evaluated and exported
    total: int = 0                  # examples to train on, where the budget is not minutes
    anneal: tuple[Path, ...] = ()   # packs of the last phase
    anneal_share: float = 0.2
    qat_share: float = 0.0          # how much of the budget is quantisation-aware, at its end
    embeddings: Path | None = None  # vectors that the embedding starts from (embeddings.py)
    fixed: bool | None = None       # batches of few shapes, layers compiled; None: on a GPU
    compile: bool = True            # where shapes are fixed
    workers: int = 8                # processes that make batches of fixed shapes ahead of time


def optimizers(model: San1, o: TrainOptions) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the rest (embedding, norms, gates, smear, retrieval head)."""
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n not in ("embed", "retrieval")]
    rest = [p for n, p in model.named_parameters() if p.dim() < 2 or n in ("embed", "retrieval")]
    if o.optimizer == "adamw":
        return [torch.optim.AdamW([*matrices, *rest], lr=o.lr, betas=(0.9, 0.98), weight_decay=0.01)]
    return [Muon(matrices, lr=o.muon_lr, momentum=0.95, weight_decay=0.01),
            torch.optim.AdamW(rest, lr=o.lr, betas=(0.9, 0.98), weight_decay=0.0)]


def compile_layers(model: San1) -> None:
    """One compiled encoder layer and one decoder layer serve all; what the compiler cannot do runs as it stands."""
    torch._dynamo.config.suppress_errors = True
    model.encoder_layer = torch.compile(model.encoder_layer, dynamic=False)
    model.decoder_layer = torch.compile(model.decoder_layer, dynamic=False)


class Trainer:
    """State of a run: model, optimizers, where in the data it is, seconds spent."""

    def __init__(self, options: TrainOptions, config: Config, initial: dict | None = None):
        self.o = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if options.threads:
            torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.model = network(config).to(self.device)
        if options.embeddings:
            start_embedding(self.model, options.embeddings)
        if initial:      # the weights of a release; optimizers and schedule start afresh
            self.model.load_state_dict(initial)
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.optimizers = optimizers(self.model, options)
        self.base_lr = [[g["lr"] for g in opt.param_groups] for opt in self.optimizers]
        self.fixed = self.device.type == "cuda" if options.fixed is None else options.fixed
        if self.fixed and options.compile:
            compile_layers(self.model)
        self.batches = self.maker(options.packs)
        self.hard = self.maker(options.anneal) if options.anneal else None
        self.ahead: dict[BatchMaker, Iterator[Batch]] = {}
        self.fake = FakeQuantizer(self.model)
        self.flops, self.tokens = 0.0, 0
        self.step = self.start = self.hard_start = 0
        self.spent = 0.0
        self.stop = False

    def maker(self, packs) -> BatchMaker:
        o, pack = self.o, Pack.load(*packs)
        return FixedBatchMaker(pack, o.examples, o.seed) if self.fixed else BatchMaker(pack, o.examples, o.max_tokens, o.seed)

    # --- checkpoints -------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Written beside and renamed, so that a killed run never leaves half a checkpoint."""
        self.o.run.mkdir(parents=True, exist_ok=True)
        state = {"model": self.model.state_dict(), "average": self.fake.snap(self.average), "grid": self.fake.grid, "config": vars(self.model.config),
                 "optimizers": [opt.state_dict() for opt in self.optimizers],
                 "step": self.step, "start": self.start, "hard_start": self.hard_start, "spent": self.spent}
        torch.save(state, self.o.run / "checkpoint.tmp")
        os.replace(self.o.run / "checkpoint.tmp", self.o.run / "checkpoint.pt")

    def resume(self) -> bool:
        path = self.o.run / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["config"] != vars(self.model.config):
            raise ValueError(f"{path} holds another geometry; choose another --run or remove it")
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        for opt, saved in zip(self.optimizers, state["optimizers"]):
            opt.load_state_dict(saved)
        self.step, self.start, self.spent = state["step"], state["start"], state["spent"]
        self.hard_start, self.fake.grid = state.get("hard_start", 0), state.get("grid", {})
        return True

    # --- the loop ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stop", True))
        mark = shown = saved = time.time()
        examples = losses = contrasts = count = 0
        peak = peak_flops(self.device.type)
        while (progress := self.progress()) < 1 and not self.stop:
            loss, contrast, n = self.update(progress)
            now = time.time()
            self.spent += min(now - mark, LONGEST_STEP)
            mark = now
            examples, losses, contrasts, count = examples + n, losses + loss, contrasts + contrast, count + 1
            if now - shown > 15:
                loss, contrast, seconds = float(losses) / count, float(contrasts) / count, now - shown
                print(f"step {self.step}  loss {loss:.3f}  contrastive {contrast:.3f}  {examples / seconds:.0f} examples/s  "
                      f"{self.tokens / seconds:.0f} tokens/s  {self.flops / seconds / peak:.1%} of peak  "
                      f"{self.minutes_left():.1f} min left  rss {rss_gb():.1f} GB", file=sys.stderr, flush=True)
                self.log(loss=loss, contrastive=contrast, examples_per_s=examples / seconds, tokens_per_s=self.tokens / seconds,
                         share_of_peak=self.flops / seconds / peak)
                shown, examples, losses, contrasts, count = now, 0, 0.0, 0.0, 0
                self.flops, self.tokens = 0.0, 0
                if not self.fixed and rss_gb() > self.o.max_rss_gb:
                    print("memory limit reached: checkpoint, and start afresh from it", file=sys.stderr, flush=True)
                    self.save()
                    # The allocator's fragments (no two batches have the same shapes) are given back only by a new process.
                    os.execv(sys.executable, [sys.executable, "-m", "needle_models", *sys.argv[1:]])
            if now - saved > self.o.checkpoint_minutes * 60:
                self.save()
                self.validate()
                saved = time.time()
        self.save()
        if not self.stop:      # someone waits for a stopped run to end
            self.validate()

    def progress(self) -> float:
        """Share of the budget that is spent."""
        return (self.start + self.hard_start) / self.o.total if self.o.total else self.spent / (self.o.minutes * 60)

    def minutes_left(self) -> float:
        return self.spent / 60 * (1 / max(self.progress(), 1e-6) - 1)

    def next_batch(self, progress: float, part: int = 0) -> Batch:
        """The step's `part`-th, of the hard packs in the last phase. Counts where in each the run is: examples."""
        hard = self.hard is not None and progress >= 1 - self.o.anneal_share
        maker, start = (self.hard, self.hard_start) if hard else (self.batches, self.start)
        if self.fixed:
            if maker not in self.ahead:
                self.ahead[maker] = batches_from(maker, start // maker.examples, self.o.workers)
            batch, start = next(self.ahead[maker]), start + maker.examples
        else:
            batch, start = maker.batch(self.step * self.o.accumulate + part, start)
        if hard:
            self.hard_start = start
        else:
            self.start = start
        return batch

    def losses(self, batch, progress: float) -> tuple[Tensor, Tensor]:
        if not self.o.qat_share or progress < 1 - self.o.qat_share:
            return self.model(batch)
        return functional_call(self.model, self.fake.parameters(), (batch,))

    def update(self, progress: float) -> tuple[Tensor, Tensor, int]:
        """One optimizer step; -> (mean loss, mean contrastive loss, examples). The losses stay where they are: reading one
        would make a GPU wait."""
        scale = min(1.0, (progress + 1e-9) / 0.02, (1.0 - progress) / 0.98) if self.step > 0 else 0.02
        scale = max(scale, 0.01 if progress < 0.02 else 0.0)
        for opt, base in zip(self.optimizers, self.base_lr):
            for group, lr in zip(opt.param_groups, base):
                group["lr"] = lr * scale
        self.model.train()
        parts = [self.gradients(progress, i) for i in range(self.o.accumulate)]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for opt in self.optimizers:
            opt.step()
            opt.zero_grad(set_to_none=True)
        self.step += 1
        decay = min(self.o.average, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            values = self.model.state_dict()
            torch._foreach_lerp_([self.average[name] for name in values], list(values.values()), 1 - decay)
        loss, contrast, examples = (sum(part) for part in zip(*parts))
        return loss / len(parts), contrast / len(parts), examples

    def gradients(self, progress: float, part: int) -> tuple[Tensor, Tensor, int]:
        """Adds the gradients of the step's `part`-th batch of `accumulate`; -> (loss, contrastive loss, examples)."""
        batch = self.next_batch(progress, part)
        self.flops += flops_of(self.model.config, batch)
        self.tokens += tokens_of(batch)
        batch = batch.to(self.device)
        with autocast(self.device.type):
            loss, contrast = self.losses(batch, progress)
        ((loss + CONTRASTIVE_WEIGHT * contrast) / self.o.accumulate).backward()
        return loss.detach(), contrast.detach(), batch.examples

    def validate(self, limit: int = 96) -> None:
        """The averaged weights on the dev pack."""
        if self.o.dev is None:
            return
        from .evaluate import evaluate_pack
        average = network(self.model.config).to(self.device)
        average.load_state_dict(self.fake.snap(self.average))
        result = evaluate_pack(average, Pack.load(self.o.dev), limit)
        print(f"step {self.step}  dev: {json.dumps(result)}", file=sys.stderr, flush=True)
        self.log(dev=result)

    def log(self, **values) -> None:
        self.o.run.mkdir(parents=True, exist_ok=True)
        with (self.o.run / "log.jsonl").open("a") as stream:
            stream.write(json.dumps({"step": self.step, "minutes": round(self.spent / 60, 2), **values}) + "\n")


def rss_gb() -> float:
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**30
