// What is within a LanguageModel, for what looks deeper than its public face.
#pragma once

#include <string>
#include <vector>

#include "engine/model/decoder.h"
#include "vernier/model.h"

namespace vernier {

class ModelInsides {
 public:
  static Decoder& decoder(LanguageModel& model);
  static const std::vector<std::string>& notes(const LanguageModel& model);
};

}  // namespace vernier
