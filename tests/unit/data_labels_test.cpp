// Which tokens of a row are learnt.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "engine/data/assistant_turns.h"
#include "tests/unit/data_support.h"
#include "tests/unit/random.h"
#include "vernier/chat.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;
using test::demo_tokenizer;
using Ids = std::vector<std::int32_t>;

class DataLabels : public test::DataTest {};

std::string random_words(int most) {
  static const char* const kWords[] = {
      "the", " lighthouse", " keeper",          "Nell", " has", " a", " boat.", "\n", "  ", "\xC3\xA9t\xC3\xA9",
      " 7",  "?",           " \xF0\x9F\x98\x80"};
  std::string out = "x";
  for (auto i = test::uniform_int(0, most); i > 0; --i) out += kWords[test::uniform_int(0, 12)];
  return out;
}

ordered_json random_conversation() {
  ordered_json messages = ordered_json::array();
  if (test::uniform_int(0, 1) == 0) messages.push_back({{"role", "system"}, {"content", random_words(6)}});
  for (auto turns = test::uniform_int(1, 4); turns > 0; --turns) {
    messages.push_back({{"role", "user"}, {"content", random_words(12)}});
    messages.push_back({{"role", "assistant"}, {"content", random_words(12)}});
  }
  return messages;
}

// In the demo's format special tokens stand around each turn, so that the ids alone say who speaks.
Ids expected_assistant_labels(const Ids& ids) {
  const std::int32_t assistant = demo_tokenizer().encode("<|assistant|>", false).at(0);
  Ids out;
  bool speaks = false;
  for (const std::int32_t id : ids) {
    out.push_back(speaks ? id : kNoLabel);
    if (id == assistant) speaks = true;
    if (id == demo_tokenizer().eos_id()) speaks = false;
  }
  return out;
}

std::string without_generation_blocks(std::string source) {
  for (const std::string tag : {"{% generation %}", "{% endgeneration %}"}) {
    const std::size_t at = source.find(tag);
    if (at == std::string::npos) throw std::runtime_error("the demo's template has no generation block");
    source.erase(at, tag.size());
  }
  return source;
}

TEST_F(DataLabels, AssistantTurnsWithAndWithoutGenerationBlocks) {
  std::string lines;
  std::vector<ordered_json> conversations;
  for (int i = 0; i < 100; ++i) {
    conversations.push_back(random_conversation());
    lines += ordered_json({{"messages", conversations.back()}}).dump() + "\n";
  }
  const DatasetOptions options = file("chat.jsonl", lines);
  LabelOptions labels;
  labels.assistant_only_loss = true;
  for (const bool blocks : {true, false}) {
    const std::string source = test::demo_template_source();
    const ChatTemplate chat_template(blocks ? source : without_generation_blocks(source));
    const LoadedDataset loaded = load(options, labels, &chat_template);
    EXPECT_EQ(loaded.format, "messages");
    ASSERT_EQ(loaded.rows.size(), 100);
    for (std::int64_t i = 0; i < 100; ++i) {
      const TokenRow row = loaded.rows.row(i);
      std::string text = demo_tokenizer().bos_token();
      for (const auto& message : conversations[static_cast<std::size_t>(i)]) {
        text += "<|" + message["role"].get<std::string>() + "|>" + message["content"].get<std::string>() + "<|end|>";
      }
      const Ids ids = demo_tokenizer().encode(text, false);
      ASSERT_TRUE(std::ranges::equal(row.input_ids, ids)) << text;
      EXPECT_TRUE(std::ranges::equal(row.labels, expected_assistant_labels(ids))) << text;
      EXPECT_EQ(row.spans.back().reason, LabelReason::kEndOfTurn);
      EXPECT_EQ(std::count(ids.begin(), ids.end(), *demo_tokenizer().bos_id()), 1);
    }
    EXPECT_EQ(loaded.audit.double_bos, 0);
  }
}

