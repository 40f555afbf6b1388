"""What capturing the logits of one row in every step of `vernier-cli train` costs, with and without in turn.

Usage: train_captures.py VERNIER_CLI [--device DEVICE] [--shape 1b|tiny] [--rows N] [--length N] [--steps N] [--rounds N]
Makes a checkpoint of random numbers in the shape of Llama-3.2-1B (2.5 GB; tiny: a few kB) and a batch file in a new
folder under TMPDIR, which it removes: a step is so many rows, each a micro-batch of its own. Needs Python alone.
"""

import argparse
import array
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

UNTIMED = 5  # steps that choose kernels, pin memory and record passes
SHAPES = {
    "1b": dict(vocab_size=128256, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16,
               num_attention_heads=32, num_key_value_heads=8, head_dim=64),
    "tiny": dict(vocab_size=1000, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, head_dim=16),
}
ONE = array.array("H", [0x3F80])


def tensors_of(shape):
    hidden, inner, size = shape["hidden_size"], shape["intermediate_size"], shape["head_dim"]
    heads, kv_heads = shape["num_attention_heads"], shape["num_key_value_heads"]
    yield "model.embed_tokens.weight", (shape["vocab_size"], hidden)
    for layer in range(shape["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        yield at + "input_layernorm.weight", (hidden,)
        yield at + "self_attn.q_proj.weight", (heads * size, hidden)
        yield at + "self_attn.k_proj.weight", (kv_heads * size, hidden)
        yield at + "self_attn.v_proj.weight", (kv_heads * size, hidden)
        yield at + "self_attn.o_proj.weight", (hidden, heads * size)
        yield at + "post_attention_layernorm.weight", (hidden,)
        yield at + "mlp.gate_proj.weight", (inner, hidden)
        yield at + "mlp.up_proj.weight", (inner, hidden)
        yield at + "mlp.down_proj.weight", (hidden, inner)
    yield "model.norm.weight", (hidden,)


def make_checkpoint(folder, shape):
    folder.mkdir()
    config = dict(shape, architectures=["LlamaForCausalLM"], model_type="llama", max_position_embeddings=131072,
                  rms_norm_eps=1e-5, rope_theta=5e5, tie_word_embeddings=True, hidden_act="silu",
                  torch_dtype="bfloat16")
    (folder / "config.json").write_text(json.dumps(config))
    # bfloat16 of both signs between 2^-7 and 2^-5, a block of them over and over.
    numbers = random.Random(1)
    block = array.array("H", (numbers.getrandbits(1) << 15 | (120 + numbers.getrandbits(1)) << 7 | numbers.getrandbits(7)
                              for _ in range(1 << 20)))
    header, offset = {}, 0
    for name, dims in tensors_of(shape):
        size = 2
        for n in dims:
            size *= n
        header[name] = dict(dtype="BF16", shape=list(dims), data_offsets=[offset, offset + size])
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for name, dims in tensors_of(shape):
            first, last = header[name]["data_offsets"]
            source = (ONE * 4096 if len(dims) == 1 else block).tobytes()
            for at in range(0, last - first, len(source)):
                out.write(source[:last - first - at])


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
        numbers = random.Random(2)
        rows = [[numbers.randrange(shape["vocab_size"]) for _ in range(options.length)] for _ in range(options.rows)]
        (work / "batch.json").write_text(json.dumps(dict(input_ids=rows, labels=rows,
                                                         lengths=[options.length] * options.rows)))
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
