// Hashes of files, as fast as they can be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "engine/core/content_hash.h"

namespace vernier {

// ContentHash of the first `num_bytes` bytes of an open file, read by several threads; keeps nothing of it in memory.
// path is for messages. Errors: kIo, also where the file is shorter; kCancelled by `stop`.
Hash128 hash_file(int fd, std::uint64_t num_bytes, const std::filesystem::path& path, std::stop_token stop = {});

// Of a whole file. Errors: as above, and kNotFound.
Hash128 hash_file(const std::filesystem::path& path, std::stop_token stop = {});

}  // namespace vernier
