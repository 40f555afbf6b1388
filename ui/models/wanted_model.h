// Which weights a question is asked of.
#pragma once

#include <string>

namespace vernier::ui {

struct WantedModel {
  std::string model_dir;
  std::string adapter_dir = {};       // "" for none
  std::string quantization = "none";  // of the run's weights: what trained in 4 bits fits and answers in 4 bits
  std::string chat_template = {};     // the run's, as its run.json names it; "" for the folder's
  bool operator==(const WantedModel&) const = default;
};

}  // namespace vernier::ui
