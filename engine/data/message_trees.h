// Conversations whose messages stand in rows of their own, as OpenAssistant publishes them: each row names the message
// that it answers.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/data/row_source.h"

namespace vernier {

// {"text", "role", "message_id", "parent_id"}, or OpenAssistant's older user_message_id and parent_message_id.
bool is_linked_message(const nlohmann::ordered_json& row);

// Reads all of `rows` into memory. One row for each message that answers none (or one that the file does not have):
// {"prompt": {"text", "role", "replies": [...]}}, in the file's order, as are the replies.
// Throws Error{kInvalidInput}, here and from next(), naming the row that is wrong.
std::unique_ptr<RowSource> join_messages(std::unique_ptr<RowSource> rows, const std::string& path);

}  // namespace vernier