TEST_F(DataLabels, CompletionBeginsWhereItsFirstTokenDoes) {
  LabelOptions labels;
  labels.completion_only_loss = true;
  std::string lines;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (int i = 0; i < 200; ++i) {
    pairs.emplace_back(random_words(10), random_words(10));
    if (i % 2 == 0) pairs.back().second.insert(0, " ");
    lines += ordered_json({{"prompt", pairs.back().first}, {"completion", pairs.back().second}}).dump() + "\n";
  }
  const LoadedDataset loaded = load(file("pairs.jsonl", lines), labels);
  EXPECT_EQ(loaded.format, "prompt_completion");
  ASSERT_EQ(loaded.rows.size(), 200);
  for (std::int64_t i = 0; i < 200; ++i) {
    const TokenRow row = loaded.rows.row(i);
    const auto& [prompt, completion] = pairs[static_cast<std::size_t>(i)];
    Ids ids = demo_tokenizer().encode(prompt + completion, true);
    ids.push_back(*demo_tokenizer().eos_id());
    ASSERT_TRUE(std::ranges::equal(row.input_ids, ids));
    const auto first = std::find_if(row.labels.begin(), row.labels.end(), [](auto l) { return l != kNoLabel; });
    const auto count = first - row.labels.begin();
    EXPECT_EQ(std::count(first, row.labels.end(), kNoLabel), 0);
    // What is not learnt covers the prompt, and would not without its last token.
    const auto covered = [&](std::ptrdiff_t n) {
      std::string text = demo_tokenizer().decode({ids.begin(), ids.begin() + n}, true);
      while (text.ends_with("\xEF\xBF\xBD")) text.resize(text.size() - 3);  // part of a character
      return text.size();
    };
    EXPECT_GE(covered(count), prompt.size()) << prompt << "|" << completion;
    EXPECT_LT(covered(count - 1), prompt.size()) << prompt << "|" << completion;
  }
}

TEST_F(DataLabels, PlainTextsGetBosAndEos) {
  const LoadedDataset loaded = load(file("t.jsonl", R"({"text": "the boat"}
{"text": "<s>the boat"}
{"text": "the boat<|end|>"})"));
  ASSERT_EQ(loaded.rows.size(), 3);
  Ids ids = demo_tokenizer().encode("the boat", true);
  ids.push_back(*demo_tokenizer().eos_id());
  EXPECT_EQ(ids.front(), demo_tokenizer().bos_id());
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_TRUE(std::ranges::equal(loaded.rows.row(i).input_ids, ids)) << i;
  EXPECT_EQ(loaded.audit.double_bos, 1);
  EXPECT_EQ(loaded.audit.labelled_tokens,
            3 * static_cast<std::int64_t>(ids.size()) - 3);  // the first is never predicted
  const auto spans = loaded.rows.row(0).spans;
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0], (LabelSpan{0, 1, LabelReason::kAddedToken}));
  EXPECT_EQ(spans[1].reason, LabelReason::kEverything);
  EXPECT_EQ(spans[2].reason, LabelReason::kEndOfTurn);
}

TEST_F(DataLabels, ConversationsWithoutATemplateAreLaidOut) {
  LabelOptions labels;
  const auto options = file("qa.jsonl", R"({"question": "Who?", "answer": "Nell."})");
  EXPECT_EQ(test::whole_text(load(options, labels).rows.row(0)),
            "<s>### Instruction:\nWho?\n\n### Response:\nNell.<|end|>");
  for (const bool assistant : {true, false}) {
    labels.assistant_only_loss = assistant;
    labels.completion_only_loss = !assistant;
    const LoadedDataset loaded = load(options, labels);
    EXPECT_EQ(loaded.format, "question_answer");
    EXPECT_EQ(test::labelled_text(loaded.rows.row(0)), "Nell.<|end|>");
  }
}

TEST_F(DataLabels, AModelWithoutATemplateIsAskedAsItWasTrained) {
  std::string lines;
  std::vector<ordered_json> conversations;
  for (int i = 0; i < 30; ++i) {
    conversations.push_back(random_conversation());
    lines += ordered_json({{"messages", conversations.back()}}).dump() + "\n";
  }
  const LoadedDataset loaded = load(file("chats.jsonl", lines), {});
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    nlohmann::json asked = conversations[i];
    const auto answer = asked.back()["content"].get<std::string>();
    asked.erase(asked.size() - 1);
    const Ids ids = encode_conversation("", folder_.string(), demo_tokenizer(), asked);
    EXPECT_EQ(demo_tokenizer().decode(ids, false) + answer + "<|end|>",
              test::whole_text(loaded.rows.row(static_cast<std::int64_t>(i))))
        << i;
  }
}

