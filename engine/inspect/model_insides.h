// The decoder within a LanguageModel, for what looks deeper than its public face.
#pragma once

#include "engine/model/decoder.h"
#include "vernier/model.h"

namespace vernier {

class ModelInsides {
 public:
  static Decoder& decoder(LanguageModel& model);
};

}  // namespace vernier
