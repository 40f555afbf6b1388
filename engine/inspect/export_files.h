// The ways to write a model: each takes where to write aside.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/io/merged_weights.h"
#include "vernier/dtype.h"
#include "vernier/export.h"

namespace vernier {

// "float32", "float16", "bfloat16" <-> element type. Error{kInvalidInput} for another name.
DType export_dtype(const std::string& name);
std::string export_dtype_name(DType dtype);

// Into a folder that exists and is empty. Both return the number of tensors, and throw kCancelled where stopped.
std::int64_t write_adapter_export(const MergedWeights& weights, DType dtype, const std::filesystem::path& folder);
std::int64_t write_merged_export(MergedWeights& weights, const ExportOptions& options,
                                 const std::filesystem::path& folder, const std::function<void(double)>& progress,
                                 std::stop_token stop);

}  // namespace vernier
