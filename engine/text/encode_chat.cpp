#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/text/plain_turns.h"
#include "vernier/chat.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {
namespace {

std::vector<std::int32_t> encode_plainly(const Tokenizer& tokenizer, const nlohmann::json& messages) {
  std::vector<std::int32_t> ids;
  std::string text;
  const auto take_up = [&] {
    const std::vector<std::int32_t> more = tokenizer.encode(text, ids.empty());
    ids.insert(ids.end(), more.begin(), more.end());
    text.clear();
  };
  for (const nlohmann::json& message : messages) {
    const auto& role = message.at("role").get_ref<const std::string&>();
    if (!text.empty() || !ids.empty()) text += kBetweenTurns;
    text += turn_heading(role);
    text += message.at("content").get_ref<const std::string&>();
    if (role != "assistant") continue;
    take_up();
    if (const auto eos = tokenizer.eos_id(); eos && ids.back() != *eos) ids.push_back(*eos);
  }
  if (!text.empty() || !ids.empty()) text += kBetweenTurns;
  text += turn_heading("assistant");
  take_up();
  return ids;
}

// The template writes every special token itself.
std::vector<std::int32_t> encode_rendered(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                                          const nlohmann::json& messages) {
  const nlohmann::ordered_json context = {{"messages", nlohmann::ordered_json(messages)},
                                          {"add_generation_prompt", true},
                                          {"bos_token", tokenizer.bos_token()},
                                          {"eos_token", tokenizer.eos_token()}};
  return tokenizer.encode(chat_template.render(context).text, false);
}

}  // namespace

std::vector<std::int32_t> encode_chat(const std::string& model_dir, const Tokenizer& tokenizer,
                                      const nlohmann::json& messages) {
  const std::unique_ptr<ChatTemplate> chat_template = load_chat_template(model_dir);
  if (chat_template == nullptr) {
    fail(ErrorCode::kNotFound, model_dir,
         "chat template: got none, expected one to put messages into. Give a plain prompt instead.");
  }
  return encode_rendered(*chat_template, tokenizer, messages);
}

std::vector<std::int32_t> encode_conversation(const std::string& chat_template, const std::string& model_dir,
                                              const Tokenizer& tokenizer, const nlohmann::json& messages) {
  const std::unique_ptr<ChatTemplate> chosen = choose_chat_template(chat_template, model_dir);
  return chosen ? encode_rendered(*chosen, tokenizer, messages) : encode_plainly(tokenizer, messages);
}

}  // namespace vernier
