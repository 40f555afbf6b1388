#include "engine/data/attention_mask.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vernier/data.h"
#include "vernier/error.h"

namespace vernier {

std::vector<bool> read_attention_mask(const nlohmann::ordered_json& list, std::size_t num_tokens,
                                      const std::string& key, const std::string& place) {
  if (list.size() != num_tokens) {
    fail(ErrorCode::kInvalidInput, place,
         key + ": got " + std::to_string(list.size()) + " values, expected " + std::to_string(num_tokens) +
             ", as many as input_ids.");
  }
  std::vector<bool> out;
  out.reserve(list.size());
  for (const nlohmann::ordered_json& value : list) {
    const bool is_token = value == 1 || value == true;
    if (!is_token && value != 0 && value != false) {
      fail(ErrorCode::kInvalidInput, place,
           key + "[" + std::to_string(out.size()) + "]: got " +
               (value.is_number() ? value.dump() : "a JSON " + std::string(value.type_name())) + ", expected 0 or 1.");
    }
    out.push_back(is_token);
  }
  return out;
}

void apply_attention_mask(const std::vector<bool>& mask, GivenTokens& row) {
  const auto first = static_cast<std::size_t>(std::find(mask.begin(), mask.end(), true) - mask.begin());
  const auto last = static_cast<std::size_t>(std::find(mask.rbegin(), mask.rend(), true).base() - mask.begin());
  if (first >= last) {
    row = {};
    return;
  }
  if (std::find(mask.begin() + static_cast<std::ptrdiff_t>(first), mask.begin() + static_cast<std::ptrdiff_t>(last),
                false) != mask.begin() + static_cast<std::ptrdiff_t>(last)) {
    if (row.labels.empty()) row.labels = row.input_ids;
    for (std::size_t i = first; i < last; ++i) {
      if (!mask[i]) row.labels[i] = kNoLabel;
    }
  }
  const auto keep = [&](std::vector<std::int32_t>& values) {
    if (values.empty()) return;
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(last), values.end());
    values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(first));
  };
  keep(row.input_ids);
  keep(row.labels);
}

}  // namespace vernier
