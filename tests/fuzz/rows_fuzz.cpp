// A data file; its first byte chooses the ending, which chooses the reader. Every row is read and understood.
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/data/row_format.h"
#include "engine/data/row_source.h"
#include "input_file.h"
#include "vernier/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vernier;
  if (size == 0) return -1;
  static constexpr std::array<const char*, 6> kEndings = {"jsonl", "json", "csv", "tsv", "txt", "bin"};
  try {
    DatasetOptions options;
    options.path = fuzz::input_file(std::string("rows.") + kEndings[data[0] % kEndings.size()], {data + 1, size - 1});
    const std::unique_ptr<RowSource> source = open_rows(options.path);
    std::optional<RowFormat> format;
    for (RawRow row; source->next(row);) {
      const nlohmann::ordered_json value = source->parse(row);
      if (source->is_plain_text()) continue;
      const std::string place = row_place(options.path, row);
      if (!format) format.emplace(options, value, place);
      format->read(value, place);
    }
  } catch (const Error&) {
  }
  return 0;
}
