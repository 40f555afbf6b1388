// What an export reads and whether it may write, settled before any weight is read.
#pragma once

#include <string>

#include "engine/io/merged_weights.h"
#include "vernier/export.h"

namespace vernier {

// Error{kInvalidInput} for what is missing, contradicts itself or would write over something.
void check_export_options(const ExportOptions& options);
// The element type asked for, or what the checkpoint's embedding has.
std::string export_weights_dtype(const ExportOptions& options, const MergedWeights& weights);
// What a GGUF calls the model: its folder's name.
std::string export_model_name(const std::string& model_dir);

}  // namespace vernier
