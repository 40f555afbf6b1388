// Turns what was asked into the tokens that the model is given.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "ui/session/ask_worker.h"
#include "vernier/tokenizer.h"

namespace vernier::ui {

struct EncodedPrompt {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> reference;  // what a row says next, up to where its labels end; else empty
  QString note;                         // which part of a row the prompt is
};

// progress: 0 to 1, where the data has to be read for a row. Errors: Error with a sentence.
EncodedPrompt encode_prompt(const AskModel& model, const Tokenizer& tokenizer, const AskPrompt& prompt,
                            const std::function<void(double)>& progress, const std::stop_token& stop);

}  // namespace vernier::ui
