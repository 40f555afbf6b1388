// The bundled demonstration: a small model learns something it visibly did not know.
#pragma once

#include <string>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

struct DemoPrompt {
  std::string prompt;
  std::string expect_after;   // a phrase that the tuned model's answer holds
  std::string absent_before;  // a phrase that the bundled model's answer does not hold
};

struct Demo {
  RunConfig config;
  std::string model_dir;
  std::vector<DemoPrompt> prompts;
};

// Reads resources/demo. Throws Error{kNotFound} where it is incomplete.
Demo load_demo();

}  // namespace vernier
