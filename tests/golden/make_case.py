#!/usr/bin/env python3
"""Writes a reference case: a small model with random weights, an adapter, a batch, and what Transformers and PEFT make
of them. Every row is run alone, so that nothing depends on padding or on what a row stands beside.

    make_case.py FAMILY FOLDER    (a key of FAMILIES below; needs torch, transformers, peft)
"""

import json
import pathlib
import sys

import peft
import torch
import transformers
from safetensors.torch import save_file

SHAPE = dict(vocab_size=96, hidden_size=48, intermediate_size=72, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.06, bos_token_id=1,
             eos_token_id=2, pad_token_id=0)
LONG = [1.0, 1.3, 1.9, 2.6, 4.0, 6.5]  # half of a head of 12
FAMILIES = {
    "granite": (transformers.GraniteConfig, transformers.GraniteForCausalLM,
                dict(embedding_multiplier=1.5, attention_multiplier=0.2, residual_multiplier=0.22,
                     logits_scaling=4.0, rms_norm_eps=1e-5, initializer_range=0.25), {}),
    "olmo2": (transformers.Olmo2Config, transformers.Olmo2ForCausalLM, dict(rms_norm_eps=1e-6), {}),
    # Rows on both sides of the length that the model was trained for.
    "longrope": (transformers.Phi3Config, transformers.Phi3ForCausalLM,
                 dict(original_max_position_embeddings=16, max_position_embeddings=64),
                 dict(type="longrope", short_factor=[1.0, 1.0, 1.1, 1.2, 1.3, 1.5], long_factor=LONG)),
    "dynamic": (transformers.LlamaConfig, transformers.LlamaForCausalLM, dict(max_position_embeddings=16),
                dict(type="dynamic", factor=2.0)),
    # Scaled where attention is full, plain where it slides.
    "olmo3": (transformers.Olmo3Config, transformers.Olmo3ForCausalLM,
              dict(rms_norm_eps=1e-6, sliding_window=7,
                   layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
              dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=32.0, beta_slow=1.0)),
    # Layers with full attention do not turn.
    "exaone4": (transformers.Exaone4Config, transformers.Exaone4ForCausalLM,
                dict(sliding_window=7, sliding_window_pattern="LLG",
                     layer_types=["sliding_attention", "sliding_attention", "full_attention"]),
                dict(rope_type="llama3", factor=16.0, low_freq_factor=1.0, high_freq_factor=4.0,
                     original_max_position_embeddings=16)),
    "seed_oss": (transformers.SeedOssConfig, transformers.SeedOssForCausalLM, dict(head_dim=16), {}),
}
LENGTHS = [28, 13, 19]
PROMPT = 5
TRAIN = dict(steps=10, learning_rate=5e-3, adam_beta1=0.9, adam_beta2=0.999, adam_epsilon=1e-8, weight_decay=0.01,
             max_grad_norm=None, schedule="constant", loss="per_token")


def fresh_rope(model):
    """`dynamic` remembers the longest row it has seen; a row that is run alone has seen none."""
    for module in model.modules():
        if hasattr(module, "rotary_emb"):
            module.rotary_emb = type(module.rotary_emb)(config=module.config)


def row_losses(model, ids, labels):
    fresh_rope(model)
    out = model(torch.tensor([ids]), output_hidden_states=True, use_cache=False)
    logits = out.logits[0]
    losses = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(labels[1:]), ignore_index=-100,
                                               reduction="none")
    return logits, torch.stack([state[0] for state in out.hidden_states]), losses


