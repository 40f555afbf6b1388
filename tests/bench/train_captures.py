"""What capturing the logits of one row in every step of `vernier-cli train` costs, with and without in turn.

Usage: train_captures.py VERNIER_CLI [--device DEVICE] [--shape 1b|tiny] [--rows N] [--length N] [--steps N] [--rounds N]
Makes a checkpoint of random numbers in the shape of Llama-3.2-1B (2.5 GB; tiny: a few kB) and a batch file in a new
folder under TMPDIR, which it removes: a step is so many rows, each a micro-batch of its own. Needs Python alone.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from checkpoints import SHAPES, make_batch, make_checkpoint

UNTIMED = 5  # steps that choose kernels, pin memory and record passes


def train(options, work, name, captures):
    config = dict(model_name_or_path=str(work / "model"), batch=str(work / "batch.json"),
                  per_device_train_batch_size=1, gradient_accumulation_steps=options.rows,
                  max_steps=UNTIMED + options.steps, save_steps=0, eval_steps=0,
                  lora=dict(r=16, target_modules="all-linear"),
                  return_logits=dict(every=1 if captures else 0, rows=[0]))
    run_file = work / f"{name}.json"
    run_file.write_text(json.dumps(config))
    done = subprocess.run([options.cli, "train", "--config", run_file, "--out", work / name, "--device", options.device,
                           "--json"], stdout=subprocess.PIPE, text=True, check=True)
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [step for step in steps if "step_ms" in step][UNTIMED:]
    for file in (work / name).glob("captures/*"):
        file.unlink()
    return (statistics.median(step["step_ms"] for step in steps),
            statistics.median(step.get("capture_ms", 0.0) for step in steps), [step["loss"] for step in steps])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shape", choices=SHAPES, default="1b")
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--length", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    shape = SHAPES[options.shape]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        make_checkpoint(work / "model", shape)
        make_batch(work / "batch.json", shape, options.rows, options.length)
        equal = True
        for turn in range(options.rounds):
            without, _, losses = train(options, work, f"without-{turn}", False)
            captured, told, same = train(options, work, f"with-{turn}", True)
            equal = equal and losses == same
            print(f"{options.rows} x {options.length}: {without:.2f} ms a step, {captured:.2f} with one row's logits, "
                  f"{100 * (captured / without - 1):.1f} % more; capture_ms {told:.2f}", flush=True)
        print("losses are the same with and without" if equal else "losses differ")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
