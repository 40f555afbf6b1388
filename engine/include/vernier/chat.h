// Asking a model the way its rows were laid out in training.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace vernier {

class Tokenizer;

// The ids of a conversation up to where the assistant's answer begins: by a template as choose_chat_template() takes it
// ("": the folder's), and where there is none in Alpaca's way, as training lays such rows out. messages: a list of
// {"role": ..., "content": ...} with texts as contents. Errors: those of the template. Any thread.
std::vector<std::int32_t> encode_conversation(const std::string& chat_template, const std::string& model_dir,
                                              const Tokenizer& tokenizer, const nlohmann::json& messages);

}  // namespace vernier