TEST_F(DataLabels, BothOptionsLeaveWhatIsInBoth) {
  const ChatTemplate chat_template(test::demo_template_source());
  const auto options = file("a.json", R"([{"instruction": "Name her.", "input": "The keeper", "output": "Nell",
      "history": [["Who?", "Bram"], ["Which boat?", "The Comet"]]}])");
  LabelOptions labels;
  labels.assistant_only_loss = true;
  EXPECT_EQ(test::labelled_text(load(options, labels, &chat_template).rows.row(0)),
            "Bram<|end|>The Comet<|end|>Nell<|end|>");
  labels.completion_only_loss = true;
  const LoadedDataset loaded = load(options, labels, &chat_template);
  EXPECT_EQ(loaded.format, "alpaca");
  EXPECT_EQ(test::labelled_text(loaded.rows.row(0)), "Nell<|end|>");
  EXPECT_EQ(test::whole_text(loaded.rows.row(0)),
            "<s><|user|>Who?<|end|><|assistant|>Bram<|end|><|user|>Which boat?<|end|><|assistant|>The "
            "Comet<|end|><|user|>Name her.\n\nThe keeper<|end|><|assistant|>Nell<|end|>");
  labels.assistant_only_loss = false;
  EXPECT_EQ(test::labelled_text(load(options, labels, &chat_template).rows.row(0)), "Nell<|end|>");
}

TEST_F(DataLabels, GivenLabelsStand) {
  const LoadedDataset loaded = load(file("t.jsonl", R"({"input_ids": [1, 7, 8, 9], "labels": [-100, -100, 8, 5]}
{"input_ids": [7, 8]}
{"input_ids": [7, 8], "labels": [7, -100]})"));
  EXPECT_EQ(loaded.format, "tokens");
  ASSERT_EQ(loaded.rows.size(), 2);
  EXPECT_TRUE(std::ranges::equal(loaded.rows.row(0).labels, Ids{-100, -100, 8, 5}));
  EXPECT_EQ(loaded.rows.row(0).spans[1], (LabelSpan{2, 4, LabelReason::kGivenLabelled}));
  EXPECT_TRUE(std::ranges::equal(loaded.rows.row(1).labels, Ids{7, 8}));
  // A label on the first token is none: nothing predicts it.
  EXPECT_EQ(loaded.audit.lost[static_cast<std::size_t>(LostReason::kAllMasked)], 1);
}

TEST_F(DataLabels, PaddingThatTheAttentionMaskShowsIsNoPartOfTheRow) {
  const LoadedDataset loaded = load(file("t.jsonl", R"({"input_ids": [7, 8, 9, 0, 0], "attention_mask": [1, 1, 1, 0, 0]}
{"input_ids": [0, 0, 7, 8, 9], "attention_mask": [false, false, true, true, true], "labels": [-100, -100, -100, 8, 9]}
{"input_ids": [7, 8, 9, 10], "attention_mask": [1, 1, 0, 1]}
{"input_ids": [0, 0], "attention_mask": [0, 0]}
{"input_ids": [7, 8, 9], "attention_mask": [1, 1, 1]})"));
  ASSERT_EQ(loaded.all_rows.size(), 5);
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(0).input_ids, Ids{7, 8, 9}));
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(0).labels, Ids{7, 8, 9}));
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(1).input_ids, Ids{7, 8, 9}));
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(1).labels, Ids{-100, 8, 9}));
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(2).input_ids, Ids{7, 8, 9, 10}));
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(2).labels, Ids{7, 8, -100, 10}));
  EXPECT_EQ(loaded.all_rows.row(3).lost, LostReason::kEmpty);
  EXPECT_TRUE(std::ranges::equal(loaded.all_rows.row(4).labels, Ids{7, 8, 9}));
  EXPECT_EQ(loaded.audit.tokens, 13);
  EXPECT_EQ(loaded.audit.duplicates, 1);  // the last row and the first, once its padding is gone
}

// User, a call, its result, an answer.
std::string row_with_a_tool_call() {
  return R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls":
[{"id": "1", "type": "function", "function": {"name": "a", "arguments": "{}"}}]}, {"role": "user", "content": "3"},
{"role": "assistant", "content": "three"}], "tools": [{"type": "function", "function": {"name": "a"}}]})";
}

bool has_span(const TokenRow& row, LabelReason reason) {
  return std::any_of(row.spans.begin(), row.spans.end(), [&](const LabelSpan& span) { return span.reason == reason; });
}

