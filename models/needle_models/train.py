# SPDX-License-Identifier: Apache-2.0
"""Training: on a CPU in bf16 or on a GPU unchanged; resumable; checkpoints by time; always ends with usable weights.

The learning rate warms up over 2% and decays linearly to zero at the end of the time budget (`minutes`), so a run of
any length ends annealed. Progress goes to stderr, one line every few seconds; every evaluation is a JSON line in
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

import torch

from .architecture import San1, autocast
from .config import Config
from .dataset import BatchMaker, Pack
from .muon import Muon

CONTRASTIVE_WEIGHT = 0.1
LONGEST_STEP = 30.0      # seconds; a step that took longer was stopped from outside, which costs the budget nothing


@dataclass
class TrainOptions:
    run: Path
    packs: list[Path]
    dev: Path | None
    minutes: float
    examples: int = 24
    max_tokens: int = 4096
    lr: float = 3e-3
    muon_lr: float = 0.02
    optimizer: str = "muon"
    seed: int = 0
    checkpoint_minutes: float = 10.0
    threads: int = 0
    max_rss_gb: float = 8.0
    average: float = 0.998          # decay of the weight average that is evaluated and exported


def optimizers(model: San1, o: TrainOptions) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the rest (embedding, norms, gates, smear, retrieval head)."""
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n not in ("embed", "retrieval")]
    rest = [p for n, p in model.named_parameters() if p.dim() < 2 or n in ("embed", "retrieval")]
    if o.optimizer == "adamw":
        return [torch.optim.AdamW([*matrices, *rest], lr=o.lr, betas=(0.9, 0.98), weight_decay=0.01)]
    return [Muon(matrices, lr=o.muon_lr, momentum=0.95, weight_decay=0.01),
            torch.optim.AdamW(rest, lr=o.lr, betas=(0.9, 0.98), weight_decay=0.0)]


class Trainer:
    """State of a run: model, optimizers, where in the data it is, seconds spent."""

    def __init__(self, options: TrainOptions, config: Config, initial: dict | None = None):
        self.o = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if options.threads:
            torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.model = San1(config).to(self.device)
        if initial:      # the weights of a release; optimizers and schedule start afresh
            self.model.load_state_dict(initial)
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.optimizers = optimizers(self.model, options)
        self.base_lr = [[g["lr"] for g in opt.param_groups] for opt in self.optimizers]
        self.batches = BatchMaker(Pack.load(*options.packs), options.examples, options.max_tokens, options.seed)
        self.step = self.start = 0
        self.spent = 0.0
        self.stop = False

    # --- checkpoints -------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Written beside and renamed, so that a killed run never leaves half a checkpoint."""
        self.o.run.mkdir(parents=True, exist_ok=True)
        state = {"model": self.model.state_dict(), "average": self.average, "config": vars(self.model.config),
                 "optimizers": [opt.state_dict() for opt in self.optimizers],
                 "step": self.step, "start": self.start, "spent": self.spent}
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
        return True

    # --- the loop ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stop", True))
        budget = self.o.minutes * 60
        mark = shown = saved = time.time()
        examples = losses = contrasts = count = 0
        while self.spent < budget and not self.stop:
            loss, contrast, n = self.update(min(1.0, self.spent / budget))
            now = time.time()
            self.spent += min(now - mark, LONGEST_STEP)
            mark = now
            examples, losses, contrasts, count = examples + n, losses + loss, contrasts + contrast, count + 1
            if now - shown > 15:
                print(f"step {self.step}  loss {losses / count:.3f}  contrastive {contrasts / count:.3f}  "
                      f"{examples / (now - shown):.0f} examples/s  {(budget - self.spent) / 60:.1f} min left  "
                      f"rss {rss_gb():.1f} GB", file=sys.stderr, flush=True)
                self.log(loss=losses / count, contrastive=contrasts / count, examples_per_s=examples / (now - shown))
                shown, examples, losses, contrasts, count = now, 0, 0.0, 0.0, 0
                if rss_gb() > self.o.max_rss_gb:
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

    def update(self, progress: float) -> tuple[float, float, int]:
        """One optimizer step; -> (loss, contrastive loss, examples)."""
        batch, self.start = self.batches.batch(self.step, self.start)
        scale = min(1.0, (progress + 1e-9) / 0.02, (1.0 - progress) / 0.98) if self.step > 0 else 0.02
        scale = max(scale, 0.01 if progress < 0.02 else 0.0)
        for opt, base in zip(self.optimizers, self.base_lr):
            for group, lr in zip(opt.param_groups, base):
                group["lr"] = lr * scale
        batch = batch.to(self.device)
        self.model.train()
        with autocast(self.device.type):
            loss, contrast = self.model(batch)
        (loss + CONTRASTIVE_WEIGHT * contrast).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for opt in self.optimizers:
            opt.step()
            opt.zero_grad(set_to_none=True)
        self.step += 1
        decay = min(self.o.average, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)
        return float(loss.detach()), float(contrast.detach()), len(batch.query)

    def validate(self, limit: int = 96) -> None:
        """Teacher-forced and free-running evaluation of the averaged weights on the dev pack."""
        if self.o.dev is None:
            return
        from .evaluate import evaluate_pack
        self.model_average = San1(self.model.config).to(self.device)
        self.model_average.load_state_dict(self.average)
        result = evaluate_pack(self.model_average, Pack.load(self.o.dev), limit)
        print(f"step {self.step}  dev: {json.dumps(result)}", file=sys.stderr, flush=True)
        self.log(dev=result)

    def log(self, **values) -> None:
        self.o.run.mkdir(parents=True, exist_ok=True)
        with (self.o.run / "log.jsonl").open("a") as stream:
            stream.write(json.dumps({"step": self.step, "minutes": round(self.spent / 60, 2), **values}) + "\n")


def rss_gb() -> float:
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**30
