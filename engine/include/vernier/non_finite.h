// Looking for damaged weights.
#pragma once

#include <string>

namespace vernier {

// Says where the first value is that is no finite number, in the adapter (empty: none) or else in the model:
// "model/model.safetensors: lm_head.weight holds nan". Empty where every value is finite. Reads every weight.
// Errors: as reading the files.
std::string describe_non_finite_weight(const std::string& model_dir, const std::string& adapter_dir);

}  // namespace vernier
