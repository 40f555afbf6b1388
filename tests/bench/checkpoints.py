"""Checkpoints of random numbers in the shape of known models, for what is measured with files. Needs Python alone."""

import array
import json
import random

SHAPES = {
    "1b": dict(vocab_size=128256, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16,
               num_attention_heads=32, num_key_value_heads=8, head_dim=64),
    "8b": dict(vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
               num_attention_heads=32, num_key_value_heads=8, head_dim=128, tie_word_embeddings=False),
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
    if not shape.get("tie_word_embeddings", True):
        yield "lm_head.weight", (shape["vocab_size"], hidden)


def make_checkpoint(folder, shape):
    folder.mkdir()
    config = dict({"tie_word_embeddings": True, **shape}, architectures=["LlamaForCausalLM"], model_type="llama",
                  max_position_embeddings=131072, rms_norm_eps=1e-5, rope_theta=5e5, hidden_act="silu",
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


def make_batch(path, shape, rows, length):
    """A batch file of `rows` rows of `length` tokens, every token labelled."""
    numbers = random.Random(2)
    ids = [[numbers.randrange(shape["vocab_size"]) for _ in range(length)] for _ in range(rows)]
    path.write_text(json.dumps(dict(input_ids=ids, labels=ids, lengths=[length] * rows)))