def batch_loss(model, rows, labels, per_token):
    targets = [sum(label != -100 for label in row[1:]) for row in labels]
    total = 0.0
    for ids, row_labels, count in zip(rows, labels, targets):
        if count == 0:
            continue
        _, _, losses = row_losses(model, ids, row_labels)
        total = total + losses.sum() / (sum(targets) if per_token else count * sum(c > 0 for c in targets))
    return total


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    config_type, model_type, options, scaling = FAMILIES[name]
    torch.manual_seed(sum(name.encode()))
    torch.set_num_threads(1)
    rope = {"rope_theta": 10000.0, "rope_type": "default"}
    if scaling:
        rope |= {("rope_type" if key == "type" else key): value for key, value in scaling.items()}
        if "original_max_position_embeddings" in options:
            rope["original_max_position_embeddings"] = options["original_max_position_embeddings"]
    if name == "olmo3":
        rope = {"full_attention": rope, "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"}}
    config = config_type(**(SHAPE | options), rope_parameters=rope, attn_implementation="eager")
    model = model_type(config).eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.dim() == 1:
                value += 0.2 * torch.randn_like(value)
    model.save_pretrained(folder, safe_serialization=True)

    # The keys of published files.
    text = json.loads((folder / "config.json").read_text())
    text.pop("rope_parameters", None)
    text |= {"rope_theta": 10000.0, "torch_dtype": "float32"}
    if scaling:
        text["rope_scaling"] = scaling
    for key in ("dtype", "transformers_version"):
        text.pop(key, None)
    (folder / "config.json").write_text(json.dumps(text, indent=2, sort_keys=True) + "\n")

    width = max(LENGTHS)
    rows = [torch.randint(3, SHAPE["vocab_size"], (length,)).tolist() for length in LENGTHS]
    labels = [list(row) for row in rows]
    labels[0][:9] = [-100] * 9
    expected = {"greedy": None}
    fresh_rope(model)
    greedy = model.generate(torch.tensor([rows[0][:PROMPT]]), max_new_tokens=16, do_sample=False, eos_token_id=None,
                            attention_mask=torch.ones(1, PROMPT, dtype=torch.long))
    expected["greedy"] = greedy[0].to(torch.int32)

    def padded(tensors):  # along the tokens, the last dimension but one
        return torch.stack([torch.nn.functional.pad(t, (0, 0, 0, width - t.shape[-2])) for t in tensors], dim=-3)

    with torch.no_grad():
        outs = [row_losses(model, ids, row) for ids, row in zip(rows, labels)]
    expected["base_logits"] = padded([out[0] for out in outs])
    expected["hidden_states"] = padded([out[1] for out in outs])

    fused = name == "longrope"
    targets = (["qkv_proj", "o_proj", "gate_up_proj", "down_proj"] if fused else
               ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])
    tuned = peft.get_peft_model(model, peft.LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=targets,
                                                       task_type="CAUSAL_LM")).eval()
    with torch.no_grad():
        for key, value in tuned.named_parameters():
            if "lora_B" in key:
                value += 0.05 * torch.randn_like(value)
    tuned.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    adapter = json.loads((folder / "adapter" / "adapter_config.json").read_text())
    adapter["base_model_name_or_path"] = None
    adapter["target_modules"] = targets
    (folder / "adapter" / "adapter_config.json").write_text(json.dumps(adapter, indent=2, sort_keys=True) + "\n")

    with torch.no_grad():
        outs = [row_losses(tuned, ids, row) for ids, row in zip(rows, labels)]
    expected["adapter_logits"] = padded([out[0] for out in outs])
    expected["token_loss"] = torch.stack([torch.nn.functional.pad(out[2], (0, width - len(out[2]))) for out in outs])
    trained = {key: value for key, value in tuned.named_parameters() if value.requires_grad}
    for per_token, loss_name in ((True, "per_token"), (False, "per_sequence")):
        loss = batch_loss(tuned, rows, labels, per_token)
        expected["loss_" + loss_name] = loss.detach().reshape(1)
        for (key, _), gradient in zip(trained.items(), torch.autograd.grad(loss, list(trained.values()))):
            expected[f"grad.{loss_name}." + key.replace(".default", "")] = gradient

    optimizer = torch.optim.AdamW(trained.values(), lr=TRAIN["learning_rate"], weight_decay=TRAIN["weight_decay"],
                                  betas=(TRAIN["adam_beta1"], TRAIN["adam_beta2"]), eps=TRAIN["adam_epsilon"])
    losses, norms = [], []
    for _ in range(TRAIN["steps"]):
        optimizer.zero_grad()
        loss = batch_loss(tuned, rows, labels, True)
        loss.backward()
        losses.append(loss.detach())
        norms.append(torch.stack([value.grad.norm() for value in trained.values()]).norm())
        optimizer.step()
    expected["train_loss"] = torch.stack(losses)
    expected["train_grad_norm"] = torch.stack(norms)

    save_file({key: value.detach().contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    batch = {"input_ids": [row + [0] * (width - len(row)) for row in rows],
             "labels": [row + [-100] * (width - len(row)) for row in labels], "lengths": LENGTHS,
             "prompt_length": PROMPT, "train": TRAIN}
    (folder / "batch.json").write_text(json.dumps(batch) + "\n")


if __name__ == "__main__":
    main()
