// Tokenized data sets in files, so that the next start needs not read the data again.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/core/content_hash.h"
#include "engine/data/dataset.h"
#include "engine/io/atomic_file.h"

namespace vernier {

// A file's layout, little-endian: the rows' words (dataset.h), zeros up to a multiple of 8 bytes, the entries, the
// fingerprints, a text, and a footer with the sizes, the key, and hashes of all before it and of itself. The text is
// the caller's; here nothing is known of it.

// Writes aside, so that a cache is there whole or not at all, and removes what killed writers left behind longer than
// a day ago. Thread: one thread at a time. Errors of all members: kNoSpace, kIo.
class TokenCacheWriter {
 public:
  // Makes the folder where it is missing. The key stands in the file and in its name.
  TokenCacheWriter(const std::filesystem::path& folder, const Hash128& key);

  void append(const TokenRow& row, const Fingerprint& print);
  void commit(const std::string& text);

 private:
  void write(std::span<const std::byte> bytes);
  void flush_words();

  AtomicFile file_;
  Hash128 key_;
  ContentHash hash_;
  std::uint64_t num_words_ = 0;      // written
  std::vector<std::int32_t> words_;  // not yet written
  std::vector<RowEntry> entries_;
  std::vector<Fingerprint> prints_;
};

struct CachedTokens {
  TokenDataset rows;  // mapped
  std::string text;
};

// nothing where there is no such cache. One that is damaged (cut short, or changed by a bit) is no cache either, and
// `problem` says what is wrong with it. Notes the use for prune_token_caches. Errors: kCancelled by `stop`.
std::optional<CachedTokens> open_token_cache(const std::filesystem::path& folder, const Hash128& key,
                                             std::string& problem, std::stop_token stop = {});

// Removes the caches used least recently, until what is left of them takes no more than `most_bytes`; the one of `keep`
// stays in any case. Does what it can; no errors.
void prune_token_caches(const std::filesystem::path& folder, std::uint64_t most_bytes, const Hash128& keep);

}  // namespace vernier