TEST_F(DataLabels, TurnsWhoseToolCallsAreNotRenderedAreMaskedAndCounted) {
  std::string content = row_with_a_tool_call();
  std::replace(content.begin(), content.end(), '\n', ' ');
  const DatasetOptions options = file("tool.jsonl", content + "\n");
  LabelOptions assistant;
  assistant.assistant_only_loss = true;
  const std::string source = test::demo_template_source();
  for (const std::string& silent : {source, without_generation_blocks(source)}) {
    const ChatTemplate chat_template(silent);
    const LoadedDataset loaded = load(options, assistant, &chat_template);
    EXPECT_EQ(test::labelled_text(loaded.rows.row(0)), "three<|end|>");
    EXPECT_TRUE(has_span(loaded.rows.row(0), LabelReason::kToolCall));
    EXPECT_EQ(loaded.audit.unwritten_calls, 1);
    EXPECT_EQ(loaded.audit.unwritten_tools, 1);
    const auto notes = audit_notes(loaded.audit, assistant, "tool.jsonl");
    ASSERT_EQ(notes.size(), 2u);
    EXPECT_EQ(notes[0].id, "tool_calls_not_rendered");
    EXPECT_EQ(notes[1].id, "tools_not_rendered");
    // The rest of the row is learnt where everything is.
    const LoadedDataset whole = load(options, {}, &chat_template);
    EXPECT_TRUE(has_span(whole.rows.row(0), LabelReason::kToolCall));
    EXPECT_LT(test::labelled_text(whole.rows.row(0)).size(), test::whole_text(whole.rows.row(0)).size());
  }
  EXPECT_EQ(load(options, assistant).audit.unwritten_calls, 1);  // laid out without a template

  const ChatTemplate telling(
      "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' "
      "%}{% generation %}{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}<|end|>{% "
      "endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}");
  const LoadedDataset told = load(options, assistant, &telling);
  EXPECT_EQ(told.audit.unwritten_calls, 0);
  EXPECT_EQ(told.audit.unwritten_tools, 0);
  EXPECT_FALSE(has_span(told.rows.row(0), LabelReason::kToolCall));
  EXPECT_NE(test::labelled_text(told.rows.row(0)).find("\"name\""), std::string::npos);
}

std::string two_turns(const std::string& first_answer) {
  return ordered_json({{"messages",
                        {{{"role", "user"}, {"content", "q one"}},
                         {{"role", "assistant"}, {"content", first_answer}},
                         {{"role", "user"}, {"content", "alpha two"}},
                         {{"role", "assistant"}, {"content", "beta"}}}}})
             .dump() +
         "\n";
}

TEST_F(DataLabels, AnEndOfTurnBehindTheGenerationBlockIsPointedOut) {
  LabelOptions labels;
  labels.assistant_only_loss = true;
  const auto with_end = [](const std::string& answer) {
    return ChatTemplate("{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% generation %}" +
                        answer + "{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}");
  };
  const DatasetOptions options = file("m.jsonl", two_turns("alpha"));
  const ChatTemplate outside = with_end("{{ m.content }}{% endgeneration %}<|end|>");
  const LoadedDataset left_out = load(options, labels, &outside);
  EXPECT_EQ(test::labelled_text(left_out.rows.row(0)), "alphabeta");  // exactly the spans
  EXPECT_EQ(left_out.audit.ends_outside, 1);
  EXPECT_EQ(left_out.audit.unclosed_turns, 0);
  ASSERT_FALSE(audit_notes(left_out.audit, labels, "m.jsonl").empty());
  EXPECT_EQ(audit_notes(left_out.audit, labels, "m.jsonl")[0].id, "end_outside_generation");

  const ChatTemplate inside = with_end("{{ m.content }}<|end|>{% endgeneration %}");
  EXPECT_EQ(load(options, labels, &inside).audit.ends_outside, 0);
  EXPECT_EQ(load(options, {}, &outside).audit.ends_outside, 0);  // there it is learnt
}

