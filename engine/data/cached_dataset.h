// Data files that were read before, from token caches.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/data/load_dataset.h"

namespace vernier {

// Of the tokenizer's files in `model_dir` and of the template that choose_chat_template() takes for `chat_template`; of
// the day, too, where a template may ask for the date.
Hash128 row_reader_key(const std::string& model_dir, const std::string& chat_template);

// Under cache_dir(); not created.
std::filesystem::path token_cache_folder();

// load_dataset() by way of a token cache in `folder`: one file for what the data file holds, the reader's key, format,
// columns and label options together. It is made where there is none that is whole; where it cannot be (no space, no
// right), the rows are kept in memory, with a note.
LoadedDataset load_cached_dataset(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                                  const std::filesystem::path& folder, const std::function<void(double)>& progress = {},
                                  std::stop_token stop = {});

}  // namespace vernier
