// Holding an exported model against the live one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/model/weights.h"
#include "engine/ops/backend.h"
#include "vernier/export.h"
#include "vernier/model.h"

namespace vernier {

// Rows of token ids that are the same for every model of that vocabulary and context.
Batch export_check_batch(const ModelConfig& config);

// The logits [positions, V] of that batch by a model whose weights come from `read`, with the adapter on it where
// adapter_dir is not "". base_logits, where given, gets those without the adapter. The model is gone on return.
std::vector<float> export_check_logits(Backend& backend, const ModelConfig& config, const ModelWeights::RowReader& read,
                                       const std::filesystem::path& adapter_dir, std::vector<float>* base_logits,
                                       const std::function<void(double)>& progress, std::stop_token stop);

// base is empty without an adapter. dtype: what the weights were rounded to, "float32", "q8_0", ...; with a changed
// set of weights rounding is what may differ, and the tolerance is that dtype's.
ExportCheck judge_export(const std::vector<float>& exported, const std::vector<float>& live,
                         const std::vector<float>& base, std::int64_t vocab_size, const std::string& dtype);

}  // namespace vernier
