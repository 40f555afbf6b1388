"""Greedy tokens of a GGUF export in F32 by llama.cpp beside those of vernier-cli generate.

Usage: llama_cpp.py VERNIER_CLI SHARED_DIR [NAME...]
Needs torch, transformers and xllamacpp (llama.cpp with a server) from PyPI. Models are random, of three layers, with the
tokenizers of SHARED_DIR, but for stories260k of SHARED_DIR/golden and the bundled one. Exit status 1 where tokens differ.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers as tf
import xllamacpp

NEW_TOKENS = 24
LENGTHS = (6, 18, 41, 6)
BASE = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=512, initializer_range=0.2)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
GEMMA = dict(vocab_size=32000, head_dim=32, query_pre_attn_scalar=32, sliding_window=16)
MODELS = {
    "llama": (tf.LlamaForCausalLM, tf.LlamaConfig, "llama2-sp", dict(vocab_size=32000)),
    "llama3": (tf.LlamaForCausalLM, tf.LlamaConfig, "llama2-sp",
               dict(vocab_size=32000, tie_word_embeddings=True, rope_theta=5e5, rope_scaling=LLAMA3)),
    "mistral": (tf.MistralForCausalLM, tf.MistralConfig, "llama2-sp", dict(vocab_size=32000, sliding_window=None)),
    "qwen2": (tf.Qwen2ForCausalLM, tf.Qwen2Config, "qwen2.5", dict(vocab_size=151936, tie_word_embeddings=True)),
    "qwen3": (tf.Qwen3ForCausalLM, tf.Qwen3Config, "qwen2.5",
              dict(vocab_size=151936, head_dim=32, tie_word_embeddings=True)),
    "gemma2": (tf.Gemma2ForCausalLM, tf.Gemma2Config, "llama2-sp", GEMMA),
    "gemma3": (tf.Gemma3ForCausalLM, tf.Gemma3TextConfig, "llama2-sp", GEMMA),
    "phi3": (tf.Phi3ForCausalLM, tf.Phi3Config, "phi3", dict(vocab_size=32064, pad_token_id=0)),
}


def make_model(name, folder, shared):
    kind, config, tokenizer, options = MODELS[name]
    torch.manual_seed(3)
    model = kind(config(**BASE, **options)).float()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "norm" in key:
                value.add_(torch.randn_like(value) * 0.2)
    model.save_pretrained(folder)
    for file in (shared / "tokenizers" / tokenizer).iterdir():
        if file.name.startswith(("tokenizer", "special_tokens", "vocab", "merges", "added_tokens")):
            shutil.copy(file, folder)


def serve(path):
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx, params.n_batch, params.n_parallel = 256, 64, 1
    params.cpuparams.n_threads, params.warmup, params.verbosity = 2, False, 0
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    return xllamacpp.Server(params)


def llama_cpp_tokens(server, ids):
    answer = server.handle_completions({"prompt": ids, "max_tokens": NEW_TOKENS, "temperature": 0.0, "top_k": 1,
                                        "samplers": ["top_k"], "cache_prompt": False, "logprobs": 1})
    answer = json.loads(answer) if isinstance(answer, str) else answer
    return [entry["id"] for entry in answer["choices"][0]["logprobs"]["content"]]


def is_part_of(some, all_of_them):
    """The server leaves tokens that hold part of a character out of its list."""
    rest = iter(all_of_them)
    return len(some) > 0 and all(token in rest for token in some)


def compare(cli, model, work):
    gguf = work / "model.gguf"
    gguf.unlink(missing_ok=True)
    subprocess.run([cli, "export", "--model", model, "--format", "gguf", "--dtype", "float32", "--out", gguf], check=True,
                   capture_output=True)
    server = serve(gguf)
    size = json.loads((model / "config.json").read_text())["vocab_size"]
    random.seed(5)
    equal = 0
    for length in LENGTHS:
        ids = [1] + [random.randrange(3 if size <= 2000 else 300, min(size, 30000)) for _ in range(length - 1)]
        ours = json.loads(subprocess.run(
            [cli, "generate", "--model", model, "--input-ids", json.dumps(ids), "--max-new-tokens", str(NEW_TOKENS),
             "--json"], check=True, capture_output=True, text=True).stdout)["output_ids"]
        equal += is_part_of(llama_cpp_tokens(server, ids), ours)
    return equal


def main():
    cli, shared = sys.argv[1], pathlib.Path(sys.argv[2])
    bundled = {"stories260k": shared / "golden" / "stories260k",
               "demo": pathlib.Path(__file__).parents[2] / "resources" / "demo" / "model"}
    failed = False
    for name in sys.argv[3:] or [*MODELS, *bundled]:
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            model = bundled.get(name, work / "model")
            if name in MODELS:
                make_model(name, model, shared)
            equal = compare(cli, model, work)
            print(f"{name}: {equal} of {len(LENGTHS)}", flush=True)
            failed |= equal < len(LENGTHS)
    sys.exit(failed)


if __name__ == "__main__":
    main()
