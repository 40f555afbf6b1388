// Run file, settings, device, model, weights' shapes, adapter, tokenizer, chat template: what needs no data.
#include <algorithm>

#include "engine/io/hf_config.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_names.h"
#include "engine/model/adapter.h"
#include "engine/model/compute_dtype.h"
#include "engine/ops/make_backend.h"
#include "engine/train/preflight_context.h"
#include "vernier/error.h"

namespace vernier {
namespace {

void read_run_file(Preflight& p) {
  if (p.options.config) {
    // Through JSON, whose reader knows the ranges and what excludes what.
    p.config = RunConfig::from_json(p.options.config->to_json(), "");
    p.pass("run_file", "every value is in its range.");
    return;
  }
  p.config = RunConfig::from_file(p.options.run_file);
  p.pass("run_file", "every key is known and every value is in its range.");
}

void make_device(Preflight& p) {
  p.run.backend = make_backend(p.options.device);
  p.run.dtype = compute_dtype(p.config.dtype, *p.run.backend, "run file");
  p.report.free_memory_bytes = p.run.backend->free_bytes();
  p.pass("device", "computes on " + p.run.backend->name() + " in " + compute_dtype_name(p.run.dtype) + ", " +
                       size_text(p.report.free_memory_bytes) + " are free.");
}

void check_tensors(Preflight& p) {
  if (p.config.init_from_config) {
    p.pass("weights", "random ones, as init_from_config asks for.");
    return;
  }
  const ShardedSafetensors files(p.config.model_name_or_path);
  p.run.model_config.tensor_prefix = check_checkpoint(p.run.model_config, files);
  const std::vector<std::string> unexpected = unexpected_tensors(p.run.model_config, files);
  const bool own_head = p.run.model_config.own_head;
  if (own_head) p.warn("weights", kOwnHeadNote, kOwnHeadFix);
  if (unexpected.empty() && !own_head) p.pass("weights", "every tensor is there in its shape.");
  if (!unexpected.empty()) {
    p.warn("weights",
           std::to_string(unexpected.size()) + " tensors, such as " + unexpected.front() +
               ", are not called for by config.json and are not used.",
           "Make sure that config.json belongs to these weights.");
  }
}

void check_adapter(Preflight& p) {
  if (p.config.method == Method::kFull) {
    p.pass("adapter", "none: all weights are trained.");
    return;
  }
  std::vector<AdapterTarget> targets;
  if (p.config.adapter_name_or_path) {
    const AdapterReader reader(*p.config.adapter_name_or_path, p.run.model_config);
    p.adapter = reader.config();
    targets = reader.targets();
  } else {
    p.adapter = run_adapter_config(p.config, p.run.model_config);
    targets = adapter_targets(*p.adapter, p.run.model_config, "lora");
  }
  if (p.config.adapter_name_or_path) {
    const std::string note = own_adapter_note(p.config.lora, *p.adapter);
    if (!note.empty()) {
      p.warn("adapter", note,
             Remedy("Leave them out of the run file, or start a new adapter.", {{"lora",
                                                                                 {{"r", nullptr},
                                                                                  {"lora_alpha", nullptr},
                                                                                  {"use_rslora", nullptr},
                                                                                  {"use_dora", nullptr},
                                                                                  {"target_modules", nullptr}}}}));
      return;
    }
  }
  std::int64_t parameters = 0;
  for (const AdapterTarget& target : targets) parameters += target.r * (target.module.in + target.module.out);
  p.pass("adapter", std::string(p.config.adapter_name_or_path ? "goes on from the adapter given" : "a new one") + ": " +
                        std::to_string(targets.size()) + " projections, " + std::to_string(parameters) +
                        " parameters.");
}

void read_tokenizer(Preflight& p) {
  p.run.tokenizer = load_run_tokenizer(p.config);
  if (!p.run.tokenizer) {
    p.pass("tokenizer", "none, and a batch file needs none.");
    return;
  }
  const std::int64_t tokens = p.run.tokenizer->vocab_size();
  if (tokens > p.run.model_config.vocab_size) {
    p.warn("tokenizer",
           "it knows " + std::to_string(tokens) + " tokens, the model " +
               std::to_string(p.run.model_config.vocab_size) + ": a row that uses one of the others is refused.",
           "Make sure that the tokenizer belongs to this model.");
  } else {
    p.pass("tokenizer", std::to_string(tokens) + " tokens.");
  }
}

void read_chat_template(Preflight& p) {
  p.chat_template = choose_chat_template(p.config.chat_template, p.config.model_name_or_path);
  p.pass("chat_template", p.chat_template == nullptr       ? "none; only conversations need one."
                          : p.config.chat_template.empty() ? "the model's."
                                                           : p.config.chat_template + ".");
}

}  // namespace

bool check_files(Preflight& p) {
  p.group = CheckGroup::kFiles;
  p.begin("Reading files");
  if (!p.attempt("run_file", "Correct the run file; README.md lists its keys.", [&] { read_run_file(p); })) {
    return false;
  }
  p.attempt("settings", Remedy("Take \"none\": weights in 4 bits cannot be trained.", {{"quantization", "none"}}), [&] {
    check_supported(p.config);
    p.pass("settings", "this build does all that the run file asks for.");
  });
  const bool has_dtype = p.config.dtype != "auto";
  p.attempt("device",
            Remedy("Choose another --device, or another dtype.",
                   has_dtype ? nlohmann::json{{"dtype", "auto"}} : nlohmann::json()),
            [&] { make_device(p); });
  if (!p.attempt("model", "Name the folder of a Hugging Face checkpoint in model_name_or_path.", [&] {
        p.run.model_config = read_model_config(p.config.model_name_or_path);
        const ModelConfig& model = p.run.model_config;
        p.pass("model", "a " + model.family + " of " + std::to_string(model.num_layers) + " layers, " +
                            std::to_string(parameter_count(model)) + " parameters.");
      })) {
    return false;
  }
  p.attempt("weights", "Get the checkpoint's files again, complete.", [&] { check_tensors(p); });
  p.attempt("adapter",
            p.config.adapter_name_or_path ? Remedy("Correct adapter_name_or_path, or begin with a new adapter.",
                                                   {{"adapter_name_or_path", nullptr}})
                                          : Remedy("Correct lora; \"all-linear\" takes every projection there is.",
                                                   {{"lora", {{"target_modules", "all-linear"}}}}),
            [&] { check_adapter(p); });
  if (!p.attempt("tokenizer", "Put the tokenizer's files into the model's folder.", [&] { read_tokenizer(p); })) {
    return false;
  }
  if (p.run.tokenizer) {
    p.attempt(
        "chat_template",
        [&](const Error&) {
          if (!p.config.chat_template.empty()) {
            return Remedy("Correct chat_template, or leave it out to use the model's.", {{"chat_template", nullptr}});
          }
          return Remedy("Choose a built-in chat_template, or correct the model's.", closing_template(p));
        },
        [&] { read_chat_template(p); });
  }
  return true;
}

}  // namespace vernier
