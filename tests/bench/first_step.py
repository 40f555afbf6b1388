"""How long `vernier-cli train` takes from its start to its first step done, with a checkpoint that lies in the page cache.

Usage: first_step.py VERNIER_CLI [--device DEVICE] [--shape 1b|8b|tiny] [--rows N] [--length N] [--rounds N] [--set K=V]...
Makes the checkpoint (2.5 GB, 16 GB, a few kB) in a new folder under TMPDIR, which it removes. Needs Python alone.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from checkpoints import SHAPES, make_batch, make_checkpoint


def first_step(options, work, name):
    config = dict(model_name_or_path=str(work / "model"), batch=str(work / "batch.json"),
                  per_device_train_batch_size=options.rows, max_length=options.length, max_steps=1, save_steps=0, eval_steps=0,
                  lora=dict(r=16, target_modules="all-linear"), **dict(pair.split("=", 1) for pair in options.set))
    run_file = work / f"{name}.json"
    run_file.write_text(json.dumps(config))
    began = time.monotonic()
    with subprocess.Popen([options.cli, "train", "--config", run_file, "--out", work / name, "--device", options.device,
                           "--json"], stdout=subprocess.PIPE, text=True) as running:
        seconds, step = None, {}
        for line in running.stdout:
            event = json.loads(line)
            if "step_ms" in event and seconds is None:
                seconds, step = time.monotonic() - began, event
    if running.returncode != 0 or seconds is None:
        sys.exit(f"vernier-cli ended with {running.returncode} before its first step")
    return seconds, step["step_ms"], time.monotonic() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shape", choices=SHAPES, default="8b")
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--length", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="K=V", help="of the run file, as a string")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        make_checkpoint(work / "model", SHAPES[options.shape])
        make_batch(work / "batch.json", SHAPES[options.shape], options.rows, options.length)
        for turn in range(options.rounds):
            seconds, step_ms, whole = first_step(options, work, f"run-{turn}")
            print(f"{options.shape}, {options.rows} x {options.length}: first step done after {seconds:.2f} s, "
                  f"{step_ms / 1000:.2f} s of them the step; all over after {whole:.2f} s", flush=True)


if __name__ == "__main__":
    main()
