// The same tokens at two strengths of an adapter.
#pragma once

#include "engine/model/adapter.h"
#include "engine/model/decoder.h"
#include "vernier/contrast.h"

namespace vernier {

// An adapter's strength for as long as it lives. The adapter may be null.
class StrengthScope {
 public:
  StrengthScope(Adapter* adapter, double strength);
  ~StrengthScope();
  StrengthScope(const StrengthScope&) = delete;
  StrengthScope& operator=(const StrengthScope&) = delete;

 private:
  Adapter* adapter_;
  double before_ = 1.0;
};

// contrast_strengths() on a decoder.
std::vector<TokenContrast> contrast_tokens(Decoder& decoder, const std::vector<std::int32_t>& input_ids,
                                           const ContrastOptions& options, const ContrastCallback& callback = {},
                                           std::stop_token stop = {});

}  // namespace vernier
