#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/text/utf8.h"
#include "io_test_support.h"
#include "vernier/template.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using test::expect_error;
using test::put_file;
using test::TemporaryFolder;

Json conversation(bool with_system) {
  Json messages = Json::array();
  if (with_system) messages.push_back({{"role", "system"}, {"content", "Be brief."}});
  messages.push_back({{"role", "user"}, {"content", "Hi"}});
  messages.push_back({{"role", "assistant"}, {"content", "Hello there."}});
  messages.push_back({{"role", "user"}, {"content", "2+2?"}});
  messages.push_back({{"role", "assistant"}, {"content", "4"}});
  return {{"messages", messages}, {"bos_token", "<s>"}, {"eos_token", "</s>"}, {"add_generation_prompt", false}};
}

std::size_t characters_before(const std::string& text, std::size_t bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes; ++count) at += decode_utf8(std::string_view(text).substr(at)).length;
  return count;
}

std::vector<std::string> marked(const RenderedTemplate& rendered) {
  std::vector<std::string> out;
  for (const TemplateSpan& span : rendered.generation_spans)
    out.push_back(rendered.text.substr(span.begin, span.end - span.begin));
  return out;
}

TEST(ChatTemplate, RendersTheReferenceCasesToTheByte) {
  const fs::path path = fs::path(VERNIER_SHARED_DIR) / "chat_templates" / "cases.json";
  if (!fs::exists(path)) GTEST_SKIP() << "missing: chat_templates/cases.json";
  std::ifstream in(path);
  const Json file = Json::parse(in);
  std::map<std::string, ChatTemplate> templates;
  for (const auto& [name, source] : file["templates"].items())
    templates.emplace(name, ChatTemplate(source.get<std::string>(), name));
  int outputs = 0, errors = 0, spans = 0;
  for (const Json& c : file["cases"]) {
    const std::string name = c["template"], context_name = c["context"];
    const std::string what = name + " with " + context_name;
    const Json& context = file["contexts"][context_name];
    if (c.contains("error")) {
      const std::string message = c["message"];
      expect_error([&] { templates.at(name).render(context); }, ErrorCode::kInvalidInput, {message.c_str()}, what);
      ++errors;
      continue;
    }
    ++outputs;
    RenderedTemplate rendered;
    try {
      rendered = templates.at(name).render(context);
    } catch (const Error& error) {
      ADD_FAILURE() << what << ": " << error.what();
      continue;
    }
    EXPECT_EQ(rendered.text, c["output"].get<std::string>()) << what;
    const Json expected = c.value("generation_spans", Json::array());
    ASSERT_EQ(rendered.generation_spans.size(), expected.size()) << what;
    for (std::size_t i = 0; i < expected.size(); ++i, ++spans) {
      const TemplateSpan& span = rendered.generation_spans[i];
      EXPECT_EQ(characters_before(rendered.text, span.begin), expected[i][0].get<std::size_t>()) << what;
      EXPECT_EQ(characters_before(rendered.text, span.end), expected[i][1].get<std::size_t>()) << what;
    }
  }
  EXPECT_EQ(outputs + errors, 208);
  EXPECT_GT(spans, 20);
}

TEST(ChatTemplate, RendersTheDemoModelsTemplate) {
  const auto chat = load_chat_template(std::string(VERNIER_SOURCE_DIR) + "/resources/demo/model");
  ASSERT_NE(chat, nullptr);
  EXPECT_TRUE(chat->has_generation_blocks());
  Json context = conversation(true);
  context["eos_token"] = "<|end|>";
  const RenderedTemplate rendered = chat->render(context);
  EXPECT_EQ(rendered.text,
            "<s><|system|>Be brief.<|end|><|user|>Hi<|end|><|assistant|>Hello there.<|end|><|user|>2+2?<|end|>"
            "<|assistant|>4<|end|>");
  EXPECT_EQ(marked(rendered), (std::vector<std::string>{"Hello there.<|end|>", "4<|end|>"}));
  context["messages"][0]["role"] = "tool";
  expect_error([&] { chat->render(context); }, ErrorCode::kInvalidInput, {"system, user and assistant, not tool."});
}

TEST(ChatTemplate, BuiltInOnesMarkTheAssistantsTurns) {
  EXPECT_EQ(built_in_templates().size(), 9u);
  for (const BuiltInTemplate& built_in : built_in_templates()) {
    const ChatTemplate chat(built_in.source, std::string(built_in.id));
    EXPECT_TRUE(chat.has_generation_blocks()) << built_in.id;
    for (const bool with_system : {false, true}) {
      Json context = conversation(with_system);
      const RenderedTemplate rendered = chat.render(context);
      ASSERT_EQ(rendered.generation_spans.size(), 2u) << built_in.id;
      EXPECT_TRUE(marked(rendered)[0].starts_with("Hello there.")) << built_in.id;
      EXPECT_TRUE(marked(rendered)[1].starts_with("4")) << built_in.id;
      EXPECT_GT(marked(rendered)[1].size(), 3u) << built_in.id << ": the end of the turn is not marked";
      EXPECT_EQ(rendered.text.find("Be brief.") != std::string::npos, with_system) << built_in.id;
      // What generation starts from is what training saw before the answer.
      context["messages"].erase(context["messages"].size() - 1);
      context["add_generation_prompt"] = true;
      const std::string prompt = chat.render(context).text;
      const std::string before = rendered.text.substr(0, rendered.generation_spans[1].begin);
      EXPECT_TRUE(before.starts_with(prompt)) << built_in.id << "\n" << prompt << "\n" << before;
      EXPECT_LE(before.size() - prompt.size(), 1u) << built_in.id;  // a space before the answer may be the answer's
    }
  }
}

