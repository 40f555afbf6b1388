#include "engine/data/cached_dataset.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/data/token_cache.h"
#include "engine/io/atomic_file.h"
#include "engine/io/known_hash.h"
#include "vernier/error.h"
#include "vernier/resources.h"

namespace vernier {
namespace {

// What the files of a model folder that make tokens say, by their names.
constexpr const char* kReaderFiles[] = {
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json",     "merges.txt",      "chat_template.jinja"};

std::string text_of(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) ? read_text_file(path) : "";
}

// Raise it when the same row comes out as other tokens, labels or spans than before, or its entry says more.
constexpr const char* kLabelling = "vernier rows 3";

Hash128 dataset_key(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                    const Hash128& content) {
  ContentHash hash;
  const auto number = [&](std::int64_t value) { hash.update_text(std::to_string(value)); };
  hash.update_text(kLabelling);
  hash.update_text(to_hex(content));
  hash.update_text(to_hex(reader.key));
  number(reader.vocab_size);
  // The endings choose the reader.
  const std::string name = std::filesystem::path(options.path).filename().string();
  hash.update_text(name.substr(std::min(name.find('.'), name.size())));
  hash.update_text(options.format);
  number(static_cast<std::int64_t>(options.columns.size()));
  for (const auto& [column, key] : options.columns) {
    hash.update_text(column);
    hash.update_text(key);
  }
  number(labels.assistant_only_loss ? 1 : 0);
  number(labels.completion_only_loss ? 1 : 0);
  number(labels.keep_whole ? 1 : 0);
  number(labels.max_length);
  hash.update_text(labels.instruction_part);
  hash.update_text(labels.response_part);
  return std::move(hash).finish();
}

// A data file that was changed more lately is read whole again at the next start too.
constexpr std::chrono::seconds kSettled{3};

// Caches in one folder together take no more, whoever made them.
constexpr std::uint64_t kMostCacheBytes = std::uint64_t{16} << 30;

}  // namespace

Hash128 row_reader_key(const std::string& model_dir, const std::string& chat_template) {
  ContentHash hash;
  bool asks_for_date = false;
  const auto add = [&](const std::string& name, const std::string& text) {
    hash.update_text(name);
    hash.update_text(text);
    asks_for_date = asks_for_date || text.find("strftime_now") != std::string::npos;
  };
  for (const char* name : kReaderFiles) add(name, text_of(std::filesystem::path(model_dir) / name));
  add(chat_template, text_of(chat_template));
  if (asks_for_date) {
    const std::time_t now = std::time(nullptr);
    std::tm day{};
    ::localtime_r(&now, &day);
    hash.update_text(std::to_string(day.tm_year) + "-" + std::to_string(day.tm_yday));
  }
  return std::move(hash).finish();
}

std::filesystem::path token_cache_folder() {
  return std::filesystem::path(cache_dir()) / "tokens";
}

LoadedDataset load_cached_dataset(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                                  const std::filesystem::path& folder, const std::function<void(double)>& progress,
                                  std::stop_token stop) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(options.path, ignored)) {
    return load_dataset(options, reader, labels, progress, stop);  // a pipe; or an error that names the file
  }
  const Hash128 key = dataset_key(options, reader, labels, known_file_hash(options.path, folder, kSettled, stop));
  std::string problem;
  std::vector<std::string> notes;
  const auto from_cache = [&]() -> std::optional<LoadedDataset> {
    std::optional<CachedTokens> cached = open_token_cache(folder, key, problem, stop);
    if (!cached) return std::nullopt;
    try {
      const nlohmann::json meta = nlohmann::json::parse(cached->text);
      return loaded_dataset(std::move(cached->rows), meta.at("format"), audit_from_json(meta.at("audit")), labels);
    } catch (const nlohmann::json::exception&) {
      problem = "its audit cannot be read";
      return std::nullopt;
    }
  };
  if (auto found = from_cache()) {
    if (progress) progress(1.0);
    return std::move(*found);
  }
  if (!problem.empty()) {
    notes.push_back("The token cache of " + options.path + " could not be used, as " + problem + ": it is made anew.");
  }
  // Errors of the cache's own file do not end the run; those of the data do.
  bool cache_failed = false;
  const auto on_cache = [&](const auto& work) {
    try {
      work();
    } catch (const Error& error) {
      cache_failed = true;
      notes.push_back(std::string("The rows are kept in memory, without a token cache: ") + error.what());
      throw;
    }
  };
  try {
    std::optional<TokenCacheWriter> writer;
    on_cache([&] { writer.emplace(folder, key); });
    const auto keep = [&](const ScannedRow& row) { on_cache([&] { writer->append(row.row, row.print); }); };
    const ScannedDataset scanned = scan_dataset(options, reader, labels, keep, progress, stop);
    const nlohmann::json meta = {{"format", scanned.format}, {"audit", audit_to_json(scanned.audit)}};
    on_cache([&] { writer->commit(meta.dump()); });
  } catch (const Error&) {
    if (!cache_failed) throw;
  }
  std::optional<LoadedDataset> made = cache_failed ? std::nullopt : from_cache();
  if (made) {
    prune_token_caches(folder, kMostCacheBytes, key);
  } else {
    made = load_dataset(options, reader, labels, progress, stop);
  }
  made->notes = std::move(notes);
  return std::move(*made);
}

}  // namespace vernier
