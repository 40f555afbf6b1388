// Files whose rows are not simply one object a line: objects over several lines, wrapped lists, trees of messages.
#include "data_support.h"
#include "engine/data/assistant_turns.h"

namespace vernier {
namespace {

using test::whole_text;
using Json = nlohmann::ordered_json;

class DataObjects : public test::DataTest {
 protected:
  std::vector<std::string> texts(const DatasetOptions& options, const std::string& format) {
    const ChatTemplate plain("{% for m in messages %}{{ m.role[0] }}:{{ m.content }};{% endfor %}");
    const LoadedDataset loaded = load(options, {}, &plain);
    EXPECT_EQ(loaded.format, format);
    std::vector<std::string> out;
    for (std::int64_t i = 0; i < loaded.rows.size(); ++i) out.push_back(whole_text(loaded.rows.row(i)));
    return out;
  }
};

TEST_F(DataObjects, MayGoOverSeveralLines) {
  const DatasetOptions options =
      file("a.json", "\n{\n  \"text\": \"one } { \\\" two\"\n}\n\n{\"text\":\n \"three\"}\n");
  const LoadedDataset loaded = load(options);
  ASSERT_EQ(loaded.rows.size(), 2);
  EXPECT_NE(whole_text(loaded.rows.row(0)).find("one } { \" two"), std::string::npos);
  EXPECT_NE(whole_text(loaded.rows.row(1)).find("three"), std::string::npos);
  const std::string cut = error_of(file("b.json", "{\n  \"text\": \"one\"\n}\n{\n  \"text\": \"tw"));
  EXPECT_NE(cut.find("b.json row 1 (line 4)"), std::string::npos) << cut;
  EXPECT_NE(cut.find("cut short"), std::string::npos) << cut;
}

TEST_F(DataObjects, NameTheListThatAnObjectWraps) {
  const std::string list = R"([{"text": "a"}, {"text": "b"}, {"text": "c"}])";
  for (const char* layout : {R"({"version": 1, "data": LIST})", "{\n  \"version\": 1,\n  \"data\": LIST\n}\n"}) {
    std::string content = layout;
    content.replace(content.find("LIST"), 4, list);
    const std::string error = error_of(file("wrapped.json", content));
    EXPECT_NE(error.find("\"data\" is a list of 3 objects"), std::string::npos) << error;
  }
}

TEST_F(DataObjects, BranchesOfATreeAreConversations) {
  const std::string tree = R"({"message_tree_id": "x", "prompt": {"text": "A", "role": "prompter", "replies": [
      {"text": "B", "role": "assistant", "replies": [{"text": "C", "role": "prompter", "replies": []}]},
      {"text": "D", "role": "assistant", "replies": [{"text": "E", "role": "prompter", "replies": [
          {"text": "F", "role": "assistant", "replies": []}, {"text": "G", "role": "assistant", "replies": []}]}]}]}})";
  std::string line = tree;
  std::erase(line, '\n');
  const DatasetOptions options =
      file("trees.jsonl", line + "\n" + R"({"prompt": {"text": "Z", "role": "prompter", "replies": []}})" + "\n");
  EXPECT_EQ(texts(options, "oasst"),
            (std::vector<std::string>{"u:A;a:B;", "u:A;a:D;u:E;a:F;", "u:A;a:D;u:E;a:G;", "u:Z;"}));
  EXPECT_NE(error_of(file("bad.jsonl", R"({"prompt": {"text": "A", "role": "prompter", "replies": [3]}})"))
                .find("of the tree"),
            std::string::npos);
  std::string deep = R"({"text": "x", "role": "assistant", "replies": []})";
  for (int i = 0; i < 120; ++i) deep = R"({"text": "x", "role": "prompter", "replies": [)" + deep + "]}";
  EXPECT_EQ(texts(file("deep.jsonl", "{\"prompt\": " + deep + "}"), "oasst").size(), 1u);
}

TEST_F(DataObjects, MessagesInRowsOfTheirOwnAreJoined) {
  const auto row = [](const char* id, const char* parent, const char* role, const char* text) {
    Json out = {{"message_id", id}, {"parent_id", nullptr}, {"role", role}, {"text", text}};
    if (*parent != '\0') out["parent_id"] = parent;
    return out.dump() + "\n";
  };
  // An answer may stand before its question, and a question may be missing.
  const std::string rows = row("2", "1", "assistant", "B") + row("1", "", "prompter", "A") +
                           row("9", "gone", "prompter", "Q") + row("3", "1", "assistant", "C") +
                           row("4", "9", "assistant", "R");
  EXPECT_EQ(texts(file("flat.jsonl", rows), "oasst"), (std::vector<std::string>{"u:A;a:B;", "u:A;a:C;", "u:Q;a:R;"}));
  const std::string circle = row("1", "2", "prompter", "A") + row("2", "1", "assistant", "B");
  EXPECT_NE(error_of(file("circle.jsonl", circle)).find("circle"), std::string::npos);
  const std::string twice = row("1", "", "prompter", "A") + row("1", "", "assistant", "B");
  EXPECT_NE(error_of(file("twice.jsonl", twice)).find("an earlier row has the same"), std::string::npos);
  std::string chain;
  for (int i = 0; i < 3000; ++i) {
    chain += row(std::to_string(i).c_str(), i == 0 ? "" : std::to_string(i - 1).c_str(),
                 i % 2 == 0 ? "prompter" : "assistant", "x");
  }
  EXPECT_NE(error_of(file("chain.jsonl", chain)).find("deeper than 200"), std::string::npos);
}

TEST(ResponseMarkers, OpenTheAssistantsTurns) {
  const auto turns = [](const std::string& text, const std::string& instruction, const std::string& response) {
    std::vector<std::string> out;
    for (const TemplateSpan& span : find_marked_turns(text, instruction, response))
      out.push_back(text.substr(span.begin, span.end - span.begin));
    return out;
  };
  using Turns = std::vector<std::string>;
  EXPECT_EQ(turns("U:hi A:ho U:b A:c", "U:", "A:"), (Turns{"ho ", "c"}));
  EXPECT_EQ(turns("A:x A:y U:z", "U:", "A:"), (Turns{"x ", "y "}));
  EXPECT_EQ(turns("A:x U:z", "", "A:"), (Turns{"x U:z"}));
  EXPECT_EQ(turns("A:", "U:", "A:"), (Turns{""}));
  EXPECT_EQ(turns("nothing", "U:", "A:"), Turns{});
}

}  // namespace
}  // namespace vernier