TEST_F(DataLabels, GenerationBlocksThatAreNotFoundAreCounted) {
  LabelOptions labels;
  labels.assistant_only_loss = true;
  const ChatTemplate trimming(
      "{% macro a(x) %}{% generation %}{{ x }}<|end|> {% endgeneration %}{% endmacro %}"
      "{% for m in messages %}<|{{ m.role }}|>{% if m.content == 'alpha' %}{{ a(m.content) | trim }}"
      "{% elif m.role == 'assistant' %}{{ a(m.content) }}{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}");
  const LoadedDataset loaded = load(file("m.jsonl", two_turns("alpha")), labels, &trimming);
  EXPECT_EQ(loaded.audit.lost_spans, 1);
  const std::string learnt = test::labelled_text(loaded.rows.row(0));
  EXPECT_NE(learnt.find("beta<|end|>"), std::string::npos) << learnt;
  EXPECT_EQ(learnt.find("alpha"), std::string::npos) << learnt;
  const auto notes = audit_notes(loaded.audit, labels, "m.jsonl");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].id, "generation_not_found");
}

TEST_F(DataLabels, ATemplateThatTurnsTheOrderRoundIsRefused) {
  LabelOptions labels;
  labels.assistant_only_loss = true;
  const ChatTemplate reversed("{% for m in messages | reverse %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}");
  const std::string error = error_of(file("m.jsonl", two_turns("alpha")), labels, &reversed);
  EXPECT_NE(error.find("does not show where this turn stands"), std::string::npos) << error;
}

TEST_F(DataLabels, TheAuditComesBackFromJson) {
  DatasetAudit audit;
  audit.unwritten_calls = 3;
  audit.unwritten_tools = 4;
  audit.ends_outside = 5;
  audit.lost_spans = 6;
  audit.looks_like_table = true;
  const DatasetAudit back = audit_from_json(audit_to_json(audit));
  EXPECT_EQ(back.unwritten_calls, 3);
  EXPECT_EQ(back.unwritten_tools, 4);
  EXPECT_EQ(back.ends_outside, 5);
  EXPECT_EQ(back.lost_spans, 6);
  EXPECT_TRUE(back.looks_like_table);
}

TEST_F(DataLabels, RowsAreCutAndLosingEveryLabelIsCounted) {
  const ChatTemplate chat_template(test::demo_template_source());
  LabelOptions labels;
  labels.assistant_only_loss = true;
  labels.max_length = 12;
  const std::string long_text(400, 'w');
  const auto row = [](const std::string& user, const std::string& assistant) {
    ordered_json messages = {{{"role", "user"}, {"content", user}}};
    if (!assistant.empty()) messages.push_back({{"role", "assistant"}, {"content", assistant}});
    return ordered_json({{"messages", messages}}).dump() + "\n";
  };
  const LoadedDataset loaded = load(file("m.jsonl", row("Who?", long_text) + row(long_text, "Nell") + row("Who?", "") +
                                                        "{\"messages\": []}\n" + row("Who?", long_text)),
                                    labels, &chat_template);
  EXPECT_EQ(loaded.rows.size(), 2);
  EXPECT_EQ(loaded.rows.row(0).input_ids.size(), 12u);
  EXPECT_EQ(loaded.rows.row(0).spans.back().end, 12);
  EXPECT_GT(loaded.rows.row(0).cut_tokens, 0);
  EXPECT_EQ(loaded.rows.source_row(1), 4);
  const DatasetAudit& audit = loaded.audit;
  EXPECT_EQ(audit.rows, 5);
  EXPECT_EQ(audit.truncated, 3);
  EXPECT_EQ(audit.duplicates, 1);
  EXPECT_EQ(audit.lost_rows(), 3);
  EXPECT_EQ(audit.lost[static_cast<std::size_t>(LostReason::kPromptTooLong)], 1);
  EXPECT_EQ(audit.lost[static_cast<std::size_t>(LostReason::kNoAssistantTurn)], 1);
  EXPECT_EQ(audit.lost[static_cast<std::size_t>(LostReason::kEmpty)], 1);  // the row without any message
  EXPECT_EQ(audit.empty, 1);
  EXPECT_EQ(no_targets_message(audit, labels), "");
}

