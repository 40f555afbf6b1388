#include "engine/train/paused_answer.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/model/generate.h"
#include "vernier/chat.h"
#include "vernier/error.h"
#include "vernier/template.h"

namespace vernier {
namespace {

// Whether rows of this format become conversations.
bool holds_turns(std::string_view format) {
  return format == "alpaca" || format == "sharegpt" || format == "messages" || format == "question_answer" ||
         format == "oasst";
}

// The question as a user's turn where the run trains on turns or a template knows them, else as text to go on from.
std::vector<std::int32_t> encode(const RunSetup& run, const RunConfig& config, const std::string& question) {
  const bool has_template = choose_chat_template(config.chat_template, config.model_name_or_path) != nullptr;
  if (!has_template && !holds_turns(run.data.format())) return run.tokenizer->encode(question, true);
  return encode_conversation(config.chat_template, config.model_name_or_path, *run.tokenizer,
                             {{{"role", "user"}, {"content", question}}});
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
