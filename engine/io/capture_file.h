// captures/step-N.safetensors: the logits of one row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "vernier/dtype.h"
#include "vernier/run_store.h"

namespace vernier {

// Tensors: logits [K, V], input_ids [T] i32, positions [K] i32, targets [K] i32. The metadata holds the step.
// Written aside and renamed, without waiting for the disk: a killed process leaves no half file, only a power cut may.
// Returns the file's size. Errors: kNoSpace, kIo; arrays that do not fit each other are our bug, kInternal.
// logits: as f32 or f16, in the place of the capture's own, which are not there.
std::uint64_t write_capture(const std::filesystem::path& path, const Capture& capture, DType dtype,
                            std::span<const std::byte> logits);
std::uint64_t write_capture(const std::filesystem::path& path, const Capture& capture);

// Reads f32, f16 and bf16. Throws Error{kNotFound, kIo}, and kInvalidInput where the file is damaged: positions lie
// within the row, targets within the vocabulary.
Capture read_capture(const std::filesystem::path& path, std::int64_t step);

}  // namespace vernier
