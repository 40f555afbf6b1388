// Data files made for a test, and the demo's tokenizer and template to read them with.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/data/load_dataset.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier::test {

inline std::filesystem::path demo_folder() {
  return std::filesystem::path(VERNIER_SOURCE_DIR) / "resources" / "demo";
}

inline const Tokenizer& demo_tokenizer() {
  static const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load((demo_folder() / "model").string());
  return *tokenizer;
}

inline RowReader demo_reader(const ChatTemplate* chat_template = nullptr) {
  return {demo_tokenizer(), chat_template, demo_tokenizer().vocab_size(), {}};
}

inline std::string demo_template_source() {
  std::ifstream in(demo_folder() / "model" / "tokenizer_config.json");
  return nlohmann::json::parse(in)["chat_template"].get<std::string>();
}

// A folder of its own for each test.
class DataTest : public testing::Test {
 protected:
  DataTest() : folder_(std::filesystem::path(testing::TempDir()) / ("vernier_data_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~DataTest() override { std::filesystem::remove_all(folder_); }

  DatasetOptions file(const std::string& name, const std::string& content, const std::string& format = "auto") const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    DatasetOptions options;
    options.path = (folder_ / name).string();
    options.format = format;
    return options;
  }
  static LoadedDataset load(const DatasetOptions& options, const LabelOptions& labels = {},
                            const ChatTemplate* chat_template = nullptr) {
    return load_dataset(options, demo_reader(chat_template), labels);
  }
  // What is wrong with a file; "" where nothing is.
  static std::string error_of(const DatasetOptions& options, const LabelOptions& labels = {},
                              const ChatTemplate* chat_template = nullptr) {
    try {
      load(options, labels, chat_template);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  std::filesystem::path folder_;
};

inline std::vector<std::int32_t> labelled_ids(const TokenRow& row) {
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    if (row.labels[i] == kNoLabel) continue;
    EXPECT_EQ(row.labels[i], row.input_ids[i]);
    out.push_back(row.labels[i]);
  }
  return out;
}
inline std::string labelled_text(const TokenRow& row) {
  return demo_tokenizer().decode(labelled_ids(row), false);
}
inline std::string whole_text(const TokenRow& row) {
  return demo_tokenizer().decode({row.input_ids.begin(), row.input_ids.end()}, false);
}

}  // namespace vernier::test
