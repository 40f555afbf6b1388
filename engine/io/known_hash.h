// Hashes of large files, remembered from one start to the next.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>

#include "engine/core/content_hash.h"

namespace vernier {

// hash_file(path) without reading the whole file again where it is the one that was read before: the same file (device
// and inode) of the same size, neither written nor replaced nor given other times since (modification and change time,
// to the nanosecond), with the same bytes in sixteen places. What is known stands in `folder`, a small file for each
// path, made where it is missing; where it cannot be written or is damaged, the file is hashed.
// A file is remembered only when it lay still for `settled` before it was hashed, for file systems whose clocks are
// coarse. What writes through a shared mapping may be noticed late, as by everything that goes by times.
// Errors: as hash_file().
Hash128 known_file_hash(const std::filesystem::path& path, const std::filesystem::path& folder,
                        std::chrono::nanoseconds settled = std::chrono::seconds(3), std::stop_token stop = {});

}  // namespace vernier
