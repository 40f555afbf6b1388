// Messages as a model reads them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace vernier {

class ChatTemplate;
class Tokenizer;

// The ids of messages through a template, with the assistant's turn opened. The template writes every special token
// itself. Throws what rendering throws. Any thread.
std::vector<std::int32_t> encode_chat(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                                      const nlohmann::json& messages);

}  // namespace vernier
