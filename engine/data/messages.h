// Messages of conversations, from the spellings that data files use to the one that chat templates expect.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace vernier {

// {"role": "user", "content": "..."}, and what else the message holds (tool_calls, name, ...).
nlohmann::ordered_json made_message(const std::string& role, const std::string& content);

// True for a message as ShareGPT spells it ({"from", "value"}).
bool is_sharegpt_message(const nlohmann::ordered_json& message);

// A list of messages in either spelling. Roles of ShareGPT (human, gpt, ...) become user, assistant, system, tool.
// Content that is a list of text parts is joined; a tool call's arguments that are JSON in a string are read.
// Errors: Error{kInvalidInput} with `place` and which message.
nlohmann::ordered_json read_message_list(const nlohmann::ordered_json& list, const std::string& key,
                                         const std::string& place);

}  // namespace vernier