TEST_F(DataLabels, TheAuditCountsWhatTrainingCountsAndComparesWholeRows) {
  LabelOptions labels;
  labels.max_length = 12;
  const std::string text(100, 'w');
  const DatasetOptions options =
      file("m.jsonl", ordered_json({{"text", text + "a"}}).dump() + "\n" + ordered_json({{"text", text + "b"}}).dump() +
                          "\n" + R"({"text": "the boat"})" + "\n" + R"({"text": "the boat"})");
  const LoadedDataset loaded = load(options, labels);
  ASSERT_EQ(loaded.rows.size(), 4);
  ASSERT_TRUE(std::ranges::equal(loaded.rows.row(0).input_ids, loaded.rows.row(1).input_ids));
  EXPECT_EQ(loaded.audit.duplicates, 1);
  // Only what is the same before cutting is left out.
  labels.drop_duplicates = true;
  const LoadedDataset once = load(options, labels);
  ASSERT_EQ(once.rows.size(), 3);
  EXPECT_EQ(once.rows.source_row(2), 2);
  EXPECT_EQ(once.all_rows.size(), 4);
  EXPECT_EQ(once.audit.duplicates, 1);
  std::int64_t targets = 0;
  for (std::int64_t i = 0; i < loaded.rows.size(); ++i) targets += count_row_targets(loaded.rows.row(i).labels);
  EXPECT_EQ(loaded.audit.labelled_tokens, targets);

  DatasetAudit masked;
  masked.rows = 2;
  masked.lost[static_cast<std::size_t>(LostReason::kAllMasked)] = 1;
  const std::vector<DataNote> notes = audit_notes(masked, labels, "m.jsonl");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].message.find("(1 whose own labels are all -100 behind the never predicted first token)"),
            std::string::npos)
      << notes[0].message;
}

