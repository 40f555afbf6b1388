// config.json and generation_config.json of a Hugging Face checkpoint folder -> ModelConfig.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/io/model_config.h"

namespace vernier {

// Reads both files (the second is optional). Understands the keys of Transformers 4 (rope_theta, rope_scaling,
// torch_dtype) and of Transformers 5 (rope_parameters, flat or by layer type, dtype), and takes Transformers' defaults
// where a key is missing. tensor_prefix is what the architecture usually has; tensor_names.h finds the real one.
// Dropout on weights' outputs (attention_dropout, resid_pdrop) is ignored: fine-tuning runs without it.
// Where the file ties the head and the weights hold another one, the weights count (ModelConfig::own_head).
// Errors: kNotFound without config.json; kInvalidInput for a value that cannot be, with key, value and range;
// kUnsupported for a family or an option Vernier does not know, with what it does know.
ModelConfig read_model_config(const std::filesystem::path& folder);

// The same from parsed JSON; `place` stands in messages, generation may be null.
ModelConfig model_config_from_json(const nlohmann::json& config, const nlohmann::json& generation,
                                   const std::string& place = "config.json");

// Makes config.json say that the head is not tied, for a checkpoint of a model with own_head.
void set_untied(nlohmann::json& config);

}  // namespace vernier
