#include "engine/data/message_trees.h"

#include <nlohmann/json.hpp>
#include <unordered_map>
#include <vector>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

struct IdKeys {
  const char* id;
  const char* parent;
};
constexpr IdKeys kIdKeys[] = {{"message_id", "parent_id"}, {"user_message_id", "parent_message_id"}};

const IdKeys* id_keys_of(const ordered_json& row) {
  if (!row.is_object() || !row.contains("text") || !row.contains("role")) return nullptr;
  for (const IdKeys& keys : kIdKeys) {
    if (row.contains(keys.id) && row.contains(keys.parent)) return &keys;
  }
  return nullptr;
}

// A tree is told by its root's place in the list.
class MessageTrees final : public RowSource {
 public:
  MessageTrees(RowSource& rows, const std::string& path) {
    std::unordered_map<std::string, std::size_t> by_id;
    std::vector<std::string> parents;
    for (RawRow row; rows.next(row);) {
      const std::string place = row_place(path, row);
      ordered_json value = rows.parse(row);
      const IdKeys* keys = id_keys_of(value);
      if (keys == nullptr || !value[keys->id].is_string() ||
          !(value[keys->parent].is_string() || value[keys->parent].is_null())) {
        fail(ErrorCode::kInvalidInput, place,
             "expected a message as the rows before: text, role, its id, and the id of the message that it answers.");
      }
      if (!by_id.emplace(value[keys->id].get<std::string>(), messages_.size()).second) {
        fail(ErrorCode::kInvalidInput, place, std::string(keys->id) + ": an earlier row has the same.");
      }
      parents.push_back(value[keys->parent].is_null() ? "" : value[keys->parent].get<std::string>());
      messages_.push_back({std::move(value["text"]), std::move(value["role"]), {}, row.line});
    }
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const auto parent = by_id.find(parents[i]);
      if (parent == by_id.end()) {
        roots_.push_back(i);
      } else {
        messages_[parent->second].replies.push_back(i);
      }
    }
    check_reached(path);
  }

  bool next(RawRow& row) override {
    if (next_ == roots_.size()) return false;
    row.bytes = std::to_string(roots_[next_]);
    row.index = static_cast<std::int64_t>(next_++);
    row.line = messages_[roots_[static_cast<std::size_t>(row.index)]].line;
    return true;
  }
  ordered_json parse(const RawRow& row) const override { return {{"prompt", tree_of(std::stoull(row.bytes), 0)}}; }
  double fraction() const override {
    return roots_.empty() ? 1.0 : static_cast<double>(next_) / static_cast<double>(roots_.size());
  }

 private:
  struct Message {
    ordered_json text;
    ordered_json role;
    std::vector<std::size_t> replies;
    std::int64_t line = 0;
  };
  // Deeper ones are cut here; who reads them refuses them.
  static constexpr int kMaxDepth = 1000;

  // Messages that answer each other in a circle hang on no root.
  void check_reached(const std::string& path) const {
    std::vector<bool> reached(messages_.size());
    std::vector<std::size_t> open = roots_;
    while (!open.empty()) {
      const std::size_t i = open.back();
      open.pop_back();
      reached[i] = true;
      open.insert(open.end(), messages_[i].replies.begin(), messages_[i].replies.end());
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
      if (reached[i]) continue;
      RawRow row;
      row.index = static_cast<std::int64_t>(i);
      row.line = messages_[i].line;
      fail(ErrorCode::kInvalidInput, row_place(path, row), "the messages answer each other in a circle.");
    }
  }

  ordered_json tree_of(std::size_t index, int depth) const {
    const Message& message = messages_[index];
    ordered_json replies = ordered_json::array();
    if (depth < kMaxDepth) {
      for (const std::size_t reply : message.replies) replies.push_back(tree_of(reply, depth + 1));
    }
    return {{"text", message.text}, {"role", message.role}, {"replies", std::move(replies)}};
  }

  std::vector<Message> messages_;
  std::vector<std::size_t> roots_;
  std::size_t next_ = 0;
};

}  // namespace

bool is_linked_message(const ordered_json& row) {
  return id_keys_of(row) != nullptr;
}

std::unique_ptr<RowSource> join_messages(std::unique_ptr<RowSource> rows, const std::string& path) {
  return std::make_unique<MessageTrees>(*rows, path);
}

}  // namespace vernier