// The search for the end of a turn once took time that grew with the square of the turn's length.
TEST_F(DataLabels, ALongTurnTakesNoLongerThanItsTokens) {
  LabelOptions labels;
  labels.completion_only_loss = true;
  // The shortest of three, in seconds of processor time.
  const auto seconds = [&](int words) {
    std::string text;
    for (int i = 0; i < words; ++i) text += "ab cd ";
    const ordered_json row = {{"prompt", "Say it."}, {"completion", text}};
    double shortest = std::numeric_limits<double>::infinity();
    for (int round = 0; round < 3; ++round) {
      const DatasetOptions rows = file("long.jsonl", row.dump() + "\n");
      const std::clock_t start = std::clock();
      EXPECT_GT(load(rows, labels).audit.cut_tokens, words);
      shortest = std::min(shortest, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    return shortest;
  };
  const double ratio = seconds(80'000) / seconds(10'000);
  // In proportion it is 8, and 64 where the square counts.
  EXPECT_FALSE(!(ratio <= 24.0)) << ratio;
}

TEST_F(DataLabels, APipeIsRefusedWithoutWaiting) {
  const std::filesystem::path pipe =
      std::filesystem::path(testing::TempDir()) / ("vernier-pipe-" + std::to_string(::getpid()));
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  DatasetOptions options;
  options.path = pipe.string();
  try {
    load(options);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("expected a regular file"), std::string::npos) << error.what();
  }
  std::filesystem::remove(pipe);
}

TEST_F(DataLabels, ASetWithNothingToLearnIsRefusedWithTheLikelyCause) {
  const auto message = [&](const std::string& content, const LabelOptions& labels) {
    const auto options = file("x.jsonl", content);
    const LoadedDataset loaded = load(options, labels);
    EXPECT_EQ(loaded.rows.size(), 0);
    EXPECT_THROW(require_targets(loaded, options, labels), Error);
    return no_targets_message(loaded.audit, labels);
  };
  LabelOptions labels;
  EXPECT_NE(message("", labels).find("no rows"), std::string::npos);
  EXPECT_NE(message("{\"text\": \"\"}\n{\"text\": \"\"}", labels).find("none of the 2 rows"), std::string::npos);
  EXPECT_NE(message(R"({"input_ids": [1, 2], "labels": [-100, -100]})", labels).find("-100"), std::string::npos);
  labels.completion_only_loss = true;
  EXPECT_NE(message(R"({"prompt": "a", "completion": ""})", labels).find("empty"), std::string::npos);
  labels.max_length = 3;
  EXPECT_NE(message(R"({"prompt": "the lighthouse keeper", "completion": "b"})", labels).find("Raise max_length"),
            std::string::npos);
  labels = {};
  labels.assistant_only_loss = true;
  EXPECT_NE(message(R"({"messages": [{"role": "user", "content": "a"}]})", labels).find("assistant"),
            std::string::npos);
  labels.max_length = 0;
  EXPECT_NE(error_of(file("t.jsonl", "{\"text\": \"a\"}"), labels).find("max_length"), std::string::npos);
}

TEST_F(DataLabels, OptionsThatARowCannotMeetAreErrors) {
  LabelOptions completion, assistant;
  completion.completion_only_loss = true;
  assistant.assistant_only_loss = true;
  for (const auto& [content, labels] :
       {std::pair{R"({"text": "a"})", completion}, std::pair{R"({"text": "a"})", assistant},
        std::pair{R"({"prompt": "a", "completion": "b"})", assistant}, std::pair{R"({"input_ids": [1, 2]})", assistant},
        std::pair{R"({"messages": [{"role": "user", "content": "a"}]})", completion}}) {
    const std::string error = error_of(file("x.jsonl", content), labels);
    EXPECT_NE(error.find("row 0"), std::string::npos) << content;
    EXPECT_NE(error.find("only_loss"), std::string::npos) << error;
  }
}

// Templates that show history otherwise than the last turn, and those that refuse what ends with the user.
TEST(AssistantTurns, AreFoundWhereHistoryIsRenderedDifferently) {
  const RenderMessages render = [](const ordered_json& messages, bool add_generation_prompt) {
    std::string out;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto content = messages[i]["content"].get<std::string>();
      const bool assistant = messages[i]["role"] == "assistant";
      const bool thinks = assistant && i + 1 == messages.size();
      out += assistant ? "[A]" + std::string(thinks ? "(hm)" : "") + content + "[/A]\n" : "[U]" + content + "[/U]\n";
    }
    return out + (add_generation_prompt ? "[A]" : "");
  };
  const ordered_json messages = {{{"role", "user"}, {"content", "ab"}},
                                 {{"role", "assistant"}, {"content", "ab"}},
                                 {{"role", "user"}, {"content", "c"}},
                                 {{"role", "assistant"}, {"content", "b"}}};
  const std::string text = render(messages, false);
  const auto spans = find_assistant_turns(messages, text, render, "t");
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(text.substr(spans[0].begin, spans[0].end - spans[0].begin), "ab[/A]\n");
  EXPECT_EQ(text.substr(spans[1].begin, spans[1].end - spans[1].begin), "(hm)b[/A]\n");
  EXPECT_EQ(text.substr(find_completion(messages, 3, text, render, "t")), "(hm)b[/A]\n");

  const RenderMessages strict = [&](const ordered_json& list, bool add_generation_prompt) {
    if (list.empty() || list.back()["role"] == "user")
      throw Error(ErrorCode::kInvalidInput, "must end with the assistant");
    return render(list, add_generation_prompt);
  };
  const auto strict_spans = find_assistant_turns(messages, text, strict, "t");
  ASSERT_EQ(strict_spans.size(), 2u);
  EXPECT_EQ(text.substr(strict_spans[0].begin, strict_spans[0].end - strict_spans[0].begin), "ab[/A]\n");
  EXPECT_EQ(text.substr(strict_spans[1].begin, strict_spans[1].end - strict_spans[1].begin), "b[/A]\n");

  // Without a generation prompt, the header is not the assistant's, but the space in front of the answer is.
  const RenderMessages plain = [](const ordered_json& list, bool) {
    std::string out;
    for (const auto& message : list)
      out += (message["role"] == "user" ? "Q: " : "A: ") + message["content"].get<std::string>() + "\n";
    return out;
  };
  const std::string plain_text = plain(messages, false);
  const auto plain_spans = find_assistant_turns(messages, plain_text, plain, "t");
  ASSERT_EQ(plain_spans.size(), 2u);
  EXPECT_EQ(plain_text.substr(plain_spans[0].begin, plain_spans[0].end - plain_spans[0].begin), " ab\n");
  EXPECT_EQ(plain_text.substr(plain_spans[1].begin, plain_spans[1].end - plain_spans[1].begin), " b\n");

  // First all questions, then all answers: between the prompt and the first answer stands a later question.
  const RenderMessages sorted = [](const ordered_json& list, bool) {
    std::string out;
    for (const char* role : {"user", "assistant"}) {
      for (const auto& message : list) {
        if (message["role"] == role) out += "[" + message["content"].get<std::string>() + "]";
      }
    }
    return out;
  };
  EXPECT_THROW(find_assistant_turns(messages, sorted(messages, false), sorted, "t"), Error);

  const RenderMessages deaf = [](const ordered_json&, bool) -> std::string { return "always the same"; };
  EXPECT_THROW(find_assistant_turns(messages, "always the same", deaf, "t"), Error);
}

}  // namespace
}  // namespace vernier
