#include "ui/session/model_answers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/session/model_shelf.h"
#include "vernier/chat.h"
#include "vernier/error.h"
#include "vernier/model.h"
#include "vernier/tokenizer.h"

namespace vernier::ui {
namespace {

constexpr std::int64_t kLongestAnswer = 64;

}  // namespace

std::vector<std::string> answer_prompts(const WantedModel& wanted, const std::vector<std::string>& prompts,
                                        std::stop_token stop) {
  const auto models = std::make_shared<LoadedModels>();
  const LoadedModels::Loan loan = models->borrow({wanted}, {}, {}, stop);
  LanguageModel& model = loan[0];
  const Tokenizer& tokenizer = tokenizer_of(model, wanted.model_dir);
  GenerateOptions greedy;
  greedy.max_new_tokens = kLongestAnswer;
  std::vector<std::string> answers;
  for (const std::string& prompt : prompts) {
    const nlohmann::json messages = {{{"role", "user"}, {"content", prompt}}};
    std::vector<std::int32_t> ids;
    for (const GeneratedToken& token : model.generate(
             encode_conversation(wanted.chat_template, wanted.model_dir, tokenizer, messages), greedy, {}, stop)) {
      ids.push_back(token.id);
    }
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, "answers", "stopped before all prompts were answered.");
    answers.push_back(tokenizer.decode(ids, true));
  }
  return answers;
}

}  // namespace vernier::ui
