#include "ui/session/model_answers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "vernier/error.h"
#include "vernier/model.h"
#include "vernier/tokenizer.h"

namespace vernier::ui {
namespace {

constexpr std::int64_t kLongestAnswer = 64;

}  // namespace

std::vector<std::string> answer_prompts(const std::string& model_dir, const std::string& adapter_dir,
                                        const std::vector<std::string>& prompts, std::stop_token stop) {
  ModelOptions options;
  options.model_dir = model_dir;
  options.adapter_dir = adapter_dir;
  const std::unique_ptr<LanguageModel> model = LanguageModel::load(options, {}, stop);
  const Tokenizer* tokenizer = model->tokenizer();
  if (tokenizer == nullptr) {
    fail(ErrorCode::kNotFound, model_dir, "tokenizer: got none, expected one beside the weights.");
  }
  GenerateOptions greedy;
  greedy.max_new_tokens = kLongestAnswer;
  std::vector<std::string> answers;
  for (const std::string& prompt : prompts) {
    const nlohmann::json messages = {{{"role", "user"}, {"content", prompt}}};
    std::vector<std::int32_t> ids;
    for (const GeneratedToken& token :
         model->generate(encode_chat(model_dir, *tokenizer, messages), greedy, {}, stop)) {
      ids.push_back(token.id);
    }
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, "answers", "stopped before all prompts were answered.");
    answers.push_back(tokenizer->decode(ids, true));
  }
  return answers;
}

}  // namespace vernier::ui
