// What a DataSample holds.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/data/row_format.h"
#include "engine/data/row_source.h"
#include "vernier/data_sample.h"

namespace vernier {

struct DataSample::Rows {
  struct Row {
    nlohmann::ordered_json value;  // an object, or null where there is a problem
    std::int64_t index = 0;
    std::int64_t line = 0;
    bool last = false;
    std::string problem;

    bool is_good() const { return problem.empty(); }
    std::string place(const std::string& path) const { return row_place(path, {"", index, line, last}); }
  };

  std::string path;
  bool is_plain_text = false;
  bool is_whole = false;
  double fraction = 1.0;
  std::string problem;
  std::vector<std::string> columns;
  std::vector<Row> rows;

  const Row& at(std::int64_t row) const { return rows[static_cast<std::size_t>(row)]; }
  // Errors as DataSample::examples()'.
  std::vector<RowContent> contents(std::int64_t row, const DatasetOptions& options) const;
};

}  // namespace vernier