TEST(ChatTemplate, BuiltInOnesWriteThePublishedFormats) {
  const auto text = [](std::string_view id, bool with_system) {
    for (const BuiltInTemplate& built_in : built_in_templates()) {
      if (built_in.id == id) return ChatTemplate(built_in.source).render(conversation(with_system)).text;
    }
    return std::string();
  };
  EXPECT_EQ(text("chatml", true),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello "
            "there.<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n");
  EXPECT_EQ(text("llama-2", true),
            "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello there. </s><s>[INST] 2+2? [/INST] 4 </s>");
  EXPECT_EQ(text("gemma", true),
            "<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello "
            "there.<end_of_turn>\n<start_of_turn>user\n2+2?<end_of_turn>\n<start_of_turn>model\n4<end_of_turn>\n");
  EXPECT_EQ(text("mistral", false), "<s>[INST] Hi [/INST] Hello there.</s>[INST] 2+2? [/INST] 4</s>");
  EXPECT_EQ(text("zephyr", false),
            "<|user|>\nHi</s>\n<|assistant|>\nHello there.</s>\n<|user|>\n2+2?</s>\n<|assistant|>\n4</s>\n");
}

TEST(ChatTemplate, IsFoundInAModelFolder) {
  const TemporaryFolder folder;
  const std::string dir = folder.path().string();
  EXPECT_EQ(load_chat_template(dir), nullptr);
  put_file(folder / "tokenizer_config.json", "{\"chat_template\": null}");
  EXPECT_EQ(load_chat_template(dir), nullptr);
  put_file(folder / "tokenizer_config.json", "{\"chat_template\": \"text {{ x }}\"}");
  EXPECT_EQ(load_chat_template(dir)->render({{"x", 1}}).text, "text 1");
  EXPECT_EQ(load_chat_template(dir, "rag"), nullptr);
  put_file(folder / "tokenizer_config.json",
           R"({"chat_template": [{"name": "default", "template": "d"}, {"name": "rag", "template": "r"}]})");
  EXPECT_EQ(load_chat_template(dir)->render(Json::object()).text, "d");
  EXPECT_EQ(load_chat_template(dir, "rag")->render(Json::object()).text, "r");
  EXPECT_EQ(load_chat_template(dir, "tool_use"), nullptr);
  put_file(folder / "tokenizer_config.json",
           R"({"chat_template": [{"name": "default", "template": "old"}, {"name": "default", "template": "new"}]})");
  EXPECT_EQ(load_chat_template(dir)->render(Json::object()).text, "new");
  put_file(folder / "chat_template.jinja", "file");
  EXPECT_EQ(load_chat_template(dir)->render(Json::object()).text, "file");
  fs::create_directory(folder / "additional_chat_templates");
  put_file(folder / "additional_chat_templates/tool_use.jinja", "tools");
  EXPECT_EQ(load_chat_template(dir, "tool_use")->render(Json::object()).text, "tools");
  expect_error([&] { load_chat_template(dir, "../secret"); }, ErrorCode::kInvalidInput, {"plain name"});
  put_file(folder / "chat_template.jinja", "a\n{% if %}");
  expect_error([&] { load_chat_template(dir); }, ErrorCode::kInvalidInput, {"[chat_template.jinja line 2]"});
  fs::remove(folder / "chat_template.jinja");
  put_file(folder / "tokenizer_config.json", "{\"chat_template\": [3]}");
  expect_error([&] { load_chat_template(dir); }, ErrorCode::kInvalidInput, {"expected a list of"});
}

TEST(ChatTemplate, IsRenderedByThreadsAtOnce) {
  const ChatTemplate chat(built_in_templates()[0].source);
  const Json context = conversation(true);
  const std::string expected = chat.render(context).text;
  std::vector<std::thread> threads;
  std::array<bool, 4> same{};
  for (bool& ok : same) {
    threads.emplace_back([&] {
      ok = true;
      for (int i = 0; i < 200; ++i) ok = ok && chat.render(context).text == expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool ok : same) EXPECT_TRUE(ok);
}

TEST(ChatTemplate, FindsGenerationBlocksThatMacrosWrite) {
  const ChatTemplate chat(
      "{% macro turn(m) %}<{{ m }}>{% generation %}{{ m }}!{% endgeneration %}{% endmacro %}a!{{ turn('a') }}b{{ "
      "turn('b') }}");
  const RenderedTemplate rendered = chat.render(Json::object());
  EXPECT_EQ(rendered.text, "a!<a>a!b<b>b!");
  ASSERT_EQ(rendered.generation_spans.size(), 2u);
  EXPECT_EQ(rendered.generation_spans[0].begin, 5u);
  EXPECT_EQ(rendered.generation_spans[1].begin, 11u);
  EXPECT_EQ(rendered.lost_spans, 0u);
}

TEST(ChatTemplate, CountsGenerationBlocksThatAFilterChanges) {
  // What the block wrote, with its space, stands further on: there the user says it.
  const ChatTemplate chat(
      "{% macro turn(m) %}{% generation %}{{ m }}{% endgeneration %}{% endmacro %}{{ turn('a ') | trim }}|a b|{{ "
      "turn('c') | trim }}");
  const RenderedTemplate rendered = chat.render(Json::object());
  EXPECT_EQ(rendered.text, "a|a b|c");
  EXPECT_EQ(rendered.lost_spans, 1u);
  ASSERT_EQ(rendered.generation_spans.size(), 1u);
  EXPECT_EQ(rendered.generation_spans[0].begin, 6u);
}

}  // namespace
}  // namespace vernier
