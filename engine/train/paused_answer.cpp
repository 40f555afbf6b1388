#include "engine/train/paused_answer.h"

#include <nlohmann/json.hpp>

#include "engine/model/generate.h"
#include "engine/text/encode_chat.h"
#include "vernier/error.h"
#include "vernier/template.h"

namespace vernier {
namespace {

// The question as a user's turn where there is a template for it, else as text to go on from.
std::vector<std::int32_t> encode(const RunSetup& run, const RunConfig& config, const std::string& question) {
  const auto chat_template = choose_chat_template(config.chat_template, config.model_name_or_path);
  if (chat_template == nullptr) return run.tokenizer->encode(question, true);
  return encode_chat(*chat_template, *run.tokenizer, nlohmann::json{{{"role", "user"}, {"content", question}}});
}

}  // namespace

void answer_question(RunSetup& run, const RunConfig& config, const Question& question, AnswerEvent event,
                     const std::function<void(const AnswerEvent&)>& tell, const std::stop_token& stop) noexcept {
  try {
    event.question = question.text;
    if (run.tokenizer == nullptr) {
      fail(ErrorCode::kNotFound, "question", "got a run without a tokenizer, expected one. It trains on ids alone.");
    }
    GenerateOptions options;
    options.max_new_tokens = question.max_new_tokens;
    std::vector<std::int32_t> ids;
    const auto grow = [&](const GeneratedToken& token) {
      ids.push_back(token.id);
      event.text = run.tokenizer->decode(ids, true);
      tell(event);
      return !stop.stop_requested();
    };
    generate_tokens(*run.decoder, encode(run, config, question.text), options, grow, stop);
  } catch (const std::exception& error) {
    event.error = error.what();
  }
  event.done = true;
  tell(event);
}

}  // namespace vernier
