#include "engine/text/encode_chat.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {

std::vector<std::int32_t> encode_chat(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                                      const nlohmann::json& messages) {
  const nlohmann::ordered_json context = {{"messages", nlohmann::ordered_json(messages)},
                                          {"add_generation_prompt", true},
                                          {"bos_token", tokenizer.bos_token()},
                                          {"eos_token", tokenizer.eos_token()}};
  return tokenizer.encode(chat_template.render(context).text, false);
}

std::vector<std::int32_t> encode_chat(const std::string& model_dir, const Tokenizer& tokenizer,
                                      const nlohmann::json& messages) {
  const std::unique_ptr<ChatTemplate> chat_template = load_chat_template(model_dir);
  if (chat_template == nullptr) {
    fail(ErrorCode::kNotFound, model_dir,
         "chat template: got none, expected one to put messages into. Give a plain prompt instead.");
  }
  return encode_chat(*chat_template, tokenizer, messages);
}

}  // namespace vernier
